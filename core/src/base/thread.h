/* core/base: starts a thread. */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that takes no signals.  ret_thread: NULL: nobody joins it. */
bool ancient_core_thread_start(pthread_t *ret_thread, void *(*run)(void *context), void *context);

#endif

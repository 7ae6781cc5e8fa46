/* core/base: starts a thread, and says how many can run at once. */
#ifndef CORE_THREAD_H
#define CORE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that takes no signals.  ret_thread: NULL: nobody joins it. */
bool ancient_core_thread_start(pthread_t *ret_thread, void *(*run)(void *context), void *context);

/* How many processors the thread that calls may run on; 1 where that cannot be known. */
unsigned ancient_core_thread_processors(void);

#endif

/* core/base: threads that wait for each other, and signals whose handlers run later. */
#ifndef CORE_WAIT_H
#define CORE_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* Waits until another thread has changed *word from `seen`.  Returns false if a signal ended the
 * wait: one that interrupted this thread, or one that is pending and that no thread handles. */
bool ancient_core_wait(const uint32_t *word, uint32_t seen);

/* Sets *word, and wakes every thread that waits for that. */
void ancient_core_wake(uint32_t *word, uint32_t now);

/* Sleeps.  Returns false if a signal interrupted this thread. */
bool ancient_core_wait_nanoseconds(long nanoseconds);

/* For long work, with no mutex held: lets the caller's handlers of pending signals run.  Returns
 * true if the work is to stop. */
bool ancient_core_wait_handle_signals(void);

#endif

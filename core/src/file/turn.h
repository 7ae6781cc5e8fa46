/* core/file: turns: what one thread of the process at a time does with a file. */
#ifndef CORE_TURN_H
#define CORE_TURN_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <ancient/error.h>

enum core_turn_kind {
	CORE_TURN_COMMIT,   /* holds the file's lock, or asks for it (file/lock.c) */
	CORE_TURN_ATTACH,   /* attaches the file */
	CORE_TURN_RELOCATE, /* relocates what the file has grown by */
};

/* A thread that has a turn, or waits for it.  Of the caller until ancient_core_turn_end. */
struct core_turn {
	struct core_turn *next;  /* that has a turn, or that waits for the same one after this */
	struct core_turn *queue; /* who waits for this turn, the first first */
	enum core_turn_kind kind;
	dev_t device;
	ino_t inode;
	pthread_t thread;
	uint32_t granted;
	unsigned forks; /* how often the process had been forked when the turn was taken */
};

/* Waits for the turn, after those who have asked before.  `name` is for messages.
 * Errors: INTERRUPTED at a signal; DEADLOCK if the wait would be without an end, because this
 * thread has the turn, or whoever has it waits for one that this thread has. */
enum ancient_code ancient_core_turn_take(struct core_turn *turn, enum core_turn_kind kind,
					 dev_t device, ino_t inode, const char *name,
					 struct ancient_error *err);
void ancient_core_turn_end(struct core_turn *turn);

/* Whether this is a child of the process that took the turn, which the parent has alone. */
bool ancient_core_turn_is_lost(const struct core_turn *turn);

/* For the fork handlers.  In the child nobody has a turn. */
void ancient_core_turn_before_fork(void);
void ancient_core_turn_after_fork(bool child);

#endif

/* core/store: room that a writer has made behind the end of its file, for its next small commits.
 *
 * A write behind the end of a file costs four times what one to pages costs that are there: the
 * file system finds room, makes a page and records a new length.  So a process that commits again
 * and again writes zeros behind every sixteenth commit, and the next ones write over these. Another
 * writer cuts them off, as it does with an aborted commit; detach does, too.  Used by commit/.
 */
#ifndef CORE_ROOM_AHEAD_H
#define CORE_ROOM_AHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include <ancient/format.h>

#define CORE_ROOM_AHEAD ((uint64_t)64 << 10) /* bytes made at a time */

/* Where room behind a commit that ends at `end` ends.  The length of no file that somebody else has
 * written is odd, so that a file of such a length, in the generation that was left there, is known
 * to have zeros behind it. */
static inline uint64_t ancient_core_room_ahead_end(uint64_t end)
{
	return (end | (ANCIENT_COMMIT_ALIGN - 1)) + CORE_ROOM_AHEAD;
}

struct ancient_store;

struct core_room_ahead {     /* starts as {0} */
	uint64_t generation; /* the last that this process has made */
	uint64_t end;        /* of the file, where there is room; 0: there is none */
	unsigned commits;    /* of this process, one after the other */
};

/* How far the file reaches, if what lies behind the generation in force is room of this process;
 * otherwise 0.  size: of the file, whose lock the caller has. */
uint64_t ancient_core_room_ahead_of(const struct ancient_store *store, uint64_t size);

/* Whether to make room in the next commit. */
bool ancient_core_room_ahead_is_due(const struct ancient_store *store);

/* A commit of this process has made `generation`, and room up to `end`, or 0. */
void ancient_core_room_ahead_note(struct ancient_store *store, uint64_t generation, uint64_t end);

/* After a commit that was given up, and in a child of fork(2), whose parent may have been killed in
 * one: what lies there is not known. */
void ancient_core_room_ahead_forget(struct ancient_store *store);

/* Cuts room off when the store is detached, if nobody has the lock or has committed since. */
void ancient_core_room_ahead_drop(struct ancient_store *store);

#endif

/* core: the quarantine of addresses that were let go, for the caller who knows the collector.
 *
 * Where copies were deleted or files detached, the program may still have pointers.  Their
 * addresses are used again only after a trial, which ends with a proof that no collector can meet
 * such a pointer.  The OCaml stubs run trials; whoever never does only uses up addresses.
 */
#ifndef ANCIENT_QUARANTINE_H
#define ANCIENT_QUARANTINE_H

#include <stdbool.h>
#include <stdint.h>

/* How a trial learns which addresses a collector can meet. */
enum ancient_proof {
	ANCIENT_PROOF_NEVER, /* not at all: addresses are never used again */
	/* The caller looks at every word that a collector would, and calls ancient_trial_meet. */
	ANCIENT_PROOF_WALK,
	/* Tombstones are laid anew when the trial begins; the caller lets the collector look at all
	 * values before it ends.  Pages that are in the page tables of the process then
	 * (/proc/self/pagemap) are those that something has read. */
	ANCIENT_PROOF_PAGES,
};

/* Which way this process's collector allows, before anything is let go.  page_table: it has a table
 * of pages that never forgets one, and pointers to pages outside are not followed. */
void ancient_quarantine_init(enum ancient_proof proof, bool page_table);

enum ancient_quarantine_due {
	ANCIENT_QUARANTINE_FINE,
	ANCIENT_QUARANTINE_DUE,   /* a trial is worth while */
	ANCIENT_QUARANTINE_GRAVE, /* and worth complete collections */
};

/* Whether to run a trial, for a heap of so many bytes.  The work of a trial is in proportion to
 * the heap, so it waits until an eighth of that was let go, or of RLIMIT_AS. */
enum ancient_quarantine_due ancient_quarantine_due(uint64_t heap_bytes);

/* Begins a trial of everything that was let go before.  `now`, if not NULL, tells how far the
 * collector is, and is called once the tombstones are laid.  Returns false if a trial is running,
 * or it cannot be had: no /proc, no locked memory. */
bool ancient_trial_begin(uint64_t (*now)(void));

/* Whether a trial is running, and what `now` said when it began. */
bool ancient_trial_running(uint64_t *ret_begun);

/* ANCIENT_PROOF_WALK: a collector can meet `word`, which is a pointer to a value or the first word
 * of a custom block.  Other words are ignored.  By one thread. */
void ancient_trial_meet(uint64_t word);

/* Ends the trial that began at `begun`, if it is still running: what nothing was found to lead to
 * can be used again. */
void ancient_trial_end(uint64_t begun);

#endif

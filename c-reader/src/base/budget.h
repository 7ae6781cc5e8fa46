/* c-reader/base: the budget of one call: the steps it may take and the memory it may hold, in
 * proportion to the bytes that are really in the file.  Everything that a call does takes from the
 * same budget: comparing, hashing, searching buckets, walking what keys lead to.
 *
 * A step is a word looked at, or less.  The bounds are far above what any honest file takes: there,
 * shared blocks are looked at once, and blocks do not overlap.  Called by value/, typed/, lookup/,
 * scan/ and dump/. */
#ifndef ANCIENT_READER_BUDGET_H
#define ANCIENT_READER_BUDGET_H

#include "base/error.h"
#include "base/reader.h"

/* Steps and bytes of a call: so many for each word, and byte, of the file, and so many besides. */
#define READER_BUDGET_STEPS_A_WORD 16u
#define READER_BUDGET_STEPS (1u << 20)
#define READER_BUDGET_BYTES_A_BYTE 16u
#define READER_BUDGET_BYTES (1u << 24)

/* After so many steps the call looks whether it is to stop (struct ancient_options). */
#define READER_BUDGET_LOOK 65536u

struct reader_budget {
	const struct ancient_file *file; /* NULL: keys of a caller alone */
	uint64_t now;                    /* steps until the next look */
	uint64_t later;                  /* steps after that */
	uint64_t bytes;                  /* that may still be taken */
	uint64_t steps;                  /* all of them */
	uint64_t before;                 /* of them, taken by earlier calls of one walk */
	uint64_t held, most;             /* bytes taken now, and at most */
	enum ancient_code code;          /* why it ended; ANCIENT_OK: it has not */
	bool unasked;                    /* options.interrupted is not asked */
};

/* Bytes of [0, length) that are in the file and not in a hole of it; `length` where the file system
 * cannot say. */
uint64_t ancient_reader_present(int fd, uint64_t length);

/* TOO_LARGE for a file that is little but holes, which calls that read every byte would read too.
 *
 * what   the work: "verification" */
enum ancient_code ancient_reader_refuse_sparse(const struct ancient_file *file, const char *what,
					       struct ancient_error *err);

void ancient_reader_budget_init(struct reader_budget *budget, const struct ancient_file *file);
/* The same for a call that goes on with a walk, whose calls have one budget of steps together:
 * `before` of them are taken. */
void ancient_reader_budget_resume(struct reader_budget *budget, const struct ancient_file *file,
				  uint64_t before);
/* At the end of a call: adds what was taken to the file's count (ancient_file_work). */
void ancient_reader_budget_done(const struct reader_budget *budget);

/* reader_budget_take where a look is due or nothing is left. */
bool ancient_reader_budget_look(struct reader_budget *budget, uint64_t steps) READER_COLD;

/* Takes steps; false: there are not so many left, or the call is to stop, and
 * ancient_reader_budget_fail makes the error. */
static inline bool reader_budget_take(struct reader_budget *budget, uint64_t steps)
{
	if (!READER_LIKELY(steps < budget->now))
		return ancient_reader_budget_look(budget, steps);
	budget->now -= steps;
	return true;
}

/* Steps that this call has taken so far. */
static inline uint64_t reader_budget_taken(const struct reader_budget *budget)
{
	return budget->steps - budget->before - budget->now - budget->later;
}

/* More steps, for output that was made: what prints costs what it prints. */
void ancient_reader_budget_earn(struct reader_budget *budget, uint64_t steps);

/* Takes memory; false as above. */
bool ancient_reader_budget_hold(struct reader_budget *budget, uint64_t bytes);
void ancient_reader_budget_release(struct reader_budget *budget, uint64_t bytes);

/* The error of a budget that gave false: TOO_LARGE, INTERRUPTED, or MEMORY.
 *
 * offset   of the place in the file, or ANCIENT_NO_OFFSET
 * what     the work: "comparison" */
enum ancient_code ancient_reader_budget_fail(const struct reader_budget *budget, uint64_t offset,
					     const char *what, struct ancient_error *err);

/* How many blocks of `words` words, header included, the file can hold without overlap: the bound
 * of a walk through blocks of that size. */
static inline uint64_t reader_most(const struct ancient_file *file, uint64_t words)
{
	return file->present / (words * ANCIENT_WORD);
}

#endif

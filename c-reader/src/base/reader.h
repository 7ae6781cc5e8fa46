/* c-reader/base: struct ancient_file, which every part of the library works on, and a few macros.
 * Not installed.  Errors are in error.h, loads from the mapping in words.h, the bounds gate in
 * value/gate.h. */
#ifndef ANCIENT_READER_INTERNAL_H
#define ANCIENT_READER_INTERNAL_H

#include <assert.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <ancient/format.h>
#include <ancient_reader.h>

static_assert(sizeof(void *) == 8, "the format needs a 64-bit address space");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "readers decode in place");

#define READER_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* For the paths that good files never take, and the tests that lead there. */
#define READER_COLD __attribute__((cold, noinline))
#define READER_LIKELY(condition) __builtin_expect((condition), 1)

/* ---- Files --------------------------------------------------------------------- */

struct reader_guard; /* base/guard.c: a guarded range */
struct reader_names; /* value/custom.c: the identifiers of the customs extent in force */

/* What was found out about a file by one call, kept for the next ones: the begin of a larger struct
 * (typed/bucket_index.c).  A call takes it out of the file, so that it has it alone, and puts it
 * back. */
struct reader_kept {
	void (*destroy)(struct reader_kept *kept);
};
#define READER_KEPT 8u

/* What the calls on a file have cost so far: ancient_file_work. */
struct reader_work {
	_Atomic(uint64_t) steps, bytes;
};

/* One snapshot.  Immutable after open, but for the atomic members. */
struct ancient_file {
	atomic_uint references;
	const unsigned char *map; /* the file, read-only, shared */
	uint64_t mapped;          /* bytes of it, at least super.used */
	struct ancient_superblock super;
	/* For the bounds gate (value/gate.h), computed from `super` at open: the address of the
	 * first field that a block can have, and the number of words from there on. */
	uint64_t first, words;
	uint64_t file_bytes; /* length of the file when it was opened */
	/* Bytes of [0, used) that are not in a hole: what bounds the work (base/budget.h). */
	uint64_t present;
	/* The generation that was newest then: super's, but where an older one was asked for. */
	uint64_t newest;
	int damaged_slot; /* of the superblocks; -1: none */
	/* That the damaged slot described, where it is complete in the file; or 0. */
	uint64_t hidden_generation;
	/* Offset of a field that the slots of a file share and these two do not; 0: none. */
	uint64_t differs;
	dev_t device;
	ino_t inode;
	char *name; /* for messages */
	char *path; /* absolute where that was possible; NULL: opened from a descriptor */
	int fd;     /* a duplicate, for reopen; -1 where there is a path */
	struct ancient_options options;
	struct reader_guard *guard;           /* NULL: unguarded */
	const atomic_bool *torn;              /* the guard's, or one that stays false */
	_Atomic(struct reader_names *) names; /* made when first wanted */
	/* Behind a pointer, as calls have a file that is const. */
	struct reader_cells {
		_Atomic(struct reader_kept *) kept[READER_KEPT];
		/* Fingerprints of blocks (value/fingerprint.h), and their seed, one for the file's
		 * life; 0: not chosen yet. */
		_Atomic(struct reader_kept *) prints;
		_Atomic(uint64_t) seed;
		atomic_bool any;     /* of `kept` or `prints` was ever set */
		atomic_uint advised; /* base/advice.h */
		struct reader_work work;
	} * cells;
};

/* Where the superblock in force lies: in its slot, or, of an older generation, in its commit
 * record. */
static inline uint64_t reader_super_start(const struct ancient_file *file)
{
	return file->super.generation == file->newest
		       ? file->super.generation % ANCIENT_SUPERBLOCKS * ANCIENT_SUPERBLOCK_SLOT
		       : file->super.record + sizeof(struct ancient_extent);
}

/* Offset of a field of it. */
#define READER_SUPER(file, field)                                                                  \
	(reader_super_start(file) + offsetof(struct ancient_superblock, field))

#endif

/* c-reader: what the files of the library share.  Not installed.
 *
 * Each file below c-reader/src is one capability; this header holds the structure they all
 * work on, the way errors are made, and the guard's hooks.  The bounds gate is in gate.h.
 */
#ifndef ANCIENT_READER_INTERNAL_H
#define ANCIENT_READER_INTERNAL_H

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

struct reader_guard; /* guard.c: a guarded range */
struct reader_names; /* custom.c: the identifiers of the customs extent in force */

/* One snapshot.  Immutable after open, but for the atomic members. */
struct ancient_file {
	atomic_uint references;
	const unsigned char *map; /* `super.used` bytes of the file, read-only, shared */
	struct ancient_superblock super;
	/* The gate's (gate.h), made of `super`: the address of the first field that a block can
	 * have, and how many words there are from there on. */
	uint64_t first, words;
	uint64_t file_bytes; /* length of the file when it was opened */
	dev_t device;
	ino_t inode;
	char *name; /* for messages */
	char *path; /* absolute where that was possible; NULL: opened from a descriptor */
	int fd;     /* a duplicate, for reopen; -1 where there is a path */
	struct ancient_options options;
	struct reader_guard *guard;           /* NULL: unguarded */
	const atomic_bool *torn;              /* the guard's, or one that stays false */
	_Atomic(struct reader_names *) names; /* made when first wanted */
};

/* Offset of a field of the superblock in force. */
#define READER_SUPER(file, field)                                                                  \
	((file)->super.generation % ANCIENT_SUPERBLOCKS * ANCIENT_SUPERBLOCK_SLOT +                \
	 offsetof(struct ancient_superblock, field))

/* ---- error.c ------------------------------------------------------------------- */

/* Rule numbers, struct ancient_error: the letter's place in "SEVCD" times 100. */
#define READER_S(n) (100u + (n))
#define READER_E(n) (200u + (n))
#define READER_V(n) (300u + (n))
#define READER_C(n) (400u + (n))
#define READER_D(n) (500u + (n))

/* What is wrong; the message is made of it. */
struct reader_fault {
	enum ancient_code code;
	unsigned rule;
	uint64_t offset;
	uint64_t expected;
	uint64_t found;
};

/* Fills in `err` (NULL allowed) and returns the code.  The message is
 * "name: text: detail (rule V2, offset 8200): hint", the detail from `format`. */
enum ancient_code reader_fail(const char *name, struct ancient_error *err,
			      const struct reader_fault *fault, const char *format, ...)
	READER_PRINTF(4, 5) READER_COLD;

/* A fault with no offset. */
enum ancient_code reader_refuse(const char *name, struct ancient_error *err, enum ancient_code code,
				const char *format, ...) READER_PRINTF(4, 5) READER_COLD;

/* A system call failed with `number`; `what` says which, "open". */
enum ancient_code reader_fail_system(const char *name, struct ancient_error *err, int number,
				     const char *what);

/* ---- superblock.c -------------------------------------------------------------- */

/* Chooses the superblock that holds (FORMAT 3.2), with one copy of each slot at a time.
 * Reads through `fd`; `length` is that of the file. */
enum ancient_code reader_superblock_choose(int fd, const char *name,
					   struct ancient_superblock *ret_super,
					   uint64_t *ret_length, struct ancient_error *err);

/* ---- guard.c ------------------------------------------------------------------- */

/* Guards a mapping.  Errors: MEMORY, SYSTEM. */
enum ancient_code reader_guard_add(const void *start, size_t length, const char *name,
				   struct reader_guard **ret_guard, struct ancient_error *err);
/* Before the range is unmapped.  NULL allowed. */
void reader_guard_remove(struct reader_guard *guard);
/* Whether the range is torn; of NULL: never.  Lives as long as the process. */
const atomic_bool *reader_guard_torn(const struct reader_guard *guard);

/* Every function that read the mapping passes its result through here before it hands out
 * anything: what was read after the file was torn away is zeros, not the file's. */
void reader_torn(const struct ancient_file *file, struct ancient_error *err) READER_COLD;
static inline bool reader_stands(const struct ancient_file *file)
{
	return READER_LIKELY(!atomic_load_explicit(file->torn, memory_order_relaxed));
}
static inline enum ancient_code reader_settle(const struct ancient_file *file,
					      enum ancient_code code, struct ancient_error *err)
{
	if (reader_stands(file))
		return code;
	reader_torn(file, err);
	return ANCIENT_E_TORN_AWAY;
}

#endif

/* c-reader/verify: what the parts of the verification share (FORMAT 10): what was found so far,
 * progress, and the tests that more than one part makes. */
#ifndef ANCIENT_READER_VERIFY_STATE_H
#define ANCIENT_READER_VERIFY_STATE_H

#include <xxhash.h>

#include "base/threads.h"
#include "value/gate.h"

/* The content of an extent that passed E1 to E5. */
struct reader_region {
	uint64_t start, end;
	uint64_t count; /* as its header says */
	uint32_t kind;
};

/* Blocks that lie together: [start, end) of a values extent whose last block ends at `limit`; the
 * last of the piece has its header at `last`. */
struct reader_piece {
	uint64_t start, end, limit, last;
};

/* What threads find out about extents before their turn comes (verify_ahead.c). */
struct reader_ahead {
	struct reader_ahead_extent *extents; /* in file order */
	struct reader_segment *segments;     /* of values extents, in file order */
	size_t extent_count, extent_capacity, segment_count, segment_capacity;
	size_t next; /* extent that was not asked for yet */
};

struct reader_verify {
	const struct ancient_file *file;
	const struct ancient_verify_options *options; /* NULL: none */
	struct ancient_error *err;
	struct reader_pool *pool; /* NULL: this thread does everything */
	XXH3_state_t *hash;
	uint64_t *starts;              /* a bit for each place (gate.h): a first field lies there */
	struct reader_region *regions; /* in file order */
	size_t region_count, region_capacity;
	struct reader_piece *pieces; /* in file order, all blocks */
	size_t piece_count, piece_capacity;
	struct reader_ahead ahead;
	uint64_t value_bytes; /* of the blocks found */
	bool typed;           /* a key with a schema was found */
	struct ancient_verify_result result;
	_Atomic uint64_t pointers; /* found */
	_Atomic uint64_t done;     /* bytes of work */
	uint64_t total, reported;  /* the same: all, and when progress was last called */
};

/* Bytes of the directories that are read for each leaf: itself and one branch. */
#define READER_WORK_KEY (sizeof(struct ancient_entry_record) + sizeof(struct ancient_branch))
#define READER_WORK_NAME (sizeof(struct ancient_name_leaf) + sizeof(struct ancient_branch))
#define READER_WORK_SCHEMA (sizeof(struct ancient_schema_record) + sizeof(struct ancient_branch))

/* `bytes` of work are done: progress, interruption, torn files.  For the calling thread. */
enum ancient_code ancient_reader_verify_step(struct reader_verify *v, uint64_t bytes);

/* Where a piece of work is done. */
struct reader_task {
	struct reader_verify *v;
	bool helper; /* not in the thread that called ancient_file_verify */
	struct ancient_error *err;
};

/* The same, for a piece of work that a helper may do.  Not OK: drop it and return this. */
enum ancient_code ancient_reader_task_step(struct reader_task *task, uint64_t bytes);

/* [from, to), multiples of 8, must be zero: E4 and S4. */
enum ancient_code ancient_reader_verify_zeros(struct reader_verify *v, unsigned rule, uint64_t from,
					      uint64_t to);

/* A count that is not as stored: V8 V9 D5. */
enum ancient_code ancient_reader_verify_count(struct reader_verify *v, unsigned rule,
					      uint64_t offset, uint64_t counted, uint64_t stored);

/* The array with room for one more item behind `count`, of `size` bytes each; NULL: no memory, and
 * it is as it was. */
void *ancient_reader_verify_grow(void *array, size_t count, size_t *capacity, size_t size);

/* The region of this kind that holds [offset, offset + bytes), or NULL. */
const struct reader_region *ancient_reader_region_find(const struct reader_verify *v, uint32_t kind,
						       uint64_t offset, uint64_t bytes);

/* Whether a word is an immediate or leads to the first field of a block; without a branch,
 * since no processor foresees which words of a record are pointers. */
static inline bool reader_start_valid(const struct reader_verify *v, uint64_t word)
{
	uint64_t place = reader_place(v->file, word);
	bool inside = place < v->file->words;
	uint64_t bit = inside ? place : 0;

	return ((uint64_t)inside & v->starts[bit / 64] >> bit % 64) | (word & 1);
}

/* Whether the file's minor version is later than this library's: verification does not want zeros
 * where its own version says so, and knows not all kinds of extents (FORMAT 3.4). */
static inline bool reader_verify_is_later(const struct ancient_file *file)
{
	return (file->super.version & 0xFFFF) > ANCIENT_VERSION_MINOR;
}

#endif

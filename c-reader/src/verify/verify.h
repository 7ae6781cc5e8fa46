/* c-reader: what the parts of the verification share (FORMAT 10). */
#ifndef ANCIENT_READER_VERIFY_H
#define ANCIENT_READER_VERIFY_H

#include <xxhash.h>

#include "file/directory.h"
#include "value/gate.h"

/* The content of an extent that passed E1 to E5. */
struct reader_region {
	uint64_t start, end;
	uint64_t count; /* as its header says */
	uint32_t kind;
};

/* Blocks that lie together: [start, end) of a values extent whose last block ends at `limit`. */
struct reader_piece {
	uint64_t start, end, limit;
};

struct reader_crew; /* verify_crew.h */

struct reader_verify {
	const struct ancient_file *file;
	const struct ancient_verify_options *options; /* NULL: none */
	struct ancient_error *err;
	struct reader_crew *crew; /* NULL: this thread does everything */
	XXH3_state_t *hash;
	uint64_t *starts;              /* a bit for each place (gate.h): a first field lies there */
	struct reader_region *regions; /* in file order */
	size_t region_count, region_room;
	struct reader_piece *pieces; /* in file order, all blocks */
	size_t piece_count, piece_room;
	uint64_t value_bytes; /* of the blocks met */
	bool typed;           /* a key with a schema was met */
	struct ancient_verify_result result;
	_Atomic uint64_t pointers; /* met */
	_Atomic uint64_t done;     /* bytes of work */
	uint64_t total, reported;  /* the same: all, and when progress was last called */
};

/* The parts, in the order of section 10; each returns the first fault it meets. */
enum ancient_code reader_verify_superblock(struct reader_verify *v);  /* S4 */
enum ancient_code reader_verify_extents(struct reader_verify *v);     /* E1-E6, V2-V8 */
enum ancient_code reader_verify_customs(struct reader_verify *v);     /* C1 C2 */
enum ancient_code reader_verify_pointers(struct reader_verify *v);    /* V1, V7 */
enum ancient_code reader_verify_directories(struct reader_verify *v); /* D1-D5 */
enum ancient_code reader_verify_schemas(struct reader_verify *v);     /* D1 D2 D6 */

/* ---- verify_blocks.c: a walk from block to block (V2 to V8) ------------------------ */

struct reader_blocks {
	uint64_t start, at, end; /* of the extent's blocks, of the next header, of the filler */
	uint64_t piece;          /* where the piece that is being met begins */
	uint64_t count;
	enum ancient_code code; /* of the fault that ended the walk */
	struct ancient_error err;
};

void reader_blocks_begin(struct reader_blocks *blocks, const struct reader_region *region);
/* On to the first block that does not begin before `until`. */
void reader_blocks_walk(struct reader_verify *v, struct reader_blocks *blocks, uint64_t until);
/* What the walk found, the filler and the count of the extent at `extent`. */
enum ancient_code reader_blocks_end(struct reader_verify *v, struct reader_blocks *blocks,
				    const struct reader_region *region, uint64_t extent);

/* ---- Shared ------------------------------------------------------------------------ */

/* Bytes of the directories that are read for each leaf: itself and one branch. */
#define READER_WORK_KEY (sizeof(struct ancient_entry_record) + sizeof(struct ancient_branch))
#define READER_WORK_NAME (sizeof(struct ancient_name_leaf) + sizeof(struct ancient_branch))
#define READER_WORK_SCHEMA (sizeof(struct ancient_schema_record) + sizeof(struct ancient_branch))

/* `bytes` of work are done: progress, interruption, torn files.  For the calling thread. */
enum ancient_code reader_verify_step(struct reader_verify *v, uint64_t bytes);

/* [from, to), multiples of 8, must be zero: E4 and S4. */
enum ancient_code reader_verify_zeros(struct reader_verify *v, unsigned rule, uint64_t from,
				      uint64_t to);

/* A count that is not as stored: V8 V9 D5. */
enum ancient_code reader_verify_count(struct reader_verify *v, unsigned rule, uint64_t offset,
				      uint64_t counted, uint64_t stored);

/* The region of this kind that holds [offset, offset + bytes), or NULL. */
const struct reader_region *reader_region_find(const struct reader_verify *v, uint32_t kind,
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

#endif

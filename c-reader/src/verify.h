/* c-reader: what the parts of the verification share (FORMAT 10). */
#ifndef ANCIENT_READER_VERIFY_H
#define ANCIENT_READER_VERIFY_H

#include <xxhash.h>

#include "directory.h"

/* The content of an extent that passed E1 to E5. */
struct reader_region {
	uint64_t start, end;
	uint64_t count; /* as its header says */
	uint32_t kind;
};

struct reader_verify {
	const struct ancient_file *file;
	const struct ancient_verify_options *options; /* NULL: none */
	struct ancient_error *err;
	XXH3_state_t *hash;
	unsigned char *starts; /* a bit for each word behind the superblocks: a first field */
	struct reader_region *regions; /* in file order */
	size_t region_count, region_room;
	uint64_t value_bytes; /* of the blocks met */
	bool typed;           /* a key with a schema was met */
	struct ancient_verify_result result;
	uint64_t done, total; /* bytes of work */
	uint64_t pending;     /* of it since progress was last called */
};

/* The parts, in the order of section 10; each returns the first fault it meets. */
enum ancient_code reader_verify_superblock(struct reader_verify *v); /* S4 */
enum ancient_code reader_verify_extents(struct reader_verify *v);    /* E1-E6, V2-V8 */
enum ancient_code reader_verify_blocks(struct reader_verify *v, const struct reader_region *region,
				       uint64_t extent);              /* V2-V8 */
enum ancient_code reader_verify_customs(struct reader_verify *v);     /* C1 C2 */
enum ancient_code reader_verify_pointers(struct reader_verify *v);    /* V1, V7 */
enum ancient_code reader_verify_directories(struct reader_verify *v); /* D1-D5 */
enum ancient_code reader_verify_schemas(struct reader_verify *v);     /* D1 D2 D6 */

/* Bytes of the directories that are read for each leaf: itself and one branch. */
#define READER_WORK_KEY (sizeof(struct ancient_entry_record) + sizeof(struct ancient_branch))
#define READER_WORK_NAME (sizeof(struct ancient_name_leaf) + sizeof(struct ancient_branch))
#define READER_WORK_SCHEMA (sizeof(struct ancient_schema_record) + sizeof(struct ancient_branch))

/* `bytes` of work are done: progress, interruption, torn files. */
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

/* Bits of `starts`; offset is a multiple of 8 from ANCIENT_FIRST_EXTENT to used. */
static inline void reader_start_set(struct reader_verify *v, uint64_t offset)
{
	uint64_t bit = (offset - ANCIENT_FIRST_EXTENT) / ANCIENT_WORD;
	v->starts[bit / 8] |= (unsigned char)(1u << bit % 8);
}

/* Whether a word is an immediate or leads to the first field of a block. */
static inline bool reader_start_valid(const struct reader_verify *v, uint64_t word)
{
	uint64_t offset = word - v->file->super.base, bit;

	if (!reader_is_pointer(word))
		return true;
	if (offset % ANCIENT_WORD != 0 || offset < READER_FIRST_FIELD ||
	    offset >= v->file->super.used)
		return false;
	bit = (offset - ANCIENT_FIRST_EXTENT) / ANCIENT_WORD;
	return (v->starts[bit / 8] >> bit % 8 & 1) != 0;
}

#endif

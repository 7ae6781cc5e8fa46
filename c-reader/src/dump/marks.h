/* c-reader/dump: the blocks that a dump reaches more than once, and their numbers (FORMAT, appendix
 * A).  Bits for blocks are also used by live.c. */
#ifndef ANCIENT_READER_MARKS_H
#define ANCIENT_READER_MARKS_H

#include "value/gate.h"

/* A bit for each word of a file behind the superblocks: 1/64 of it, zero pages until used. */
struct reader_marks {
	unsigned char *seen;   /* reached */
	unsigned char *shared; /* reached again */
	bool complete;         /* the scan came to its end */
};

/* Numbers of shared blocks, by offset: an open hash table. */
struct reader_ids {
	struct reader_id {
		uint64_t offset; /* 0: free */
		uint64_t id;
	} * slot;
	size_t count, capacity;
	uint64_t seed;
};

/* Called from time to time; not ANCIENT_OK: the scan ends with this. */
typedef enum ancient_code reader_pause(void *context);

/* Walks everything reached from `word`.  A value whose dump passes `limit` bytes is left
 * unfinished (`complete` is false); 0: no limit.
 * Memory: the marks, plus 24 bytes for each block on the way down but for those in which
 * it is the last field.  Errors: those of the gate, MEMORY, those of `pause`. */
enum ancient_code reader_marks_scan(const struct ancient_file *file, uint64_t word, uint64_t limit,
				    reader_pause *pause, void *context, struct reader_marks *marks,
				    struct ancient_error *err);
void reader_marks_done(struct reader_marks *marks);

static inline bool reader_mark_get(const unsigned char *bits, uint64_t offset)
{
	uint64_t bit = (offset - ANCIENT_FIRST_EXTENT) / ANCIENT_WORD;
	return (bits[bit / 8] >> bit % 8 & 1) != 0;
}

static inline void reader_mark_put(unsigned char *bits, uint64_t offset, bool value)
{
	uint64_t bit = (offset - ANCIENT_FIRST_EXTENT) / ANCIENT_WORD;
	unsigned char mask = (unsigned char)(1u << bit % 8);
	bits[bit / 8] = value ? bits[bit / 8] | mask : bits[bit / 8] & (unsigned char)~mask;
}

/* The id of the block at `offset`, new ones from 1 (*ret_new says which); false: no memory. */
bool reader_ids_get(struct reader_ids *ids, uint64_t offset, uint64_t *ret_id, bool *ret_new);
void reader_ids_done(struct reader_ids *ids);

#endif

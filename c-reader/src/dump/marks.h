/* c-reader/dump: the blocks that a dump reaches more than once, and their numbers (FORMAT, appendix
 * A).  Bits for blocks are also used by live.c. */
#ifndef ANCIENT_READER_MARKS_H
#define ANCIENT_READER_MARKS_H

#include "base/word_map.h"
#include "value/gate.h"

/* A bit for each word of a file, by offset, in pieces of 512 bytes for 32 KB of the file, which are
 * made when a bit in them is first set: what a sparse file claims to be costs nothing.  Start from
 * {0}. */
struct reader_bits {
	struct reader_word_map pieces; /* number, from 1: {address, 0} */
	uint64_t last;                 /* number of the piece that was found last; 0: none */
	unsigned char *piece;          /* that one; NULL: there is none */
};

/* Blocks, by the offset of their first field. */
struct reader_marks {
	struct reader_bits seen;   /* reached */
	struct reader_bits shared; /* reached again */
	bool complete;             /* the scan came to its end */
};

/* Called from time to time; not ANCIENT_OK: the scan ends with this. */
typedef enum ancient_code reader_pause(void *context);

/* Walks everything reached from `word`, a step of the budget for each field.  A value whose dump
 * passes `limit` bytes is left unfinished (`complete` is false); 0: no limit. Memory: the marks,
 * plus 24 bytes for each block on the way down but for those in which it is the last field. Errors:
 * those of the gate, MEMORY, TOO_LARGE where blocks overlap (they have more fields than the file
 * has words), those of `pause`. */
enum ancient_code ancient_reader_marks_scan(struct reader_budget *budget, uint64_t word,
					    uint64_t limit, reader_pause *pause, void *context,
					    struct reader_marks *marks, struct ancient_error *err);
void ancient_reader_marks_done(struct reader_marks *marks);

#define READER_BITS_PIECE 512u /* bytes of a piece, a bit for each word */

/* The piece of an offset; NULL: no bit of it was set. */
unsigned char *ancient_reader_bits_piece(struct reader_bits *bits, uint64_t number);
/* The same, made where there is none; NULL: see the budget. */
unsigned char *ancient_reader_bits_make(struct reader_bits *bits, uint64_t number,
					struct reader_budget *budget);
void ancient_reader_bits_done(struct reader_bits *bits);

static inline uint64_t reader_bits_number(uint64_t offset)
{
	return offset / ANCIENT_WORD / 8 / READER_BITS_PIECE + 1;
}

static inline bool reader_bits_get(struct reader_bits *bits, uint64_t offset)
{
	const uint64_t number = reader_bits_number(offset), bit = offset / ANCIENT_WORD;
	const unsigned char *piece =
		number == bits->last ? bits->piece : ancient_reader_bits_piece(bits, number);

	return piece != NULL && (piece[bit / 8 % READER_BITS_PIECE] >> bit % 8 & 1) != 0;
}

/* false: no memory, or none left in the budget. */
static inline bool reader_bits_set(struct reader_bits *bits, uint64_t offset,
				   struct reader_budget *budget)
{
	const uint64_t number = reader_bits_number(offset), bit = offset / ANCIENT_WORD;
	unsigned char *piece = number == bits->last ? bits->piece : NULL;

	if (piece == NULL)
		piece = ancient_reader_bits_make(bits, number, budget);
	if (piece == NULL)
		return false;
	piece[bit / 8 % READER_BITS_PIECE] |= (unsigned char)(1u << bit % 8);
	return true;
}

/* Of a bit that is set. */
static inline void reader_bits_clear(struct reader_bits *bits, uint64_t offset)
{
	const uint64_t bit = offset / ANCIENT_WORD;
	unsigned char *piece = ancient_reader_bits_piece(bits, reader_bits_number(offset));

	if (piece != NULL)
		piece[bit / 8 % READER_BITS_PIECE] &= (unsigned char)~(1u << bit % 8);
}

#endif

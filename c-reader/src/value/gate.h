/* c-reader/value: the bounds gate (FORMAT 9): the only way from a word to a block.
 *
 * The path that most accesses take is inline: one comparison for the address, one for the header.
 * Whatever fails there goes to ancient_reader_gate_any, which tests row by row and makes the error.
 */
#ifndef ANCIENT_READER_GATE_H
#define ANCIENT_READER_GATE_H

#include <ancient_access.h>

#include "base/error.h"
#include "base/guard.h"
#include "base/words.h"

/* A block whose header and shape have been tested. */
struct reader_block {
	uint64_t offset; /* of the first field */
	uint64_t wosize;
	unsigned tag;
};

/* Field `index` of a tested block, index < wosize. */
static inline uint64_t reader_field(const struct ancient_file *file,
				    const struct reader_block *block, uint64_t index)
{
	return reader_word(file, block->offset + index * ANCIENT_WORD);
}

/* V1 in one comparison: the number of the word that `word` points to, counted from the first field
 * that a file can hold; not below file->words where it points to none. */
static inline uint64_t reader_place(const struct ancient_file *file, uint64_t word)
{
	return ancient_access_place(file->first, word);
}

/* Of a place below file->words. */
static inline uint64_t reader_place_offset(uint64_t place)
{
	return READER_FIRST_FIELD + place * ANCIENT_WORD;
}

/* Whether `word` points to a block of exactly this tag, 0 to 243, and size, or to a float (253 and
 * 1): the gate has no other test for these.  Where it does not, reader_gate makes the error. */
static inline bool reader_gate_exact(const struct ancient_file *file, uint64_t word, unsigned tag,
				     uint64_t size, uint64_t *ret_offset)
{
	uint64_t place = reader_place(file, word);

	if (place >= file->words || size > file->words - place)
		return false;
	*ret_offset = reader_place_offset(place);
	return reader_word(file, *ret_offset - ANCIENT_WORD) == ANCIENT_HEADER(size, tag);
}

struct reader_bigarray; /* gate_bigarray.h */

/* Every block, and every error.  `ret_array` as below. */
enum ancient_code ancient_reader_gate_any(const struct ancient_file *file, uint64_t word,
					  struct reader_block *ret_block,
					  struct reader_bigarray *ret_array,
					  struct ancient_error *err);

/* As reader_gate, and fills in `ret_array` where the block is a bigarray, whose shape the gate has
 * to compute anyway.  NULL: not wanted. */
static inline enum ancient_code reader_gate_array(const struct ancient_file *file, uint64_t word,
						  struct reader_block *ret_block,
						  struct reader_bigarray *ret_array,
						  struct ancient_error *err)
{
	uint64_t place = reader_place(file, word);

	/* Blocks of values, which have no shape of their own. */
	if (READER_LIKELY(place < file->words)) {
		uint64_t offset = reader_place_offset(place);
		uint64_t header = reader_word(file, offset - ANCIENT_WORD);
		uint64_t wosize = reader_header_wosize(header);
		uint64_t low = header & (ANCIENT_HEADER_COLOUR_MASK | ANCIENT_HEADER_TAG_MASK);
		if (low - ANCIENT_HEADER_COLOUR <= ANCIENT_TAG_LAST_PLAIN &&
		    wosize <= file->words - place) {
			*ret_block =
				(struct reader_block){offset, wosize, reader_header_tag(header)};
			return ANCIENT_OK;
		}
	}
	return ancient_reader_gate_any(file, word, ret_block, ret_array, err);
}

/* Opens the block that `word` points to: address (V1), header (V2), size (V3), shape (V4 to
 * V7).  Errors: WRONG_KIND for an immediate; BAD_POINTER BAD_BLOCK BAD_STRING BAD_CUSTOM
 * BAD_BIGARRAY. */
static inline enum ancient_code reader_gate(const struct ancient_file *file, uint64_t word,
					    struct reader_block *ret_block,
					    struct ancient_error *err)
{
	return reader_gate_array(file, word, ret_block, NULL, err);
}

/* The parts of the gate, for verification, which reads blocks in file order, without pointers. */
enum ancient_code ancient_reader_gate_header(const struct ancient_file *file, uint64_t offset,
					     uint64_t end, struct reader_block *ret_block,
					     struct ancient_error *err);
enum ancient_code ancient_reader_gate_shape(const struct ancient_file *file,
					    const struct reader_block *block,
					    struct reader_bigarray *ret_array,
					    struct ancient_error *err);

/* Brent's search for a ring in a chain of pointers that should end: one word of the chain is
 * remembered, and replaced after 1, 2, 4, 8, ... steps; meeting it again means a ring.  The steps
 * are a small multiple of the ring's length, however large the file is. */
struct reader_chain {
	uint64_t remembered, steps, until;
};
#define READER_CHAIN_START                                                                         \
	{                                                                                          \
		.remembered = 1                                                                    \
	} /* no pointer */

/* Whether the chain, which has come to `word`, runs in a ring; never wrongly true while nobody
 * writes to the file.  `most`: more steps than a chain without a ring can have, which ends the walk
 * where somebody does. */
static inline bool reader_chain_closed(struct reader_chain *chain, uint64_t word, uint64_t most)
{
	if (word == chain->remembered || chain->until > most)
		return true;
	if (chain->steps++ == chain->until) {
		chain->remembered = word;
		chain->steps = 0;
		chain->until = 2 * chain->until + 1;
	}
	return false;
}

/* Bytes before the padding of a string block of `wosize` words; false: damaged padding (FORMAT
 * 7.3).  The top byte of the last word is their number, those before it are zero. */
static inline bool reader_string_padding(uint64_t last, uint64_t wosize, uint64_t *ret_length)
{
	uint64_t padding = last >> 56;

	if (padding > 7 || (last & ~(0xFFull << 56)) >> (56 - 8 * padding) != 0)
		return false;
	*ret_length = wosize * ANCIENT_WORD - 1 - padding;
	return true;
}

/* The same of a tested block. */
static inline bool reader_string_length(const struct ancient_file *file,
					const struct reader_block *block, uint64_t *ret_length,
					uint64_t *ret_last)
{
	*ret_last = reader_field(file, block, block->wosize - 1);
	return reader_string_padding(*ret_last, block->wosize, ret_length);
}

/* Whether `word` points to a string, and where its bytes are.  Where it does not, reader_gate makes
 * the error. */
static inline bool reader_gate_string(const struct ancient_file *file, uint64_t word,
				      uint64_t *ret_offset, uint64_t *ret_length)
{
	uint64_t place = reader_place(file, word), offset, header, wosize;

	if (place >= file->words)
		return false;
	offset = reader_place_offset(place);
	header = reader_word(file, offset - ANCIENT_WORD);
	wosize = reader_header_wosize(header);
	if (header != ANCIENT_HEADER(wosize, ANCIENT_TAG_STRING) ||
	    wosize - 1 >= file->words - place)
		return false;
	*ret_offset = offset;
	return reader_string_padding(reader_word(file, offset + (wosize - 1) * ANCIENT_WORD),
				     wosize, ret_length);
}

#endif

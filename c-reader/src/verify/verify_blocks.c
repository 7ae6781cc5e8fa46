/* c-reader/verify: the blocks of a values extent, tested one after the other (V2 to V8).  Called by
 * verify_extents.c while it computes the checksum of the same bytes. */
#include "value/gate_custom.h"
#include "verify/verify_blocks.h"

/* The blocks are divided into pieces of at least so many bytes, for the test of pointers. */
#define PIECE_BYTES (1u << 20)

static enum ancient_code no_filler(struct reader_verify *v, uint64_t at, uint64_t found)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, READER_V(3), at, ANCIENT_FILLER,
					   found};
	return ancient_reader_fail(v->file->name, v->err, &fault,
				   "expected the filler %#llx, found %#llx", ANCIENT_FILLER,
				   (unsigned long long)found);
}

/* ---- A block ----------------------------------------------------------------------- */

/* Most blocks: of values, strings, floats.  Others, bad ones too, take the gate's tests. */
static inline bool is_plain(const struct ancient_file *file, uint64_t at, uint64_t end,
			    uint64_t *ret_wosize)
{
	uint64_t header = reader_word(file, at), wosize = reader_header_wosize(header), length;
	uint64_t low = (header & (ANCIENT_HEADER_COLOUR_MASK | ANCIENT_HEADER_TAG_MASK)) -
		       ANCIENT_HEADER_COLOUR; /* the tag, where the colour is right */

	*ret_wosize = wosize;
	if (wosize > (end - at) / ANCIENT_WORD - 1)
		return false;
	if (low <= ANCIENT_TAG_LAST_PLAIN)
		return true;
	if (low == ANCIENT_TAG_STRING)
		return wosize > 0 &&
		       reader_string_padding(reader_word(file, at + wosize * ANCIENT_WORD), wosize,
					     &length);
	return low == ANCIENT_TAG_DOUBLE && wosize == 1;
}

static enum ancient_code check_block(const struct ancient_file *file, uint64_t at, uint64_t end,
				     uint64_t *ret_wosize, struct ancient_error *err)
{
	struct reader_block block;
	enum ancient_code code =
		ancient_reader_gate_header(file, at + ANCIENT_WORD, end, &block, err);

	if (code == ANCIENT_OK)
		code = ancient_reader_gate_shape(file, &block, NULL, err);
	if (code == ANCIENT_OK)
		code = ancient_reader_custom_tail(file, &block, err);
	if (code == ANCIENT_OK)
		*ret_wosize = block.wosize;
	return code;
}

/* ---- Pieces ------------------------------------------------------------------------ */

bool ancient_reader_add_piece(struct reader_verify *v, const struct reader_piece *piece)
{
	struct reader_piece *grown = ancient_reader_verify_grow(v->pieces, v->piece_count,
								&v->piece_capacity, sizeof(*grown));

	if (grown == NULL)
		return false;
	v->pieces = grown;
	v->pieces[v->piece_count++] = *piece;
	return true;
}

static bool end_piece(struct reader_verify *v, struct reader_blocks *blocks, uint64_t last,
		      uint64_t end)
{
	const struct reader_piece piece = {blocks->piece, end, blocks->end, last};

	blocks->piece = end;
	return ancient_reader_add_piece(v, &piece);
}

/* ---- The walk ---------------------------------------------------------------------- */

void ancient_reader_blocks_begin(struct reader_blocks *blocks, const struct reader_region *region)
{
	*blocks = (struct reader_blocks){.start = region->start,
					 .at = region->start,
					 .end = region->end - ANCIENT_WORD,
					 .piece = region->start};
}

/* The first and the last word that a walk changes may be another thread's as well. */
static void put_shared(struct reader_verify *v, uint64_t group, uint64_t bits)
{
	__atomic_fetch_or(&v->starts[group], bits, __ATOMIC_RELAXED);
}

void ancient_reader_blocks_walk(struct reader_verify *v, struct reader_blocks *blocks,
				uint64_t until)
{
	const struct ancient_file *file = v->file;
	const uint64_t end = blocks->end, first = READER_FIRST_FIELD;
	uint64_t at = blocks->at, bits = 0, count = 0, wosize = 0;
	uint64_t group = (at + ANCIENT_WORD - first) / ANCIENT_WORD / 64;
	const uint64_t shared = group;

	until = until < end ? until : end;
	while (at < until && blocks->code == ANCIENT_OK) {
		if (!is_plain(file, at, end, &wosize)) {
			blocks->code = check_block(file, at, end, &wosize, &blocks->err);
			if (blocks->code != ANCIENT_OK)
				break;
		}
		/* The bits of 64 places are stored at once. */
		uint64_t place = (at + ANCIENT_WORD - first) / ANCIENT_WORD;
		if (place / 64 != group) {
			if (group == shared)
				put_shared(v, group, bits);
			else
				v->starts[group] |= bits;
			group = place / 64;
			bits = 0;
		}
		bits |= 1ull << place % 64;
		count++;
		at += (1 + wosize) * ANCIENT_WORD;
		if ((int64_t)(at - blocks->piece) >= PIECE_BYTES &&
		    !end_piece(v, blocks, at - (1 + wosize) * ANCIENT_WORD, at))
			blocks->code = ancient_reader_refuse(file->name, &blocks->err,
							     ANCIENT_E_MEMORY, "verification");
	}
	if (bits != 0)
		put_shared(v, group, bits);
	if (count > 0)
		blocks->last = at - (1 + wosize) * ANCIENT_WORD;
	blocks->at = at;
	blocks->count += count;
}

enum ancient_code ancient_reader_blocks_end(struct reader_verify *v, struct reader_blocks *blocks,
					    const struct reader_region *region, uint64_t extent)
{
	uint64_t filler;

	if (blocks->code == ANCIENT_OK && blocks->at > blocks->piece &&
	    !end_piece(v, blocks, blocks->last, blocks->at))
		blocks->code = ancient_reader_refuse(v->file->name, &blocks->err, ANCIENT_E_MEMORY,
						     "verification");
	if (blocks->code != ANCIENT_OK) {
		*v->err = blocks->err;
		return blocks->code;
	}
	filler = reader_word(v->file, blocks->end);
	if (filler != ANCIENT_FILLER)
		return no_filler(v, blocks->end, filler);
	v->result.blocks += blocks->count;
	v->value_bytes += blocks->end - blocks->start;
	return ancient_reader_verify_count(v, READER_V(8),
					   extent + offsetof(struct ancient_extent, count),
					   blocks->count, region->count);
}

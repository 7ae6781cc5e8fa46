/* core/verify: verification of values extents (FORMAT 10, rules V1 to V8). */
#include "verify/verify_values.h"

#include "base/bigarray.h"
#include "base/block.h"
#include "base/progress.h"

static enum ancient_code check_string(struct core_verify *v, uint64_t last)
{
	uint64_t word = core_verify_word(v, last), n = word >> 56;

	if (n > 7 || (word << 8) >> 8 >> (56 - 8 * n) != 0)
		return ancient_core_verify_wrong(v, ANCIENT_E_BAD_STRING, 305, last, 0, word,
						 "damaged string: its padding is wrong");
	return ANCIENT_OK;
}

static enum ancient_code bad_bigarray(struct core_verify *v, uint64_t offset, uint64_t expected,
				      uint64_t found, const char *what)
{
	return ancient_core_verify_wrong(v, ANCIENT_E_BAD_BIGARRAY, 307, offset, expected, found,
					 what);
}

/* V7: each dimension is in range, and the payload, if any, is not larger than the file. */
static enum ancient_code check_dims(struct core_verify *v, uint64_t at, uint64_t dims,
				    uint64_t kind)
{
	uint64_t most = v->pages.used / ancient_core_bigarray_item_bytes(kind), count = 1;
	bool empty = false;

	for (uint64_t i = 0; i < dims; i++)
		empty |= core_verify_word(v, at + (ANCIENT_BIGARRAY_WORDS + i) * 8) == 0;
	for (uint64_t i = 0; i < dims; i++) {
		uint64_t field = at + (ANCIENT_BIGARRAY_WORDS + i) * 8;
		uint64_t dim = core_verify_word(v, field);

		if (dim > ANCIENT_KEY_MAX || (!empty && dim && count > most / dim))
			return bad_bigarray(v, field, most / count, dim,
					    "damaged bigarray: impossible dimension");
		count *= empty ? 1 : dim;
	}
	return ANCIENT_OK;
}

/* V7, except where the payload lies. */
static enum ancient_code check_bigarray(struct core_verify *v, uint64_t at, uint64_t wosize)
{
	uint64_t dims, flags, proxy;

	if (wosize < ANCIENT_BIGARRAY_WORDS)
		return bad_bigarray(v, at - 8, ANCIENT_BIGARRAY_WORDS, wosize,
				    "damaged bigarray: too few words");
	dims = core_verify_word(v, at + 16);
	flags = core_verify_word(v, at + 24);
	proxy = core_verify_word(v, at + 32);
	if (dims > ANCIENT_BIGARRAY_DIMS_MAX)
		return bad_bigarray(v, at + 16, ANCIENT_BIGARRAY_DIMS_MAX, dims,
				    "damaged bigarray: too many dimensions");
	if (wosize != ANCIENT_BIGARRAY_WORDS + dims)
		return bad_bigarray(v, at - 8, ANCIENT_BIGARRAY_WORDS + dims, wosize,
				    "damaged bigarray: words and dimensions disagree");
	if (flags & ~ANCIENT_BIGARRAY_FLAGS_KNOWN ||
	    (flags & ANCIENT_BIGARRAY_KIND_MASK) >= ANCIENT_BIGARRAY_KINDS)
		return bad_bigarray(v, at + 24, ANCIENT_BIGARRAY_FLAGS_KNOWN, flags,
				    "damaged bigarray: unknown flags");
	if (proxy)
		return bad_bigarray(v, at + 32, 0, proxy, "damaged bigarray: a proxy");
	return check_dims(v, at, dims, flags & ANCIENT_BIGARRAY_KIND_MASK);
}

static enum ancient_code bad_custom(struct core_verify *v, uint64_t offset, uint64_t expected,
				    uint64_t found, const char *what)
{
	return ancient_core_verify_wrong(v, ANCIENT_E_BAD_CUSTOM, 306, offset, expected, found,
					 what);
}

static enum ancient_code check_zarith(struct core_verify *v, uint64_t at, uint64_t wosize,
				      uint64_t limbs)
{
	if (limbs > wosize - 2)
		return bad_custom(v, at + 8, wosize - 2, limbs, "damaged Z.t: too many limbs");
	for (uint64_t i = 2 + limbs; i < wosize; i++) {
		uint64_t word = core_verify_word(v, at + i * 8);

		if (word)
			return bad_custom(v, at + i * 8, 0, word,
					  "damaged Z.t: a word behind its limbs is not 0");
	}
	return ANCIENT_OK;
}

static enum ancient_code check_custom(struct core_verify *v, uint64_t at, uint64_t wosize)
{
	uint64_t window = v->superblock.base - ANCIENT_CUSTOM_WINDOW, slot, word;

	if (wosize < 1)
		return bad_custom(v, at - 8, 1, 0, "damaged custom block: no words");
	slot = core_verify_word(v, at) - window;
	if (slot % ANCIENT_CUSTOM_SLOT || slot / ANCIENT_CUSTOM_SLOT >= v->superblock.custom_slots)
		return bad_custom(v, at, window, slot + window, "damaged custom block: no slot");
	slot /= ANCIENT_CUSTOM_SLOT;
	if (slot == ANCIENT_CUSTOM_BIGARRAY)
		return check_bigarray(v, at, wosize);
	if (slot <= ANCIENT_CUSTOM_NATIVEINT && wosize != 2)
		return bad_custom(v, at - 8, 2, wosize, "damaged boxed integer");
	if (slot == ANCIENT_CUSTOM_ZARITH && wosize < 2)
		return bad_custom(v, at - 8, 2, wosize, "damaged Z.t");
	if (slot > ANCIENT_CUSTOM_ZARITH)
		return ANCIENT_OK;
	word = core_verify_word(v, at + 8);
	if (slot == ANCIENT_CUSTOM_INT32 && (int64_t)word != (int32_t)word)
		return bad_custom(v, at + 8, (uint64_t)(int64_t)(int32_t)word, word,
				  "damaged int32: not sign-extended");
	return slot == ANCIENT_CUSTOM_ZARITH ? check_zarith(v, at, wosize, word << 1 >> 1)
					     : ANCIENT_OK;
}

static enum ancient_code check_content(struct core_verify *v, uint64_t at, uint64_t wosize,
				       unsigned tag)
{
	bool one = tag == ANCIENT_TAG_FORWARD || tag == ANCIENT_TAG_DOUBLE;

	if ((one && wosize != 1) ||
	    (wosize == 0 && (tag == ANCIENT_TAG_STRING || tag == ANCIENT_TAG_DOUBLE_ARRAY)))
		return ancient_core_verify_wrong(
			v, ANCIENT_E_BAD_BLOCK, 304, at - 8, 1, wosize,
			"damaged block: wrong number of words for its tag");
	if (tag == ANCIENT_TAG_STRING)
		return check_string(v, at + (wosize - 1) * 8);
	if (tag == ANCIENT_TAG_CUSTOM)
		return check_custom(v, at, wosize);
	return ANCIENT_OK;
}

static bool tag_fits(unsigned tag)
{
	return tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD ||
	       tag >= ANCIENT_TAG_STRING;
}

enum ancient_code ancient_core_verify_blocks(struct core_verify *v, uint64_t offset,
					     const struct ancient_extent *extent)
{
	uint64_t at = offset + sizeof *extent, filler = at + extent->content - 8, blocks = 0;
	uint64_t start = at, header, wosize;
	enum ancient_code code;

	for (; at < filler; at += 8 + wosize * 8) {
		header = core_verify_word(v, at);
		wosize = core_wosize(header);
		if ((header & ANCIENT_HEADER_COLOUR_MASK) != ANCIENT_HEADER_COLOUR ||
		    !tag_fits(core_tag(header)))
			return ancient_core_verify_wrong(v, ANCIENT_E_BAD_BLOCK, 302, at,
							 ANCIENT_HEADER_COLOUR, header,
							 "damaged block header");
		if (wosize > (filler - at) / 8 - 1)
			return ancient_core_verify_wrong(v, ANCIENT_E_BAD_BLOCK, 303, at,
							 (filler - at) / 8 - 1, wosize,
							 "a block is longer than its extent");
		code = check_content(v, at + 8, wosize, core_tag(header));
		if (code != ANCIENT_OK)
			return code;
		v->starts[(at + 8) / 64] |= (uint8_t)(1u << ((at + 8) / 8 % 8));
		blocks++;
		code = core_progress_add(v->progress, 8 + wosize * 8, v->err);
		if (code != ANCIENT_OK)
			return code;
	}
	if (core_verify_word(v, filler) != ANCIENT_FILLER)
		return ancient_core_verify_wrong(v, ANCIENT_E_BAD_BLOCK, 303, filler,
						 ANCIENT_FILLER, core_verify_word(v, filler),
						 "no filler at the end of an extent");
	if (blocks != extent->count)
		return ancient_core_verify_wrong(v, ANCIENT_E_BAD_COUNT, 308,
						 offset + offsetof(struct ancient_extent, count),
						 blocks, extent->count,
						 "the count of blocks does not match");
	v->blocks += blocks;
	v->bytes += filler - start;
	return ANCIENT_OK;
}

/* V7: where the payload lies. */
static enum ancient_code check_payload(struct core_verify *v, uint64_t at)
{
	uint64_t data = core_verify_word(v, at + 8), offset = data - v->superblock.base, bytes;

	/* ancient_core_bigarray_bytes reads the block in the mapping; check_bigarray has tested it.
	 */
	if (!ancient_core_bigarray_bytes((uint64_t)(uintptr_t)(v->pages.file + at), &bytes))
		return bad_bigarray(v, at + 40, 0, 0, "damaged bigarray: impossible dimensions");
	if (bytes == 0 && data == 0)
		return ANCIENT_OK;
	if (bytes == 0 || offset % ANCIENT_EXTENT_ALIGN ||
	    !ancient_core_verify_inside(v, offset, bytes, ANCIENT_EXTENT_DATA))
		return bad_bigarray(v, at + 8, bytes ? v->superblock.base : 0, data,
				    "damaged bigarray: its payload is not in a data extent");
	return ANCIENT_OK;
}

enum ancient_code ancient_core_verify_pointers(struct core_verify *v, uint64_t start, uint64_t end)
{
	uint64_t window = v->superblock.base - ANCIENT_CUSTOM_WINDOW;

	for (uint64_t at = start; at < end - 8;) {
		uint64_t header = core_verify_word(v, at), wosize = core_wosize(header);
		unsigned tag = core_tag(header);
		enum ancient_code code;

		at += 8;
		if (tag == ANCIENT_TAG_CUSTOM &&
		    core_verify_word(v, at) ==
			    window + ANCIENT_CUSTOM_BIGARRAY * ANCIENT_CUSTOM_SLOT) {
			code = check_payload(v, at);
			if (code != ANCIENT_OK)
				return code;
		}
		if (tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD)
			for (uint64_t i = 0; i < wosize; i++) {
				uint64_t word = core_verify_word(v, at + i * 8);

				if (!ancient_core_verify_value(v, word))
					return ancient_core_verify_wrong(
						v, ANCIENT_E_BAD_POINTER, 301, at + i * 8,
						v->superblock.base, word,
						"a pointer that leads to no "
						"block");
			}
		at += wosize * 8;
		code = core_progress_add(v->progress, 8 + wosize * 8, v->err);
		if (code != ANCIENT_OK)
			return code;
	}
	return ANCIENT_OK;
}

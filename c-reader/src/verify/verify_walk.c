/* c-reader/verify: one walk through a directory (FORMAT 5, 12.1; rules D1 and D2), without
 * recursion, for the directories of keys, names and schemas.
 *
 * Each leaf is compared with the branches above it and with the leaf before it.  Where the bits of
 * every leaf agree with its path, and two neighbours first differ in the bit of the branch between
 * them, the tree is the crit-bit tree of its keys.  A node that is reached twice fails that test,
 * so the walk ends. */
#include <string.h>

#include "verify/verify_walk.h"

enum ancient_code ancient_reader_walk_fault(const struct reader_walk *w, unsigned rule,
					    uint64_t offset, uint64_t found, const char *expected)
{
	return ancient_reader_bad_directory(w->v->file, rule, offset, found, expected, w->v->err);
}

enum ancient_code ancient_reader_walk_within(const struct reader_walk *w, uint32_t kind,
					     struct reader_link link, uint64_t bytes)
{
	if (reader_link_offset(link) % ANCIENT_WORD == 0 &&
	    ancient_reader_region_find(w->v, kind, reader_link_offset(link), bytes) != NULL)
		return ANCIENT_OK;
	return ancient_reader_walk_fault(
		w, READER_D(1), link.place, link.word,
		kind == ANCIENT_EXTENT_SCHEMA
			? "a record inside a schema extent, at a multiple of 8"
			: "a node inside a directory extent, at a multiple of 8");
}

static enum ancient_code down_to_leaf(struct reader_walk *w, struct reader_link *link)
{
	uint64_t bit = w->depth == 0 ? READER_NO_BIT : w->path[w->depth - 1].bit;

	while (!reader_link_is_leaf(*link)) {
		enum ancient_code code = ancient_reader_walk_within(
			w, ANCIENT_EXTENT_DIRECTORY, *link, sizeof(struct ancient_branch));
		if (code == ANCIENT_OK)
			code = ancient_reader_branch_bit(w->v->file, *link, w->limit, &bit,
							 w->v->err);
		if (code != ANCIENT_OK)
			return code;
		w->path[w->depth++] = (struct reader_step){*link, bit, 0};
		*link = ancient_reader_branch_child(w->v->file, *link, 0);
	}
	return ANCIENT_OK;
}

/* The other child of the lowest branch whose 0 was taken; false: there is none. */
static bool turn(struct reader_walk *w, struct reader_link *ret_link)
{
	while (w->depth > 0 && w->path[w->depth - 1].side == 1)
		w->depth--;
	if (w->depth == 0)
		return false;
	w->path[w->depth - 1].side = 1;
	*ret_link = ancient_reader_branch_child(w->v->file, w->path[w->depth - 1].branch, 1);
	return true;
}

enum ancient_code ancient_reader_walk_tree(struct reader_walk *w, struct reader_link link,
					   reader_visit *leaf)
{
	enum ancient_code code;

	w->depth = 0;
	w->leaves = 0;
	if (link.word == 0)
		return ANCIENT_OK;
	do {
		code = down_to_leaf(w, &link);
		if (code == ANCIENT_OK)
			code = leaf(w, link);
		if (code == ANCIENT_OK)
			code = ancient_reader_verify_step(w->v, w->work);
		if (code != ANCIENT_OK)
			return code;
		/* Only where somebody writes to the file meanwhile: */
		if (++w->leaves > w->v->file->present / ANCIENT_WORD)
			return ancient_reader_walk_fault(w, READER_D(2), reader_link_offset(link),
							 w->leaves, "an end of the directory");
	} while (turn(w, &link));
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_walk_agrees(struct reader_walk *w, struct reader_link leaf,
					     const struct reader_bits *bits)
{
	const uint64_t at = reader_link_offset(leaf);
	uint64_t parted = 0;

	for (size_t i = 0; i < w->depth; i++) {
		const struct reader_step *step = &w->path[i];
		if (ancient_reader_bit(bits, step->bit) != step->side)
			return ancient_reader_walk_fault(
				w, READER_D(2), at, step->bit,
				"a leaf that agrees with the branches above it");
		if (step->side == 1)
			parted = step->bit; /* of the last turn to 1: the leaf before was at 0 */
	}
	if (w->leaves > 0 && ancient_reader_first_difference(&w->before, bits) != parted)
		return ancient_reader_walk_fault(
			w, READER_D(2), at, parted,
			"a leaf that first differs from its neighbour in its branch's bit");
	w->before = *bits;
	if (bits->name != NULL) {
		memcpy(w->before_name, bits->name, bits->length);
		w->before.name = w->before_name;
	}
	return ANCIENT_OK;
}

/* c-reader: the two directories (FORMAT 5, rules D1 to D5), node by node without recursion.
 *
 * Each leaf is held against the branches above it and against the leaf before it: where the
 * bits agree with the path and two neighbours part exactly at the branch that parts them,
 * the whole is the one crit-bit tree of its keys.  A node that is reached twice breaks that
 * at once, so the walk ends. */
#include <stdlib.h>
#include <string.h>

#include "utf8.h"
#include "verify.h"

/* A branch above the node the walk is at. */
struct step {
	struct reader_link branch;
	uint64_t bit;
	unsigned side; /* the child taken */
};

struct walk {
	struct reader_verify *v;
	uint64_t limit;    /* bit positions of this tree */
	uint64_t work;     /* bytes for each leaf */
	struct step *path; /* room for `limit` */
	size_t depth;
	uint64_t met; /* leaves */
	unsigned char before_name[ANCIENT_NAME_MAX];
	struct reader_bits before; /* the leaf met last; names are copied */
};

typedef enum ancient_code visit(struct walk *w, struct reader_link leaf);

static enum ancient_code fault(const struct walk *w, unsigned rule, uint64_t offset, uint64_t found,
			       const char *expected)
{
	return reader_bad_directory(w->v->file, rule, offset, found, expected, w->v->err);
}

/* ---- The walk -------------------------------------------------------------------- */

/* D1, beyond what every reader tests: the node lies in a directory extent. */
static enum ancient_code in_extent(const struct walk *w, struct reader_link link, uint64_t bytes)
{
	if (reader_link_offset(link) % ANCIENT_WORD == 0 &&
	    reader_region_find(w->v, ANCIENT_EXTENT_DIRECTORY, reader_link_offset(link), bytes) !=
		    NULL)
		return ANCIENT_OK;
	return fault(w, READER_D(1), link.place, link.word,
		     "a node inside a directory extent, at a multiple of 8");
}

static enum ancient_code down_to_leaf(struct walk *w, struct reader_link *link)
{
	uint64_t bit = w->depth == 0 ? READER_NO_BIT : w->path[w->depth - 1].bit;

	while (!reader_link_is_leaf(*link)) {
		enum ancient_code code = in_extent(w, *link, sizeof(struct ancient_branch));
		if (code == ANCIENT_OK)
			code = reader_branch_bit(w->v->file, *link, w->limit, &bit, w->v->err);
		if (code != ANCIENT_OK)
			return code;
		w->path[w->depth++] = (struct step){*link, bit, 0};
		*link = reader_branch_child(w->v->file, *link, 0);
	}
	return ANCIENT_OK;
}

/* The other child of the lowest branch whose 0 was taken; false: there is none. */
static bool turn(struct walk *w, struct reader_link *ret_link)
{
	while (w->depth > 0 && w->path[w->depth - 1].side == 1)
		w->depth--;
	if (w->depth == 0)
		return false;
	w->path[w->depth - 1].side = 1;
	*ret_link = reader_branch_child(w->v->file, w->path[w->depth - 1].branch, 1);
	return true;
}

static enum ancient_code walk_tree(struct walk *w, struct reader_link link, visit *leaf)
{
	enum ancient_code code;

	w->depth = 0;
	w->met = 0;
	if (link.word == 0)
		return ANCIENT_OK;
	do {
		code = down_to_leaf(w, &link);
		if (code == ANCIENT_OK)
			code = leaf(w, link);
		if (code == ANCIENT_OK)
			code = reader_verify_step(w->v, w->work);
		if (code != ANCIENT_OK)
			return code;
		/* Cannot happen while the bytes stand still; but if somebody writes: */
		if (++w->met > w->v->file->super.used / ANCIENT_WORD)
			return fault(w, READER_D(2), reader_link_offset(link), w->met,
				     "an end of the directory");
	} while (turn(w, &link));
	return ANCIENT_OK;
}

/* ---- D2 -------------------------------------------------------------------------- */

static enum ancient_code agrees(struct walk *w, struct reader_link leaf,
				const struct reader_bits *bits)
{
	const uint64_t at = reader_link_offset(leaf);
	uint64_t parted = 0;

	for (size_t i = 0; i < w->depth; i++) {
		const struct step *step = &w->path[i];
		if (reader_bit(bits, step->bit) != step->side)
			return fault(w, READER_D(2), at, step->bit,
				     "a leaf that agrees with the branches above it");
		if (step->side == 1)
			parted = step->bit; /* the last turn to 1: the leaf before was at 0 */
	}
	if (w->met > 0 && reader_first_difference(&w->before, bits) != parted)
		return fault(w, READER_D(2), at, parted,
			     "a leaf that first differs from its neighbour in its branch's bit");
	w->before = *bits;
	if (bits->name != NULL) {
		memcpy(w->before_name, bits->name, bits->length);
		w->before.name = w->before_name;
	}
	return ANCIENT_OK;
}

/* ---- D3 -------------------------------------------------------------------------- */

static enum ancient_code check_name(struct walk *w, uint64_t offset, uint64_t place,
				    struct reader_bits *ret_bits)
{
	const unsigned char *bytes;
	size_t length = 0, at = 0;
	enum ancient_code code =
		reader_name_at(w->v->file, offset, place, &bytes, &length, w->v->err);

	if (code != ANCIENT_OK)
		return code;
	if (reader_region_find(w->v, ANCIENT_EXTENT_DIRECTORY, offset,
			       ANCIENT_NAME_RECORD_BYTES(length)) == NULL)
		return fault(w, READER_D(3), place, offset, "a name inside a directory extent");
	while (at < length) {
		size_t size = bytes[at] == 0 ? 0 : reader_utf8_size(bytes + at, length - at);
		if (size == 0)
			return fault(w, READER_D(3), place, bytes[at],
				     "a name of UTF-8, none of it 0");
		at += size;
	}
	for (; at < ANCIENT_NAME_RECORD_BYTES(length) - ANCIENT_WORD; at++)
		if (bytes[at] != 0)
			return fault(w, READER_D(3), place, bytes[at], "zeros behind a name");
	*ret_bits = (struct reader_bits){.name = bytes, .length = length};
	return ANCIENT_OK;
}

static enum ancient_code bad_root(const struct walk *w, uint64_t place, uint64_t root)
{
	const struct reader_fault what = {ANCIENT_E_BAD_POINTER, READER_D(3), place, 0, root};
	return reader_fail(w->v->file->name, w->v->err, &what,
			   "expected an integer or the address of a block, found %#llx",
			   (unsigned long long)root);
}

static enum ancient_code check_key(struct walk *w, struct reader_link link)
{
	const struct ancient_superblock *super = &w->v->file->super;
	const uint64_t at = reader_link_offset(link);
	struct ancient_entry_record leaf;
	struct reader_bits name;
	enum ancient_code code = in_extent(w, link, sizeof(leaf));

	if (code == ANCIENT_OK)
		code = reader_leaf_key(w->v->file, link, &leaf, w->v->err);
	if (code == ANCIENT_OK)
		code = agrees(w, link, &(struct reader_bits){.key = leaf.key & ANCIENT_KEY_MAX});
	if (code != ANCIENT_OK)
		return code;
	if (leaf.key > ANCIENT_KEY_MAX)
		return fault(w, READER_D(3), at, leaf.key, "a key below 2^62");
	if (!reader_start_valid(w->v, leaf.root))
		return bad_root(w, at + offsetof(struct ancient_entry_record, root), leaf.root);
	if (leaf.schema != 0)
		return fault(w, READER_D(3), at + offsetof(struct ancient_entry_record, schema),
			     leaf.schema, "no schema");
	if (leaf.name != 0)
		code = check_name(w, leaf.name, at + offsetof(struct ancient_entry_record, name),
				  &name);
	if (code != ANCIENT_OK)
		return code;
	if (leaf.generation < 2 || leaf.generation > super->generation)
		return fault(w, READER_D(3), at + offsetof(struct ancient_entry_record, generation),
			     leaf.generation, "a generation from 2 to the superblock's");
	if (leaf.zero != 0)
		return fault(w, READER_D(3), at + offsetof(struct ancient_entry_record, zero),
			     leaf.zero, "0");
	return ANCIENT_OK;
}

static enum ancient_code check_name_leaf(struct walk *w, struct reader_link link)
{
	const uint64_t at = reader_link_offset(link);
	struct ancient_name_leaf leaf;
	struct reader_bits bits;
	const unsigned char *bytes;
	size_t length;
	enum ancient_code code = in_extent(w, link, sizeof(leaf));

	if (code == ANCIENT_OK)
		code = reader_leaf_name(w->v->file, link, &leaf, w->v->err);
	/* The bits are those of the name, so the record must be readable first. */
	if (code == ANCIENT_OK)
		code = reader_name_at(w->v->file, leaf.name, at, &bytes, &length, w->v->err);
	if (code == ANCIENT_OK)
		code = agrees(w, link, &(struct reader_bits){.name = bytes, .length = length});
	if (code == ANCIENT_OK)
		code = check_name(w, leaf.name, at, &bits);
	if (code == ANCIENT_OK && leaf.key > ANCIENT_KEY_MAX)
		return fault(w, READER_D(3), at + offsetof(struct ancient_name_leaf, key), leaf.key,
			     "a key below 2^62");
	return code;
}

/* ---- D4 -------------------------------------------------------------------------- */

static enum ancient_code match_key(struct walk *w, struct reader_link link)
{
	const struct ancient_file *file = w->v->file;
	const uint64_t place =
		reader_link_offset(link) + offsetof(struct ancient_entry_record, name);
	struct ancient_entry_record leaf;
	struct reader_bits name = {0};
	uint64_t key, found_at;
	enum ancient_code code = reader_leaf_key(file, link, &leaf, w->v->err);

	if (code != ANCIENT_OK || leaf.name == 0)
		return code;
	code = reader_name_at(file, leaf.name, place, &name.name, &name.length, w->v->err);
	if (code != ANCIENT_OK)
		return code;
	code = reader_find_name(file, &name, &key, &found_at, NULL);
	if (code != ANCIENT_OK || key != leaf.key)
		return fault(w, READER_D(4), place, leaf.key,
			     "a leaf of the names that leads back to this key");
	return ANCIENT_OK;
}

static enum ancient_code match_name(struct walk *w, struct reader_link link)
{
	const struct ancient_file *file = w->v->file;
	const uint64_t at = reader_link_offset(link);
	struct ancient_name_leaf leaf;
	struct ancient_entry_record entry;
	struct ancient_entry found;
	struct reader_link entry_link;
	const unsigned char *bytes;
	size_t length;
	enum ancient_code code = reader_leaf_name(file, link, &leaf, w->v->err);

	if (code == ANCIENT_OK)
		code = reader_name_at(file, leaf.name, at, &bytes, &length, w->v->err);
	if (code != ANCIENT_OK)
		return code;
	code = reader_find_key(file, leaf.key, &entry, &entry_link, NULL);
	if (code == ANCIENT_OK)
		code = reader_entry_from(file, entry_link, &entry, &found, NULL);
	if (code != ANCIENT_OK || found.name_length != length ||
	    memcmp(found.name, bytes, length) != 0)
		return fault(w, READER_D(4), at, leaf.key, "the key that has this name");
	return ANCIENT_OK;
}

/* ---- The whole ------------------------------------------------------------------- */

static enum ancient_code walk_both(struct walk *w, visit *key, visit *name, uint64_t *ret_keys,
				   uint64_t *ret_names)
{
	enum ancient_code code;

	w->limit = ANCIENT_KEY_BITS;
	w->work = READER_WORK_KEY;
	code = walk_tree(w, reader_link_keys(w->v->file), key);
	*ret_keys = w->met;
	if (code != ANCIENT_OK)
		return code;
	w->limit = ANCIENT_NAME_BITS;
	w->work = READER_WORK_NAME;
	code = walk_tree(w, reader_link_names(w->v->file), name);
	*ret_names = w->met;
	return code;
}

enum ancient_code reader_verify_directories(struct reader_verify *v)
{
	const struct ancient_file *file = v->file;
	struct walk w = {.v = v};
	uint64_t keys, names;
	enum ancient_code code;

	w.path = malloc(ANCIENT_NAME_BITS * sizeof(*w.path));
	if (w.path == NULL)
		return reader_refuse(file->name, v->err, ANCIENT_E_MEMORY, "verification");
	code = walk_both(&w, check_key, check_name_leaf, &v->result.keys, &v->result.names);
	if (code == ANCIENT_OK)
		code = walk_both(&w, match_key, match_name, &keys, &names);
	free(w.path);
	if (code == ANCIENT_OK)
		code = reader_verify_count(v, READER_D(5), READER_SUPER(file, key_count),
					   v->result.keys, file->super.key_count);
	if (code == ANCIENT_OK)
		code = reader_verify_count(v, READER_D(5), READER_SUPER(file, name_count),
					   v->result.names, file->super.name_count);
	return code;
}

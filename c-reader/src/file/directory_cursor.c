/* c-reader/file: ancient_cursor_init and ancient_cursor_next: the entries in ascending order of
 * keys.
 *
 * A cursor holds no position in the tree, only the smallest key not yet returned; each step finds
 * the first leaf from there on.  That costs one walk more than a stack would, and leaves nothing
 * in the caller's memory that could lead outside the file. */
#include "base/error.h"
#include "base/guard.h"
#include "file/directory.h"

void ancient_cursor_init(const struct ancient_file *file, uint64_t from,
			 struct ancient_cursor *ret_cursor)
{
	uint64_t most = file->present / sizeof(struct ancient_entry_record);

	*ret_cursor = (struct ancient_cursor){
		.file = file,
		.next = from,
		.remaining = file->super.key_count < most ? file->super.key_count : most,
		.done = file->super.keys == 0 || from > ANCIENT_KEY_MAX,
	};
}

/* What a walk down remembers: the links it passed and the bits it decided by. */
struct path {
	struct reader_link link[ANCIENT_KEY_BITS + 1];
	uint64_t bit[ANCIENT_KEY_BITS + 1];
	unsigned depth; /* branches passed; link[depth] is the leaf */
};

static enum ancient_code walk_down(const struct ancient_file *file, const struct reader_bits *bits,
				   struct path *path, struct ancient_error *err)
{
	struct reader_link link = ancient_reader_link_keys(file);
	uint64_t bit = READER_NO_BIT;

	path->depth = 0;
	while (!reader_link_is_leaf(link)) { /* 62 times at most: the bits rise */
		enum ancient_code code =
			ancient_reader_branch_bit(file, link, ANCIENT_KEY_BITS, &bit, err);
		if (code != ANCIENT_OK)
			return code;
		path->link[path->depth] = link;
		path->bit[path->depth++] = bit;
		link = ancient_reader_branch_child(file, link, ancient_reader_bit(bits, bit));
	}
	path->link[path->depth] = link;
	return ANCIENT_OK;
}

/* The leftmost leaf below `link`, whose branches are past `bit`. */
static enum ancient_code first_below(const struct ancient_file *file, struct reader_link link,
				     uint64_t bit, struct reader_link *ret_leaf,
				     struct ancient_error *err)
{
	while (!reader_link_is_leaf(link)) {
		enum ancient_code code =
			ancient_reader_branch_bit(file, link, ANCIENT_KEY_BITS, &bit, err);
		if (code != ANCIENT_OK)
			return code;
		link = ancient_reader_branch_child(file, link, 0);
	}
	*ret_leaf = link;
	return ANCIENT_OK;
}

/* The first leaf whose key is not below `bits`, given the leaf that they lead to.  That
 * leaf and the wanted key part at `difference`: everything below the first branch past it
 * lies on one side of the key. */
static enum ancient_code first_from(const struct ancient_file *file, const struct reader_bits *bits,
				    const struct path *path, uint64_t difference,
				    struct reader_link *ret_leaf, struct ancient_error *err)
{
	unsigned depth = 0;

	while (depth < path->depth && path->bit[depth] < difference)
		depth++;
	if (ancient_reader_bit(bits, difference) == 0) /* they are all above */
		return first_below(file, path->link[depth],
				   depth == 0 ? READER_NO_BIT : path->bit[depth - 1], ret_leaf,
				   err);
	/* They are all below: back to the last turn to 0, and on at its 1. */
	while (depth > 0 && ancient_reader_bit(bits, path->bit[depth - 1]) != 0)
		depth--;
	if (depth == 0)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY,
					     "the last key was met");
	return first_below(file, ancient_reader_branch_child(file, path->link[depth - 1], 1),
			   path->bit[depth - 1], ret_leaf, err);
}

static enum ancient_code next_leaf(const struct ancient_cursor *cursor,
				   struct reader_link *ret_link,
				   struct ancient_entry_record *ret_leaf, struct ancient_error *err)
{
	const struct ancient_file *file = cursor->file;
	const struct reader_bits bits = {.key = cursor->next};
	struct path path;
	struct reader_link link;
	enum ancient_code code = walk_down(file, &bits, &path, err);

	if (code != ANCIENT_OK)
		return code;
	link = path.link[path.depth];
	code = ancient_reader_leaf_key(file, link, ret_leaf, err);
	if (code == ANCIENT_OK && ret_leaf->key != cursor->next &&
	    ret_leaf->key <= ANCIENT_KEY_MAX) {
		const struct reader_bits met = {.key = ret_leaf->key};
		code = first_from(file, &bits, &path, ancient_reader_first_difference(&bits, &met),
				  &link, err);
		if (code == ANCIENT_OK)
			code = ancient_reader_leaf_key(file, link, ret_leaf, err);
	}
	if (code != ANCIENT_OK)
		return code;
	if (ret_leaf->key < cursor->next || ret_leaf->key > ANCIENT_KEY_MAX)
		return ancient_reader_bad_directory(file, READER_D(2), reader_link_offset(link),
						    ret_leaf->key, "keys in ascending order", err);
	*ret_link = link;
	return ANCIENT_OK;
}

enum ancient_code ancient_cursor_next(struct ancient_cursor *cursor,
				      struct ancient_entry *ret_entry, struct ancient_error *err)
{
	const struct ancient_file *file = cursor->file;
	struct ancient_entry_record leaf;
	struct ancient_entry entry;
	struct reader_link link;
	enum ancient_code code;

	if (cursor->done || cursor->remaining == 0)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY,
					     "the last key was met");
	code = next_leaf(cursor, &link, &leaf, err);
	if (code == ANCIENT_OK)
		code = ancient_reader_entry_from(file, link, &leaf, &entry, err);
	code = reader_settle(file, code, err);
	cursor->done = code != ANCIENT_OK || leaf.key == ANCIENT_KEY_MAX;
	if (code != ANCIENT_OK)
		return code;
	cursor->next = leaf.key + 1;
	cursor->remaining--;
	*ret_entry = entry;
	return ANCIENT_OK;
}

/* core/index: crit-bit trees, copied on write (FORMAT 5, 5.1).
 *
 * Published nodes are read from the mapping, with every offset checked, and never change.  Nodes of
 * the commit under way lie in a buffer and change in place, so that many puts in one commit take no
 * more space than one.
 */
#include "index/critbit.h"

#include "base/fail.h"
#include "file/extent.h"

enum ancient_code ancient_core_critbit_damaged(const struct core_pages *pages, unsigned rule,
					       uint64_t offset, struct ancient_error *err)
{
	struct core_fault fault = {ANCIENT_E_BAD_DIRECTORY, rule, offset, pages->used, offset};

	return ancient_core_fail_fault(
		err, fault,
		"%s: damaged directory: expected a node inside the %llu bytes of the "
		"file and bits that rise, found otherwise at offset %llu",
		pages->name, (unsigned long long)pages->used, (unsigned long long)offset);
}

const void *ancient_core_critbit_at(const struct core_pages *pages,
				    const struct core_buffer *pending, uint64_t word,
				    uint64_t bytes)
{
	uint64_t offset = word & ~ANCIENT_NODE_LEAF;

	/* A damaged file may contain a word with this bit, so check it against the buffer. */
	if (offset & CORE_PENDING) {
		offset &= ~CORE_PENDING;
		return pending && offset % 8 == 0 && bytes <= pending->used &&
				       offset <= pending->used - bytes
			       ? pending->data + offset
			       : NULL;
	}
	if (!core_extent_inside(offset, bytes, pages->used))
		return NULL;
	return pages->recent && offset >= pages->recent_start
		       ? pages->recent + (offset - pages->recent_start)
		       : pages->file + offset;
}

static uint64_t load(const uint8_t *bytes)
{
	return __atomic_load_n((const uint64_t *)(const void *)bytes, __ATOMIC_RELAXED);
}

bool ancient_core_critbit_text(const struct core_pages *pages, const struct core_buffer *records,
			       uint64_t offset, struct core_text *ret)
{
	const uint8_t *record = ancient_core_critbit_at(pages, records, offset, 8);
	uint64_t length;

	if (!record || offset & ANCIENT_NODE_LEAF)
		return false;
	length = load(record);
	if (length < 1 || length > ANCIENT_NAME_MAX ||
	    !ancient_core_critbit_at(pages, records, offset, ANCIENT_NAME_RECORD_BYTES(length)))
		return false;
	ret->bytes = record + 8;
	ret->length = length;
	return true;
}

uint64_t ancient_core_critbit_bits(enum core_critbit_kind kind)
{
	return kind == CORE_KEYS    ? ANCIENT_KEY_BITS
	       : kind == CORE_NAMES ? ANCIENT_NAME_BITS
				    : ANCIENT_SCHEMA_BITS;
}

unsigned ancient_core_sought_bit(const struct core_sought *sought, enum core_critbit_kind kind,
				 uint64_t bit)
{
	if (kind == CORE_KEYS)
		return (unsigned)(sought->key >> (ANCIENT_KEY_BITS - 1 - bit)) & 1;
	if (bit / 8 >= sought->name.length)
		return 0;
	return (unsigned)(sought->name.bytes[bit / 8] >> (7 - bit % 8)) & 1;
}

static unsigned bit_of(const struct core_critbit *tree, const struct core_sought *sought,
		       uint64_t bit)
{
	return ancient_core_sought_bit(sought, tree->kind, bit);
}

/* Reads the branch that `word` refers to.  Its bit must be at least *above (rule D2), which is then
 * set to the bit after it, so that every path ends. */
static enum ancient_code step(const struct core_critbit *tree, uint64_t word, uint64_t *above,
			      struct ancient_branch *ret, struct ancient_error *err)
{
	const uint8_t *at = ancient_core_critbit_at(tree->pages, tree->branches, word, sizeof *ret);

	if (!at)
		return ancient_core_critbit_damaged(tree->pages, 501, word, err);
	ret->bit = load(at);
	ret->child[0] = load(at + 8);
	ret->child[1] = load(at + 16);
	if (ret->bit < *above || ret->bit >= ancient_core_critbit_bits(tree->kind))
		return ancient_core_critbit_damaged(tree->pages, 502, word, err);
	*above = ret->bit + 1;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_critbit_find(const struct core_critbit *tree,
					    const struct core_sought *sought, uint64_t *ret_leaf,
					    struct ancient_error *err)
{
	uint64_t word = *tree->root, above = 0;
	struct ancient_branch branch = {0};

	while (word && !(word & ANCIENT_NODE_LEAF)) {
		enum ancient_code code = step(tree, word, &above, &branch, err);

		if (code != ANCIENT_OK)
			return code;
		word = branch.child[bit_of(tree, sought, branch.bit)];
		if (word == 0)
			return ancient_core_critbit_damaged(tree->pages, 501, 0, err);
	}
	*ret_leaf = word;
	return ANCIENT_OK;
}

static bool compare_texts(struct core_text a, struct core_text b, uint64_t *ret_bit)
{
	uint64_t most = a.length > b.length ? a.length : b.length;

	for (uint64_t i = 0; i < most; i++) {
		unsigned differ =
			(i < a.length ? a.bytes[i] : 0u) ^ (i < b.length ? b.bytes[i] : 0u);

		if (differ) {
			*ret_bit = i * 8 + (uint64_t)__builtin_clz(differ) - 24;
			return false;
		}
	}
	return true;
}

bool ancient_core_sought_compare(const struct core_sought *a, const struct core_sought *b,
				 enum core_critbit_kind kind, uint64_t *ret_bit)
{
	if (kind != CORE_KEYS)
		return compare_texts(a->name, b->name, ret_bit);
	if (a->key == b->key)
		return true;
	*ret_bit = (uint64_t)__builtin_clzll(a->key ^ b->key) - (64 - ANCIENT_KEY_BITS);
	return false;
}

enum ancient_code ancient_core_critbit_compare(const struct core_critbit *tree,
					       const struct core_sought *sought, uint64_t leaf,
					       bool *ret_equal, uint64_t *ret_bit,
					       struct ancient_error *err)
{
	static const uint64_t bytes[] = {sizeof(struct ancient_entry_record),
					 sizeof(struct ancient_name_leaf),
					 sizeof(struct ancient_schema_record)};
	const uint8_t *at =
		ancient_core_critbit_at(tree->pages, tree->leaves, leaf, bytes[tree->kind]);
	struct core_sought there = {0};

	if (!at)
		return ancient_core_critbit_damaged(tree->pages, 501, leaf, err);
	if (tree->kind == CORE_SCHEMAS) {
		there.name.bytes = at;
		there.name.length = ANCIENT_HASH_BYTES;
	} else if (tree->kind == CORE_NAMES) {
		if (!ancient_core_critbit_text(tree->pages, tree->records, load(at), &there.name))
			return ancient_core_critbit_damaged(tree->pages, 503, leaf, err);
	} else {
		there.key = load(at);
		if (there.key > ANCIENT_KEY_MAX)
			return ancient_core_critbit_damaged(tree->pages, 503, leaf, err);
	}
	*ret_equal = ancient_core_sought_compare(&there, sought, tree->kind, ret_bit);
	return ANCIENT_OK;
}

/* The first leaf below `word`, whose branches test bits from `above` on. */
static enum ancient_code first_leaf(const struct core_critbit *tree, uint64_t word, uint64_t above,
				    uint64_t *ret_leaf, struct ancient_error *err)
{
	struct ancient_branch branch = {0};

	while (!(word & ANCIENT_NODE_LEAF)) {
		enum ancient_code code = step(tree, word, &above, &branch, err);

		if (code != ANCIENT_OK)
			return code;
		word = branch.child[0];
	}
	*ret_leaf = word;
	return ANCIENT_OK;
}

/* The first leaf after `sought`, which is absent.  `bit` is the first bit in which it differs from
 * the leaf that its bits lead to. */
static enum ancient_code leaf_after(const struct core_critbit *tree,
				    const struct core_sought *sought, uint64_t bit,
				    uint64_t *ret_leaf, struct ancient_error *err)
{
	uint64_t word = *tree->root, above = 0, later = 0, later_above = 0;
	struct ancient_branch branch = {0};

	while (!(word & ANCIENT_NODE_LEAF)) {
		uint64_t below = above;
		enum ancient_code code = step(tree, word, &below, &branch, err);

		if (code != ANCIENT_OK)
			return code;
		if (branch.bit > bit)
			break;
		above = below;
		if (bit_of(tree, sought, branch.bit) == 0) {
			later = branch.child[1];
			later_above = above;
		}
		word = branch.child[bit_of(tree, sought, branch.bit)];
	}
	if (bit_of(tree, sought, bit) == 0) /* all leaves below `word` come after it */
		return first_leaf(tree, word, above, ret_leaf, err);
	if (later)
		return first_leaf(tree, later, later_above, ret_leaf, err);
	*ret_leaf = 0;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_critbit_from(const struct core_critbit *tree,
					    const struct core_sought *sought, uint64_t *ret_leaf,
					    struct ancient_error *err)
{
	uint64_t leaf = 0, bit = 0;
	bool equal = true;
	enum ancient_code code = ancient_core_critbit_find(tree, sought, &leaf, err);

	if (code == ANCIENT_OK && leaf)
		code = ancient_core_critbit_compare(tree, sought, leaf, &equal, &bit, err);
	if (code == ANCIENT_OK && !equal)
		code = leaf_after(tree, sought, bit, &leaf, err);
	if (code == ANCIENT_OK)
		*ret_leaf = leaf;
	return code;
}

/* Where a node word is stored: in a child of a pending branch, or in the root. */
struct link {
	uint64_t branch; /* offset in the buffer of pending branches, or NO_BRANCH */
	unsigned side;
};

#define NO_BRANCH UINT64_MAX

static struct ancient_branch *pending_branch(const struct core_critbit *tree, uint64_t offset)
{
	return (struct ancient_branch *)(void *)(tree->branches->data + offset);
}

static uint64_t get_link(const struct core_critbit *tree, struct link link)
{
	return link.branch == NO_BRANCH ? *tree->root
					: pending_branch(tree, link.branch)->child[link.side];
}

static void set_link(const struct core_critbit *tree, struct link link, uint64_t word)
{
	if (link.branch == NO_BRANCH)
		*tree->root = word;
	else
		pending_branch(tree, link.branch)->child[link.side] = word;
}

/* Makes the branch that `link` refers to pending: copies it if it is a published one. */
static enum ancient_code own(struct core_critbit *tree, struct link link,
			     struct ancient_branch branch, uint64_t *ret_offset,
			     struct ancient_error *err)
{
	uint64_t word = get_link(tree, link);
	struct ancient_branch *copy;

	if (word & CORE_PENDING) {
		*ret_offset = word & ~CORE_PENDING;
		return ANCIENT_OK;
	}
	*ret_offset = tree->branches->used;
	copy = ancient_core_buffer_append(tree->branches, sizeof *copy);
	if (!copy)
		return ancient_core_fail_memory(err, tree->pages->name);
	*copy = branch;
	set_link(tree, link, CORE_PENDING | *ret_offset);
	return ANCIENT_OK;
}

/* Walks down while branches test bits below `bit`, and makes them pending.  *ret is the link where
 * the walk ends; *ret_parent is the link to the branch that contains *ret. */
static enum ancient_code descend(struct core_critbit *tree, const struct core_sought *sought,
				 uint64_t bit, struct link *ret_parent, struct link *ret,
				 struct ancient_error *err)
{
	struct link link = {NO_BRANCH, 0}, parent = link;
	struct ancient_branch branch = {0};
	uint64_t above = 0, offset = 0, word;
	enum ancient_code code;

	while (word = get_link(tree, link), !(word & ANCIENT_NODE_LEAF)) {
		code = step(tree, word, &above, &branch, err);
		if (code == ANCIENT_OK && branch.bit > bit)
			break;
		if (code == ANCIENT_OK)
			code = own(tree, link, branch, &offset, err);
		if (code != ANCIENT_OK)
			return code;
		parent = link;
		link.branch = offset;
		link.side = bit_of(tree, sought, branch.bit);
	}
	*ret_parent = parent;
	*ret = link;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_critbit_put(struct core_critbit *tree,
					   const struct core_sought *sought, uint64_t leaf,
					   bool replace, uint64_t bit, struct ancient_error *err)
{
	struct link parent, link;
	struct ancient_branch *branch;
	uint64_t offset;
	unsigned side;
	enum ancient_code code;

	if (*tree->root == 0) {
		*tree->root = leaf;
		return ANCIENT_OK;
	}
	code = descend(tree, sought, replace ? UINT64_MAX : bit, &parent, &link, err);
	if (code != ANCIENT_OK)
		return code;
	if (replace) {
		set_link(tree, link, leaf);
		return ANCIENT_OK;
	}
	offset = tree->branches->used;
	branch = ancient_core_buffer_append(tree->branches, sizeof *branch);
	if (!branch)
		return ancient_core_fail_memory(err, tree->pages->name);
	side = bit_of(tree, sought, bit);
	branch->bit = bit;
	branch->child[side] = leaf;
	branch->child[!side] = get_link(tree, link);
	set_link(tree, link, CORE_PENDING | offset);
	return ANCIENT_OK;
}

enum ancient_code ancient_core_critbit_remove(struct core_critbit *tree,
					      const struct core_sought *sought,
					      struct ancient_error *err)
{
	struct link parent, link;
	enum ancient_code code = descend(tree, sought, UINT64_MAX, &parent, &link, err);

	if (code != ANCIENT_OK)
		return code;
	if (link.branch == NO_BRANCH)
		*tree->root = 0;
	else
		set_link(tree, parent, pending_branch(tree, link.branch)->child[!link.side]);
	return ANCIENT_OK;
}

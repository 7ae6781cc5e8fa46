/* core/verify: verification of the directories (FORMAT 10, rules D1 to D6).
 *
 * Each tree is walked in order, with its path on a stack of fixed depth: bits must rise along a
 * path, so every path ends.  All leaves must agree with their paths (D2), so they are all
 * different, and nodes that a hostile file refers to twice cannot make the walk endless.
 */
#include "verify/verify_directory.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/fail.h"
#include "base/utf8.h"
#include "index/critbit.h"

struct step {
	uint64_t node;
	struct ancient_branch branch;
	unsigned side; /* taken */
};

struct walk;
typedef enum ancient_code leaf_check(struct walk *walk, uint64_t at);

struct walk {
	struct core_verify *v;
	enum core_critbit_kind kind;
	leaf_check *check; /* called for each leaf */
	struct step *path;
	size_t depth;
	uint64_t leaves;
	struct core_sought last; /* the leaf before, if leaves > 0 */
};

static enum ancient_code bad(struct core_verify *v, unsigned rule, uint64_t offset, uint64_t found,
			     const char *what)
{
	return ancient_core_verify_wrong(v, ANCIENT_E_BAD_DIRECTORY, rule, offset, 0, found, what);
}

/* D3 for a name record, as far as needed to read it; *ret is its text. */
static enum ancient_code find_record(struct core_verify *v, uint64_t field, struct core_text *ret)
{
	uint64_t record = core_verify_word(v, field), length;

	if (record % 8 || !ancient_core_verify_inside(v, record, 8, ANCIENT_EXTENT_DIRECTORY))
		return bad(v, 503, field, record, "no name record here");
	length = core_verify_word(v, record);
	if (length < 1 || length > ANCIENT_NAME_MAX)
		return bad(v, 503, field, length, "a name of an impossible length");
	if (!ancient_core_verify_inside(v, record, ANCIENT_NAME_RECORD_BYTES(length),
					ANCIENT_EXTENT_DIRECTORY))
		return bad(v, 503, field, record, "a name record that leaves its extent");
	if (v->pages.file[record + 8 + length])
		return bad(v, 503, field, record, "a name record without an end");
	ret->bytes = v->pages.file + record + 8;
	ret->length = length;
	return ANCIENT_OK;
}

/* D3 for the text of a name record. */
static enum ancient_code check_record(struct core_verify *v, uint64_t field, struct core_text text)
{
	uint64_t end = ANCIENT_NAME_RECORD_BYTES(text.length) - 8;

	if (memchr(text.bytes, 0, text.length) ||
	    ancient_core_utf8_valid(text.bytes, text.length) != text.length)
		return bad(v, 503, field, text.length, "a name that is not UTF-8");
	for (uint64_t i = text.length; i < end; i++)
		if (text.bytes[i])
			return bad(v, 503, field, text.bytes[i],
				   "a name record with padding that is not 0");
	return ANCIENT_OK;
}

/* D3 for a leaf of the keys. */
static enum ancient_code check_entry(struct core_verify *v, uint64_t at)
{
	uint64_t name = at + offsetof(struct ancient_entry_record, name);
	struct ancient_entry_record entry;
	struct core_text text;
	enum ancient_code code;

	memcpy(&entry, v->pages.file + at, sizeof entry);
	if (entry.key > ANCIENT_KEY_MAX)
		return bad(v, 503, at, entry.key, "a key out of range");
	if (!ancient_core_verify_value(v, entry.root))
		return ancient_core_verify_wrong(v, ANCIENT_E_BAD_POINTER, 503,
						 at + offsetof(struct ancient_entry_record, root),
						 v->superblock.base, entry.root,
						 "a root that leads to no block");
	code = entry.name ? find_record(v, name, &text) : ANCIENT_OK;
	if (code == ANCIENT_OK && entry.name)
		code = check_record(v, name, text);
	if (code != ANCIENT_OK)
		return code;
	if (entry.generation < 2 || entry.generation > v->superblock.generation)
		return bad(v, 503, at + offsetof(struct ancient_entry_record, generation),
			   entry.generation, "a generation out of range");
	if (entry.zero)
		return bad(v, 503, at + offsetof(struct ancient_entry_record, zero), entry.zero,
			   "bytes that must be zero are not");
	return ANCIENT_OK;
}

static bool same(struct core_text a, struct core_text b)
{
	return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* The leaf of `sought` in another directory; 0 if it is absent. ancient_core_critbit_find ends
 * whatever that tree contains. */
static uint64_t other(struct core_verify *v, enum core_critbit_kind kind,
		      const struct core_sought *sought)
{
	const uint64_t roots[] = {v->superblock.keys, v->superblock.names, v->superblock.schemas};
	uint64_t root = roots[kind], leaf = 0, bit;
	struct core_critbit tree = {&v->pages, NULL, NULL, NULL, &root, kind};
	bool equal = false;

	if (ancient_core_critbit_find(&tree, sought, &leaf, NULL) != ANCIENT_OK || !leaf ||
	    ancient_core_critbit_compare(&tree, sought, leaf, &equal, &bit, NULL) != ANCIENT_OK)
		return 0;
	return equal ? leaf & ~ANCIENT_NODE_LEAF : 0;
}

/* D2: the leaf lies on the sides that its bits say, and the first bit in which it differs from the
 * leaf before is the bit of the branch that separates them. */
static enum ancient_code check_position(struct walk *walk, uint64_t at,
					const struct core_sought *sought)
{
	uint64_t bit = 0, parted = 0;

	for (size_t i = 0; i < walk->depth; i++) {
		const struct step *step = &walk->path[i];

		if (ancient_core_sought_bit(sought, walk->kind, step->branch.bit) != step->side)
			return bad(walk->v, 502, at, step->branch.bit,
				   "a leaf on the wrong side of a branch");
		if (step->side == 1)
			parted = step->branch.bit;
	}
	if (walk->leaves > 0 &&
	    (ancient_core_sought_compare(sought, &walk->last, walk->kind, &bit) || bit != parted))
		return bad(walk->v, 502, at, bit,
			   "a leaf that differs from the one before elsewhere than at a branch");
	walk->last = *sought;
	return ANCIENT_OK;
}

static enum ancient_code check_key_leaf(struct walk *walk, uint64_t at)
{
	struct core_sought sought = {.key = core_verify_word(walk->v, at) & ANCIENT_KEY_MAX};
	enum ancient_code code = check_position(walk, at, &sought);

	return code == ANCIENT_OK ? check_entry(walk->v, at) : code;
}

/* D2, D3 for a leaf of the names.  The name is read first, since D2 needs its bits. */
static enum ancient_code check_name_leaf(struct walk *walk, uint64_t at)
{
	struct core_verify *v = walk->v;
	struct core_sought sought = {0};
	uint64_t field = at + offsetof(struct ancient_name_leaf, key);
	uint64_t key = core_verify_word(v, field);
	enum ancient_code code = find_record(v, at, &sought.name);

	if (code == ANCIENT_OK)
		code = check_position(walk, at, &sought);
	if (code == ANCIENT_OK)
		code = check_record(v, at, sought.name);
	if (code == ANCIENT_OK && key > ANCIENT_KEY_MAX)
		code = bad(v, 503, field, key, "a key out of range");
	return code;
}

/* D4 for a leaf of the keys: its name has a leaf that leads back to the key. */
static enum ancient_code match_key_leaf(struct walk *walk, uint64_t at)
{
	struct core_verify *v = walk->v;
	uint64_t field = at + offsetof(struct ancient_entry_record, name), leaf;
	struct core_sought sought = {.key = core_verify_word(v, at)};
	enum ancient_code code;

	if (core_verify_word(v, field) == 0)
		return ANCIENT_OK;
	code = find_record(v, field, &sought.name);
	if (code != ANCIENT_OK)
		return code;
	leaf = other(v, CORE_NAMES, &sought);
	if (!leaf ||
	    core_verify_word(v, leaf + offsetof(struct ancient_name_leaf, key)) != sought.key)
		return bad(v, 504, field, sought.key,
			   "a name without its leaf in the name directory");
	return ANCIENT_OK;
}

/* D4 for a leaf of the names: its key has this name. */
static enum ancient_code match_name_leaf(struct walk *walk, uint64_t at)
{
	struct core_verify *v = walk->v;
	struct core_sought sought = {
		.key = core_verify_word(v, at + offsetof(struct ancient_name_leaf, key))};
	struct core_text text;
	uint64_t leaf, field;
	enum ancient_code code = find_record(v, at, &sought.name);

	if (code != ANCIENT_OK)
		return code;
	leaf = other(v, CORE_KEYS, &sought);
	field = leaf + offsetof(struct ancient_entry_record, name);
	if (!leaf || core_verify_word(v, field) == 0 ||
	    find_record(v, field, &text) != ANCIENT_OK || !same(text, sought.name))
		return bad(v, 504, at, sought.key, "a name whose key does not have it");
	return ANCIENT_OK;
}

/* D6 for a schema record. */
static enum ancient_code check_schema_leaf(struct walk *walk, uint64_t at)
{
	struct core_verify *v = walk->v;
	uint64_t length_at = at + offsetof(struct ancient_schema_record, length);
	uint64_t text_at = at + sizeof(struct ancient_schema_record);
	uint64_t length = core_verify_word(v, length_at);
	const uint8_t *text = v->pages.file + text_at;
	struct core_sought sought = {.name = {v->pages.file + at, ANCIENT_HASH_BYTES}};
	XXH128_canonical_t hash;
	enum ancient_code code = check_position(walk, at, &sought);

	if (code != ANCIENT_OK)
		return code;
	if (length < 1 || length > ANCIENT_SCHEMA_MAX ||
	    !ancient_core_verify_inside(v, at, ANCIENT_SCHEMA_RECORD_BYTES(length),
					ANCIENT_EXTENT_SCHEMA))
		return bad(v, 506, length_at, length, "a schema of an impossible length");
	for (uint64_t end = length; end < ((length + 8) & ~7ull); end++)
		if (text[end])
			return bad(v, 506, text_at, end, "a schema whose padding is not 0");
	if (memchr(text, 0, length) || ancient_core_utf8_valid(text, length) != length)
		return bad(v, 506, text_at, length, "a schema that is not UTF-8");
	XXH128_canonicalFromHash(&hash, XXH3_128bits(text, length));
	if (memcmp(hash.digest, v->pages.file + at, sizeof hash.digest) != 0)
		return bad(v, 506, at, length, "a schema whose hash is not that of its text");
	return ANCIENT_OK;
}

/* D6 for a key, when the schema directory is known to be good. */
static enum ancient_code check_schema_of(struct walk *walk, uint64_t at)
{
	struct core_verify *v = walk->v;
	uint64_t field = at + offsetof(struct ancient_entry_record, schema);
	uint64_t record = core_verify_word(v, field);
	struct core_sought sought = {.name.length = ANCIENT_HASH_BYTES};

	if (record == 0)
		return ANCIENT_OK;
	if (record % 8 ||
	    !ancient_core_verify_inside(v, record, sizeof(struct ancient_schema_record),
					ANCIENT_EXTENT_SCHEMA))
		return bad(v, 506, field, record, "no schema here");
	sought.name.bytes = v->pages.file + record;
	if (other(v, CORE_SCHEMAS, &sought) != record)
		return bad(v, 506, field, record, "a schema that is not in the schema directory");
	return ANCIENT_OK;
}

static enum ancient_code visit(struct walk *walk, uint64_t at)
{
	enum ancient_code code = walk->check(walk, at);

	/* Ends the walk even if another process changes the file meanwhile. */
	if (code == ANCIENT_OK && ++walk->leaves > walk->v->pages.used / 8)
		code = bad(walk->v, 502, at, walk->leaves, "a directory without an end");
	return code;
}

/* D1 and D2 for the node that `word` refers to, which was read from the word at `field`. */
static enum ancient_code enter(struct walk *walk, uint64_t field, uint64_t word)
{
	struct core_verify *v = walk->v;
	uint64_t at = word & ~ANCIENT_NODE_LEAF;
	static const uint64_t leaves[] = {sizeof(struct ancient_entry_record),
					  sizeof(struct ancient_name_leaf),
					  sizeof(struct ancient_schema_record)};
	bool leaf = word & ANCIENT_NODE_LEAF;
	uint64_t bytes = leaf ? leaves[walk->kind] : sizeof(struct ancient_branch);
	uint32_t extent = leaf && walk->kind == CORE_SCHEMAS ? ANCIENT_EXTENT_SCHEMA
							     : ANCIENT_EXTENT_DIRECTORY;
	struct step *step = &walk->path[walk->depth];

	if (at % 8 || !ancient_core_verify_inside(v, at, bytes, extent))
		return bad(v, 501, field, word, "no node here");
	if (leaf)
		return visit(walk, at);
	memcpy(&step->branch, v->pages.file + at, sizeof step->branch);
	if (step->branch.bit >= ancient_core_critbit_bits(walk->kind) ||
	    (walk->depth && step->branch.bit <= walk->path[walk->depth - 1].branch.bit))
		return bad(v, 502, at, step->branch.bit, "bits do not rise along a path");
	step->node = at;
	step->side = 0;
	walk->depth++;
	return ANCIENT_OK;
}

/* Enters the child on the side that is next. */
static enum ancient_code enter_child(struct walk *walk)
{
	struct step *top = &walk->path[walk->depth - 1];

	return enter(walk, top->node + 8 + top->side * 8, top->branch.child[top->side]);
}

static enum ancient_code go(struct walk *walk, uint64_t field, uint64_t root)
{
	enum ancient_code code = enter(walk, field, root);

	while (code == ANCIENT_OK && walk->depth > 0) {
		size_t depth = walk->depth;

		code = enter_child(walk);
		if (code != ANCIENT_OK || walk->depth > depth)
			continue;
		/* It was a leaf: go back to the lowest branch whose right side is left to visit. */
		while (walk->depth > 0 && walk->path[walk->depth - 1].side == 1)
			walk->depth--;
		if (walk->depth > 0)
			walk->path[walk->depth - 1].side = 1;
	}
	return code;
}

/* Walks one tree and calls `check` for each leaf; *ret_leaves is their number. */
static enum ancient_code walk_tree(struct core_verify *v, enum core_critbit_kind kind,
				   leaf_check *check, uint64_t *ret_leaves)
{
	const uint64_t roots[] = {v->superblock.keys, v->superblock.names, v->superblock.schemas};
	static const size_t fields[] = {offsetof(struct ancient_superblock, keys),
					offsetof(struct ancient_superblock, names),
					offsetof(struct ancient_superblock, schemas)};
	uint64_t slot = v->superblock.generation % 2 * ANCIENT_SUPERBLOCK_SLOT;
	struct walk walk = {.v = v, .kind = kind, .check = check};
	enum ancient_code code = ANCIENT_OK;

	walk.path = calloc(ancient_core_critbit_bits(kind) + 1, sizeof *walk.path);
	if (!walk.path)
		return ancient_core_fail_memory(v->err, v->pages.name);
	if (roots[kind])
		code = go(&walk, slot + fields[kind], roots[kind]);
	free(walk.path);
	*ret_leaves = walk.leaves;
	return code;
}

/* D5: a stored count. */
static enum ancient_code check_count(struct core_verify *v, size_t field, uint64_t counted,
				     uint64_t stored)
{
	uint64_t slot = v->superblock.generation % 2 * ANCIENT_SUPERBLOCK_SLOT;

	if (counted == stored)
		return ANCIENT_OK;
	return ancient_core_verify_wrong(v, ANCIENT_E_BAD_COUNT, 505, slot + field, counted, stored,
					 "a stored count does not match");
}

enum ancient_code ancient_core_verify_directories(struct core_verify *v)
{
	uint64_t keys = 0, names = 0, again;
	enum ancient_code code = walk_tree(v, CORE_KEYS, check_key_leaf, &keys);

	if (code == ANCIENT_OK)
		code = walk_tree(v, CORE_NAMES, check_name_leaf, &names);
	if (code == ANCIENT_OK)
		code = walk_tree(v, CORE_KEYS, match_key_leaf, &again);
	if (code == ANCIENT_OK)
		code = walk_tree(v, CORE_NAMES, match_name_leaf, &again);
	if (code == ANCIENT_OK)
		code = check_count(v, offsetof(struct ancient_superblock, key_count), keys,
				   v->superblock.key_count);
	if (code == ANCIENT_OK)
		code = check_count(v, offsetof(struct ancient_superblock, name_count), names,
				   v->superblock.name_count);
	if (code == ANCIENT_OK)
		code = walk_tree(v, CORE_SCHEMAS, check_schema_leaf, &again);
	if (code == ANCIENT_OK)
		code = walk_tree(v, CORE_KEYS, check_schema_of, &again);
	return code;
}

/* c-reader/file: nodes of the directories (FORMAT 5), for lookups, cursors and verification. */
#ifndef ANCIENT_READER_DIRECTORY_NODE_H
#define ANCIENT_READER_DIRECTORY_NODE_H

#include "base/reader.h"

/* A key, a name or a hash, as the bits that find it. */
struct reader_bits {
	const unsigned char *name; /* or hash; NULL: a key */
	size_t length;
	uint64_t key;
};

/* A step of a walk: a node word and where it was read. */
struct reader_link {
	uint64_t word;
	uint64_t place; /* offset of the word itself, for errors */
};

static inline bool reader_link_is_leaf(struct reader_link link)
{
	return (link.word & ANCIENT_NODE_LEAF) != 0;
}

static inline uint64_t reader_link_offset(struct reader_link link)
{
	return link.word & ~ANCIENT_NODE_LEAF;
}

struct reader_link ancient_reader_link_keys(const struct ancient_file *file);
struct reader_link ancient_reader_link_names(const struct ancient_file *file);

/* Bit `position`, 0 or 1; past the end of a name 0. */
unsigned ancient_reader_bit(const struct reader_bits *bits, uint64_t position);

/* First position in which two keys, or two names, differ; UINT64_MAX where none does. */
uint64_t ancient_reader_first_difference(const struct reader_bits *a, const struct reader_bits *b);

/* D1: whether a node of `bytes` lies where the link says. */
enum ancient_code ancient_reader_node_check(const struct ancient_file *file,
					    struct reader_link link, uint64_t bytes,
					    struct ancient_error *err);

/* Reads the branch `link` leads to: its bit, which must be past `*bit` (start with
 * READER_NO_BIT) and below `limit`, and the places of its children. */
#define READER_NO_BIT UINT64_MAX
struct reader_link ancient_reader_branch_child(const struct ancient_file *file,
					       struct reader_link branch, unsigned which);
enum ancient_code ancient_reader_branch_bit(const struct ancient_file *file,
					    struct reader_link branch, uint64_t limit,
					    uint64_t *bit, struct ancient_error *err);

/* The leaf of the keys that `link` leads to, each word fetched once; its name is checked by
 * ancient_reader_name_at. */
enum ancient_code ancient_reader_leaf_key(const struct ancient_file *file, struct reader_link link,
					  struct ancient_entry_record *ret_leaf,
					  struct ancient_error *err);
enum ancient_code ancient_reader_leaf_name(const struct ancient_file *file, struct reader_link link,
					   struct ancient_name_leaf *ret_leaf,
					   struct ancient_error *err);

/* The name record at `offset`, named by the field at `place` (D3): length and final 0. */
enum ancient_code ancient_reader_name_at(const struct ancient_file *file, uint64_t offset,
					 uint64_t place, const unsigned char **ret_bytes,
					 size_t *ret_length, struct ancient_error *err);

enum ancient_code ancient_reader_bad_directory(const struct ancient_file *file, unsigned rule,
					       uint64_t offset, uint64_t found,
					       const char *expected, struct ancient_error *err);

#endif

/* core/index: crit-bit trees, copied on write (FORMAT 5, 5.1): the algorithms that the directories
 * of keys, of names and of schemas share. */
#ifndef CORE_CRITBIT_H
#define CORE_CRITBIT_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/buffer.h"
#include "index/pages.h"

/* A node word with this bit refers to a node of the commit under way: to its offset in a buffer of
 * new nodes, plus the leaf bit. */
#define CORE_PENDING (1ull << 63)

struct core_text {
	const uint8_t *bytes;
	uint64_t length;
};

/* Which directory.  It decides what a key is and where a leaf has it. */
enum core_critbit_kind {
	CORE_KEYS,
	CORE_NAMES,
	CORE_SCHEMAS, /* by the hash of the text, which the leaf contains */
};

/* One of the directories, with its published and pending nodes. */
struct core_critbit {
	const struct core_pages *pages;
	const struct core_buffer *leaves;  /* pending ones; NULL: none */
	struct core_buffer *branches;      /* pending ones; NULL: none */
	const struct core_buffer *records; /* pending name records; NULL: none */
	uint64_t *root;
	enum core_critbit_kind kind;
};

/* A key to look for: a number, or a name or hash. */
struct core_sought {
	uint64_t key;
	struct core_text name;
};

/* Bit `bit` of the key (FORMAT 5.2, 5.3, 12.1). */
unsigned ancient_core_sought_bit(const struct core_sought *sought, enum core_critbit_kind kind,
				 uint64_t bit);

/* The number of bits of a key. */
uint64_t ancient_core_critbit_bits(enum core_critbit_kind kind);

/* Whether the two are equal.  Otherwise *ret_bit is the first bit in which they differ. */
bool ancient_core_sought_compare(const struct core_sought *a, const struct core_sought *b,
				 enum core_critbit_kind kind, uint64_t *ret_bit);

/* The bytes that a node word or the offset of a record refers to, at least `bytes` of them,
 * published or in `pending`.  NULL if they lie outside. */
const void *ancient_core_critbit_at(const struct core_pages *pages,
				    const struct core_buffer *pending, uint64_t word,
				    uint64_t bytes);

/* Returns BAD_DIRECTORY: there is no node at `offset`, or bits do not rise. */
enum ancient_code ancient_core_critbit_damaged(const struct core_pages *pages, unsigned rule,
					       uint64_t offset, struct ancient_error *err);

/* Reads a name record.  Returns false if it is malformed. */
bool ancient_core_critbit_text(const struct core_pages *pages, const struct core_buffer *records,
			       uint64_t offset, struct core_text *ret);

/* The only leaf that can equal `sought`, as a node word; 0 if the tree is empty.
 * Errors: BAD_DIRECTORY. */
enum ancient_code ancient_core_critbit_find(const struct core_critbit *tree,
					    const struct core_sought *sought, uint64_t *ret_leaf,
					    struct ancient_error *err);

/* The first leaf that equals `sought` or comes after it, as a node word; 0 if there is none.
 * Errors: BAD_DIRECTORY. */
enum ancient_code ancient_core_critbit_from(const struct core_critbit *tree,
					    const struct core_sought *sought, uint64_t *ret_leaf,
					    struct ancient_error *err);

/* Whether the leaf equals `sought`.  Otherwise *ret_bit is the first bit in which they differ.
 * Errors: BAD_DIRECTORY. */
enum ancient_code ancient_core_critbit_compare(const struct core_critbit *tree,
					       const struct core_sought *sought, uint64_t leaf,
					       bool *ret_equal, uint64_t *ret_bit,
					       struct ancient_error *err);

/* Puts a leaf into the tree.  `replace`: in place of the equal one.  Otherwise `bit` is the first
 * bit in which `sought` differs from the leaf that ancient_core_critbit_find gave.
 * Errors: MEMORY BAD_DIRECTORY. */
enum ancient_code ancient_core_critbit_put(struct core_critbit *tree,
					   const struct core_sought *sought, uint64_t leaf,
					   bool replace, uint64_t bit, struct ancient_error *err);

/* Removes the leaf of `sought`, which is in the tree.  Errors: MEMORY BAD_DIRECTORY. */
enum ancient_code ancient_core_critbit_remove(struct core_critbit *tree,
					      const struct core_sought *sought,
					      struct ancient_error *err);

#endif

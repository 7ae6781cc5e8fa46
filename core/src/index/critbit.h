/* core: crit-bit trees, copied on write (FORMAT 5, 5.1). */
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

/* Which directory: what its keys are and where a leaf has them. */
enum core_critbit_kind {
	CORE_KEYS,
	CORE_NAMES,
	CORE_SCHEMAS, /* by the hash of a text, which stands in the leaf */
};

/* One of the directories, as the tree's algorithms see it. */
struct core_critbit {
	const struct core_pages *pages;
	const struct core_buffer *leaves;  /* pending ones; NULL: none */
	struct core_buffer *branches;      /* pending ones; NULL: none */
	const struct core_buffer *records; /* pending name records; NULL: none */
	uint64_t *root;
	enum core_critbit_kind kind;
};

/* What is looked for: a key, or a name or hash. */
struct core_sought {
	uint64_t key;
	struct core_text name;
};

/* Bit `bit` of it (FORMAT 5.2, 5.3, 12.1). */
unsigned core_sought_bit(const struct core_sought *sought, enum core_critbit_kind kind,
			 uint64_t bit);

/* How many bits there are. */
uint64_t core_critbit_bits(enum core_critbit_kind kind);

/* Whether they are equal; otherwise the first bit in which they differ. */
bool core_sought_compare(const struct core_sought *a, const struct core_sought *b,
			 enum core_critbit_kind kind, uint64_t *ret_bit);

/* The bytes behind a node word or a record's offset, at least `bytes` of them; NULL where it
 * leads out of the directory. */
const void *core_critbit_at(const struct core_pages *pages, const struct core_buffer *pending,
			    uint64_t word, uint64_t bytes);

/* BAD_DIRECTORY: no node, or bits that do not rise, at `offset`. */
enum ancient_code core_critbit_damaged(const struct core_pages *pages, unsigned rule,
				       uint64_t offset, struct ancient_error *err);

/* The text of a name record; false where it is malformed. */
bool core_critbit_text(const struct core_pages *pages, const struct core_buffer *records,
		       uint64_t offset, struct core_text *ret);

/* The node word of the only leaf that can be `sought`; 0 where the tree is empty.
 * Errors: BAD_DIRECTORY. */
enum ancient_code core_critbit_find(const struct core_critbit *tree,
				    const struct core_sought *sought, uint64_t *ret_leaf,
				    struct ancient_error *err);

/* The node word of the first leaf that is `sought` or comes after it; 0 where there is none.
 * Errors: BAD_DIRECTORY. */
enum ancient_code core_critbit_from(const struct core_critbit *tree,
				    const struct core_sought *sought, uint64_t *ret_leaf,
				    struct ancient_error *err);

/* Whether that leaf is it, and the first bit in which they differ.
 * Errors: BAD_DIRECTORY. */
enum ancient_code core_critbit_compare(const struct core_critbit *tree,
				       const struct core_sought *sought, uint64_t leaf,
				       bool *ret_equal, uint64_t *ret_bit,
				       struct ancient_error *err);

/* Puts the leaf `leaf`, which differs from its neighbour first in `bit`; or, where `replace`,
 * takes the place of the equal one.  Errors: MEMORY BAD_DIRECTORY. */
enum ancient_code core_critbit_put(struct core_critbit *tree, const struct core_sought *sought,
				   uint64_t leaf, bool replace, uint64_t bit,
				   struct ancient_error *err);

/* Takes the leaf of `sought`, which is there, out.  Errors: MEMORY BAD_DIRECTORY. */
enum ancient_code core_critbit_remove(struct core_critbit *tree, const struct core_sought *sought,
				      struct ancient_error *err);

#endif

/* core: what a copy in which equal blocks are written once is told about the values.
 *
 * Two blocks are equal if their headers and all their words are: for the fields that lead to
 * blocks, if they lead to one block.  Since what is below a block is copied before that is asked,
 * values of any depth are found.  Without types only the blocks of numbers are compared: boxed
 * floats, int32, int64, nativeint and Z.t, which no program can change.
 */
#ifndef ANCIENT_DEDUP_H
#define ANCIENT_DEDUP_H

#include <stdbool.h>
#include <stdint.h>

/* Types are an array of words, in which a type is the index of its first word.  Word 0 is
 * ANCIENT_DEDUP_ANY.  What a block does not agree with, in tag or number of fields, says nothing
 * about it: a wrong type leaves equal blocks apart, or has them share, and nothing worse. */
enum ancient_dedup_type {
	ANCIENT_DEDUP_ANY = 0,    /* not known, and so is what is below */
	ANCIENT_DEDUP_KEEP = 1,   /* the same, but of blocks that are never shared: bytes */
	ANCIENT_DEDUP_STRING = 2, /* strings that are never changed */
	/* Blocks of tag 0 and any number of fields.  Then: the type of the fields.  Not shared. */
	ANCIENT_DEDUP_ARRAY = 3,
	/* By tag.  Then: how many tags; for each, from 0 on, the index of its case: the number of
	 * fields, whether such blocks may be shared (0, 1), the type of each field. */
	ANCIENT_DEDUP_CASES = 4,
	/* Polymorphic variants: tag 0, two fields, which may be shared.  Then: how many; for each
	 * the first field as it is in OCaml, cut to 32 bits, by which they are sorted;
	 * ANCIENT_DEDUP_ANY; the type of the second field. */
	ANCIENT_DEDUP_TAGS = 5,
	ANCIENT_DEDUP_LAZY = 6, /* Then: the type of the value */
};

struct ancient_dedup {
	bool strings; /* the caller promises that no string of a type that is not known is changed
			 in place */
	/* The memory by which equal blocks are found, at most; 0: 256 MiB.  Past it blocks that
	 * were not met for long are forgotten, and their equals stay. */
	uint64_t memory;
	const uint32_t *types; /* that of the root begins with word 1; NULL: it is not known */
};

#endif

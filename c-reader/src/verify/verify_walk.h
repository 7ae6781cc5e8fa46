/* c-reader/verify: the walk through a directory (FORMAT 10, D1 and D2), for verify_directories.c
 * and verify_schemas.c. */
#ifndef ANCIENT_READER_VERIFY_WALK_H
#define ANCIENT_READER_VERIFY_WALK_H

#include "file/directory_node.h"
#include "verify/verify_state.h"

/* A branch above the node the walk is at. */
struct reader_step {
	struct reader_link branch;
	uint64_t bit;
	unsigned side; /* the child taken */
};

struct reader_walk {
	struct reader_verify *v;
	uint64_t limit;           /* bit positions of this tree */
	uint64_t work;            /* bytes for each leaf */
	struct reader_step *path; /* room for `limit` */
	size_t depth;
	uint64_t leaves; /* visited */
	unsigned char before_name[ANCIENT_NAME_MAX];
	struct reader_bits before; /* the leaf before; names are copied */
};

typedef enum ancient_code reader_visit(struct reader_walk *w, struct reader_link leaf);

/* Calls `leaf` for each leaf in order; w->leaves counts them. */
enum ancient_code ancient_reader_walk_tree(struct reader_walk *w, struct reader_link link,
					   reader_visit *leaf);

/* D1, beyond what every reader tests: the node lies in an extent of this kind. */
enum ancient_code ancient_reader_walk_within(const struct reader_walk *w, uint32_t kind,
					     struct reader_link link, uint64_t bytes);

/* D2 for a leaf that is found by `bits`. */
enum ancient_code ancient_reader_walk_agrees(struct reader_walk *w, struct reader_link leaf,
					     const struct reader_bits *bits);

/* BAD_DIRECTORY. */
enum ancient_code ancient_reader_walk_fault(const struct reader_walk *w, unsigned rule,
					    uint64_t offset, uint64_t found, const char *expected);

#endif

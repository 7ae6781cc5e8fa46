/* c-reader/arrow: what the files of this folder share: the columns of a stream as a tree of nodes,
 * each with the types it has in the file and in Arrow, and the buffers of the batch that is being
 * built.
 *
 *   plan.c      types to nodes: which columns there are
 *   path.c      the same, of columns that the caller names
 *   request.c   what the consumer would like
 *   schema.c    nodes to struct ArrowSchema
 *   append.c    rows to nodes, with leaf.c, text.c and nested.c
 *   batch.c     nodes to struct ArrowArray
 *   stream.c    batches one by one, errors: the public ancient_arrow_stream
 *   numbers.c   arrays in place: the public ancient_arrow_numbers
 */
#ifndef ANCIENT_READER_ARROW_TYPES_H
#define ANCIENT_READER_ARROW_TYPES_H

#include <ancient_arrow.h>

#include "arrow/buffer.h"
#include "base/budget.h"
#include "scan/rows.h"

#define ARROW_LEVELS 32u    /* of nodes within nodes: what recursion here is bounded by */
#define ARROW_NODES 4096u   /* of a stream */
#define ARROW_STEPS 64u     /* of a node */
#define ARROW_VALUES 65536u /* of all dictionaries */
#define ARROW_NO_NODE UINT32_MAX

enum arrow_kind {
	ARROW_NULL = 1,
	ARROW_BOOL,
	ARROW_INTEGER, /* of `width` bytes */
	ARROW_FLOAT,
	ARROW_DECIMAL,
	ARROW_TEXT,       /* strings, bytes */
	ARROW_JSON,       /* any value, as text */
	ARROW_DICTIONARY, /* which constructor: an index of `width` bytes */
	ARROW_NAMES,      /* which constructor: its name, as text */
	ARROW_STRUCT,
	ARROW_VARIANT, /* a struct: the first child says which constructor, others have arguments */
	ARROW_LIST,    /* of the one child; a map where that is ARROW_ENTRIES */
	ARROW_ENTRIES, /* a struct: bindings, key and value */
	ARROW_NUMBERS, /* a list of the numbers of a bigarray; the child is ARROW_RAW or ARROW_PAIR
			*/
	ARROW_RAW,     /* numbers of `width` bytes, copied as they are */
	ARROW_PAIR,    /* two of ARROW_RAW */
};

enum arrow_layout { ARROW_32, ARROW_64, ARROW_VIEW }; /* of text */

struct arrow_dictionary; /* dictionary.h */

struct arrow_node {
	enum arrow_kind kind;
	char format[16];
	char *name;
	bool nullable;
	bool of_key;  /* a column that starts from the keys of a table */
	bool checked; /* text: must be UTF-8 */
	enum arrow_layout layout;
	unsigned width, level;
	uint32_t type;        /* of the values, behind the steps */
	uint32_t constructor; /* of a child of ARROW_VARIANT */
	/* From a value of the parent, or from a row, to one of this node. */
	struct ancient_column_step *steps;
	uint32_t step_count;
	struct arrow_node *parent, **child;
	uint32_t child_count;
	struct arrow_dictionary *dictionary;
	/* The batch. */
	struct arrow_filled {
		uint64_t length, nulls;
		uint64_t elements;    /* of a list: of its child */
		uint64_t data_length; /* bytes of `data` */
	} now, mark;
	struct arrow_buffer validity; /* empty: all valid so far */
	struct arrow_buffer offsets;  /* or the views of text */
	struct arrow_buffer data;
	/* Elements of a list that are still to be appended to its child (of bindings, the keys and
	 * the values); rows of a variant's member.  And which constructors its rows have. */
	struct scan_rows *pending;
	int64_t *constructors;
};

/* Which columns there are, and the nodes of all. */
struct arrow_plan {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	enum ancient_arrow_strings strings;
	bool json;
	bool pairs; /* rows are bindings */
	uint32_t key_type, value_type;
	struct arrow_node **nodes;
	uint32_t count, capacity;
	struct arrow_node **column;
	uint32_t column_count;
	uint32_t values; /* of dictionaries */
	unsigned levels;
};

/* One on the way down, at its level. */
struct arrow_level {
	struct scan_rows rows;
	struct ancient_scan scan;
	struct scan_batch batch;
};

/* A batch being built. */
struct arrow_build {
	struct arrow_plan plan;
	struct arrow_level *levels;
	struct reader_budget budget; /* of the whole stream, with what its output earns */
	uint64_t bytes, most;        /* of the batch, and what it may have */
	bool full;                   /* more would be too many: not an error of the file */
	const struct arrow_node *failed;
	struct ancient_error err;
	int64_t integers[SCAN_ROWS];
	struct ancient_bytes strings[SCAN_ROWS];
};

/* Adds to the size of the batch; false, and `full`, where that is too much. */
static inline bool arrow_charge(struct arrow_build *build, uint64_t bytes)
{
	if (bytes > build->most - build->bytes) {
		build->full = true;
		return false;
	}
	build->bytes += bytes;
	return true;
}

#endif

/* c-reader/dump: the values that a typed dump has begun and not ended: a stack of frames, so that
 * nothing recurses on the file.  For typed_dump_value.c, which begins values, and typed_dump.c,
 * which goes on with the one on top. */
#ifndef ANCIENT_READER_TYPED_DUMP_STACK_H
#define ANCIENT_READER_TYPED_DUMP_STACK_H

#include "base/budget.h"
#include "dump/dump_output.h"
#include "dump/open_blocks.h"
#include "typed/shape.h"
#include "value/gate.h"

enum typed_dump_mode {
	DUMP_FIELDS,
	DUMP_ELEMENTS,
	DUMP_CELLS,
	DUMP_TABLE,
	DUMP_TREE,
	DUMP_NODE,
	DUMP_ONE
};

struct typed_frame {
	enum typed_dump_mode mode;
	uint32_t type;  /* of the container */
	uint64_t word;  /* in `open`; 1: not */
	uint64_t next;  /* index of a field, word of a cell or of what is left of a node */
	uint64_t end;   /* fields; cells still to come; buckets */
	uint64_t first; /* DUMP_TABLE: the bucket's first cell; an unboxed value's word */
	struct reader_chain chain; /* DUMP_TABLE: of this bucket */
	struct reader_block block;
	const struct ancient_field *fields; /* DUMP_FIELDS; NULL: of these types */
	uint32_t parts[2];
	uint32_t skip;  /* DUMP_FIELDS: words before the first; DUMP_TABLE: buckets */
	uint32_t level; /* of the value, outermost 1 */
	size_t owner;   /* DUMP_NODE: the DUMP_TREE's frame */
	char closing[3];
	bool object; /* members have names */
	bool flat;   /* an unboxed value's word is a double's bits */
};

struct typed_dump {
	struct dump_output out;
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct typed_frame *stack;
	size_t depth, capacity;
	struct open_blocks open; /* those on the stack */
	uint64_t values;
	/* What does not print, as cells of hidden bindings and empty buckets: in proportion to the
	 * file and to what was printed. */
	struct reader_budget budget;
	uint64_t earned; /* bytes of text that were added to the budget */
};

/* Takes the code of what was just done, as ancient_reader_dump_output_note. */
void ancient_reader_typed_dump_note(struct typed_dump *d, enum ancient_code code);
/* Counts a value; from time to time progress is called, and a torn file is noticed. */
void ancient_reader_typed_dump_step(struct typed_dump *d);

/* Takes a step that prints nothing. */
void ancient_reader_typed_dump_take(struct typed_dump *d, uint64_t offset);

/* An object begins, with this member. */
void ancient_reader_typed_dump_member(struct typed_dump *d, const char *name);
/* A value that leads back to the one so many levels above. */
void ancient_reader_typed_dump_reference(struct typed_dump *d, uint32_t levels);

/* A frame for the value of `shape`.  NULL where there is no memory, or where its block is open
 * already: then a reference is written. */
struct typed_frame *ancient_reader_typed_dump_push(struct typed_dump *d,
						   const struct typed_shape *shape,
						   enum typed_dump_mode mode);
/* Ends the value on top. */
void ancient_reader_typed_dump_pop(struct typed_dump *d);

#endif

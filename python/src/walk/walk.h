/* python/walk: an iterator over the parts of one value, raw or typed: the fields of a block, the
 * elements of a list, the bindings of a table. */
#ifndef ANCIENT_PYTHON_WALK_H
#define ANCIENT_PYTHON_WALK_H

#include "module/objects.h"

/* One value, and where the iteration over its parts has come to.  References are borrowed. */
struct py_walk {
	struct py_snapshot *snapshot;
	struct py_schema *schema;        /* NULL: the value is raw, it has no type */
	const struct ancient_type *type; /* NULL where the value is raw */
	struct ancient_typed typed;      /* what a lazy holds, not the lazy; raw: type 0, flat 0 */
	/* Of the type, an enum ancient_type_kind; raw: an enum ancient_kind after PY_RAW. */
	int kind;
	/* The constructor; 1 for Some and Ok; the tag of a raw block.  Two values with different
	 * numbers differ. */
	uint32_t number;
	bool keyed;     /* parts are bindings */
	bool all;       /* set by the caller: bindings that newer ones hide are parts too */
	uint64_t count; /* of parts; of lists and containers not known: 0 */
	uint64_t next;  /* number of the next part */
	union {
		struct ancient_block block;    /* of a raw value */
		struct ancient_parts elements; /* of an array */
		uint64_t rest;                 /* of a list: the word of the cells to come */
	};
	struct ancient_iterator *iterator; /* of a container; on the heap, as it is large */
};

/* Kinds of raw values are counted from here, behind all kinds of types. */
#define PY_RAW 64

static inline bool py_walk_is_raw(const struct py_walk *walk)
{
	return walk->schema == NULL;
}

/* Finds out what a value is, behind lazies.  0, or -1 with an exception.  Nothing has to be
 * released.  schema: NULL for a raw value, of which only typed.value counts. */
int py_walk_look(struct py_walk *walk, struct py_snapshot *snapshot, struct py_schema *schema,
		 struct ancient_typed typed);

/* Whether a string is bytes in Python. */
static inline bool py_walk_is_bytes(const struct py_walk *walk)
{
	return walk->snapshot->as_bytes ||
	       (walk->type != NULL && (walk->type->bytes || walk->kind == ANCIENT_TYPE_BYTES));
}

/* Whether the value that was looked at has parts: raw blocks, and typed values of structured
 * types, even where they have no part at present. */
bool py_walk_has_parts(const struct py_walk *walk);

/* Begins with the parts of a value that was looked at.  0, or -1 with an exception; py_walk_done
 * in either case. */
int py_walk_enter(struct py_walk *walk);

/* py_walk_look and py_walk_enter; py_walk_done in any case. */
int py_walk_begin(struct py_walk *walk, struct py_snapshot *snapshot, struct py_schema *schema,
		  struct ancient_typed typed);

/* 1: a part, and its key where the walk is keyed; 0: the end; -1: an exception.  A walk over a
 * file that was damaged ends too, with an exception.  ret_key may be NULL where the value has no
 * keys. */
int py_walk_next(struct py_walk *walk, struct ancient_typed *ret_key,
		 struct ancient_typed *ret_part);

void py_walk_done(struct py_walk *walk);

/* A number for the block of the value and its type, not 0, to find it again in a word map; 0 for
 * what has no block: immediate integers and floats of flat records.  Equal numbers are the same
 * block of one file at one type, and the same `flag`. */
uint64_t py_walk_node(const struct py_walk *walk, bool flag);

/* Room for one more item of `size` bytes on a stack of `depth` items: the stack, possibly at
 * another address; NULL: out of memory, raised, and the stack is as it was. */
void *py_stack_reserve(void *stack, size_t depth, size_t *capacity, size_t size);

#endif

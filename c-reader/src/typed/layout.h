/* c-reader/typed: the fields of the blocks that OCaml's standard containers are made of (FORMAT
 * 12.4).  Constants only. */
#ifndef ANCIENT_READER_TYPED_LAYOUT_H
#define ANCIENT_READER_TYPED_LAYOUT_H

/* Hashtbl.t */
enum {
	TYPED_TABLE_SIZE,
	TYPED_TABLE_DATA, /* the array of buckets */
	TYPED_TABLE_SEED,
	TYPED_TABLE_INITIAL,
	TYPED_TABLE_FIELDS
};

/* A cell of a bucket, which is a linked list; the newest binding comes first. */
enum { TYPED_CONS_KEY, TYPED_CONS_DATA, TYPED_CONS_NEXT, TYPED_CONS_FIELDS };

/* A node of a Map.t */
enum {
	TYPED_MAP_LEFT,
	TYPED_MAP_KEY,
	TYPED_MAP_DATA,
	TYPED_MAP_RIGHT,
	TYPED_MAP_HEIGHT,
	TYPED_MAP_FIELDS
};

/* A node of a Set.t */
enum { TYPED_SET_LEFT, TYPED_SET_KEY, TYPED_SET_RIGHT, TYPED_SET_HEIGHT, TYPED_SET_FIELDS };

/* Blocks that hold a list of their elements, or an array. */
enum { TYPED_QUEUE_LENGTH, TYPED_QUEUE_LIST, TYPED_QUEUE_LAST, TYPED_QUEUE_FIELDS };
enum { TYPED_STACK_LIST, TYPED_STACK_LENGTH, TYPED_STACK_FIELDS };
enum { TYPED_DYNARRAY_LENGTH, TYPED_DYNARRAY_ARRAY, TYPED_DYNARRAY_DUMMY, TYPED_DYNARRAY_FIELDS };

#endif

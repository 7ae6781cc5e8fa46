/* python/typed: tuples, options and results, whose objects hold those of their parts; and values of
 * one call that keeps them all, which share what the file shares. */
#ifndef ANCIENT_PYTHON_NESTED_H
#define ANCIENT_PYTHON_NESTED_H

#include "module/objects.h"
#include "walk/wordmap.h"

/* The objects that were made, by their blocks: long strings and integers, and once one value has
 * many parts, tuples, options and results: what is met again is made once, and all that is made is
 * no more than the file can hold.  Start from {0}. */
struct py_decoding {
	struct wordmap made; /* as py_walk_node: {address of the object} */
	uint64_t steps;      /* of this value */
	uint64_t held;       /* bytes of long strings and integers */
	bool remembers;      /* all of them */
};

/* The object of a value; as py_typed_value, but shared with what `d` has made.  One `d` is for
 * values of one snapshot and schema. */
PyObject *py_decode(struct py_decoding *d, struct py_snapshot *snapshot, struct py_schema *schema,
		    struct ancient_typed typed);
void py_decoding_done(struct py_decoding *d);

/* A tuple, option or result; called by py_typed_other only. */
PyObject *py_nested_value(struct py_snapshot *snapshot, struct py_schema *schema,
			  struct ancient_typed typed);

#endif

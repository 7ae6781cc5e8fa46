/* python/typed: which of many typed values equal one object of the caller's, in one call: strings
 * are compared where they lie, views by digests, others as the objects that they become.  Called
 * by sequence.c and mapping.c. */
#ifndef ANCIENT_PYTHON_TYPED_SEARCH_H
#define ANCIENT_PYTHON_TYPED_SEARCH_H

#include "typed/nested.h"
#include "walk/digest.h"

struct py_search {
	struct py_snapshot *snapshot; /* borrowed, as the next two */
	struct py_schema *schema;
	PyObject *wanted;
	const char *bytes; /* of a str or bytes; NULL: it is none, or equals none */
	size_t length;
	bool view; /* it is one: digests tell */
	struct py_digests digests, wanteds;
	struct py_digest want;
	struct py_decoding decoding;
};

/* 0, or -1 with an exception; py_search_done either way.  type: of the values */
int py_search_init(struct py_search *search, struct py_snapshot *snapshot, struct py_schema *schema,
		   uint32_t type, PyObject *wanted);

/* 1: it equals the object; 0; -1 with an exception.  Each block of the file is read once, however
 * many values hold it; objects of the caller's may be compared each time. */
int py_search_is(struct py_search *search, struct ancient_typed candidate);

void py_search_done(struct py_search *search);

#endif

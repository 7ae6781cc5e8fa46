/* python/column: memory that grows, in huge pages of its own where it is large. */
#ifndef PY_LARGE_H
#define PY_LARGE_H

#include <stdbool.h>
#include <stddef.h>

struct py_large { /* all zero: none */
	char *at;
	size_t bytes;
};

/* Makes it `bytes` long, its content kept; false: out of memory, and it is as it was.  Needs no
 * interpreter lock. */
bool py_large_resize(struct py_large *large, size_t bytes);

void py_large_free(struct py_large *large);

#endif

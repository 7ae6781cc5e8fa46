/* c-reader/arrow: a batch that was built as Arrow data, and setting one back. */
#ifndef ANCIENT_READER_ARROW_BATCH_H
#define ANCIENT_READER_ARROW_BATCH_H

#include "arrow/arrow_types.h"

/* Remembers how far all nodes are; takes back what was appended since; begins a new batch. */
void ancient_reader_arrow_mark(struct arrow_build *build);
void ancient_reader_arrow_set_back(struct arrow_build *build);
void ancient_reader_arrow_begin(struct arrow_build *build);

/* Hands out what was built, a struct of all columns; false: no memory, and the batch is lost. */
bool ancient_reader_arrow_batch(struct arrow_build *build, uint64_t rows,
				struct ArrowArray *ret_array);

/* What an array or a schema owns, for those made here and elsewhere: room for `children` and, where
 * `dictionary`, one more, in `array` or `schema`, which otherwise is untouched.  false: no memory.
 */
struct arrow_owned {
	void *memory[3];           /* for free() */
	struct ancient_file *file; /* a reference, or NULL */
	const void *buffers[4];
	int64_t sizes[1];
};
struct arrow_owned *ancient_reader_arrow_owned(struct ArrowArray *array, uint64_t children,
					       bool dictionary);

#endif

/* core: the copy engine. */
#ifndef CORE_COPY_H
#define CORE_COPY_H

#include <ancient/store.h>

#include "sink.h"
#include "visited.h"

struct core_frame { /* fields of a copied block that are still to be visited */
	uint64_t next, end;
};

struct core_custom_cache {
	uint64_t operations; /* 0: free */
	uint64_t word;       /* that the sink wants for them */
	unsigned well_known;
};

#define CORE_CUSTOM_CACHE 16u

/* What several roots of one commit have in common. */
struct core_copier {
	struct core_sink *sink;
	const struct ancient_source *source; /* of the copy under way */
	uint64_t kept_start, kept_bytes;     /* pointers in this range are referred to */
	struct core_visited visited;
	uint64_t empty[ANCIENT_TAG_LAST_PLAIN + 1]; /* word index of each tag's empty block */
	struct core_custom_cache customs[CORE_CUSTOM_CACHE];
	struct core_frame *stack;
	size_t depth, capacity;
	uint64_t blocks;
};

bool core_copier_init(struct core_copier *copier, struct core_sink *sink);
void core_copier_done(struct core_copier *copier);

/* Copies the graph of `root` into the sink.  Iterative.
 * Errors: UNSHAREABLE, MEMORY, and those of the sink. */
enum ancient_code core_copy(struct core_copier *copier, const struct ancient_source *source,
			    uint64_t root, enum ancient_order order,
			    struct ancient_copied *ret_copied, struct ancient_error *err);

/* Walks the graph of `root` again to say what in it cannot be shared, and where:
 * "functional value at root.(3).(0)".  Returns UNSHAREABLE, or MEMORY. */
enum ancient_code core_path_explain(const struct core_copier *copier, uint64_t root,
				    struct ancient_error *err);

#endif

/* ocaml/stubs: describes the OCaml heap to core, which copies values out of it, and gives the
 * custom blocks of a file their operations. */
#ifndef ANCIENT_OCAML_SOURCE_H
#define ANCIENT_OCAML_SOURCE_H

#include "stubs.h"

#define ANCIENT_ML_PAGE_CACHE 1024u

struct ancient_ml_source {
	struct ancient_source source;
#ifdef ANCIENT_ML_PAGE_TABLE
	/* Answers of the page table, by page number modulo the size; zeroed at the first question,
	 * which is right for page 0 too: it holds no values.  The last member, because most small
	 * values ask no question and all before it is initialised without it. */
	bool cached;
	struct {
		uint64_t page;
		bool holds_values;
	} cache[ANCIENT_ML_PAGE_CACHE];
#endif
};

/* Fills in everything; valid while no OCaml code runs and nothing is allocated.  Allows core to
 * mark headers where no other thread can see them, unless ANCIENT_MARKS=no is in the environment
 * (for tests: the copies are the same). */
void ancient_ml_source_init(struct ancient_ml_source *source);

/* Writes the custom operations of `identifier` to a slot of an attached file; a callback of
 * ancient_store_options, called without the runtime too. */
bool ancient_ml_link_custom(void *context, const char *identifier, void *room);

#endif

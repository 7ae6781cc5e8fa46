/* tests/fuzz: an input that is a schema and a file, for target_typed.c and target_path.c. */
#ifndef FUZZ_TYPED_H
#define FUZZ_TYPED_H

#include "fuzz.h"

#include <ancient_schema.h>

/* An error that a typed accessor may return; returns code == ANCIENT_OK. */
bool fuzz_typed_ok(enum ancient_code code);

/* Calls `visit` with the root of each key (of so many), typed by the text before the file in
 * an input, `texts` texts in all; nothing where the text is no schema or the file no file. */
void fuzz_each_root(const uint8_t *data, size_t size, unsigned texts,
		    void (*visit)(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed root,
				  void *context),
		    void *context);

/* The typed dump of a value, within a limit: a text that is JSON, or an error. */
void fuzz_typed_dump(const struct ancient_file *file, const struct ancient_schema *schema,
		     struct ancient_typed typed);

#endif

/* c-reader/lookup: values as OCaml programs write them, as keys: "vim", 3, 'c', (Noun, 1740),
 * { a = 1 }, [1; 2].  Called by paths, by ancient_typed_at and by ancient_literal_parse. */
#ifndef ANCIENT_READER_LITERAL_H
#define ANCIENT_READER_LITERAL_H

#include <ancient_lookup.h>

#include "lookup/literal_token.h"

struct literal_memory;

/* A text that literals are read from.  The keys live until ancient_reader_literal_done. */
struct literal {
	struct literal_text text;
	const struct ancient_schema *schema;
	const char *name; /* of the file or text, in messages */
	struct ancient_error *err;
	struct literal_memory *memory;
	size_t start; /* of the key, in the text */
	char stop;    /* that follows the key; 0: nothing may */
	unsigned depth;
	/* OCaml keeps the floats of some records and arrays in the block itself, or boxed where
	 * polymorphic code made it: `boxed` asks for the second, `floats` says that there was one.
	 */
	bool boxed, floats;
};

void ancient_reader_literal_init(struct literal *literal, const struct ancient_schema *schema,
				 const char *text, size_t length, const char *name,
				 struct ancient_error *err);
void ancient_reader_literal_done(struct literal *literal);

/* Memory that lives until then; NULL, with the error, where it is out. */
void *ancient_reader_literal_alloc(struct literal *literal, size_t bytes);
struct ancient_key *ancient_reader_literal_alloc_keys(struct literal *literal, size_t count);

/* Reads one literal of the type from text.at on, and spaces around it.
 * Errors: ARGUMENT where it is not written so; WRONG_KIND where it is of another type, or the type
 * has no literals; TOO_LARGE where it is nested too deeply; MEMORY. */
enum ancient_code ancient_reader_literal_read(struct literal *literal, uint32_t type,
					      struct ancient_key *ret_key);

/* Whether the key has ended; ARGUMENT otherwise. */
enum ancient_code ancient_reader_literal_end(struct literal *literal);

/* The type of a container's keys, or of a set's elements; false for anything else. */
bool ancient_reader_literal_key_type(const struct ancient_type *type, uint32_t *ret_type);

/* The binding of the literal's key, from text.at on, in a container.  Leaves text.at at `stop`. */
enum ancient_code ancient_reader_literal_find(struct literal *literal,
					      const struct ancient_file *file,
					      struct ancient_typed container,
					      struct ancient_typed *ret_value);

#endif

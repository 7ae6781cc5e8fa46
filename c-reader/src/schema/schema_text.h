/* c-reader/schema: the text while it is parsed, for all steps. */
#ifndef ANCIENT_READER_SCHEMA_TEXT_H
#define ANCIENT_READER_SCHEMA_TEXT_H

#include "base/error.h"
#include "schema/schema_types.h"

/* Reports a failure at byte `at`: "line 3, column 5: expected ..., found ...".  Only the first one
 * counts: it sets text->code, and every step stops on that. */
void ancient_reader_schema_refuse(struct schema_text *text, uint32_t at, const char *format, ...)
	READER_PRINTF(3, 4);
void ancient_reader_schema_memory(struct schema_text *text);

/* Adds an item of `size` zero bytes, the same size at each call; NULL: no memory. */
void *ancient_reader_schema_list_add(struct schema_list *list, size_t size);

/* The number of a name, new or not. */
uint32_t ancient_reader_schema_name_number(struct schema_text *text, uint32_t at, uint32_t length);
bool ancient_reader_schema_name_is(const struct schema_text *text, uint32_t name, const char *word);

/* Enters what `name` stands for in `scope`; false where something does already, or on a failure
 * (then text->code is set). */
bool ancient_reader_schema_symbol_add(struct schema_text *text, uint32_t scope, uint32_t name,
				      enum schema_space space, uint32_t value);
/* What `name` stands for in `scope`; SCHEMA_NONE where nothing does. */
uint32_t ancient_reader_schema_symbol_get(const struct schema_text *text, uint32_t scope,
					  uint32_t name, enum schema_space space);

/* Frees all but the text itself. */
void ancient_reader_schema_text_done(struct schema_text *text);

#endif

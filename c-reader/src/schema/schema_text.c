/* c-reader/schema: the text of a schema while it is parsed: its messages, its growing arrays, its
 * names, and what they stand for in each module.  For every step of parsing. */
#include "schema/schema_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/* ---- Failures ---------------------------------------------------------------------- */

static void line_and_column(const struct schema_text *text, uint32_t at, unsigned *ret_line,
			    unsigned *ret_column)
{
	unsigned line = 1, column = 1;

	for (uint32_t i = 0; i < at && i < text->length; i++) {
		column++;
		if (text->bytes[i] == '\n') {
			line++;
			column = 1;
		}
	}
	*ret_line = line;
	*ret_column = column;
}

void ancient_reader_schema_refuse(struct schema_text *text, uint32_t at, const char *format, ...)
{
	unsigned line, column;
	char detail[192];
	va_list arguments;

	if (text->code != ANCIENT_OK)
		return;
	line_and_column(text, at, &line, &column);
	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	text->code = ancient_reader_refuse(text->label, text->err, ANCIENT_E_BAD_SCHEMA,
					   "line %u, column %u: %s", line, column, detail);
	if (text->err != NULL) {
		text->err->offset = at;
		text->err->expected = line;
		text->err->found = column;
	}
}

void ancient_reader_schema_memory(struct schema_text *text)
{
	if (text->code == ANCIENT_OK)
		text->code =
			ancient_reader_refuse(text->label, text->err, ANCIENT_E_MEMORY, "schema");
}

void *ancient_reader_schema_list_add(struct schema_list *list, size_t size)
{
	if (list->count == list->capacity) {
		uint32_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
		void *items =
			capacity > list->capacity ? realloc(list->items, capacity * size) : NULL;
		if (items == NULL)
			return NULL;
		list->items = items;
		list->capacity = capacity;
	}
	return memset((char *)list->items + size * list->count++, 0, size);
}

/* ---- Names ------------------------------------------------------------------------- */

static bool table_grow(struct schema_table *table)
{
	struct schema_table larger = {.capacity = table->capacity == 0 ? 64 : 2 * table->capacity};

	larger.slot = calloc(larger.capacity, sizeof(*larger.slot));
	if (larger.slot == NULL)
		return false;
	for (uint32_t i = 0; i < table->capacity; i++) {
		uint32_t at = (uint32_t)(table->slot[i].key >> 1) & (larger.capacity - 1);
		if (table->slot[i].key == 0)
			continue;
		while (larger.slot[at].key != 0)
			at = (at + 1) & (larger.capacity - 1);
		larger.slot[at] = table->slot[i];
	}
	larger.count = table->count;
	free(table->slot);
	*table = larger;
	return true;
}

static bool same_name(const struct schema_text *text, uint32_t number, uint32_t at, uint32_t length)
{
	const struct schema_name *name = SCHEMA_ITEM(struct schema_name, text->names, number);

	return name->length == length &&
	       memcmp(text->bytes + name->at, text->bytes + at, length) == 0;
}

uint32_t ancient_reader_schema_name_number(struct schema_text *text, uint32_t at, uint32_t length)
{
	struct schema_table *table = &text->name_table;
	uint64_t key = XXH3_64bits_withSeed(text->bytes + at, length, text->seed) | 1;
	struct schema_name *name;
	uint32_t i;

	if (text->code != ANCIENT_OK)
		return 0;
	if (2 * table->count >= table->capacity && !table_grow(table)) {
		ancient_reader_schema_memory(text);
		return 0;
	}
	for (i = (uint32_t)(key >> 1) & (table->capacity - 1); table->slot[i].key != 0;
	     i = (i + 1) & (table->capacity - 1))
		if (table->slot[i].key == key && same_name(text, table->slot[i].value, at, length))
			return table->slot[i].value;
	name = ancient_reader_schema_list_add(&text->names, sizeof(*name));
	if (name == NULL) {
		ancient_reader_schema_memory(text);
		return 0;
	}
	*name = (struct schema_name){at, length};
	table->slot[i] = (struct schema_slot){key, text->names.count - 1};
	table->count++;
	return text->names.count - 1;
}

bool ancient_reader_schema_name_is(const struct schema_text *text, uint32_t name, const char *word)
{
	const struct schema_name *n = SCHEMA_ITEM(struct schema_name, text->names, name);

	return n->length == strlen(word) && memcmp(text->bytes + n->at, word, n->length) == 0;
}

/* Below 2^64 for every place and name that a text of 1 MiB can have; never 0. */
static uint64_t symbol_key(uint32_t scope, uint32_t name, enum schema_space space)
{
	return (((uint64_t)scope << 32 | name) << 2 | (unsigned)space) + 1;
}

static uint32_t symbol_place(const struct schema_text *text, uint64_t key)
{
	return (uint32_t)XXH3_64bits_withSeed(&key, sizeof(key), text->seed) &
	       (text->symbols.capacity - 1);
}

static bool symbols_grow(struct schema_text *text)
{
	struct schema_table old = text->symbols;

	text->symbols.capacity = old.capacity == 0 ? 64 : 2 * old.capacity;
	text->symbols.slot = calloc(text->symbols.capacity, sizeof(*old.slot));
	if (text->symbols.slot == NULL) {
		text->symbols = old;
		return false;
	}
	for (uint32_t i = 0; i < old.capacity; i++) {
		if (old.slot[i].key == 0)
			continue;
		uint32_t at = symbol_place(text, old.slot[i].key);
		while (text->symbols.slot[at].key != 0)
			at = (at + 1) & (text->symbols.capacity - 1);
		text->symbols.slot[at] = old.slot[i];
	}
	free(old.slot);
	return true;
}

bool ancient_reader_schema_symbol_add(struct schema_text *text, uint32_t scope, uint32_t name,
				      enum schema_space space, uint32_t value)
{
	uint64_t key = symbol_key(scope, name, space);
	uint32_t i;

	if (text->code != ANCIENT_OK)
		return false;
	if (2 * text->symbols.count >= text->symbols.capacity && !symbols_grow(text)) {
		ancient_reader_schema_memory(text);
		return false;
	}
	for (i = symbol_place(text, key); text->symbols.slot[i].key != 0;
	     i = (i + 1) & (text->symbols.capacity - 1))
		if (text->symbols.slot[i].key == key)
			return false;
	text->symbols.slot[i] = (struct schema_slot){key, value};
	text->symbols.count++;
	return true;
}

uint32_t ancient_reader_schema_symbol_get(const struct schema_text *text, uint32_t scope,
					  uint32_t name, enum schema_space space)
{
	uint64_t key = symbol_key(scope, name, space);

	if (text->symbols.capacity == 0)
		return SCHEMA_NONE;
	for (uint32_t i = symbol_place(text, key); text->symbols.slot[i].key != 0;
	     i = (i + 1) & (text->symbols.capacity - 1))
		if (text->symbols.slot[i].key == key)
			return text->symbols.slot[i].value;
	return SCHEMA_NONE;
}

/* ---- The end ----------------------------------------------------------------------- */

void ancient_reader_schema_text_done(struct schema_text *text)
{
	free(text->nodes.items);
	free(text->decls.items);
	free(text->members.items);
	free(text->constructors.items);
	free(text->scopes.items);
	free(text->names.items);
	free(text->path.items);
	free(text->name_table.slot);
	free(text->symbols.slot);
}

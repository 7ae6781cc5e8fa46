/* c-reader: the tokens of a schema (FORMAT 12.2), its names, and its messages. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "schema/schema.h"

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

void schema_refuse(struct schema_text *text, uint32_t at, const char *format, ...)
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
	text->code = reader_refuse(text->label, text->err, ANCIENT_E_BAD_SCHEMA,
				   "line %u, column %u: %s", line, column, detail);
	if (text->err != NULL) {
		text->err->offset = at;
		text->err->expected = line;
		text->err->found = column;
	}
}

void schema_memory(struct schema_text *text)
{
	if (text->code == ANCIENT_OK)
		text->code = reader_refuse(text->label, text->err, ANCIENT_E_MEMORY, "schema");
}

void *schema_list_add(struct schema_list *list, size_t size)
{
	if (list->count == list->room) {
		uint32_t room = list->room == 0 ? 16 : 2 * list->room;
		void *items = room > list->room ? realloc(list->items, room * size) : NULL;
		if (items == NULL)
			return NULL;
		list->items = items;
		list->room = room;
	}
	return memset((char *)list->items + size * list->count++, 0, size);
}

/* ---- Names ------------------------------------------------------------------------- */

static bool table_grow(struct schema_table *table)
{
	struct schema_table larger = {.room = table->room == 0 ? 64 : 2 * table->room};

	larger.slot = calloc(larger.room, sizeof(*larger.slot));
	if (larger.slot == NULL)
		return false;
	for (uint32_t i = 0; i < table->room; i++) {
		uint32_t at = (uint32_t)(table->slot[i].key >> 1) & (larger.room - 1);
		if (table->slot[i].key == 0)
			continue;
		while (larger.slot[at].key != 0)
			at = (at + 1) & (larger.room - 1);
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

uint32_t schema_name_number(struct schema_text *text, uint32_t at, uint32_t length)
{
	struct schema_table *table = &text->name_table;
	uint64_t key = XXH3_64bits_withSeed(text->bytes + at, length, text->seed) | 1;
	struct schema_name *name;
	uint32_t i;

	if (text->code != ANCIENT_OK)
		return 0;
	if (2 * table->count >= table->room && !table_grow(table)) {
		schema_memory(text);
		return 0;
	}
	for (i = (uint32_t)(key >> 1) & (table->room - 1); table->slot[i].key != 0;
	     i = (i + 1) & (table->room - 1))
		if (table->slot[i].key == key && same_name(text, table->slot[i].value, at, length))
			return table->slot[i].value;
	name = schema_list_add(&text->names, sizeof(*name));
	if (name == NULL) {
		schema_memory(text);
		return 0;
	}
	*name = (struct schema_name){at, length};
	table->slot[i] = (struct schema_slot){key, text->names.count - 1};
	table->count++;
	return text->names.count - 1;
}

bool schema_name_is(const struct schema_text *text, uint32_t name, const char *word)
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
	       (text->symbols.room - 1);
}

static bool symbols_grow(struct schema_text *text)
{
	struct schema_table old = text->symbols;

	text->symbols.room = old.room == 0 ? 64 : 2 * old.room;
	text->symbols.slot = calloc(text->symbols.room, sizeof(*old.slot));
	if (text->symbols.slot == NULL) {
		text->symbols = old;
		return false;
	}
	for (uint32_t i = 0; i < old.room; i++) {
		if (old.slot[i].key == 0)
			continue;
		uint32_t at = symbol_place(text, old.slot[i].key);
		while (text->symbols.slot[at].key != 0)
			at = (at + 1) & (text->symbols.room - 1);
		text->symbols.slot[at] = old.slot[i];
	}
	free(old.slot);
	return true;
}

bool schema_symbol_add(struct schema_text *text, uint32_t scope, uint32_t name,
		       enum schema_space space, uint32_t value)
{
	uint64_t key = symbol_key(scope, name, space);
	uint32_t i;

	if (text->code != ANCIENT_OK)
		return false;
	if (2 * text->symbols.count >= text->symbols.room && !symbols_grow(text)) {
		schema_memory(text);
		return false;
	}
	for (i = symbol_place(text, key); text->symbols.slot[i].key != 0;
	     i = (i + 1) & (text->symbols.room - 1))
		if (text->symbols.slot[i].key == key)
			return false;
	text->symbols.slot[i] = (struct schema_slot){key, value};
	text->symbols.count++;
	return true;
}

uint32_t schema_symbol_get(const struct schema_text *text, uint32_t scope, uint32_t name,
			   enum schema_space space)
{
	uint64_t key = symbol_key(scope, name, space);

	if (text->symbols.room == 0)
		return SCHEMA_NONE;
	for (uint32_t i = symbol_place(text, key); text->symbols.slot[i].key != 0;
	     i = (i + 1) & (text->symbols.room - 1))
		if (text->symbols.slot[i].key == key)
			return text->symbols.slot[i].value;
	return SCHEMA_NONE;
}

/* ---- Tokens ------------------------------------------------------------------------ */

static const char *const keywords[] = {
	"and",     "as",      "assert",      "asr",      "begin",   "class",     "constraint",
	"do",      "done",    "downto",      "else",     "end",     "exception", "external",
	"false",   "for",     "fun",         "function", "functor", "if",        "in",
	"include", "inherit", "initializer", "land",     "lazy",    "let",       "lor",
	"lsl",     "lsr",     "lxor",        "match",    "method",  "mod",       "module",
	"mutable", "new",     "nonrec",      "object",   "of",      "open",      "or",
	"private", "rec",     "sig",         "struct",   "then",    "to",        "true",
	"try",     "type",    "val",         "virtual",  "when",    "while",     "with",
};

static bool is_small(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_inside(char c)
{
	return is_small(c) || is_capital(c) || (c >= '0' && c <= '9') || c == '\'';
}

static char peek(const struct schema_lexer *lexer, uint32_t ahead)
{
	return lexer->text->length - lexer->next > ahead ? lexer->text->bytes[lexer->next + ahead]
							 : '\0';
}

static void skip_comment(struct schema_lexer *lexer)
{
	uint32_t start = lexer->next, level = 0;

	do {
		if (lexer->next >= lexer->text->length) {
			schema_refuse(lexer->text, start, "expected the end of this comment");
			return;
		}
		if (peek(lexer, 0) == '(' && peek(lexer, 1) == '*') {
			level++;
			lexer->next += 2;
		} else if (peek(lexer, 0) == '*' && peek(lexer, 1) == ')') {
			level--;
			lexer->next += 2;
		} else if (peek(lexer, 0) == '"') {
			schema_refuse(lexer->text, lexer->next,
				      "expected no '\"' inside of a comment");
			return;
		} else {
			lexer->next++;
		}
		if (lexer->level + level > SCHEMA_LEVELS) {
			schema_refuse(lexer->text, start, "expected at most %u levels",
				      SCHEMA_LEVELS);
			return;
		}
	} while (level > 0);
}

static void skip_blanks(struct schema_lexer *lexer)
{
	while (lexer->text->code == ANCIENT_OK && lexer->next < lexer->text->length) {
		char c = peek(lexer, 0);
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			lexer->next++;
		else if (c == '(' && peek(lexer, 1) == '*')
			skip_comment(lexer);
		else
			return;
	}
}

static bool is_keyword(const char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (keywords[i][0] == bytes[0] && strlen(keywords[i]) == length &&
		    memcmp(keywords[i], bytes, length) == 0)
			return true;
	return false;
}

static void lex_name(struct schema_lexer *lexer, int token)
{
	const char *bytes = lexer->text->bytes;
	uint32_t at = lexer->next, end = at;

	while (end < lexer->text->length && is_inside(bytes[end]))
		end++;
	lexer->at = at;
	lexer->length = end - at;
	lexer->next = end;
	lexer->token = token;
	if (end - at > SCHEMA_NAME_BYTES)
		schema_refuse(lexer->text, at, "expected a name of at most %u bytes, found %u",
			      SCHEMA_NAME_BYTES, (unsigned)(end - at));
	else if (is_keyword(bytes + at, end - at) && token != SCHEMA_TOKEN_NAME)
		schema_refuse(lexer->text, at, "expected a name, found the keyword '%.*s'",
			      (int)(end - at), bytes + at);
	else if (is_keyword(bytes + at, end - at))
		lexer->token = SCHEMA_TOKEN_KEYWORD;
	else if (end - at == 1 && bytes[at] == '_')
		schema_refuse(lexer->text, at, "expected a name, found '_'");
}

static void lex_string(struct schema_lexer *lexer)
{
	uint32_t start = lexer->next++;

	while ((unsigned char)peek(lexer, 0) >= ' ' && peek(lexer, 0) != '"' &&
	       peek(lexer, 0) != '\\')
		lexer->next++;
	if (peek(lexer, 0) != '"')
		schema_refuse(lexer->text, start, "expected a string of one line without '\\'");
	lexer->at = start;
	lexer->length = ++lexer->next - start;
	lexer->token = SCHEMA_TOKEN_STRING;
}

static void lex_bracket(struct schema_lexer *lexer)
{
	lexer->token = '[';
	lexer->length = 1;
	if (peek(lexer, 1) == '@') {
		lexer->token = SCHEMA_TOKEN_ATTRIBUTE;
		lexer->length = 2;
		if (peek(lexer, 2) == '@') {
			lexer->token = SCHEMA_TOKEN_ITEM_ATTRIBUTE;
			lexer->length = 3;
		}
	}
	lexer->next += lexer->length;
}

void schema_lex_next(struct schema_lexer *lexer)
{
	char c;

	skip_blanks(lexer);
	lexer->at = lexer->next;
	lexer->length = 0;
	lexer->token = SCHEMA_TOKEN_END;
	if (lexer->text->code != ANCIENT_OK || lexer->next >= lexer->text->length)
		return;
	c = peek(lexer, 0);
	if (is_small(c)) {
		lex_name(lexer, SCHEMA_TOKEN_NAME);
	} else if (is_capital(c)) {
		lex_name(lexer, SCHEMA_TOKEN_CAPITAL);
	} else if ((c == '\'' && is_small(peek(lexer, 1))) ||
		   (c == '`' && (is_small(peek(lexer, 1)) || is_capital(peek(lexer, 1))))) {
		lexer->next++;
		lex_name(lexer, c == '`' ? SCHEMA_TOKEN_TAG : SCHEMA_TOKEN_VARIABLE);
	} else if (c == '"') {
		lex_string(lexer);
	} else if (c == '[') {
		lex_bracket(lexer);
	} else if (c != '\0' && strchr("(){}],;:.*=|", c) != NULL) {
		lexer->token = c;
		lexer->length = 1;
		lexer->next++;
	} else {
		schema_refuse(lexer->text, lexer->at,
			      c > ' ' && c < 127
				      ? "expected OCaml type declarations, found '%c'"
				      : "expected OCaml type declarations, found byte %#x",
			      (unsigned char)c);
	}
	if (lexer->text->code != ANCIENT_OK)
		lexer->token = SCHEMA_TOKEN_END;
}

bool schema_lex_is(const struct schema_lexer *lexer, const char *word)
{
	return lexer->length == strlen(word) &&
	       memcmp(lexer->text->bytes + lexer->at, word, lexer->length) == 0;
}

void schema_lex_refuse(struct schema_lexer *lexer, const char *expected)
{
	if (lexer->token == SCHEMA_TOKEN_END)
		schema_refuse(lexer->text, lexer->at, "expected %s, found the end", expected);
	else
		schema_refuse(lexer->text, lexer->at, "expected %s, found '%.*s'", expected,
			      (int)(lexer->length < 40 ? lexer->length : 40),
			      lexer->text->bytes + lexer->at);
	lexer->token = SCHEMA_TOKEN_END;
}

/* c-reader/schema: the tokens of a schema (FORMAT 12.2), for the parser. */
#include "schema/lex.h"

#include <string.h>

#include "schema/schema_text.h"

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
			ancient_reader_schema_refuse(lexer->text, start,
						     "expected the end of this comment");
			return;
		}
		if (peek(lexer, 0) == '(' && peek(lexer, 1) == '*') {
			level++;
			lexer->next += 2;
		} else if (peek(lexer, 0) == '*' && peek(lexer, 1) == ')') {
			level--;
			lexer->next += 2;
		} else if (peek(lexer, 0) == '"') {
			ancient_reader_schema_refuse(lexer->text, lexer->next,
						     "expected no '\"' inside of a comment");
			return;
		} else {
			lexer->next++;
		}
		if (lexer->level + level > SCHEMA_LEVELS) {
			ancient_reader_schema_refuse(lexer->text, start,
						     "expected at most %u levels", SCHEMA_LEVELS);
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
		ancient_reader_schema_refuse(lexer->text, at,
					     "expected a name of at most %u bytes, found %u",
					     SCHEMA_NAME_BYTES, (unsigned)(end - at));
	else if (is_keyword(bytes + at, end - at) && token != SCHEMA_TOKEN_NAME)
		ancient_reader_schema_refuse(lexer->text, at,
					     "expected a name, found the keyword '%.*s'",
					     (int)(end - at), bytes + at);
	else if (is_keyword(bytes + at, end - at))
		lexer->token = SCHEMA_TOKEN_KEYWORD;
	else if (end - at == 1 && bytes[at] == '_')
		ancient_reader_schema_refuse(lexer->text, at, "expected a name, found '_'");
}

static void lex_string(struct schema_lexer *lexer)
{
	uint32_t start = lexer->next++;

	while ((unsigned char)peek(lexer, 0) >= ' ' && peek(lexer, 0) != '"' &&
	       peek(lexer, 0) != '\\')
		lexer->next++;
	if (peek(lexer, 0) != '"')
		ancient_reader_schema_refuse(lexer->text, start,
					     "expected a string of one line without '\\'");
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

void ancient_reader_schema_lex_next(struct schema_lexer *lexer)
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
		ancient_reader_schema_refuse(
			lexer->text, lexer->at,
			c > ' ' && c < 127 ? "expected OCaml type declarations, found '%c'"
					   : "expected OCaml type declarations, found byte %#x",
			(unsigned char)c);
	}
	if (lexer->text->code != ANCIENT_OK)
		lexer->token = SCHEMA_TOKEN_END;
}

bool ancient_reader_schema_lex_is(const struct schema_lexer *lexer, const char *word)
{
	return lexer->length == strlen(word) &&
	       memcmp(lexer->text->bytes + lexer->at, word, lexer->length) == 0;
}

void ancient_reader_schema_lex_refuse(struct schema_lexer *lexer, const char *expected)
{
	if (lexer->token == SCHEMA_TOKEN_END)
		ancient_reader_schema_refuse(lexer->text, lexer->at, "expected %s, found the end",
					     expected);
	else
		ancient_reader_schema_refuse(lexer->text, lexer->at, "expected %s, found '%.*s'",
					     expected,
					     (int)(lexer->length < 40 ? lexer->length : 40),
					     lexer->text->bytes + lexer->at);
	lexer->token = SCHEMA_TOKEN_END;
}

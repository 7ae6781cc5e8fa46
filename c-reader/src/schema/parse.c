/* c-reader/schema: the grammar of FORMAT 12.2, by recursive descent in one pass: modules and the
 * root here, declarations in parse_decl.c, types in parse_type.c.  For schema.c. */
#include "schema/parse.h"

#include <string.h>

#include "schema/lex.h"
#include "schema/parse_decl.h"
#include "schema/parse_token.h"
#include "schema/parse_type.h"
#include "schema/schema_text.h"

static void take_items(struct schema_lexer *lexer);

static void add_type(struct schema_lexer *lexer, const char *name, uint32_t at,
		     const struct schema_decl *decl)
{
	uint32_t number = ancient_reader_schema_parse_new_decl(lexer, 0), name_number;
	struct schema_decl *made;

	if (schema_parse_failed(lexer))
		return;
	/* The name is in the text: "key" and "elt" behind "type", and the "t" of any of them
	 * in that word. */
	name_number = ancient_reader_schema_name_number(lexer->text, at, (uint32_t)strlen(name));
	if (schema_parse_failed(lexer))
		return;
	made = SCHEMA_ITEM(struct schema_decl, lexer->text->decls, number);
	*made = *decl;
	made->at = at;
	made->name = name_number;
	made->scope = lexer->scope;
	ancient_reader_schema_symbol_add(lexer->text, lexer->scope, name_number, SCHEMA_SPACE_TYPE,
					 number);
}

/* ("Map.S" | "Set.S" | "Hashtbl.S") "with" "type" ("key" | "elt") "=" type {item_attr} */
static void take_functor(struct schema_lexer *lexer, uint32_t inside)
{
	struct schema_decl decl = {.kind = SCHEMA_DECL_CONTAINER, .parameters = 1};
	struct schema_attributes attributes;
	uint32_t outside = lexer->scope, from = lexer->text->nodes.count, word, type_word;
	const char *key = "key";

	if (ancient_reader_schema_lex_is(lexer, "Map")) {
		decl.container = ANCIENT_TYPE_MAP;
	} else if (ancient_reader_schema_lex_is(lexer, "Hashtbl")) {
		decl.container = ANCIENT_TYPE_HASHTABLE;
	} else if (ancient_reader_schema_lex_is(lexer, "Set")) {
		decl.container = ANCIENT_TYPE_SET;
		decl.parameters = 0;
		key = "elt";
	} else {
		ancient_reader_schema_lex_refuse(lexer, "'sig', Map.S, Set.S or Hashtbl.S");
		return;
	}
	ancient_reader_schema_lex_next(lexer);
	ancient_reader_schema_parse_want(lexer, '.', "'.'");
	ancient_reader_schema_parse_want_word(lexer, "S", "'S'");
	ancient_reader_schema_parse_want_word(lexer, "with", "'with'");
	type_word = lexer->at;
	ancient_reader_schema_parse_want_word(lexer, "type", "'type'");
	word = lexer->at;
	ancient_reader_schema_parse_want_word(lexer, key, key);
	ancient_reader_schema_parse_want(lexer, '=', "'='");
	lexer->parameter_count = 0;
	decl.node = ancient_reader_schema_parse_type(lexer);
	attributes =
		ancient_reader_schema_parse_attributes(lexer, SCHEMA_TOKEN_ITEM_ATTRIBUTE, from);
	decl.standard =
		decl.container == ANCIENT_TYPE_HASHTABLE ? attributes.hash : attributes.order;
	if (schema_parse_failed(lexer))
		return;
	lexer->scope = inside;
	decl.from = from;
	decl.to = lexer->text->nodes.count;
	add_type(lexer, "t", type_word, &decl);
	decl.kind = SCHEMA_DECL_ALIAS;
	decl.parameters = 0;
	add_type(lexer, key, word, &decl);
	lexer->scope = outside;
}

/* Name ":" body.  recursive: seen from `start` on, otherwise from its end on. */
static void take_module(struct schema_lexer *lexer, bool recursive, uint32_t start)
{
	uint32_t number = lexer->text->scopes.count, outside = lexer->scope, name;
	struct schema_scope *scope =
		ancient_reader_schema_list_add(&lexer->text->scopes, sizeof(*scope));

	if (scope == NULL) {
		ancient_reader_schema_memory(lexer->text);
		lexer->token = SCHEMA_TOKEN_END;
		return;
	}
	*scope = (struct schema_scope){outside, 0, recursive ? start : UINT32_MAX};
	name = ancient_reader_schema_parse_new_name(lexer, SCHEMA_TOKEN_CAPITAL, "a module's name",
						    outside, SCHEMA_SPACE_MODULE, number);
	ancient_reader_schema_parse_want(lexer, ':', "':'");
	if (schema_parse_failed(lexer))
		return;
	SCHEMA_ITEM(struct schema_scope, lexer->text->scopes, number)->name = name;
	if (ancient_reader_schema_parse_is_keyword(lexer, "sig")) {
		ancient_reader_schema_lex_next(lexer);
		if (!ancient_reader_schema_parse_enter(lexer))
			return;
		lexer->scope = number;
		take_items(lexer);
		ancient_reader_schema_parse_want_word(lexer, "end", "'type', 'module' or 'end'");
		lexer->scope = outside;
		lexer->level--;
	} else {
		take_functor(lexer, number);
	}
	if (!recursive && !schema_parse_failed(lexer))
		SCHEMA_ITEM(struct schema_scope, lexer->text->scopes, number)->visible = lexer->at;
}

static void take_items(struct schema_lexer *lexer)
{
	while (!schema_parse_failed(lexer)) {
		uint32_t start = lexer->at;
		bool recursive;
		if (ancient_reader_schema_parse_is_keyword(lexer, "type")) {
			do {
				ancient_reader_schema_lex_next(lexer); /* "type", "and" */
				ancient_reader_schema_parse_decl(lexer, start);
			} while (ancient_reader_schema_parse_is_keyword(lexer, "and") &&
				 !schema_parse_failed(lexer));
			continue;
		}
		if (!ancient_reader_schema_parse_is_keyword(lexer, "module"))
			return;
		ancient_reader_schema_lex_next(lexer);
		recursive = ancient_reader_schema_parse_is_keyword(lexer, "rec");
		if (recursive)
			ancient_reader_schema_lex_next(lexer);
		take_module(lexer, recursive, start);
		while (recursive && ancient_reader_schema_parse_is_keyword(lexer, "and") &&
		       !schema_parse_failed(lexer)) {
			ancient_reader_schema_lex_next(lexer);
			take_module(lexer, true, start);
		}
	}
}

/* {item} "val" "root" ":" type {item_attr} */
void ancient_reader_schema_parse(struct schema_text *text)
{
	struct schema_lexer lexer = {.text = text};
	struct schema_scope *outermost =
		ancient_reader_schema_list_add(&text->scopes, sizeof(*outermost));

	if (outermost == NULL) {
		ancient_reader_schema_memory(text);
		return;
	}
	*outermost = (struct schema_scope){SCHEMA_NONE, SCHEMA_NONE, 0};
	ancient_reader_schema_lex_next(&lexer);
	take_items(&lexer);
	ancient_reader_schema_parse_want_word(&lexer, "val", "'type', 'module' or 'val'");
	ancient_reader_schema_parse_want_word(&lexer, "root", "'root'");
	ancient_reader_schema_parse_want(&lexer, ':', "':'");
	uint32_t from = text->nodes.count;
	text->root = ancient_reader_schema_parse_type(&lexer);
	ancient_reader_schema_parse_attributes(&lexer, SCHEMA_TOKEN_ITEM_ATTRIBUTE, from);
	if (text->code == ANCIENT_OK && lexer.token != SCHEMA_TOKEN_END)
		ancient_reader_schema_lex_refuse(&lexer, "the end");
}

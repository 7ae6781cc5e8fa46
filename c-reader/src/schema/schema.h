/* c-reader/schema: a parsed schema, as the other folders read it (ancient_schema.h, FORMAT 12).
 * Made by schema.c, in these steps:
 *
 *   schema_text.c     the text while it is parsed: messages, names, what names stand for
 *   lex.c             text to tokens
 *   parse.c           tokens to declarations, in one pass, with parse_token.c, parse_type.c and
 *                     parse_decl.c
 *   names.c           resolves each path to a declaration, or to a type of 12.3
 *   build.c           declarations to types, with build_entry.c, build_make.c and build_eval.c: an
 *                     entry for each instance, each expression once
 *   encode.c          the encoding of 12.5, for the fingerprint
 *   show.c            the types as the public header shows them, with their names
 *
 * A text is untrusted.  Parsing recurses on brackets and modules only, at most 256 levels of them;
 * all other steps use lists and stacks on the heap; every table has a limit. */
#ifndef ANCIENT_READER_SCHEMA_H
#define ANCIENT_READER_SCHEMA_H

#include <stdatomic.h>

#include <ancient_schema.h>

#define SCHEMA_NONE UINT32_MAX /* no type, name, node, ... */

struct ancient_schema {
	atomic_uint references;
	char *text, *encoding;
	size_t length, encoding_length;
	uint8_t fingerprint[16];
	char *label;
	char *strings;              /* every name that the types show */
	struct ancient_type *types; /* and what they point to, below */
	uint32_t count, root;
	uint32_t *arguments;
	struct ancient_field *fields;
	bool *mutable_fields; /* of each of them */
	struct ancient_constructor *constructors;
	uint32_t *order;     /* of each type's constructors: constant ones first, by number */
	uint32_t *constants; /* how many, of each type */
};

#endif

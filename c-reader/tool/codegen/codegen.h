/* c-reader/tool/codegen: what the files of `ancientctl codegen` share.
 *
 *   codegen.c             the types that a root needs, their order, and their places in the tables
 *   codegen_names.c       identifiers that cannot collide
 *   codegen_type_names.c  names of types
 *   codegen_c.c           the C header; codegen_c.h lists its other files
 *   codegen_pyi.c         the Python stub; codegen_pyi.h lists its other files
 *
 * The same schema, prefix and version of this tool give the same bytes.  Nothing recurses on
 * the schema, which may be hostile. */
#ifndef ANCIENT_TOOL_CODEGEN_H
#define ANCIENT_TOOL_CODEGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ancient_schema.h>

#define CODEGEN_NONE UINT32_MAX

/* ---- Names ------------------------------------------------------------------------ */

/* The identifiers that are in use: a hash table. */
struct codegen_names {
	char **slots;
	size_t count, capacity;
};

/* The text, or with _2, _3, ... behind it where it was given out before; it lives as long as
 * `names`.  NULL: no memory. */
const char *codegen_unique(struct codegen_names *names, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void codegen_names_done(struct codegen_names *names);

/* Words of C and C++, and types of their libraries, that a prefix and a name could make. */
bool codegen_names_reserve(struct codegen_names *names);

/* An OCaml name as part of an identifier, for free(): "Index.Package.t" is index_package,
 * "x'" is x_prime.  Modules and constructors are in small letters; a run of _ is one, and none
 * is at the ends; an identifier that has nothing else is `x`. */
char *codegen_mangle(const char *path);

/* In capitals. */
void codegen_upper(char *text);

/* ---- Types ------------------------------------------------------------------------ */

struct codegen {
	const struct ancient_schema *schema;
	const char *prefix;
	bool drop_modules; /* all, not only the first, from the names of types */
	FILE *out;
	/* Types that the root's values consist of, in the order in which a reader of the text
	 * meets them from the root on. */
	uint32_t *order;
	uint32_t count;
	uint32_t *place; /* by type: where in `order`; CODEGEN_NONE */
	const char *
		*label; /* by type: its path without modules that are left out; NULL: has none */
	char **plain;   /* by type: what its name is made of; NULL: not asked for yet */
	/* By place: */
	const char **name;        /* the struct; NULL: a leaf, which has none */
	const char **key;         /* the struct of a key of the type; NULL: none is needed */
	uint32_t *first;          /* of its fields, or of a variant's constructors, in the tables */
	uint32_t *first_argument; /* variant: of its constructors' arguments, in the fields */
	struct codegen_names names;
	uint32_t field_count, constructor_count;
	bool failed; /* no memory for a name */
};

/* False: no memory.  Either way codegen_done. */
bool codegen_init(struct codegen *codegen, const struct ancient_schema *schema, const char *prefix,
		  FILE *out);
void codegen_done(struct codegen *codegen);

static inline const struct ancient_type *codegen_type(const struct codegen *codegen, uint32_t type)
{
	return ancient_schema_type(codegen->schema, type);
}

/* Records have fields, variants constructors, leaves nothing, all others parts. */
bool codegen_is_variant(const struct ancient_type *type);
bool codegen_is_leaf(const struct ancient_type *type);
uint32_t codegen_part_count(const struct ancient_type *type);
uint32_t codegen_part(const struct ancient_type *type, uint32_t index);

/* Types that are still to be looked at. */
struct codegen_stack {
	uint32_t *items;
	size_t depth, capacity;
};

/* False: no memory. */
bool codegen_push(struct codegen_stack *stack, uint32_t item);

/* Names of all types, before the first accessor's.  False: no memory. */
bool codegen_name_types(struct codegen *codegen);

/* A type as OCaml writes it, for a comment, with the reason where its name is not the usual one. */
void codegen_put_type(const struct codegen *codegen, uint32_t place);

/* The reason alone, where it is that another type would have the name. */
void codegen_put_modules(const struct codegen *codegen, uint32_t place);

/* ---- Languages -------------------------------------------------------------------- */

/* Write it all.  False: no memory. */
bool codegen_c(struct codegen *codegen);
bool codegen_pyi(struct codegen *codegen);

/* The schema's text as lines of a comment, each after `margin`; nothing in it ends a comment
 * of C, and nothing leaves ASCII. */
void codegen_text(const struct codegen *codegen, const char *margin);

#endif

/* c-reader/tool/codegen: what the files that write the Python stub share.
 *
 *   codegen_pyi.c          the stub: names, and aliases for types that have no class
 *   codegen_pyi_classes.c  classes of records and variants
 *   codegen_pyi_types.c    the class of what Store.types() gives
 */
#ifndef ANCIENT_TOOL_CODEGEN_PYI_H
#define ANCIENT_TOOL_CODEGEN_PYI_H

#include "codegen/codegen.h"

/* What a variant is written as: a class with what its constructors share, a class for each that has
 * arguments, an enumeration of the others. */
struct pyi_variant {
	const char *base;
	const char *constants;     /* NULL: there are none */
	const char **constructors; /* by number: the class; NULL: a constant */
};

struct pyi {
	struct codegen *codegen;
	struct pyi_variant *variants; /* by place */
};

/* A word that has a meaning in Python. */
bool codegen_pyi_is_keyword(const char *name);

/* Whether a program can write the name behind a dot: it is no keyword, has no ' and no meaning of
 * its own. */
bool codegen_pyi_is_attribute(const char *name);

/* The same for a constructor, which may be a member of an enumeration. */
bool codegen_pyi_is_member(const char *name);

/* The annotation of values of a type, one word. */
const char *codegen_pyi_word(const struct codegen *codegen, uint32_t type);

/* A line of a comment: the type as OCaml writes it. */
void codegen_pyi_put_type(const struct pyi *pyi, uint32_t place, const char *before);

/* Gives the classes of a variant their names.  False: no memory. */
bool codegen_pyi_name_variant(struct pyi *pyi, uint32_t place);
void codegen_pyi_put_record(const struct pyi *pyi, uint32_t place);
/* False: no memory. */
bool codegen_pyi_put_variant(const struct pyi *pyi, uint32_t place);

/* class Types.  False: no memory. */
bool codegen_pyi_put_types(const struct pyi *pyi, const char *name);

#endif

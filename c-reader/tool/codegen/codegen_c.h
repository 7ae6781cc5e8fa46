/* c-reader/tool/codegen: what the files that write a C header share.
 *
 *   codegen_c.c           frame, tables, structs, binding
 *   codegen_value.c       what a value is in C; heads and ends of functions
 *   codegen_members.c     accessors of records, variants, options; which a type has
 *   codegen_containers.c  accessors of lists, arrays, tables, maps, sets
 *   codegen_keys.c        what keys of lookups are in C
 *   codegen_key_makers.c  functions that make them of typed arguments
 *   codegen_wrap.c        lines of at most a hundred columns */
#ifndef ANCIENT_TOOL_CODEGEN_C_H
#define ANCIENT_TOOL_CODEGEN_C_H

#include "codegen/codegen.h"

#define FILE_AND_SCHEMA "b->bind.file, b->bind.schema"
#define ACCESS "&b->bind.access"

/* ---- Values ----------------------------------------------------------------------- */

/* The type's struct; NULL: a leaf, which has none. */
const char *codegen_struct(const struct codegen *codegen, uint32_t type);

/* As OCaml writes the type. */
const char *codegen_shown(const struct codegen *codegen, uint32_t type);

/* Parameters that take a value of the type, each with ", " behind it. */
void codegen_put_result(const struct codegen *codegen, uint32_t type, const char *name);

/* A statement that hands the typed value `part` out where `code` is good so far. */
void codegen_put_hand_out(const struct codegen *codegen, uint32_t type, const char *condition,
			  const char *part, const char *name);

/* ---- Functions -------------------------------------------------------------------- */

/* A name, or "" where there was no memory for it, which is remembered in `failed`. */
const char *codegen_checked(struct codegen *codegen, const char *name);

/* The comment, and the head up to `self`. */
void codegen_begin(struct codegen *codegen, const char *self, const char *suffix,
		   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The rest of a function whose value `call`, a call without its last two arguments, gives. */
void codegen_finish(struct codegen *codegen, uint32_t type, const char *call);

/* The same where there may be no value: `flag` says whether. */
void codegen_finish_if(struct codegen *codegen, uint32_t type, const char *function,
		       const char *flag, const char *condition);

/* ---- Parts of a header ------------------------------------------------------------- */

/* The comment that begins a part. */
void codegen_section(struct codegen *codegen, const char *title);

/* All accessors of a type. */
void codegen_accessors(struct codegen *codegen, uint32_t place);
void codegen_sequence(struct codegen *codegen, const char *self, const struct ancient_type *type);
void codegen_table(struct codegen *codegen, const char *self, const struct ancient_type *type);
void codegen_set(struct codegen *codegen, const char *self, const struct ancient_type *type);

/* "circle" for the only plain argument of Circle, "rgb_0" for one of several, "circle_radius"
 * for a field of an inline record; for free().  NULL: no memory. */
char *codegen_argument_suffix(const struct ancient_constructor *constructor, uint32_t index);

/* ---- Keys -------------------------------------------------------------------------- */

/* Names the structs of keys; after the types.  False: no memory. */
bool codegen_name_keys(struct codegen *codegen);

/* The structs of keys, and the functions that make them. */
void codegen_keys(struct codegen *codegen);

/* Parts that a key of the type has at most; a polymorphic variant with an argument also has its
 * tag. */
uint32_t codegen_key_parts(const struct ancient_type *type);

/* Whether they are the doubles of a record of floats. */
bool codegen_key_has_numbers(const struct codegen *codegen, const struct ancient_type *type);

/* The second of two parameters is called as the first, and this behind it; NULL: there is one. */
const char *codegen_key_second(const struct ancient_type *type);

/* Whether the parameters point to something. */
bool codegen_key_borrows(const struct ancient_type *type);

/* Parameters that take a key of the type; `inside`: of another key.  False: it needs none. */
bool codegen_put_key_parameter(const struct codegen *codegen, uint32_t type, const char *name,
			       bool inside);

/* The expression of struct ancient_key for such a parameter. */
void codegen_put_key(const struct codegen *codegen, uint32_t type, const char *name, bool inside);

/* ---- Text -------------------------------------------------------------------------- */

/* Writes C code with long lines broken, between arguments or, in comments, words. */
void codegen_wrap(FILE *out, const char *text);

#endif

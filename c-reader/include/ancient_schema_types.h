/* libancient-reader, typed: schemas, and the types that they are made of.  Part of
 * <ancient_schema.h>, where trust, errors and an example are described. */
#ifndef ANCIENT_SCHEMA_TYPES_H
#define ANCIENT_SCHEMA_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include <ancient_reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Schemas ------------------------------------------------------------------- */

struct ancient_schema; /* opaque */

/* Parses `length` bytes of text, which are copied.
 * Cost: O(length, and the types, fields and constructors that its declarations become with their
 * arguments, which a short text can make many of).  The bound does not come from the file that the
 * text is of, but is fixed: 2^20 bytes of text, 2^17 types and aliases with their arguments, 2^20
 * fields and constructors, 2^23 steps of evaluation, 2^24 bytes of encoding; what has more is
 * BAD_SCHEMA.  Memory: less than 64 MiB.
 *
 * name      stands for the text in messages, "idx"; NULL for "schema"
 * Errors: BAD_SCHEMA with line, column, what was expected and what was found (err->offset is
 * the byte of the text, err->expected the line, err->found the column, both from 1); MEMORY. */
ANCIENT_API enum ancient_code ancient_schema_parse(const char *text, size_t length,
						   const char *name,
						   struct ancient_schema **ret_schema,
						   struct ancient_error *err);

/* One reference more; returns `schema`. */
ANCIENT_API struct ancient_schema *ancient_schema_ref(struct ancient_schema *schema);

/* One reference less; the last one frees.  NULL is allowed. */
ANCIENT_API void ancient_schema_close(struct ancient_schema *schema);

/* The text as it was given, ending in a 0 byte.  Lives as long as the schema. */
ANCIENT_API const char *ancient_schema_text(const struct ancient_schema *schema,
					    size_t *ret_length);

/* XXH3-128 of the structure (12.5), big-endian: equal where the types are, whatever their
 * names. */
ANCIENT_API void ancient_schema_fingerprint(const struct ancient_schema *schema,
					    uint8_t ret_fingerprint[16]);

/* The encoding that the fingerprint is made of, ending in a 0 byte; lives as long as the
 * schema.  ret_length   NULL allowed, as for the text */
ANCIENT_API const char *ancient_schema_encoding(const struct ancient_schema *schema,
						size_t *ret_length);

/* The type of `val root`. */
ANCIENT_API uint32_t ancient_schema_root(const struct ancient_schema *schema);

/* ---- Types --------------------------------------------------------------------- */

enum ancient_type_kind {
	ANCIENT_TYPE_UNIT = 1,
	ANCIENT_TYPE_BOOL,
	ANCIENT_TYPE_INT,
	ANCIENT_TYPE_CHAR,
	ANCIENT_TYPE_STRING,
	ANCIENT_TYPE_BYTES, /* OCaml's bytes; see also `bytes` below */
	ANCIENT_TYPE_FLOAT,
	ANCIENT_TYPE_INT32,
	ANCIENT_TYPE_INT64,
	ANCIENT_TYPE_NATIVEINT,
	ANCIENT_TYPE_Z, /* Zarith's Z.t */
	ANCIENT_TYPE_FLOATARRAY,
	ANCIENT_TYPE_TUPLE,
	ANCIENT_TYPE_RECORD,
	ANCIENT_TYPE_VARIANT,
	ANCIENT_TYPE_POLYVARIANT,
	ANCIENT_TYPE_LIST,
	ANCIENT_TYPE_ARRAY,
	ANCIENT_TYPE_OPTION,
	ANCIENT_TYPE_RESULT,
	ANCIENT_TYPE_REF,
	ANCIENT_TYPE_LAZY,
	ANCIENT_TYPE_HASHTBL,   /* (k, v) Hashtbl.t */
	ANCIENT_TYPE_HASHTABLE, /* v M.t, M : Hashtbl.S */
	ANCIENT_TYPE_MAP,       /* v M.t, M : Map.S */
	ANCIENT_TYPE_SET,       /* M.t, M : Set.S */
	ANCIENT_TYPE_BIGARRAY,
	ANCIENT_TYPE_QUEUE, /* of the standard library, as are the next two: a block that has a */
	ANCIENT_TYPE_STACK, /* list of the elements in it */
	ANCIENT_TYPE_DYNARRAY, /* and one that has an array; of OCaml 5.3 and later */
};

struct ancient_field {
	const char *name; /* of a record's field; NULL: a tuple's or a plain argument */
	uint32_t type;
	enum ancient_type_kind kind; /* of that type */
};

struct ancient_constructor {
	const char *name; /* without the backquote of a polymorphic variant */
	/* Constant constructors: the immediate integer, from 0, or a polymorphic variant's
	 * hash.  Others: the block's tag, or a polymorphic variant's hash. */
	int64_t number;
	bool constant;
	bool inline_record; /* its fields have names: C of { x : int } */
	uint32_t field_count;
	const struct ancient_field *fields; /* its arguments */
	uint64_t reserved[2];
};

/* What a type is.  Everything lives as long as the schema. */
struct ancient_type {
	enum ancient_type_kind kind;
	/* As OCaml writes it: "Package.t", "(string, Package.t) Hashtbl.t".  Long ones end in
	 * "..."; never NULL. */
	const char *name;
	/* How a record, variant, polymorphic variant or functor's container was declared,
	 * "Package.t" for every instance of it; NULL for every other type and for a
	 * polymorphic variant that was not given a name. */
	const char *path;
	/* Arguments, by kind: list array option ref lazy: the element; Queue, Stack:
	 * the list, Dynarray: the array, of what ancient_typed_contents gives; result: ok and
	 * error; Hashtbl, hashtable, map: key and value; set: the element; record, variant: the
	 * parameters as they were given; otherwise none. */
	uint32_t argument_count;
	const uint32_t *arguments;
	/* Tuple and record: fields in order. */
	uint32_t field_count;
	uint32_t block_fields; /* as many, or 0 where values are no blocks: see unboxed */
	const struct ancient_field *fields;
	/* Variant: in order of declaration; polymorphic variant: in order of names. */
	uint32_t constructor_count;
	const struct ancient_constructor *constructors;
	bool unboxed;  /* [@@unboxed]: the value of its one field, or one argument */
	bool bytes;    /* string: declared [@ancient.bytes], no text; always so for bytes */
	bool standard; /* map, set, hashtable: order or hash declared standard */
	/* Bigarray: enum ancient_bigarray_kind of <ancient/format.h>, layout, and dimensions
	 * (-1 for Genarray). */
	int bigarray_kind;
	bool bigarray_fortran;
	int bigarray_dims;
	uint64_t reserved[2];
};

/* Types are 0 .. count - 1. */
ANCIENT_API uint32_t ancient_schema_type_count(const struct ancient_schema *schema);

/* NULL where `type` is none of the schema's. */
ANCIENT_API const struct ancient_type *ancient_schema_type(const struct ancient_schema *schema,
							   uint32_t type);

/* English name of a kind, "record"; never NULL. */
ANCIENT_API const char *ancient_type_kind_name(enum ancient_type_kind kind);

/* The index of a record's field, or of a variant's constructor, by name; -1: it has none.
 * Names are compared one by one, so keep the index if it is needed often. */
ANCIENT_API int64_t ancient_type_field_index(const struct ancient_schema *schema, uint32_t type,
					     const char *name, size_t length);
ANCIENT_API int64_t ancient_type_constructor_index(const struct ancient_schema *schema,
						   uint32_t type, const char *name, size_t length);

#ifdef __cplusplus
}
#endif

#endif

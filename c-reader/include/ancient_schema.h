/* libancient-reader, typed: read OCaml values by the names of their types.
 *
 *     #include <ancient_schema.h>
 *
 *     // type package = { version : string; size : int }
 *     // val root : (string, package) Hashtbl.t
 *     struct ancient_schema *schema;
 *     struct ancient_typed root, vim, version;
 *     struct ancient_value value;
 *     const char *text;
 *     size_t length;
 *
 *     ancient_schema_parse(declarations, strlen(declarations), "idx", &schema, &err);
 *     ancient_file_get(file, 0, &value, &err);
 *     root = ancient_typed_root(schema, value);
 *     ancient_path_get(file, schema, root, "[\"vim\"].version", &version, &err);
 *     ancient_typed_string(file, schema, version, &text, &length, &err);
 *
 *     struct ancient_key key = ancient_key_string("vim", 3);      // the same, step by step
 *     ancient_typed_find(file, schema, root, &key, &vim, &err);
 *     ancient_typed_field_named(file, schema, vim, "version", &version, &err);
 *     ancient_schema_close(schema);
 *
 * The schema.  A text of OCaml type declarations that ends in `val root : TYPE` (section 12 of
 * spec/FORMAT.md), parsed into a table of types.  Types are numbers into that table; a
 * parametrised type has one entry for each set of arguments it is used with, aliases and
 * parameters have none.  A schema is immutable, belongs to no file, counts its references,
 * and may be used by any number of threads.
 *
 * Trust.  A schema only interprets, it never vouches: each access holds the block against the
 * type first, and where they disagree returns BAD_SHAPE, with the type, what was expected and
 * what was found.  As everywhere in this library any bytes, any text and any combination of
 * file, schema and value is safe; a `type` of another schema is ARGUMENT or BAD_SHAPE.
 *
 * Errors.  As in <ancient_reader.h>.  In what follows every function that takes a file may
 * also return TORN_AWAY, the CORRUPT codes of the gate (BAD_POINTER BAD_BLOCK BAD_STRING
 * BAD_CUSTOM BAD_BIGARRAY), BAD_SHAPE, ARGUMENT where a type is none of the schema's, and
 * WRONG_KIND where the type is of another kind than the function is for.
 */
#ifndef ANCIENT_SCHEMA_H
#define ANCIENT_SCHEMA_H

#include <stddef.h>
#include <string.h>

#include <ancient_reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Schemas ------------------------------------------------------------------- */

struct ancient_schema; /* opaque */

/* Parses `length` bytes of text, which are copied.  Linear in their number.
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
	/* Arguments, by kind: list array option ref lazy: the element; result: ok and error;
	 * Hashtbl, hashtable, map: key and value; set: the element; record, variant: the
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
};

/* Types are 0 .. count - 1. */
ANCIENT_API uint32_t ancient_schema_type_count(const struct ancient_schema *schema);

/* NULL where `type` is none of the schema's. */
ANCIENT_API const struct ancient_type *ancient_schema_type(const struct ancient_schema *schema,
							   uint32_t type);

/* English name of a kind, "record"; never NULL. */
ANCIENT_API const char *ancient_type_kind_name(enum ancient_type_kind kind);

/* The index of a record's field, or of a variant's constructor, by name; -1: it has none.
 * Names are compared one by one: who asks often keeps the index. */
ANCIENT_API int64_t ancient_type_field_index(const struct ancient_schema *schema, uint32_t type,
					     const char *name, size_t length);
ANCIENT_API int64_t ancient_type_constructor_index(const struct ancient_schema *schema,
						   uint32_t type, const char *name, size_t length);

/* ---- Typed values -------------------------------------------------------------- */

struct ancient_typed {
	struct ancient_value value;
	uint32_t type;
	/* Not 0: an element of a float array or a field of a record of floats, which has no
	 * word of its own: value.word holds the bits of the double.  Its type is float, or an
	 * unboxed type of one. */
	uint32_t flat;
};

static inline struct ancient_typed ancient_typed_of(struct ancient_value value, uint32_t type)
{
	/* Type and flat as one word: who hands the struct on loads them as one, and a processor
	 * waits where two stores have to be put together for a load. */
	const uint64_t type_and_flat = type;
	struct ancient_typed typed;

	typed.value = value;
	memcpy((char *)&typed + offsetof(struct ancient_typed, type), &type_and_flat,
	       sizeof(type_and_flat));
	return typed;
}

static inline struct ancient_typed ancient_typed_root(const struct ancient_schema *schema,
						      struct ancient_value value)
{
	return ancient_typed_of(value, ancient_schema_root(schema));
}

/* Whether the value itself (not what it points to) has the shape of its type: tag, size and,
 * for immediates, range.  Everything below does this first. */
ANCIENT_API enum ancient_code ancient_typed_check(const struct ancient_file *file,
						  const struct ancient_schema *schema,
						  struct ancient_typed typed,
						  struct ancient_error *err);

/* ---- Leaves -------------------------------------------------------------------- */

/* unit, bool, int, char, int32, int64, nativeint; Z.t where it is immediate (TOO_LARGE
 * otherwise). */
ANCIENT_API enum ancient_code ancient_typed_int(const struct ancient_file *file,
						const struct ancient_schema *schema,
						struct ancient_typed typed, int64_t *ret_int,
						struct ancient_error *err);

ANCIENT_API enum ancient_code ancient_typed_float(const struct ancient_file *file,
						  const struct ancient_schema *schema,
						  struct ancient_typed typed, double *ret_float,
						  struct ancient_error *err);

/* string and bytes, in the mapping; a 0 byte follows them. */
ANCIENT_API enum ancient_code ancient_typed_string(const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   struct ancient_typed typed,
						   const char **ret_bytes, size_t *ret_length,
						   struct ancient_error *err);

/* Z.t: sign, and magnitude as little-endian bytes: in the mapping, or for an immediate in
 * `small`, so a copy of the struct must set `magnitude` again where it equals the original's
 * `small`. */
struct ancient_z {
	bool negative;
	const void *magnitude;
	size_t bytes; /* a multiple of 8; the last 8 may be zeros */
	uint64_t small;
};

ANCIENT_API enum ancient_code ancient_typed_z(const struct ancient_file *file,
					      const struct ancient_schema *schema,
					      struct ancient_typed typed, struct ancient_z *ret_z,
					      struct ancient_error *err);

/* The same in decimal, ending in a 0 byte, for free().
 * Errors: TOO_LARGE past 16384 words (the conversion takes their square), MEMORY. */
ANCIENT_API enum ancient_code ancient_typed_z_text(const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   struct ancient_typed typed, char **ret_text,
						   struct ancient_error *err);

/* floatarray, and an array of floats that is flat: its elements in the mapping.  An array of
 * floats may also be boxed (it came from a polymorphic hand): BAD_SHAPE, take it element by
 * element.  An empty one gives 0 and a pointer that is not NULL. */
ANCIENT_API enum ancient_code ancient_typed_floats(const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   struct ancient_typed typed,
						   const double **ret_floats, size_t *ret_count,
						   struct ancient_error *err);

/* As ancient_bigarray_get, held against kind, layout and dimensions of the type. */
ANCIENT_API enum ancient_code ancient_typed_bigarray(const struct ancient_file *file,
						     const struct ancient_schema *schema,
						     struct ancient_typed typed,
						     struct ancient_bigarray *ret_bigarray,
						     struct ancient_error *err);

/* ---- Parts --------------------------------------------------------------------- */

/* A field of a record or tuple, boxed, flat or unboxed.
 * Errors: NO_INDEX. */
ANCIENT_API enum ancient_code ancient_typed_field(const struct ancient_file *file,
						  const struct ancient_schema *schema,
						  struct ancient_typed typed, uint32_t index,
						  struct ancient_typed *ret_field,
						  struct ancient_error *err);

/* The same by name, for records and for the inline record of a constructor.
 * Errors: NO_FIELD. */
ANCIENT_API enum ancient_code
ancient_typed_field_named(const struct ancient_file *file, const struct ancient_schema *schema,
			  struct ancient_typed typed, const char *name,
			  struct ancient_typed *ret_field, struct ancient_error *err);

/* Which constructor a variant or polymorphic variant is: an index into the type's
 * `constructors`. */
ANCIENT_API enum ancient_code ancient_typed_constructor(const struct ancient_file *file,
							const struct ancient_schema *schema,
							struct ancient_typed typed,
							uint32_t *ret_index,
							struct ancient_error *err);

/* An argument of that constructor, or a field of its inline record.
 * Errors: NO_INDEX. */
ANCIENT_API enum ancient_code ancient_typed_argument(const struct ancient_file *file,
						     const struct ancient_schema *schema,
						     struct ancient_typed typed, uint32_t index,
						     struct ancient_typed *ret_argument,
						     struct ancient_error *err);

/* option: whether it is Some, and what of (*ret_value is untouched where it is None). */
ANCIENT_API enum ancient_code ancient_typed_option(const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   struct ancient_typed typed, bool *ret_some,
						   struct ancient_typed *ret_value,
						   struct ancient_error *err);

/* result: whether it is Ok, and what of. */
ANCIENT_API enum ancient_code ancient_typed_result(const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   struct ancient_typed typed, bool *ret_ok,
						   struct ancient_typed *ret_value,
						   struct ancient_error *err);

/* ref: its contents.  lazy: its value, behind any number of forced lazies. */
ANCIENT_API enum ancient_code ancient_typed_contents(const struct ancient_file *file,
						     const struct ancient_schema *schema,
						     struct ancient_typed typed,
						     struct ancient_typed *ret_value,
						     struct ancient_error *err);

/* How many elements: array, floatarray, bigarray: O(1); list, map, set: by counting; Hashtbl:
 * bindings, those hidden by Hashtbl.add included, by counting.  Never a number that the file
 * merely states. */
ANCIENT_API enum ancient_code ancient_typed_length(const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   struct ancient_typed typed, uint64_t *ret_length,
						   struct ancient_error *err);

/* Element `index`: array, floatarray: O(1); list: O(index).
 * Errors: NO_INDEX. */
ANCIENT_API enum ancient_code ancient_typed_item(const struct ancient_file *file,
						 const struct ancient_schema *schema,
						 struct ancient_typed typed, uint64_t index,
						 struct ancient_typed *ret_item,
						 struct ancient_error *err);

/* ---- Parts, opened once --------------------------------------------------------- */

/* A block that was held against its type, for reading its words any number of times without
 * doing it again:
 *
 *     struct ancient_parts parts;
 *     code = ancient_typed_parts(file, schema, record, &parts, &err);
 *     if (parts.words != NULL)
 *             field = ancient_parts_get(&parts, 2, type->fields[2].type);
 *
 * words is in the mapping and lives as long as the file. */
struct ancient_parts {
	/* NULL where the value is no block, which is [], None, a constant constructor or of an
	 * [@@unboxed] type: its part is what ancient_typed_field or _argument says. */
	const uint64_t *words;
	uint64_t count;
	uint32_t flat; /* not 0: they are the bits of doubles */
	uint32_t
		constructor; /* of a variant or polymorphic variant, as ancient_typed_constructor */
};

/* Record and tuple: the fields in order; array and floatarray: the elements; list: the head and
 * the list behind it; ref, option and result: what is inside; variant: the arguments;
 * polymorphic variant: its hash and the argument. */
ANCIENT_API enum ancient_code ancient_typed_parts(const struct ancient_file *file,
						  const struct ancient_schema *schema,
						  struct ancient_typed typed,
						  struct ancient_parts *ret_parts,
						  struct ancient_error *err);

/* Part `index`, below parts->count, as a value of `type`.  Reads one word and tests nothing:
 * where the file has been torn away the word is 0, which the value's own accessor finds out;
 * who takes the word itself, of flat parts, asks ancient_file_stands afterwards. */
static inline struct ancient_typed ancient_parts_get(const struct ancient_parts *parts,
						     uint64_t index, uint32_t type)
{
	struct ancient_typed part = {
		{__atomic_load_n(&parts->words[index], __ATOMIC_RELAXED)}, type, parts->flat};
	return part;
}

/* ---- Iteration ----------------------------------------------------------------- */

/* Walks a list, array, floatarray, Hashtbl, hashtable, map or set:
 *
 *     struct ancient_iterator it;
 *     code = ancient_iterator_init(file, schema, typed, &it, &err);
 *     while (code == ANCIENT_OK &&
 *            (code = ancient_iterator_next(&it, &key, &value, &err)) == ANCIENT_OK) ...
 *     // NO_INDEX: the end; anything else: an error
 *
 * Lists and arrays in order; maps and sets in ascending order; tables bucket by bucket, in a
 * bucket the newest binding first, as OCaml's own iteration.  It borrows file and schema,
 * owns nothing, and needs no end.  A walk is bounded by the words of the file; a map or set
 * deeper than 128 is BAD_SHAPE (OCaml's own never are). */
struct ancient_iterator { /* all private */
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	const struct ancient_key *only;
	uint32_t type, kind, key_type, value_type, depth, single;
	uint64_t next, at, count, cell, head, left;
	uint64_t kept, steps, until;
	uint64_t stack[128];
};

ANCIENT_API enum ancient_code ancient_iterator_init(const struct ancient_file *file,
						    const struct ancient_schema *schema,
						    struct ancient_typed typed,
						    struct ancient_iterator *ret_iterator,
						    struct ancient_error *err);

/* ret_key     the element, or the key of a table or map
 * ret_value   the value of a table or map; NULL where it is not wanted */
ANCIENT_API enum ancient_code ancient_iterator_next(struct ancient_iterator *iterator,
						    struct ancient_typed *ret_key,
						    struct ancient_typed *ret_value,
						    struct ancient_error *err);

/* Whether the binding of a table that `next` gave last is hidden by a newer one with an equal
 * key.  Costs a comparison for each newer binding of its bucket; false for anything but a
 * table. */
ANCIENT_API enum ancient_code ancient_iterator_hidden(const struct ancient_iterator *iterator,
						      bool *ret_hidden, struct ancient_error *err);

/* ---- Lookups ------------------------------------------------------------------- */

/* A key to look for, built by the caller, without a file:
 *
 *     struct ancient_key parts[2] = {ancient_key_string("vim", 3), ancient_key_int(9)};
 *     struct ancient_key pair = ancient_key_tuple(parts, 2);
 *
 * Compared and hashed as OCaml's `compare` and `Hashtbl.hash` do with the same value.  It
 * borrows what it points to. */
enum ancient_key_kind {
	ANCIENT_KEY_INT = 1, /* int, char, bool, unit, constant constructor, Z.t */
	ANCIENT_KEY_STRING,
	ANCIENT_KEY_FLOAT,
	ANCIENT_KEY_FLOATS, /* float array, record of floats */
	ANCIENT_KEY_INT32,
	ANCIENT_KEY_INT64,
	ANCIENT_KEY_NATIVEINT,
	ANCIENT_KEY_BLOCK, /* tuple, record, list, constructor with arguments, Some */
	ANCIENT_KEY_VALUE, /* a value of the same file */
};

struct ancient_key {
	enum ancient_key_kind kind;
	unsigned tag; /* BLOCK */
	union {
		int64_t integer;
		double number;
		const char *bytes;
		const double *numbers;
		const struct ancient_key *fields;
		struct ancient_value value;
	} as;
	size_t count; /* STRING: bytes; FLOATS, BLOCK: how many */
};

static inline struct ancient_key ancient_key_int(int64_t integer)
{
	struct ancient_key key = {ANCIENT_KEY_INT, 0, {integer}, 0};
	return key;
}

static inline struct ancient_key ancient_key_string(const char *bytes, size_t length)
{
	struct ancient_key key = {ANCIENT_KEY_STRING, 0, {0}, length};
	key.as.bytes = bytes;
	return key;
}

static inline struct ancient_key ancient_key_float(double number)
{
	struct ancient_key key = {ANCIENT_KEY_FLOAT, 0, {0}, 0};
	key.as.number = number;
	return key;
}

/* kind   ANCIENT_KEY_INT32, _INT64 or _NATIVEINT */
static inline struct ancient_key ancient_key_boxed(enum ancient_key_kind kind, int64_t integer)
{
	struct ancient_key key = {kind, 0, {integer}, 0};
	return key;
}

static inline struct ancient_key ancient_key_floats(const double *numbers, size_t count)
{
	struct ancient_key key = {ANCIENT_KEY_FLOATS, 0, {0}, count};
	key.as.numbers = numbers;
	return key;
}

static inline struct ancient_key ancient_key_block(unsigned tag, const struct ancient_key *fields,
						   size_t count)
{
	struct ancient_key key = {ANCIENT_KEY_BLOCK, tag, {0}, count};
	key.as.fields = fields;
	return key;
}

/* A tuple, or a record that is no record of floats. */
static inline struct ancient_key ancient_key_tuple(const struct ancient_key *fields, size_t count)
{
	return ancient_key_block(0, fields, count);
}

static inline struct ancient_key ancient_key_value(struct ancient_value value)
{
	struct ancient_key key = {ANCIENT_KEY_VALUE, 0, {0}, 0};
	key.as.value = value;
	return key;
}

/* The value that a Hashtbl, hashtable or map has for `key` (of a table, the newest), or the
 * element of a set that equals it.
 *
 * Equality is that of OCaml's `compare`.  Cost: Hashtbl: one bucket; a hashtable, map or set
 * declared standard: one bucket, one path; any other: every binding.
 *
 * A declaration is not believed where it would hide a binding.  A map or set: where the key is
 * not found, each node of the path is held against the bounds that the nodes above give it.
 * A hashtable: where the bucket has no such key, the
 * keys of that bucket and of the next ones, at most eight keys, at most 64 buckets but at least
 * one key, are hashed, and must belong where they are.  Where one
 * disagrees, the declaration is refuted and every binding is searched.
 *
 * Errors: NO_KEY (err->message shows the key where it is a string or an integer); those of
 * ancient_value_compare.  Keys that have no hash are searched one by one; bigarrays, and customs
 * other than int32, int64, nativeint and Z.t, cannot be compared either, which is WRONG_KIND
 * where one is met.  Keys may be as deep as memory: nothing recurses. */
ANCIENT_API enum ancient_code
ancient_typed_find(const struct ancient_file *file, const struct ancient_schema *schema,
		   struct ancient_typed typed, const struct ancient_key *key,
		   struct ancient_typed *ret_value, struct ancient_error *err);

/* A container in which keys are looked for again and again, which is opened once:
 *
 *     struct ancient_lookup lookup;
 *     ancient_lookup_init(file, schema, table, &lookup);             // once
 *     code = ancient_lookup_find(&lookup, &key, &value, &err);       // as ancient_typed_find
 *
 * It borrows file and schema, owns nothing, needs no end, and may be used by any number of
 * threads.  What is kept is where the buckets of a Hashtbl lie, which was held against the file
 * once and cannot become wrong; everything behind it is tested by each lookup. */
struct ancient_lookup { /* all private */
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_typed typed;
	uint64_t buckets; /* offset of the first; 0: nothing is kept */
	uint64_t mask;
	uint32_t seed, value_type;
};

/* Cannot fail: a container that is not as it should be is found out by each lookup. */
ANCIENT_API void ancient_lookup_init(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed, struct ancient_lookup *ret_lookup);

/* What ancient_typed_find gives, errors included. */
ANCIENT_API enum ancient_code ancient_lookup_find(const struct ancient_lookup *lookup,
						  const struct ancient_key *key,
						  struct ancient_typed *ret_value,
						  struct ancient_error *err);

/* Finds many keys in one call: what ancient_typed_find does for each, but many at a time, so
 * that they wait for memory together.
 *
 *     struct ancient_key keys[2] = {ancient_key_string("vim", 3), ancient_key_string("ed", 2)};
 *     struct ancient_typed values[2];
 *     bool found[2];
 *     code = ancient_typed_find_many(file, schema, table, keys, 2, values, found, NULL, &err);
 *
 * keys        `count` of them, of any kinds, in any order; the same one may come twice
 * ret_values  `count` of them: the value of keys[i], and where it has none the word 1
 * ret_found   `count` of them: whether keys[i] has one
 * ret_count   how many have one; NULL: not wanted
 *
 * An absent key is no error.  On failure the two arrays hold anything, and there is no telling
 * for which key it was.  Allocates nothing; a small `count` costs no more than as many calls.
 * Errors: those of ancient_typed_find but NO_KEY. */
ANCIENT_API enum ancient_code
ancient_typed_find_many(const struct ancient_file *file, const struct ancient_schema *schema,
			struct ancient_typed typed, const struct ancient_key *keys, size_t count,
			struct ancient_typed *ret_values, bool *ret_found, size_t *ret_count,
			struct ancient_error *err);

/* An iterator over the bindings of `key` alone, in a table the newest first (Hashtbl.find_all),
 * in a map or set at most one.  `key` must live as long as the iterator. */
ANCIENT_API enum ancient_code
ancient_iterator_init_key(const struct ancient_file *file, const struct ancient_schema *schema,
			  struct ancient_typed typed, const struct ancient_key *key,
			  struct ancient_iterator *ret_iterator, struct ancient_error *err);

/* OCaml's `Hashtbl.seeded_hash seed value`; seed 0 for `Hashtbl.hash`.
 * Errors: WRONG_KIND where the value holds a custom block other than int32, int64, nativeint
 * and Z.t. */
ANCIENT_API enum ancient_code ancient_value_hash(const struct ancient_file *file,
						 struct ancient_value value, uint32_t seed,
						 uint32_t *ret_hash, struct ancient_error *err);

/* OCaml's `compare`: *ret_order is -1, 0 or 1.
 * Errors: WRONG_KIND for custom blocks other than int32, int64, nativeint and Z.t; TOO_LARGE
 * after some more steps than the file has words (cyclic values); MEMORY.  Keys may be as deep as
 * memory: nothing recurses. */
ANCIENT_API enum ancient_code ancient_value_compare(const struct ancient_file *file,
						    struct ancient_value left,
						    struct ancient_value right, int *ret_order,
						    struct ancient_error *err);

/* The same with a key in place of the value, or of the right one.  `file` may be NULL where
 * the key holds no ANCIENT_KEY_VALUE. */
ANCIENT_API enum ancient_code ancient_key_hash(const struct ancient_file *file,
					       const struct ancient_key *key, uint32_t seed,
					       uint32_t *ret_hash, struct ancient_error *err);
ANCIENT_API enum ancient_code ancient_key_compare(const struct ancient_file *file,
						  struct ancient_value left,
						  const struct ancient_key *right, int *ret_order,
						  struct ancient_error *err);

/* ---- Columns ------------------------------------------------------------------- */

/* Copies the same parts of all elements of a list, array, floatarray, table, map or set into
 * arrays of the caller's, one array for each part:
 *
 *     // type package = { version : string; size : int; score : float option }
 *     // val root : (string, package) Hashtbl.t
 *     struct ancient_scan scan;
 *     struct ancient_column columns[2];
 *     int64_t sizes[1024];
 *     double scores[1024];
 *     uint8_t scored[1024];
 *     size_t rows;
 *
 *     code = ancient_scan_init(file, schema, root, false, &scan, &err);
 *     code = ancient_column_init(&scan, false, "size", &columns[0], &err);
 *     code = ancient_column_init(&scan, false, "score", &columns[1], &err);
 *     columns[0].data = sizes;      // its kind is ANCIENT_COLUMN_INT
 *     columns[1].data = scores;     // ANCIENT_COLUMN_FLOAT
 *     columns[1].present = scored;  // it is optional
 *     do {
 *             code = ancient_scan_next(&scan, columns, 2, 1024, &rows, &err);
 *             // so many rows stand in sizes and scores
 *     } while (code == ANCIENT_OK && rows == 1024);
 *
 * The rows come in the order of ancient_iterator_next, so columns that are taken apart, by two
 * scans of the same value, fit together. */

enum ancient_column_kind {
	ANCIENT_COLUMN_INT = 1,     /* int64_t: unit, int, char, int32, int64, nativeint; Z.t, where
				       one does not fit in an int of OCaml TOO_LARGE */
	ANCIENT_COLUMN_BOOL,        /* uint8_t, 0 or 1 */
	ANCIENT_COLUMN_FLOAT,       /* double */
	ANCIENT_COLUMN_STRING,      /* struct ancient_bytes: string, bytes */
	ANCIENT_COLUMN_CONSTRUCTOR, /* int64_t: which of the constructors of a variant or
				       polymorphic variant, by its index in the type */
};

/* Bytes in the mapping: a 0 byte follows them, others may be inside.  They live as long as the
 * file; file_offset is where they are in it. */
struct ancient_bytes {
	const char *bytes;
	uint64_t length;
	uint64_t file_offset;
};

#define ANCIENT_COLUMN_STEPS 14

struct ancient_column {
	/* Made by ancient_column_init. */
	enum ancient_column_kind kind;
	uint32_t type;     /* of the values */
	size_t item_bytes; /* of one of `data`: 8, 1 or sizeof(struct ancient_bytes) */
	bool optional;     /* a row may have none: there is an option on the way, or a choice of
			      constructor */
	/* The caller's, set before ancient_scan_next: arrays of at least `capacity` items.
	 * A row without a value is 0, nan, or NULL, 0 and 0 in `data`, and 0 in `present`; all
	 * others 1.  present   NULL: not wanted */
	void *data;
	uint8_t *present;
	/* Private. */
	const struct ancient_schema *schema;
	uint32_t from, of_key, step_count;
	struct ancient_column_step {
		uint32_t kind, index, argument, type;
	} steps[ANCIENT_COLUMN_STEPS];
};

/* Where a scan is.  Borrows file and schema, owns nothing, needs no end. */
struct ancient_scan { /* all private */
	struct ancient_iterator iterator;
	bool all, done;
};

/* all   also the bindings of a table that newer ones hide; false: as OCaml's Hashtbl.find sees
 *       it, which costs a comparison of keys where a bucket has more than one */
ANCIENT_API enum ancient_code ancient_scan_init(const struct ancient_file *file,
						const struct ancient_schema *schema,
						struct ancient_typed typed, bool all,
						struct ancient_scan *ret_scan,
						struct ancient_error *err);

/* Once, before the first row: leaves a scan only a share of the rows, so that threads take columns
 * of one value together, each with a scan and columns of its own:
 *
 *     code = ancient_scan_init(file, schema, root, false, &scan, &err);
 *     ancient_scan_share(&scan, thread, threads);
 *
 * The shares 0 to `shares` - 1, one behind the other, are all rows once, in their order.  Each
 * has as many elements of an array or floatarray, or buckets of a table, but for the first few,
 * which have one more where the number is no multiple of `shares`.  A list, map or set can only
 * be walked from its beginning: share 0 is all of it.
 *
 * share   less than `shares`; otherwise there are no rows */
ANCIENT_API void ancient_scan_share(struct ancient_scan *scan, uint64_t share, uint64_t shares);

/* Resolves the path of a column once, by the types alone; `data` and `present` are set to NULL.
 * The column is good for any scan of a value with the same schema and the same type of
 * elements, or of keys.
 *
 * of_key   from the keys of a table or map instead of its values; false for all else
 * path     "" the element itself; .name a field of a record, or of the inline record of the
 *          constructor named before, the first dot optional; [2] part 2 of a tuple, argument 2
 *          of that constructor; .Name what a constructor has as its argument, other rows being
 *          absent (with .Ok and .Error for a result).  Options, refs and forced lazies are
 *          looked through wherever they are, also at the end
 * Errors: ARGUMENT where the path is not written so; NO_FIELD, NO_INDEX where a step leads
 * nowhere; WRONG_KIND where a step does not fit the type, or the type at its end is in no
 * column; TOO_LARGE for more than ANCIENT_COLUMN_STEPS steps, those through options, refs and
 * lazies included. */
ANCIENT_API enum ancient_code ancient_column_init(const struct ancient_scan *scan, bool of_key,
						  const char *path,
						  struct ancient_column *ret_column,
						  struct ancient_error *err);

/* The next rows: as many as there are, at most `capacity`.  Fewer than `capacity` (also 0): it
 * was the end, and the next call gives 0.  Never more rows than the file has words.
 *
 * count      of columns; 0 counts the rows
 * ret_rows   how many rows were written to each of the columns
 * Errors: those of ancient_iterator_next and of the accessors on the way, BAD_SHAPE with the
 * offset of the first value that has not the shape of its type; then the arrays hold anything,
 * and the scan is over. */
ANCIENT_API enum ancient_code ancient_scan_next(struct ancient_scan *scan,
						const struct ancient_column *columns, size_t count,
						size_t capacity, size_t *ret_rows,
						struct ancient_error *err);

/* ---- Paths --------------------------------------------------------------------- */

/* Follows a path, `packages["vim"].depends[0].name`, from a typed value:
 *
 *   .name       a field of a record, or of the inline record of the constructor found; the dot
 *               is optional at the beginning
 *   [3]         element 3 of a list, array, floatarray or tuple; argument 3 of the constructor
 *               found; or the binding of the integer key 3 of a table or map (also [-3])
 *   ["vim"]     the binding of a string key of a table or map; in it \" \\ \n \t \r \b \xHH
 *               and \DDD as in OCaml
 *   .Name       where the constructor found is Name: its argument; where it has several or
 *               an inline record, the same value again, for [n] or .field to go on from
 *   .!          what is in a ref; the value of a Some or Ok, where it is one
 *
 * Lazies are looked through, and so is an option's Some before any step but .!.
 * Errors: ARGUMENT where the path is not written so; NO_FIELD, NO_INDEX, NO_KEY where a step
 * leads nowhere, with the path up to there; WRONG_KIND where a step does not fit the type. */
ANCIENT_API enum ancient_code ancient_path_get(const struct ancient_file *file,
					       const struct ancient_schema *schema,
					       struct ancient_typed typed, const char *path,
					       struct ancient_typed *ret_value,
					       struct ancient_error *err);

/* ---- Dump ---------------------------------------------------------------------- */

/* Writes a typed value as JSON.  Options, memory and errors as ancient_value_dump.
 *
 *   unit null · bool true · int 1 · char, string "text" (not UTF-8: as appendix A of
 *   spec/FORMAT.md) · bytes, and strings declared so: {"bytes": "hex"} · float 1.5, or
 *   {"float": "nan"}, "inf", "-inf" · int32 int64 nativeint Z.t: a number; past 2^53 all
 *   integers are strings · tuple, list, array, floatarray, set: [ … ] · record { … } ·
 *   constant constructor "Name"; with arguments {"Name": [ … ]}; with an inline record
 *   {"Name": { … }}; polymorphic variants the same without backquote, always one argument in
 *   the list · option: null or the value; where the value may be null itself (an option, unit,
 *   or what is written as one of these): {"Some": value} · result {"Ok": value},
 *   {"Error": value} · ref and lazy: the value · tables and maps with string keys { … },
 *   others [[key, value], … ]; bindings hidden by Hashtbl.add are left out · bigarray as
 *   appendix A
 *
 * A value that contains itself is {"ref": n} inside of itself: the n-th block around that place,
 * 1 the one it is directly in, a list, array, table, map or set being one block.  A list whose
 * tail leads back into it ends in {"ref": 1}.  What is merely shared is written each time it is
 * met: set a limit for files from strangers. */
ANCIENT_API enum ancient_code ancient_typed_dump(const struct ancient_file *file,
						 const struct ancient_schema *schema,
						 struct ancient_typed typed,
						 const struct ancient_dump_options *options,
						 struct ancient_error *err);

#ifdef __cplusplus
}
#endif

#endif

/* libancient-reader, typed: finding keys in tables, maps and sets, in place; following paths;
 * OCaml's own hash and order.  Part of <ancient_schema.h>, where trust, errors and an example are
 * described. */
#ifndef ANCIENT_LOOKUP_H
#define ANCIENT_LOOKUP_H

#include <ancient_typed.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Lookups ------------------------------------------------------------------- */

/* A key to look for, built by the caller, without a file.  Headers that `ancientctl codegen` makes
 * have a function for each type of key, which takes arguments of the right types.  By hand:
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

/* The same as functions of the library, for bindings of other languages, many of which cannot be
 * given a struct with a union in it.  The key borrows what the arguments point to. */
ANCIENT_API void ancient_key_init_int(struct ancient_key *ret_key, int64_t integer);
ANCIENT_API void ancient_key_init_string(struct ancient_key *ret_key, const char *bytes,
					 size_t length);
ANCIENT_API void ancient_key_init_float(struct ancient_key *ret_key, double number);
ANCIENT_API void ancient_key_init_boxed(struct ancient_key *ret_key, enum ancient_key_kind kind,
					int64_t integer);
ANCIENT_API void ancient_key_init_floats(struct ancient_key *ret_key, const double *numbers,
					 size_t count);
ANCIENT_API void ancient_key_init_block(struct ancient_key *ret_key, unsigned tag,
					const struct ancient_key *fields, size_t count);
ANCIENT_API void ancient_key_init_tuple(struct ancient_key *ret_key,
					const struct ancient_key *fields, size_t count);
ANCIENT_API void ancient_key_init_value(struct ancient_key *ret_key, struct ancient_value value);

/* The value that a Hashtbl, hashtable or map has for `key` (of a table, the newest), or the
 * element of a set that equals it.
 *
 * Equality is that of OCaml's `compare`.  Cost: Hashtbl: one bucket; a hashtable, map or set
 * declared standard: one bucket, one path; any other: every binding.  For a bucket or container of
 * n bindings that is O(n) comparisons with the key, of as many steps as the key has words; for a
 * key that is a value of the file, O(words of the keys met), however they share them.  The keys of
 * a bucket of more than 128 are hashed once, as a whole, for all lookups in it.  TOO_LARGE where it
 * is more than a published file can cost.
 *
 * A declaration is not trusted where it would hide a binding.  In a map or set, where the key is
 * not found, each node of the path must lie between the bounds that the nodes above give it.  In a
 * hashtable, where the bucket has no such key, the keys of that bucket and the next ones are
 * hashed, and must be in their buckets: at most eight keys, in at most 64 buckets or as many as it
 * takes to find one.  Where one disagrees, the declaration is wrong and every binding is compared.
 *
 * Errors: NO_KEY (err->message shows the key where it is a string or an integer); WRONG_KIND where
 * the key is not found and cannot be of the type of the container's keys: the message names that
 * type and what the key is, and the part that differs (a key that is a value of the file is taken
 * to be of the type, and so is what is nested more than 64 deep); those of ancient_value_compare.
 * Keys that have no hash are searched one by one; bigarrays, and customs other than int32, int64,
 * nativeint and Z.t, cannot be compared either, which is WRONG_KIND where one is met.  Keys may be
 * as deep as memory: nothing recurses. */
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
 * It borrows file and schema, owns nothing, need not be closed, and may be used by any number of
 * threads.  It keeps where the buckets of a Hashtbl lie, which was tested once and stays inside
 * the mapping; everything behind it is tested by each lookup. */
struct ancient_lookup { /* all private */
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_typed typed;
	uint64_t buckets; /* offset of the first; 0: not a good Hashtbl */
	uint64_t mask;
	uint32_t seed, value_type;
	uint64_t reserved[4];
};

/* Cannot fail: a damaged container is an error of each lookup. */
ANCIENT_API void ancient_lookup_init(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed, struct ancient_lookup *ret_lookup);

/* What ancient_typed_find gives, errors included. */
ANCIENT_API enum ancient_code ancient_lookup_find(const struct ancient_lookup *lookup,
						  const struct ancient_key *key,
						  struct ancient_typed *ret_value,
						  struct ancient_error *err);

/* Finds many keys in one call, each as ancient_typed_find does.  Up to 32 are looked up together,
 * so that their waits for memory overlap.
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
 * An absent key is no error, but one that cannot be of the keys' type is.  On failure the contents
 * of the two arrays are undefined, and the error does not say for which key it was.  Allocates
 * nothing; a small `count` costs no more than as many calls. Errors: those of ancient_typed_find
 * but NO_KEY. */
ANCIENT_API enum ancient_code
ancient_typed_find_many(const struct ancient_file *file, const struct ancient_schema *schema,
			struct ancient_typed typed, const struct ancient_key *keys, size_t count,
			struct ancient_typed *ret_values, bool *ret_found, size_t *ret_count,
			struct ancient_error *err);

/* ---- Keys as texts ------------------------------------------------------------- */

/* A key written as OCaml writes values, by the type of the keys:
 *
 *     int, Z.t 3, -3, 0xFF, 1_000 · int32, int64, nativeint the same, or 3l, 3L, 3n · float 1.5,
 *     1e3, nan, infinity, or 3 · bool true · unit () · char 'c', '\n' · string "vim", {|vim|} ·
 *     constructor Noun, Circle 1.5, Rgb (1, 2), C { x = 1 } (modules before it are allowed) ·
 *     polymorphic variant `Noun, `B 3 · tuple (Noun, 1740) · record { a = 1; b = "x" }, all fields
 *     in any order · list [1; 2] · array [|1; 2|] · option None, Some 1 · result Ok 1, Error "x" ·
 *     ref { contents = 1 }
 *
 * Blanks between the parts, and parentheses around each but a tuple, are allowed.
 * Errors: ARGUMENT where it is not written so; WRONG_KIND where it is of another type, which the
 * message names, with how values of the type are written; TOO_LARGE where it is nested more than
 * 100 deep; MEMORY. */
struct ancient_literal; /* opaque */

/* type   of the keys: arguments[0] of a table, map or set */
ANCIENT_API enum ancient_code ancient_literal_parse(const struct ancient_schema *schema,
						    uint32_t type, const char *text, size_t length,
						    struct ancient_literal **ret_literal,
						    struct ancient_error *err);

/* The key, which lives as long as the literal; the text need not.  A record or an array of floats
 * is as OCaml makes it where the types are known; one that polymorphic code made, whose floats are
 * boxed, is found by ancient_typed_at alone. */
ANCIENT_API const struct ancient_key *ancient_literal_key(const struct ancient_literal *literal);

/* NULL is allowed. */
ANCIENT_API void ancient_literal_free(struct ancient_literal *literal);

/* What ancient_typed_find gives for the key that the text says.
 * Errors: of ancient_literal_parse, and of ancient_typed_find. */
ANCIENT_API enum ancient_code ancient_typed_at(const struct ancient_file *file,
					       const struct ancient_schema *schema,
					       struct ancient_typed typed, const char *text,
					       size_t length, struct ancient_typed *ret_value,
					       struct ancient_error *err);

/* An iterator over the bindings of `key` alone, in a table the newest first (Hashtbl.find_all),
 * in a map or set at most one.  `key` must live as long as the iterator.
 * Errors: of ancient_typed_find, but NO_KEY. */
ANCIENT_API enum ancient_code
ancient_iterator_init_key(const struct ancient_file *file, const struct ancient_schema *schema,
			  struct ancient_typed typed, const struct ancient_key *key,
			  struct ancient_iterator *ret_iterator, struct ancient_error *err);

/* OCaml's `Hashtbl.seeded_hash seed value`; seed 0 for `Hashtbl.hash`.
 * Errors: WRONG_KIND where the value holds a custom block other than int32, int64, nativeint
 * and Z.t; TOO_LARGE where its strings lie in a hole of the file, or overlap. */
ANCIENT_API enum ancient_code ancient_value_hash(const struct ancient_file *file,
						 struct ancient_value value, uint32_t seed,
						 uint32_t *ret_hash, struct ancient_error *err);

/* OCaml's `compare`: *ret_order is -1, 0 or 1.
 * Cost: O(words of both), in steps and memory: blocks that are shared are compared once.
 * Errors: WRONG_KIND for custom blocks other than int32, int64, nativeint and Z.t; TOO_LARGE
 * where a value contains itself, or blocks overlap; INTERRUPTED; MEMORY.  Keys may be as deep as
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

/* ---- Paths --------------------------------------------------------------------- */

/* Follows a path, `packages["vim"].depends[0].name`, from a typed value:
 *
 *   .name       a field of a record, or of the inline record of the constructor found; the dot
 *               is optional at the beginning
 *   [3]         element 3 of a list, array, floatarray or tuple; argument 3 of the constructor
 *               found
 *   ["vim"]     the binding of a key of a table, map or set, written as ancient_literal_parse takes
 *               it: [3], [-3], ['c'], [(Noun, 1740)]
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

#ifdef __cplusplus
}
#endif

#endif

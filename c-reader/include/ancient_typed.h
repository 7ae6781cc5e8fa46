/* libancient-reader, typed: a value of a file together with its type, and what can be read of it.
 * Part of <ancient_schema.h>, where trust, errors and an example are described. */
#ifndef ANCIENT_TYPED_H
#define ANCIENT_TYPED_H

#include <stddef.h>
#include <string.h>

#include <ancient_schema_types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ancient_key; /* <ancient_lookup.h> */

/* ---- Typed values -------------------------------------------------------------- */

struct ancient_typed {
	struct ancient_value value;
	uint32_t type;
	/* Not 0: an element of a float array or a field of a record of floats, which has no
	 * word of its own: value.word holds the bits of the double.  Its type is float, or an
	 * unboxed type of one. */
	uint32_t flat;
};

ANCIENT_INLINE struct ancient_typed ancient_typed_of(struct ancient_value value, uint32_t type)
{
	/* Type and flat are stored as one word, because code that copies the struct loads them as
	 * one, and a load that spans two recent stores stalls. */
	const uint64_t type_and_flat = type;
	struct ancient_typed typed;

	typed.value = value;
	memcpy((char *)&typed + offsetof(struct ancient_typed, type), &type_and_flat,
	       sizeof(type_and_flat));
	return typed;
}

ANCIENT_INLINE struct ancient_typed ancient_typed_root(const struct ancient_schema *schema,
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
 * floats may also be boxed, where polymorphic code made it: BAD_SHAPE, read it element by
 * element.  An empty one gives 0 and a pointer that is not NULL. */
ANCIENT_API enum ancient_code ancient_typed_floats(const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   struct ancient_typed typed,
						   const double **ret_floats, size_t *ret_count,
						   struct ancient_error *err);

/* As ancient_bigarray_get, after comparing kind, layout and dimensions with the type. */
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

/* ref: its contents.  lazy: its value, behind any number of forced lazies.  Queue, Stack, Dynarray:
 * the list or array of its elements, which the functions for sequences look into by themselves. */
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

/* A block that was compared with its type once, for reading its words any number of times:
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
 * in a file torn away the word is 0, which the value's own accessor recognises; a caller that
 * uses the word itself, of flat parts, checks ancient_file_stands afterwards. */
ANCIENT_INLINE struct ancient_typed ancient_parts_get(const struct ancient_parts *parts,
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
 *     // ANCIENT_E_NO_INDEX: the end; anything else: an error
 *
 * Lists and arrays in order; maps and sets in ascending order; tables bucket by bucket, in a
 * bucket the newest binding first, as OCaml's own iteration.  It borrows file and schema,
 * owns nothing, and need not be closed.  A walk is bounded by the words of the file, and one that
 * leads back to itself, even while another process writes to the file, is BAD_SHAPE; a map or set
 * deeper than 128 too (OCaml's own never are).  A step is O(1), but for passing over empty buckets;
 * those of ancient_iterator_init_key may compare all bindings. */
struct ancient_iterator { /* all private */
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	const struct ancient_key *only;
	uint32_t type, kind, key_type, value_type, depth, single;
	uint64_t next, at, count, cell, head, left;
	uint64_t kept, steps, until;
	uint64_t stack[128];
	uint64_t reserved[8];
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
 * key; false for anything but a table.  A few newer bindings are compared; behind them the keys of
 * the bucket are hashed, and what is found out is kept with the file for the next question: asking
 * after each step of a walk costs O(the walk, and the words of the keys).  Two different keys are
 * taken to be equal by an accident of 1 in 2^64, which a file cannot bring about.
 * Errors: those of ancient_value_compare. */
ANCIENT_API enum ancient_code ancient_iterator_hidden(const struct ancient_iterator *iterator,
						      bool *ret_hidden, struct ancient_error *err);

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
 * met: O(the text, and the words of the file): set a limit for files you do not trust. */
ANCIENT_API enum ancient_code ancient_typed_dump(const struct ancient_file *file,
						 const struct ancient_schema *schema,
						 struct ancient_typed typed,
						 const struct ancient_dump_options *options,
						 struct ancient_error *err);

#ifdef __cplusplus
}
#endif

#endif

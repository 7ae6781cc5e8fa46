/* libancient-reader, typed: tables as Arrow data: a list, array, table, map or set as a stream of
 * batches in the Arrow C stream interface, and arrays of numbers in place, for every program that
 * takes Arrow data (pyarrow, polars, duckdb, datafusion, nanoarrow, ...).
 *
 *     #include <ancient_arrow.h>
 *
 *     // type package = { version : string; size : int; depends : string list }
 *     // val root : (string, package) Hashtbl.t
 *     struct ArrowArrayStream stream;
 *     struct ArrowSchema types;
 *     struct ArrowArray batch;
 *
 *     code = ancient_arrow_stream(file, schema, root, NULL, &stream, &err);
 *     stream.get_schema(&stream, &types);         // key, version, size, depends
 *     while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL)
 *             ...                                 // batch.length rows
 *     stream.release(&stream);
 *
 * What becomes what:
 *
 *   int, int64, nativeint   int64             string           utf8
 *   int32                   int32             bytes, string [@ancient.bytes]   binary
 *   char                    uint8             Z.t              decimal128(38, 0), or TOO_LARGE
 *   float, bool, unit       float64, bool, null
 *   option                  the same, nullable; of what may be null itself: a struct `value`
 *   ref, a forced lazy      what is in it
 *   record                  struct of its fields
 *   tuple                   struct `_0`, `_1`, ...
 *   list, array, Set, floatarray, Queue, Stack, Dynarray       list
 *   Hashtbl, Map            map of the visible bindings; a list of structs `key`, `value` where
 *                           keys may be null, or equal after strings were replaced
 *   variant of constants    dictionary of utf8; ordered, but for polymorphic ones
 *   other variants, result  struct: `tag`, a dictionary (`_tag`, `__tag` and so on where a
 *                           constructor is called so), and a nullable member for each
 *                           constructor with arguments
 *   Bigarray                list of its elements as they lie in memory; complex ones are pairs
 *
 * Columns.  Of a list, array or set: the fields of a record, the parts of a tuple, otherwise one
 * column `value`.  Of a table or map: `key`, and the fields of a record, of which one that is
 * called `key` becomes `value.key`; otherwise `value`.
 *
 * Trust, errors, work: as in <ancient_schema.h>.  A file can make a batch no larger than 16 bytes
 * for each byte that it has, and 16 MiB; but it may have many batches, as what is shared in a file
 * is written out each time: set a limit for files you do not trust.
 *
 * Lifetime.  A stream holds a reference to its file and its schema; arrays in place hold one to the
 * file; batches are copies that need neither.  All may be released in any order, from any thread.
 * A stream may be used by any thread, by one at a time.  `interrupted` of the file's options is not
 * asked. */
#ifndef ANCIENT_ARROW_H
#define ANCIENT_ARROW_H

#include <ancient_typed.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The Arrow C data and stream interfaces ------------------------------------ */

/* As https://arrow.apache.org/docs/format/CDataInterface.html has them: the names, and the macros
 * that guard them, are the same in all libraries. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
	const char *format;
	const char *name;
	const char *metadata;
	int64_t flags;
	int64_t n_children;
	struct ArrowSchema **children;
	struct ArrowSchema *dictionary;
	void (*release)(struct ArrowSchema *);
	void *private_data;
};

struct ArrowArray {
	int64_t length;
	int64_t null_count;
	int64_t offset;
	int64_t n_buffers;
	int64_t n_children;
	const void **buffers;
	struct ArrowArray **children;
	struct ArrowArray *dictionary;
	void (*release)(struct ArrowArray *);
	void *private_data;
};

#endif

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
	int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
	int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
	const char *(*get_last_error)(struct ArrowArrayStream *);
	void (*release)(struct ArrowArrayStream *);
	void *private_data;
};

#endif

/* ---- Streams ------------------------------------------------------------------- */

enum ancient_arrow_strings {
	ANCIENT_ARROW_STRINGS_TEXT,    /* utf8; one that is not is an error with row and column */
	ANCIENT_ARROW_STRINGS_BYTES,   /* binary */
	ANCIENT_ARROW_STRINGS_REPLACE, /* utf8; what is none becomes U+FFFD */
};

/* Start from {0}, in C++ {}: every zero is the default. */
struct ancient_arrow_options {
	/* The columns, in this order; NULL: all.  Each is a path from a row, and names its column:
	 * "size"; "origin.host" a field of a record; "position._0" a part of a tuple; "source.Git"
	 * what a constructor has as its argument, other rows being null, "source.Git.url",
	 * "source.Git._1" one of several; "depends[*].name" that of all elements: a list.  Options,
	 * refs and lazies are looked through.  Of tables, "key" is the key; a value that is no
	 * record is "value".  */
	const char *const *columns;
	size_t column_count;
	enum ancient_arrow_strings strings;
	/* What is inside of a type that contains itself: JSON as ancient_typed_dump writes it, in
	 * utf8.  false: WRONG_KIND, with the path. */
	bool json;
	uint64_t batch_rows; /* at most; 0 is 65536.  A batch with much in it ends earlier */
	uint64_t limit; /* TOO_LARGE after so many bytes in all batches together; 0: no limit */
	/* What the consumer would like, NULL for no wishes: utf8 and binary with 64-bit offsets or
	 * as views, variants with other indices or as plain text.  Borrowed during the call; what
	 * cannot be had is ignored. */
	const struct ArrowSchema *requested;
	uint64_t reserved[8]; /* 0 */
};

/* A stream over the elements of a list, array, floatarray, table, map, set, Queue, Stack or
 * Dynarray, from the first one on.  get_next gives errno codes: ENOMEM, EIO where the file was torn
 * away, else EINVAL; get_last_error says more, and names row and column.  After an error, or the
 * end, the same comes again.
 *
 * options      NULL for the defaults
 * ret_stream   filled in, whatever it held before
 * Errors: WRONG_KIND where `typed` is no container, or a type cannot be told in Arrow; ARGUMENT,
 * NO_FIELD, NO_INDEX for a path; TOO_LARGE for more than 4096 columns, nested ones included, 32
 * levels, or 65536 values of dictionaries; MEMORY. */
ANCIENT_API enum ancient_code
ancient_arrow_stream(struct ancient_file *file, struct ancient_schema *schema,
		     struct ancient_typed typed, const struct ancient_arrow_options *options,
		     struct ArrowArrayStream *ret_stream, struct ancient_error *err);

/* The types that such a stream has, without looking at the value. */
ANCIENT_API enum ancient_code ancient_arrow_schema(struct ancient_file *file,
						   struct ancient_schema *schema, uint32_t type,
						   const struct ancient_arrow_options *options,
						   struct ArrowSchema *ret_schema,
						   struct ancient_error *err);

/* ---- In place ------------------------------------------------------------------- */

/* A float array or bigarray as one array of numbers in the mapping: no copy, no schema needed.
 * Bigarrays in C layout of more than one dimension are nested fixed-size lists; complex numbers
 * are pairs.  In a file that is torn away under the guard the numbers become zeros.
 *
 * Errors: WRONG_KIND for any other value, and for bigarrays of Fortran layout with more than one
 * dimension; TOO_LARGE for a dimension, but the first, past 2^31 - 1; MEMORY. */
ANCIENT_API enum ancient_code ancient_arrow_numbers(struct ancient_file *file,
						    struct ancient_value value,
						    struct ArrowSchema *ret_schema,
						    struct ArrowArray *ret_array,
						    struct ancient_error *err);

#ifdef __cplusplus
}
#endif

#endif

/* libancient-reader, typed: columns: the same fields of all elements of a container, copied into
 * arrays of the caller's.  Part of <ancient_schema.h>, where trust and errors are described. */
#ifndef ANCIENT_COLUMNS_H
#define ANCIENT_COLUMNS_H

#include <ancient_typed.h>

#ifdef __cplusplus
extern "C" {
#endif

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
				       polymorphic variant, by its index in the type: in the order
				       of declaration, or of names */
};

/* Bytes in the mapping: a 0 byte follows them, others may be inside.  They live as long as the
 * file; file_offset is where they are in it. */
struct ancient_bytes {
	const char *bytes;
	uint64_t length;
	uint64_t file_offset;
};

/* Where the values of a column with [*] go: those of all rows, one behind the other, in arrays that
 * grow.
 *
 *     static bool grow(struct ancient_column_values *values, size_t wanted)
 *     {
 *             int64_t *data = realloc(values->data, wanted * 2 * sizeof(int64_t));
 *             if (data == NULL)
 *                     return false;
 *             values->data = data;
 *             values->capacity = wanted * 2;
 *             return true;
 *     }
 *
 *     int64_t offsets[1025];
 *     struct ancient_column_values values = {.offsets = offsets, .grow = grow};
 *     code = ancient_column_init(&scan, false, "parts[*].size", &column, &err);
 *     column.values = &values;
 *     code = ancient_scan_next(&scan, &column, 1, 1024, &rows, &err);
 *     // row i has the values from offsets[i] to offsets[i + 1] - 1 of values.data */
struct ancient_column_values {
	/* At least `capacity` of ancient_scan_next, and one more: offsets[0] is `count` before the
	 * call, offsets[i + 1] where row i ends.  A row without the list has no values. */
	int64_t *offsets;
	/* Arrays of at least `capacity` items, of which `count` are in use: a call adds more behind
	 * them.  present   as in a column, of the values; NULL: not wanted */
	void *data;
	uint8_t *present;
	size_t count, capacity;
	/* Called where there is no room for `wanted` values in all, from within ancient_scan_next
	 * and in its thread: sets data, present and capacity, and keeps what is in use.  false: the
	 * call fails with MEMORY; so it does where this is NULL. */
	bool (*grow)(struct ancient_column_values *values, size_t wanted);
	void *context; /* the caller's */
};

#define ANCIENT_COLUMN_STEPS 14

struct ancient_column {
	/* Made by ancient_column_init. */
	enum ancient_column_kind kind;
	uint32_t type;     /* of the values */
	size_t item_bytes; /* of one of `data`: 8, 1 or sizeof(struct ancient_bytes) */
	bool optional;     /* a row may have none: the path has an option, or a choice of
			      constructor; where `many`, a value behind the [*] */
	bool many;         /* the path has [*]: a row has any number of values */
	/* The caller's, set before ancient_scan_next: arrays of at least `capacity` items.
	 * A row without a value is 0, nan, -1 for a constructor, or NULL, 0 and 0 in `data`, and 0
	 * in `present`; all others 1.  present   NULL: not wanted.  Where `many`: `values`
	 * instead of both. */
	void *data;
	uint8_t *present;
	/* Private. */
	const struct ancient_schema *schema;
	uint32_t from, of_key, step_count, each;
	struct ancient_column_step {
		uint32_t kind, index, argument, type;
	} steps[ANCIENT_COLUMN_STEPS];
	/* The caller's. */
	struct ancient_column_values *values;
	/* Private. */
	uint64_t reserved[7];
};

/* The position of a scan.  Borrows file and schema, owns nothing, need not be closed. */
struct ancient_scan { /* all private */
	struct ancient_iterator iterator;
	bool all, done;
	uint64_t taken;
	uint64_t reserved[7];
};

/* all   also the bindings of a table that newer ones hide; false: as OCaml's Hashtbl.find sees
 *       it, which compares keys where a bucket has more than one */
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

/* Resolves the path of a column once, by the types alone; `data`, `present` and `values` are set to
 * NULL.
 * The column is good for any scan of a value with the same schema and the same type of
 * elements, or of keys.
 *
 * of_key   from the keys of a table or map instead of its values; false for all else
 * path     "" the element itself; .name a field of a record, or of the inline record of the
 *          constructor named before, the first dot optional; [2] part 2 of a tuple, argument 2
 *          of that constructor, or, counted from 0, an element of a list, array, floatarray,
 *          Queue, Stack or Dynarray, rows with fewer being absent; .length, at the end, how many
 *          elements or visible bindings one of these or a Bigarray, table, map or set has, or
 *          bytes a string: an ANCIENT_COLUMN_INT, and no field; .Name what a constructor has as
 *          its argument, other rows being absent (with .Ok and .Error for a result).  Options, refs
 *          and forced lazies are looked through wherever they are, also at the end.
 *          [*], once in a path: all elements of a list, array, floatarray, Queue, Stack, Dynarray
 *          or set, and what the rest of the path leads to from each: a column that is `many`
 * Errors: ARGUMENT where the path is not written so, or has an index from 2^32 on, or a second [*]
 * (<ancient_arrow.h> has lists of lists); NO_FIELD,
 * NO_INDEX where a step leads nowhere; WRONG_KIND where a step does not fit the type, or the type
 * at its end is in no column; TOO_LARGE for more than ANCIENT_COLUMN_STEPS steps, those through
 * options, refs and lazies included. */
ANCIENT_API enum ancient_code ancient_column_init(const struct ancient_scan *scan, bool of_key,
						  const char *path,
						  struct ancient_column *ret_column,
						  struct ancient_error *err);

/* The next rows: as many as there are, at most `capacity`.  Fewer than `capacity` (also 0): it
 * was the end, and the next call gives 0.  Never more rows than the file has words.  O(rows times
 * the steps of the columns' paths, the words of hidden keys, and, of paths with an index or
 * .length, the elements that these walk over), and no more than the work of one call
 * (<ancient_reader.h>): TOO_LARGE where many rows share one long list.  Where a path has [*], all
 * calls of a scan together do no more work than one, so that the values of all rows are at most 8
 * for each word of the file, and 2^19; strings half of that.
 *
 * count      of columns; 0 counts the rows.  Those with [*] are taken behind the others, some rows
 *            at a time
 * ret_rows   how many rows were written to each of the columns
 * Errors: MEMORY where values cannot grow; those of ancient_iterator_next and of the accessors of
 * the path; BAD_SHAPE has the offset of the first value that does not have the shape of its type.
 * On failure the contents of the arrays are undefined, and the scan is over. */
ANCIENT_API enum ancient_code ancient_scan_next(struct ancient_scan *scan,
						const struct ancient_column *columns, size_t count,
						size_t capacity, size_t *ret_rows,
						struct ancient_error *err);

#ifdef __cplusplus
}
#endif

#endif

/* c-reader/arrow: the public ancient_arrow_stream and ancient_arrow_schema: batches of rows, one by
 * one.
 *
 * Rows are taken SCAN_ROWS at a time, in the order of ancient_scan_next.  Where they would make the
 * batch too large, what was appended of them is taken back and they begin the next one, half of
 * them where they are too many even so; one row alone may have all that the file's size allows.
 * An error is looked for again row by row, so that it can name the first bad one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow/append.h"
#include "arrow/batch.h"
#include "arrow/node.h"
#include "arrow/plan.h"
#include "arrow/request.h"
#include "arrow/schema.h"
#include "base/error.h"
#include "base/guard.h"
#include "base/version.h"
#include "scan/walk.h"
#include "schema/schema.h"

#define BATCH_ROWS 65536u
#define BATCH_BYTES (256u << 20) /* a batch of more than one row */
#define EARNED 16u               /* steps, by a row */

struct stream {
	struct arrow_build build;
	struct ancient_file *file;
	struct ancient_schema *schema;
	struct ancient_scan scan;
	struct scan_batch taken; /* rows from the scan, of which `used` are in batches already */
	size_t used;
	bool end;
	uint64_t batch_rows, limit;
	uint64_t rows, bytes;   /* in all batches so far */
	uint64_t many, most;    /* bytes of a batch, and of one of a single row */
	size_t some;            /* rows tried at a time: fewer, once they were too large */
	enum ancient_code code; /* of the first error; the same comes again */
	struct scan_rows keys, values;
	char message[900];
};

/* ---- Errors ------------------------------------------------------------------------ */

static int to_errno(enum ancient_code code)
{
	switch (code) {
	case ANCIENT_OK:
		return 0;
	case ANCIENT_E_MEMORY:
		return ENOMEM;
	case ANCIENT_E_TORN_AWAY:
		return EIO;
	default:
		return EINVAL;
	}
}

/* Keeps the error of the build, with the row and the column. */
static void keep_error(struct stream *stream, enum ancient_code code, bool has_row)
{
	const struct arrow_build *build = &stream->build;
	char place[256] = "", row[40] = "";

	stream->code = code;
	if (build->failed != NULL)
		ancient_reader_arrow_place(build->failed, place, sizeof(place));
	if (has_row)
		snprintf(row, sizeof(row), "row %llu", (unsigned long long)stream->rows);
	snprintf(stream->message, sizeof(stream->message), "%s%s%s%s%s%s", build->err.message,
		 row[0] != '\0' || place[0] != '\0' ? " (" : "", row,
		 row[0] != '\0' && place[0] != '\0' ? ", column "
		 : place[0] != '\0'                 ? "column "
						    : "",
		 place, row[0] != '\0' || place[0] != '\0' ? ")" : "");
}

/* ---- Rows -------------------------------------------------------------------------- */

/* Appends the next `count` rows, or nothing. */
static enum ancient_code append_rows(struct stream *stream, size_t count)
{
	struct arrow_build *build = &stream->build;
	const struct scan_batch *taken = &stream->taken;
	const uint64_t bytes = build->bytes;
	enum ancient_code code = ANCIENT_OK;

	ancient_reader_arrow_mark(build);
	stream->keys.count = stream->values.count = count;
	memcpy(stream->keys.word, taken->keys + stream->used, count * sizeof(uint64_t));
	memcpy(stream->values.word, taken->values + stream->used, count * sizeof(uint64_t));
	memset(stream->keys.state, SCAN_PRESENT, count);
	memset(stream->values.state, taken->flat ? SCAN_FLAT : SCAN_PRESENT, count);
	for (uint32_t i = 0; i < build->plan.column_count && code == ANCIENT_OK; i++) {
		struct arrow_node *column = build->plan.column[i];
		code = ancient_reader_arrow_append(
			build, column, column->of_key ? &stream->keys : &stream->values);
	}
	/* Rows without columns have a size too. */
	if (code == ANCIENT_OK && !arrow_charge(build, count))
		code = ANCIENT_E_TOO_LARGE;
	if (code != ANCIENT_OK)
		build->bytes = bytes;
	return code;
}

/* The bytes that a batch may have, of `wanted` that there is room for. */
static uint64_t most_of(const struct stream *stream, uint64_t wanted)
{
	if (stream->limit == 0)
		return wanted;
	return wanted < stream->limit - stream->bytes ? wanted : stream->limit - stream->bytes;
}

static void past_limit(struct stream *stream)
{
	ancient_reader_refuse(stream->file->name, &stream->build.err, ANCIENT_E_TOO_LARGE,
			      "more than the limit of %llu bytes",
			      (unsigned long long)stream->limit);
}

/* One row that is too large for a batch of many. */
static enum ancient_code append_large(struct stream *stream)
{
	struct arrow_build *build = &stream->build;
	const uint64_t most = build->most;
	enum ancient_code code;

	build->most = most_of(stream, stream->most);
	code = append_rows(stream, 1);
	if (code != ANCIENT_OK && build->full && build->most < stream->most)
		past_limit(stream);
	else if (code != ANCIENT_OK && build->full)
		ancient_reader_refuse(
			stream->file->name, &build->err, ANCIENT_E_TOO_LARGE,
			"a row of more than %llu bytes, or with more than 2^31 in one "
			"column",
			(unsigned long long)stream->most);
	build->full = false;
	build->most = most;
	return code;
}

/* Finds the first of `count` rows that has an error, and appends those before it. */
static enum ancient_code find_bad(struct stream *stream, size_t count)
{
	enum ancient_code code = ANCIENT_OK;

	for (size_t i = 0; i < count && code == ANCIENT_OK; i++) {
		ancient_reader_arrow_set_back(&stream->build);
		code = append_large(stream);
		stream->used += code == ANCIENT_OK;
		stream->rows += code == ANCIENT_OK;
	}
	return code;
}

/* Appends some of the rows that were taken.  *ret_full: the batch is to end before them. */
static enum ancient_code append_some(struct stream *stream, uint64_t in_batch, uint64_t *ret_count,
				     bool *ret_full)
{
	struct arrow_build *build = &stream->build;
	const size_t left = stream->taken.count - stream->used;
	const uint64_t most = stream->batch_rows - in_batch;
	size_t count = left < most ? left : (size_t)most;
	enum ancient_code code;

	count = count < stream->some ? count : stream->some;
	ancient_reader_budget_earn(&build->budget, EARNED * (uint64_t)count);
	for (;;) {
		code = append_rows(stream, count);
		if (code == ANCIENT_OK)
			break;
		if (!build->full && build->budget.code == ANCIENT_OK && count > 1) {
			const enum ancient_code first = code;
			code = find_bad(stream, count);
			code = code == ANCIENT_OK ? first : code; /* somebody writes to the file */
			keep_error(stream, code, true);
			return code;
		}
		if (!build->full) {
			keep_error(stream, code, build->budget.code == ANCIENT_OK);
			return code;
		}
		ancient_reader_arrow_set_back(build);
		if (in_batch > 0) {
			*ret_full = true;
			return ANCIENT_OK;
		}
		if (count == 1) {
			code = append_large(stream);
			if (code != ANCIENT_OK)
				keep_error(stream, code, true);
			break;
		}
		count /= 2;
		stream->some = count;
	}
	if (stream->some < SCAN_ROWS)
		stream->some *= 2;
	if (code == ANCIENT_OK) {
		stream->used += count;
		stream->rows += count;
		*ret_count = count;
	}
	return code;
}

/* Takes the next rows from the scan. */
static enum ancient_code take_rows(struct stream *stream)
{
	enum ancient_code code =
		ancient_reader_scan_walk(&stream->scan, &stream->build.budget, SCAN_ROWS,
					 &stream->taken, &stream->end, &stream->build.err);

	stream->used = 0;
	if (code != ANCIENT_OK)
		keep_error(stream, code, false);
	return code;
}

static enum ancient_code build_batch(struct stream *stream, uint64_t *ret_rows)
{
	enum ancient_code code = ANCIENT_OK;
	bool full = false;
	uint64_t rows = 0;

	ancient_reader_arrow_begin(&stream->build);
	stream->build.most = most_of(stream, stream->many);
	while (code == ANCIENT_OK && !full && rows < stream->batch_rows) {
		uint64_t count = 0;
		if (stream->used < stream->taken.count)
			code = append_some(stream, rows, &count, &full);
		else if (stream->end)
			break;
		else
			code = take_rows(stream);
		rows += count;
		/* A large row is a batch by itself. */
		full |= stream->build.bytes > stream->build.most;
	}
	if (code == ANCIENT_OK)
		*ret_rows = rows;
	return code;
}

/* ---- The callbacks ------------------------------------------------------------------ */

static enum ancient_code next_batch(struct stream *stream, struct ArrowArray *out)
{
	uint64_t rows = 0;
	enum ancient_code code = build_batch(stream, &rows);

	if (code == ANCIENT_OK) {
		code = reader_settle(stream->file, ANCIENT_OK, &stream->build.err);
		stream->bytes += stream->build.bytes;
		if (code == ANCIENT_OK && rows > 0 &&
		    !ancient_reader_arrow_batch(&stream->build, rows, out))
			code = ancient_reader_arrow_no_room(&stream->build);
		if (code != ANCIENT_OK) {
			stream->build.failed = NULL;
			keep_error(stream, code, false);
		}
	}
	if (!reader_stands(stream->file) && code != ANCIENT_OK) {
		stream->build.failed = NULL;
		code = reader_settle(stream->file, code, &stream->build.err);
		keep_error(stream, code, false);
	}
	return code;
}

static int get_next(struct ArrowArrayStream *self, struct ArrowArray *out)
{
	struct stream *stream = self->private_data;
	struct ArrowArray array = {0};

	if (stream->code == ANCIENT_OK && next_batch(stream, &array) == ANCIENT_OK)
		*out = array;
	return to_errno(stream->code);
}

static int get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out)
{
	struct stream *stream = self->private_data;

	if (ancient_reader_arrow_schema(&stream->build.plan, out))
		return 0;
	snprintf(stream->message, sizeof(stream->message), "out of memory");
	return ENOMEM;
}

static const char *get_last_error(struct ArrowArrayStream *self)
{
	const struct stream *stream = self->private_data;

	return stream->message[0] == '\0' ? NULL : stream->message;
}

static void destroy(struct stream *stream)
{
	ancient_reader_budget_done(&stream->build.budget);
	ancient_reader_arrow_plan_done(&stream->build.plan);
	free(stream->build.levels);
	ancient_schema_close(stream->schema);
	ancient_file_close(stream->file);
	free(stream);
}

static void release(struct ArrowArrayStream *self)
{
	destroy(self->private_data);
	self->release = NULL;
}

/* ---- Making one --------------------------------------------------------------------- */

static enum ancient_code check_options(const struct ancient_file *file,
				       const struct ancient_arrow_options *options,
				       struct ancient_error *err)
{
	if (options->strings > ANCIENT_ARROW_STRINGS_REPLACE)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_ARGUMENT,
					     "expected a way to take strings, found %d",
					     (int)options->strings);
	return READER_CHECK_RESERVED(file->name, "ancient_arrow_options", options, err);
}

static void set_limits(struct stream *stream, const struct ancient_arrow_options *options)
{
	struct reader_budget *budget = &stream->build.budget;

	ancient_reader_budget_init(budget, stream->file);
	budget->unasked = true;
	stream->most = budget->bytes;
	stream->many = stream->most < BATCH_BYTES ? stream->most : BATCH_BYTES;
	stream->some = SCAN_ROWS;
	stream->batch_rows = options->batch_rows == 0 ? BATCH_ROWS : options->batch_rows;
	stream->limit = options->limit;
}

static enum ancient_code prepare(struct stream *stream, struct ancient_typed typed,
				 const struct ancient_arrow_options *options,
				 struct ancient_error *err)
{
	struct arrow_build *build = &stream->build;
	enum ancient_code code =
		ancient_scan_init(stream->file, stream->schema, typed, false, &stream->scan, err);

	if (code == ANCIENT_OK)
		code = ancient_reader_arrow_plan(&build->plan, stream->file, stream->schema,
						 typed.type, options, err);
	if (code != ANCIENT_OK)
		return code;
	ancient_reader_arrow_request(&build->plan, options->requested);
	build->levels = malloc((build->plan.levels + 1) * sizeof(*build->levels));
	if (build->levels == NULL)
		return ancient_reader_refuse(stream->file->name, err, ANCIENT_E_MEMORY, "a stream");
	stream->taken.budget = &build->budget;
	stream->taken.file = stream->keys.file = stream->values.file = stream->file;
	stream->taken.schema = stream->keys.schema = stream->values.schema = stream->schema;
	set_limits(stream, options);
	return ANCIENT_OK;
}

enum ancient_code ancient_arrow_stream(struct ancient_file *file, struct ancient_schema *schema,
				       struct ancient_typed typed,
				       const struct ancient_arrow_options *options,
				       struct ArrowArrayStream *ret_stream,
				       struct ancient_error *err)
{
	static const struct ancient_arrow_options defaults;
	struct stream *stream;
	enum ancient_code code;

	options = options == NULL ? &defaults : options;
	code = check_options(file, options, err);
	if (code != ANCIENT_OK)
		return code;
	stream = calloc(1, sizeof(*stream));
	if (stream == NULL)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY, "a stream");
	stream->file = ancient_file_ref(file);
	stream->schema = ancient_schema_ref(schema);
	code = prepare(stream, typed, options, err);
	if (code != ANCIENT_OK) {
		destroy(stream);
		return code;
	}
	*ret_stream = (struct ArrowArrayStream){
		.get_schema = get_schema,
		.get_next = get_next,
		.get_last_error = get_last_error,
		.release = release,
		.private_data = stream,
	};
	return ANCIENT_OK;
}

enum ancient_code ancient_arrow_schema(struct ancient_file *file, struct ancient_schema *schema,
				       uint32_t type, const struct ancient_arrow_options *options,
				       struct ArrowSchema *ret_schema, struct ancient_error *err)
{
	static const struct ancient_arrow_options defaults;
	struct arrow_plan plan = {0};
	enum ancient_code code;

	options = options == NULL ? &defaults : options;
	code = check_options(file, options, err);
	if (code == ANCIENT_OK)
		code = ancient_reader_arrow_plan(&plan, file, schema, type, options, err);
	if (code == ANCIENT_OK) {
		ancient_reader_arrow_request(&plan, options->requested);
		if (!ancient_reader_arrow_schema(&plan, ret_schema))
			code = ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY, "a schema");
	}
	ancient_reader_arrow_plan_done(&plan);
	return code;
}

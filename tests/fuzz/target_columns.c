/* tests/fuzz: columns.
 *
 * Input: a schema, a 0 byte, a file.  For every container that is met below a root, and every path
 * of one or two steps that its types have: each row of the column is what a path or an accessor
 * gives for that element; a scan that fails has a row that fails; a scan that goes on after each
 * few rows, and those of shares, give the same as one that takes all at once.  Where a path has
 * [*]: the same of the elements of each row. */
#include "typed.h"

#define VALUES 200u /* that are visited, below a root */
#define ROWS 600u   /* of one container: more than the reader takes at a time */
#define PATHS 24u
#define FEW 3u
#define EACH 4096u /* values of a column with [*] */
#define SHARES 3u

struct visit {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_typed todo[VALUES];
	unsigned count, done;
	char paths[PATHS][200];
	unsigned path_count;
	struct ancient_typed rows[ROWS], keys[ROWS];
	size_t row_count;
	enum ancient_code end; /* of the walk: NO_INDEX, an error, or OK: there are more rows */
};

/* ---- Paths ------------------------------------------------------------------------- */

static void add_path(struct visit *v, const char *stem, const char *dot, const char *step)
{
	if (v->path_count < PATHS &&
	    strlen(stem) + strlen(dot) + strlen(step) < sizeof(v->paths[0]))
		sprintf(v->paths[v->path_count++], "%s%s%s", stem, dot, step);
}

static uint32_t behind_options(const struct visit *v, uint32_t type)
{
	const struct ancient_type *t = ancient_schema_type(v->schema, type);

	for (unsigned i = 0; i < 8 && t->kind == ANCIENT_TYPE_OPTION; i++) {
		type = t->arguments[0];
		t = ancient_schema_type(v->schema, type);
	}
	return type;
}

/* The paths of one step from a type, behind `stem`. */
static void add_steps(struct visit *v, const char *stem, uint32_t number)
{
	const struct ancient_type *type = ancient_schema_type(v->schema, behind_options(v, number));
	char text[40];

	for (uint32_t i = 0; i < type->field_count && i < 8; i++) {
		snprintf(text, sizeof(text), "[%u]", i);
		if (type->kind == ANCIENT_TYPE_RECORD)
			add_path(v, stem, ".", type->fields[i].name);
		else
			add_path(v, stem, "", text);
	}
	for (uint32_t i = 0; i < type->constructor_count && i < 8; i++) {
		const struct ancient_constructor *c = &type->constructors[i];
		char name[152];
		if (strlen(c->name) > 150)
			continue;
		snprintf(name, sizeof(name), ".%s", c->name);
		if (c->field_count == 1 && !c->inline_record)
			add_path(v, stem, "", name);
		else if (c->inline_record && strlen(name) + strlen(stem) < 150)
			add_path(v, name, ".", c->fields[0].name);
		else if (c->field_count > 1)
			add_path(v, name, "", "[1]");
	}
	if (type->kind == ANCIENT_TYPE_RESULT)
		add_path(v, stem, "", ".Ok");
	if (type->kind == ANCIENT_TYPE_LIST || type->kind == ANCIENT_TYPE_ARRAY ||
	    type->kind == ANCIENT_TYPE_QUEUE || type->kind == ANCIENT_TYPE_FLOATARRAY)
		add_path(v, stem, "", "[1]");
	if (type->argument_count == 1 && strstr(stem, "[*]") == NULL) {
		add_path(v, stem, "", "[*]");
		add_path(v, stem, "", "[*].length");
	}
	if (type->kind != ANCIENT_TYPE_RECORD)
		add_path(v, stem, ".", "length");
}

static void make_paths(struct visit *v, uint32_t type)
{
	const struct ancient_type *inner = ancient_schema_type(v->schema, behind_options(v, type));
	uint32_t count = inner->field_count;

	v->path_count = 0;
	add_path(v, "", "", "");
	add_steps(v, "", type);
	for (uint32_t i = 0; i < count && i < 3; i++) {
		char stem[200];
		if (i + 1 >= v->path_count)
			break;
		memcpy(stem, v->paths[i + 1], sizeof(stem));
		add_steps(v, stem, inner->fields[i].type);
	}
}

/* ---- What a row should have -------------------------------------------------------- */

enum wanted { NOTHING, SOMETHING, FAILURE, UNKNOWN };

/* Behind options, refs and lazies. */
static enum wanted look_through(const struct visit *v, struct ancient_typed *here)
{
	for (unsigned i = 0; i < 64; i++) {
		enum ancient_type_kind kind = ancient_schema_type(v->schema, here->type)->kind;
		enum ancient_code code;
		bool some = true;
		if (kind == ANCIENT_TYPE_OPTION)
			code = ancient_typed_option(v->file, v->schema, *here, &some, here, NULL);
		else if (kind == ANCIENT_TYPE_REF || kind == ANCIENT_TYPE_LAZY)
			code = ancient_typed_contents(v->file, v->schema, *here, here, NULL);
		else
			return SOMETHING;
		if (code != ANCIENT_OK)
			return FAILURE;
		if (!some)
			return NOTHING;
	}
	return UNKNOWN;
}

/* Whether a path ends in .length; *ret_stem is what comes before it. */
static bool is_length(const char *path, char stem[200])
{
	size_t length = strlen(path);

	snprintf(stem, 200, "%s", path);
	if (length < 7 || strcmp(path + length - 7, ".length") != 0)
		return false;
	stem[length - 7] = '\0';
	return true;
}

static enum wanted follow(const struct visit *v, struct ancient_typed from, const char *path,
			  struct ancient_typed *here)
{
	struct ancient_error err;
	char stem[200];
	enum ancient_code code;

	is_length(path, stem);
	code = ancient_path_get(v->file, v->schema, from, stem, here, &err);
	if (code == ANCIENT_E_NO_FIELD || code == ANCIENT_E_NO_INDEX)
		return NOTHING;
	if (code == ANCIENT_E_WRONG_KIND) /* a ref on the way, or a value that is damaged */
		return UNKNOWN;
	return code == ANCIENT_OK ? look_through(v, here) : FAILURE;
}

/* As a column's .length has it; -1: what is counted is damaged. */
static int64_t length_of(const struct visit *v, struct ancient_typed here)
{
	struct ancient_iterator it;
	struct ancient_typed key, value;
	const char *text;
	uint64_t count = 0;
	size_t length;
	bool hidden = false;
	enum ancient_code code;

	if (ancient_typed_string(v->file, v->schema, here, &text, &length, NULL) == ANCIENT_OK)
		return (int64_t)length;
	if (ancient_schema_type(v->schema, here.type)->kind == ANCIENT_TYPE_BIGARRAY)
		return ancient_typed_length(v->file, v->schema, here, &count, NULL) == ANCIENT_OK
			       ? (int64_t)count
			       : -1;
	code = ancient_iterator_init(v->file, v->schema, here, &it, NULL);
	while (code == ANCIENT_OK) {
		code = ancient_iterator_next(&it, &key, &value, NULL);
		if (code == ANCIENT_OK)
			code = ancient_iterator_hidden(&it, &hidden, NULL);
		count += code == ANCIENT_OK && !hidden;
	}
	return code == ANCIENT_E_NO_INDEX ? (int64_t)count : -1;
}

/* Whether `data`, a row of a column, is the value. */
static enum wanted value_is(const struct visit *v, const struct ancient_column *column,
			    const char *path, const void *data, struct ancient_typed here)
{
	char stem[200];
	const struct ancient_bytes *bytes = data;
	const char *text;
	uint32_t constructor;
	size_t length;
	int64_t integer, got;
	double number;

	if (is_length(path, stem)) {
		integer = length_of(v, here);
		FUZZ_CHECK(integer < 0 || integer == *(const int64_t *)data);
		return integer < 0 ? FAILURE : SOMETHING;
	}
	switch (column->kind) {
	case ANCIENT_COLUMN_FLOAT:
		if (ancient_typed_float(v->file, v->schema, here, &number, NULL) != ANCIENT_OK)
			return FAILURE;
		FUZZ_CHECK(memcmp(&number, data, sizeof(number)) == 0);
		return SOMETHING;
	case ANCIENT_COLUMN_STRING:
		if (ancient_typed_string(v->file, v->schema, here, &text, &length, NULL) !=
		    ANCIENT_OK)
			return FAILURE;
		FUZZ_CHECK(bytes->bytes == text && bytes->length == length);
		fuzz_touch(bytes->bytes, bytes->length + 1);
		return SOMETHING;
	case ANCIENT_COLUMN_CONSTRUCTOR:
		if (ancient_typed_constructor(v->file, v->schema, here, &constructor, NULL) !=
		    ANCIENT_OK)
			return FAILURE;
		FUZZ_CHECK(*(const int64_t *)data == constructor);
		return SOMETHING;
	default:
		if (ancient_typed_int(v->file, v->schema, here, &integer, NULL) != ANCIENT_OK)
			return FAILURE;
		got = column->kind == ANCIENT_COLUMN_BOOL ? *(const uint8_t *)data
							  : *(const int64_t *)data;
		FUZZ_CHECK(got == integer);
		return SOMETHING;
	}
}

/* ---- Scans ------------------------------------------------------------------------- */

/* The elements by the iterator, without those that are hidden. */
static void walk(struct visit *v, struct ancient_typed typed, bool pairs)
{
	struct ancient_iterator it;
	enum ancient_code code = ancient_iterator_init(v->file, v->schema, typed, &it, &fuzz_err);

	v->row_count = 0;
	while (code == ANCIENT_OK && v->row_count < ROWS) {
		struct ancient_typed key, value;
		bool hidden = false;
		code = ancient_iterator_next(&it, &key, &value, &fuzz_err);
		if (code == ANCIENT_OK)
			code = ancient_iterator_hidden(&it, &hidden, &fuzz_err);
		if (code != ANCIENT_OK || hidden)
			continue;
		v->keys[v->row_count] = key;
		v->rows[v->row_count++] = pairs ? value : key;
	}
	v->end = code;
}

/* Item i of `data` is what the path leads to. */
static void check_item(const struct visit *v, const struct ancient_column *column,
		       struct ancient_typed from, const char *path, const void *data,
		       const uint8_t *present, size_t i)
{
	struct ancient_typed here;
	enum wanted wanted = follow(v, from, path, &here);

	if (wanted == SOMETHING) {
		FUZZ_CHECK(present[i] == 1);
		wanted = value_is(v, column, path, (const char *)data + i * column->item_bytes,
				  here);
		FUZZ_CHECK(wanted == SOMETHING);
	} else if (wanted == NOTHING) {
		FUZZ_CHECK(column->optional && present[i] == 0);
	}
	FUZZ_CHECK(wanted != FAILURE);
}

static void check_rows(const struct visit *v, const struct ancient_column *column,
		       const struct ancient_typed *from, const char *path, size_t rows)
{
	for (size_t i = 0; i < rows && i < v->row_count; i++)
		check_item(v, column, from[i], path, column->data, column->present, i);
}

/* Whether the value can be read as the column would have it. */
static bool is_good(const struct visit *v, const struct ancient_column *column, const char *path,
		    struct ancient_typed here)
{
	char stem[200];
	const char *text;
	uint32_t constructor;
	size_t length;
	int64_t integer;
	double number;

	if (is_length(path, stem))
		return length_of(v, here) >= 0;
	switch (column->kind) {
	case ANCIENT_COLUMN_FLOAT:
		return ancient_typed_float(v->file, v->schema, here, &number, NULL) == ANCIENT_OK;
	case ANCIENT_COLUMN_STRING:
		return ancient_typed_string(v->file, v->schema, here, &text, &length, NULL) ==
		       ANCIENT_OK;
	case ANCIENT_COLUMN_CONSTRUCTOR:
		return ancient_typed_constructor(v->file, v->schema, here, &constructor, NULL) ==
		       ANCIENT_OK;
	default:
		return ancient_typed_int(v->file, v->schema, here, &integer, NULL) == ANCIENT_OK;
	}
}

/* Whether an item fails, or may. */
static bool is_bad(const struct visit *v, const struct ancient_column *column,
		   struct ancient_typed from, const char *path)
{
	struct ancient_typed here;
	enum wanted wanted = follow(v, from, path, &here);

	return wanted == SOMETHING ? !is_good(v, column, path, here) : wanted != NOTHING;
}

/* A scan that has failed: so does the walk, or one of the rows. */
static void check_failure(const struct visit *v, const struct ancient_column *column,
			  const struct ancient_typed *from, const char *path)
{
	bool bad = v->end != ANCIENT_E_NO_INDEX;

	for (size_t i = 0; i < v->row_count && !bad; i++)
		bad = is_bad(v, column, from[i], path);
	FUZZ_CHECK(bad);
}

/* ---- [*] --------------------------------------------------------------------------- */

static char each_data[EACH * sizeof(struct ancient_bytes)];
static uint8_t each_present[EACH];

static bool grow(struct ancient_column_values *values, size_t wanted)
{
	if (wanted > EACH)
		return false;
	values->data = each_data;
	values->present = each_present;
	values->capacity = wanted;
	return true;
}

/* Checks the values of one row, from *at on; where `failed`, looks for one that fails instead.
 * False: there is one. */
static bool check_each(const struct visit *v, const struct ancient_column *column,
		       struct ancient_typed from, const char *stem, const char *rest, bool failed,
		       size_t *at)
{
	struct ancient_iterator it;
	struct ancient_typed here, key, value;
	enum wanted wanted = follow(v, from, stem, &here);
	enum ancient_code code;

	FUZZ_CHECK(failed || wanted != FAILURE);
	if (wanted != SOMETHING)
		return wanted == NOTHING;
	code = ancient_iterator_init(v->file, v->schema, here, &it, NULL);
	while (code == ANCIENT_OK) {
		code = ancient_iterator_next(&it, &key, &value, NULL);
		if (code != ANCIENT_OK)
			break;
		if (failed && is_bad(v, column, key, rest))
			return false;
		if (!failed)
			check_item(v, column, key, rest, each_data, each_present, (*at)++);
	}
	FUZZ_CHECK(failed || code == ANCIENT_E_NO_INDEX);
	return code == ANCIENT_E_NO_INDEX;
}

static void take_each(const struct visit *v, struct ancient_typed typed, bool of_key,
		      const char *path)
{
	static int64_t offsets[ROWS + 1], few[ROWS + FEW + 1];
	const char *star = strstr(path, "[*]"), *rest = star + 3;
	const struct ancient_typed *from = of_key ? v->keys : v->rows;
	struct ancient_column_values values = {.offsets = offsets, .grow = grow};
	struct ancient_column column;
	struct ancient_scan scan;
	size_t rows = 0, some = 0, at = 0;
	bool bad = v->end != ANCIENT_E_NO_INDEX;
	char stem[200];
	enum ancient_code code;

	snprintf(stem, sizeof(stem), "%.*s", (int)(star - path), path);
	if (!fuzz_typed_ok(ancient_scan_init(v->file, v->schema, typed, false, &scan, &fuzz_err)) ||
	    !fuzz_typed_ok(ancient_column_init(&scan, of_key, path, &column, &fuzz_err)))
		return;
	FUZZ_CHECK(column.many);
	column.values = &values;
	code = ancient_scan_next(&scan, &column, 1, ROWS, &rows, &fuzz_err);
	if (code == ANCIENT_E_MEMORY || code == ANCIENT_E_TOO_LARGE)
		return;
	if (!fuzz_typed_ok(code)) {
		for (size_t i = 0; i < v->row_count && !bad; i++)
			bad = !check_each(v, &column, from[i], stem, rest, true, &at);
		FUZZ_CHECK(bad);
		return;
	}
	FUZZ_CHECK(rows == v->row_count && offsets[0] == 0 &&
		   (size_t)offsets[rows] == values.count);
	for (size_t i = 0; i < rows; i++) {
		at = (size_t)offsets[i];
		if (check_each(v, &column, from[i], stem, rest, false, &at))
			FUZZ_CHECK(at == (size_t)offsets[i + 1]);
	}
	values = (struct ancient_column_values){.grow = grow};
	FUZZ_CHECK(ancient_scan_init(v->file, v->schema, typed, false, &scan, NULL) == ANCIENT_OK);
	at = 0;
	do {
		values.offsets = few + at;
		code = ancient_scan_next(&scan, &column, 1, FEW, &some, NULL);
		at += code == ANCIENT_OK ? some : 0;
	} while (code == ANCIENT_OK && some == FEW && at < rows);
	/* A later call may meet the budget, or what is past the rows here. */
	at = at < rows ? at : rows;
	FUZZ_CHECK(memcmp(few, offsets, (at > 0 ? at + 1 : 0) * sizeof(few[0])) == 0);
}

static void take_column(const struct visit *v, struct ancient_typed typed, bool of_key,
			const char *path)
{
	static char all[ROWS * sizeof(struct ancient_bytes)];
	static char few[ROWS * sizeof(struct ancient_bytes)];
	static uint8_t all_present[ROWS], few_present[ROWS];
	const struct ancient_typed *from = of_key ? v->keys : v->rows;
	struct ancient_column column;
	struct ancient_scan scan;
	size_t rows = 0, some = 0, at = 0;
	enum ancient_code code;

	if (strstr(path, "[*]") != NULL) {
		take_each(v, typed, of_key, path);
		return;
	}
	if (!fuzz_typed_ok(ancient_scan_init(v->file, v->schema, typed, false, &scan, &fuzz_err)) ||
	    !fuzz_typed_ok(ancient_column_init(&scan, of_key, path, &column, &fuzz_err)))
		return;
	column.data = all;
	column.present = all_present;
	code = ancient_scan_next(&scan, &column, 1, ROWS, &rows, &fuzz_err);
	if (!fuzz_typed_ok(code)) {
		check_failure(v, &column, from, path);
		return;
	}
	FUZZ_CHECK(rows == v->row_count);
	check_rows(v, &column, from, path, rows);
	FUZZ_CHECK(ancient_scan_init(v->file, v->schema, typed, false, &scan, NULL) == ANCIENT_OK);
	do {
		column.data = few + at * column.item_bytes;
		column.present = few_present + at;
		if (at + FEW > ROWS)
			break;
		FUZZ_CHECK(ancient_scan_next(&scan, &column, 1, FEW, &some, NULL) == ANCIENT_OK);
		at += some;
	} while (some == FEW);
	FUZZ_CHECK(at >= rows - rows % FEW);
	FUZZ_CHECK(memcmp(all_present, few_present, at) == 0);
	FUZZ_CHECK(memcmp(all, few, at * column.item_bytes) == 0);
	if (rows == ROWS)
		return; /* there may be more */
	at = 0;
	for (unsigned share = 0; share < SHARES; share++) {
		FUZZ_CHECK(ancient_scan_init(v->file, v->schema, typed, false, &scan, NULL) ==
			   ANCIENT_OK);
		ancient_scan_share(&scan, share, SHARES);
		column.data = few + at * column.item_bytes;
		column.present = few_present + at;
		FUZZ_CHECK(ancient_scan_next(&scan, &column, 1, ROWS - at, &some, NULL) ==
			   ANCIENT_OK);
		at += some;
	}
	FUZZ_CHECK(at == rows);
	FUZZ_CHECK(memcmp(all_present, few_present, at) == 0);
	FUZZ_CHECK(memcmp(all, few, at * column.item_bytes) == 0);
}

/* ---- Values ------------------------------------------------------------------------ */

static void meet(struct visit *v, struct ancient_typed typed)
{
	if (v->count < VALUES)
		v->todo[v->count++] = typed;
}

static void use(struct visit *v, struct ancient_typed typed)
{
	const struct ancient_type *type = ancient_schema_type(v->schema, typed.type);
	bool pairs = type->kind == ANCIENT_TYPE_HASHTBL || type->kind == ANCIENT_TYPE_HASHTABLE ||
		     type->kind == ANCIENT_TYPE_MAP;
	struct ancient_typed part;

	for (uint32_t i = 0;
	     i < 16 && ancient_typed_field(v->file, v->schema, typed, i, &part, NULL) == ANCIENT_OK;
	     i++)
		meet(v, part);
	for (uint32_t i = 0; i < 16 && ancient_typed_argument(v->file, v->schema, typed, i, &part,
							      NULL) == ANCIENT_OK;
	     i++)
		meet(v, part);
	part = typed;
	if (look_through(v, &part) == SOMETHING && part.value.word != typed.value.word)
		meet(v, part);
	walk(v, typed, pairs);
	for (size_t i = 0; i < v->row_count && i < 8; i++) {
		meet(v, v->rows[i]);
		meet(v, v->keys[i]);
	}
	if (type->argument_count == 0 && type->kind != ANCIENT_TYPE_FLOATARRAY)
		return;
	make_paths(v, type->argument_count == 0 ? ancient_schema_root(v->schema)
						: type->arguments[pairs]);
	for (unsigned i = 0; i < v->path_count; i++)
		take_column(v, typed, false, v->paths[i]);
	if (!pairs)
		return;
	make_paths(v, type->arguments[0]);
	for (unsigned i = 0; i < v->path_count; i++)
		take_column(v, typed, true, v->paths[i]);
}

static void visit(const struct ancient_file *file, const struct ancient_schema *schema,
		  struct ancient_typed root, void *context)
{
	static struct visit v;

	(void)context;
	v.file = file;
	v.schema = schema;
	v.count = v.done = 0;
	meet(&v, root);
	while (v.done < v.count)
		use(&v, v.todo[v.done++]);
}

static void run(const uint8_t *data, size_t size)
{
	fuzz_each_root(data, size, 1, visit, NULL);
}

const struct fuzz_target fuzz_columns = {"columns", run, 1, false};

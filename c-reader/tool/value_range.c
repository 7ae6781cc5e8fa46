/* c-reader/tool: 'get' of a part of a map or set (value_range.h): as JSON, as ancient_typed_dump
 * writes the whole. */
#include "value_range.h"

#include <stdlib.h>
#include <string.h>

#include "store.h"
#include "value_output.h"

bool value_range_given(const struct tool_request *request)
{
	const struct tool_range *range = &request->range;

	return range->from != NULL || range->to != NULL || range->first != 0 || range->last != 0 ||
	       request->prefix != NULL;
}

bool value_range_is_text(const struct ancient_schema *schema, uint32_t key_type,
			 const char *operand)
{
	const enum ancient_type_kind kind = ancient_schema_type(schema, key_type)->kind;

	return (kind == ANCIENT_TYPE_STRING || kind == ANCIENT_TYPE_BYTES) && *operand != '"';
}

/* ---- Bounds ----------------------------------------------------------------------------- */

/* A bound, and what it is made of. */
struct bound {
	struct ancient_key key;
	struct ancient_literal *literal; /* NULL: the text itself, or none */
};

/* A literal has no file: the message begins with the name of this one instead. */
static void name_file(const struct ancient_file *file, struct ancient_error *err)
{
	static const char begin[] = "literal: ";
	struct ancient_error named = *err;
	struct ancient_info info;

	if (strncmp(err->message, begin, sizeof(begin) - 1) != 0)
		return;
	ancient_file_info(file, &info);
	snprintf(named.message, sizeof(named.message), "%s: %.*s", info.name,
		 (int)(sizeof(err->message) - sizeof(begin)), err->message + sizeof(begin) - 1);
	*err = named;
}

static enum ancient_code make_bound(const struct ancient_file *file,
				    const struct ancient_schema *schema, uint32_t key_type,
				    const char *text, struct bound *bound,
				    const struct ancient_key **ret_key, struct ancient_error *err)
{
	enum ancient_code code;

	*ret_key = NULL;
	if (text == NULL)
		return ANCIENT_OK;
	*ret_key = &bound->key;
	bound->key = ancient_key_string(text, strlen(text));
	if (value_range_is_text(schema, key_type, text))
		return ANCIENT_OK;
	code = ancient_literal_parse(schema, key_type, text, strlen(text), &bound->literal, err);
	if (code == ANCIENT_OK)
		*ret_key = ancient_literal_key(bound->literal);
	else
		name_file(file, err);
	return code;
}

static enum ancient_code begin(const struct ancient_file *file, const struct tool_request *request,
			       const struct ancient_schema *schema, struct ancient_typed typed,
			       struct ancient_range *ret_range, struct ancient_error *err)
{
	const struct tool_range *wanted = &request->range;
	const struct ancient_type *type = ancient_schema_type(schema, typed.type);
	const bool keyed = type->kind == ANCIENT_TYPE_MAP || type->kind == ANCIENT_TYPE_SET;
	struct ancient_range_bounds bounds = {
		.prefix = request->prefix,
		.prefix_length = request->prefix == NULL ? 0 : strlen(request->prefix),
		.from_excluded = wanted->from_excluded,
		.to_excluded = wanted->to_excluded,
		.backwards = wanted->last != 0};
	struct bound from = {.literal = NULL}, to = {.literal = NULL};
	enum ancient_code code = ANCIENT_OK;

	if (keyed)
		code = make_bound(file, schema, type->arguments[0], wanted->from, &from,
				  &bounds.from, err);
	if (keyed && code == ANCIENT_OK)
		code = make_bound(file, schema, type->arguments[0], wanted->to, &to, &bounds.to,
				  err);
	if (code == ANCIENT_OK)
		code = ancient_range_init(file, schema, typed, &bounds, ret_range, err);
	ancient_literal_free(from.literal);
	ancient_literal_free(to.literal);
	return code;
}

/* ---- JSON ------------------------------------------------------------------------------- */

enum form { OBJECT, PAIRS, ELEMENTS };

struct printer {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct output_sink sink;
	enum form form;
	bool indent;
	uint64_t printed;
};

static bool put(struct printer *p, const char *text)
{
	return output_sink_write(&p->sink, text, strlen(text));
}

/* A new line, this many levels in; a blank in one line, where `blank`. */
static bool put_line(struct printer *p, unsigned level, bool blank)
{
	p->sink.margin = p->indent ? 2 * level : 0;
	return put(p, p->indent ? "\n" : blank ? " " : "");
}

static enum ancient_code put_value(struct printer *p, struct ancient_typed typed,
				   struct ancient_error *err)
{
	const struct ancient_dump_options options = {
		.write = output_sink_write, .context = &p->sink, .indent = p->indent};

	return ancient_typed_dump(p->file, p->schema, typed, &options, err);
}

static enum ancient_code put_binding(struct printer *p, struct ancient_typed key,
				     struct ancient_typed value, struct ancient_error *err)
{
	bool good = p->printed++ == 0 || put(p, ",");
	enum ancient_code code;

	good = good && put_line(p, 1, p->printed > 1);
	if (p->form == PAIRS)
		good = good && put(p, "[") && put_line(p, 2, false);
	code = good ? put_value(p, key, err) : ANCIENT_OK;
	if (p->form == ELEMENTS || !good || code != ANCIENT_OK)
		return good ? code : ANCIENT_E_INTERRUPTED;
	if (p->form == OBJECT)
		good = put(p, ": ");
	else
		good = put(p, ",") && put_line(p, 2, true);
	code = good ? put_value(p, value, err) : ANCIENT_OK;
	if (p->form == PAIRS)
		good = good && code == ANCIENT_OK && put_line(p, 1, false) && put(p, "]");
	return good ? code : ANCIENT_E_INTERRUPTED;
}

static enum form form_of(const struct ancient_schema *schema, struct ancient_typed typed)
{
	const struct ancient_type *type = ancient_schema_type(schema, typed.type);
	const struct ancient_type *keys = ancient_schema_type(schema, type->arguments[0]);

	if (type->kind == ANCIENT_TYPE_SET)
		return ELEMENTS;
	return keys->kind == ANCIENT_TYPE_STRING && !keys->bytes ? OBJECT : PAIRS;
}

/* ---- The part --------------------------------------------------------------------------- */

/* Bindings that are kept to be printed in the other order. */
struct kept {
	struct binding {
		struct ancient_typed key, value;
	} * items;
	size_t count, capacity;
};

static bool keep(struct kept *kept, struct ancient_typed key, struct ancient_typed value)
{
	if (kept->count == kept->capacity) {
		const size_t capacity = kept->capacity == 0 ? 64 : 2 * kept->capacity;
		struct binding *items = realloc(kept->items, capacity * sizeof(*items));

		if (items == NULL)
			return false;
		kept->items = items;
		kept->capacity = capacity;
	}
	kept->items[kept->count++] = (struct binding){key, value};
	return true;
}

/* The last ones, which the range gives first. */
static enum ancient_code print_last(struct printer *p, struct ancient_range *range, uint64_t count,
				    struct ancient_error *err)
{
	struct kept kept = {NULL, 0, 0};
	struct ancient_typed key, value = {0};
	enum ancient_code code = ANCIENT_OK;

	while (code == ANCIENT_OK && kept.count < count && tool_signal == 0) {
		code = ancient_range_next(range, &key, &value, err);
		if (code == ANCIENT_OK && !keep(&kept, key, value)) {
			code = err->code = ANCIENT_E_MEMORY;
			snprintf(err->message, sizeof(err->message), "out of memory");
		}
	}
	if (code == ANCIENT_E_NO_INDEX)
		code = ANCIENT_OK;
	while (code == ANCIENT_OK && kept.count > 0) {
		kept.count--;
		code = put_binding(p, kept.items[kept.count].key, kept.items[kept.count].value,
				   err);
	}
	free(kept.items);
	return code;
}

static enum ancient_code print_first(struct printer *p, struct ancient_range *range, uint64_t count,
				     struct ancient_error *err)
{
	struct ancient_typed key, value = {0};
	enum ancient_code code = ANCIENT_OK;

	while (code == ANCIENT_OK && (count == 0 || p->printed < count)) {
		code = ancient_range_next(range, &key, &value, err);
		if (code == ANCIENT_E_NO_INDEX)
			return ANCIENT_OK;
		if (code == ANCIENT_OK)
			code = put_binding(p, key, value, err);
	}
	return code;
}

/* What is inside an [@@unboxed] type. */
static struct ancient_typed unwrap(const struct ancient_file *file,
				   const struct ancient_schema *schema, struct ancient_typed typed)
{
	while (ancient_schema_type(schema, typed.type)->unboxed &&
	       (ancient_typed_field(file, schema, typed, 0, &typed, NULL) == ANCIENT_OK ||
		ancient_typed_argument(file, schema, typed, 0, &typed, NULL) == ANCIENT_OK))
		;
	return typed;
}

enum tool_status value_range_print(const struct ancient_file *file,
				   const struct tool_request *request,
				   const struct ancient_schema *schema, struct ancient_typed typed)
{
	const struct tool_range *wanted = &request->range;
	struct printer p = {.file = file,
			    .schema = schema,
			    .sink = value_output_sink(request),
			    .indent = value_output_indent(request)};
	struct ancient_range range;
	struct ancient_error err;
	enum ancient_code code;

	typed = unwrap(file, schema, typed);
	code = begin(file, request, schema, typed, &range, &err);
	if (code != ANCIENT_OK)
		return store_failed_typed(&err);
	p.form = form_of(schema, typed);
	put(&p, p.form == OBJECT ? "{" : "[");
	code = wanted->last != 0 ? print_last(&p, &range, wanted->last, &err)
				 : print_first(&p, &range, wanted->first, &err);
	if (code == ANCIENT_OK) {
		if (p.printed > 0)
			put_line(&p, 0, false);
		put(&p, p.form == OBJECT ? "}" : "]");
		code = p.sink.cut ? ANCIENT_E_INTERRUPTED : ANCIENT_OK;
	}
	return value_output_end(&p.sink, code, &err);
}

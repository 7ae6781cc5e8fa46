/* python: the parts of a typed value, one after the other, whatever its type: for what works
 * on values as wholes. */
#include "typed/typed.h"

#include <string.h>

bool py_walk_has_parts(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_RESULT:
	case ANCIENT_TYPE_REF:
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
	case ANCIENT_TYPE_LAZY:
		return true;
	default:
		return false;
	}
}

static int fail(const struct py_walk *walk, const struct ancient_error *err)
{
	py_raise(walk->snapshot->state, walk->snapshot->name, err);
	return -1;
}

static int begin_container(struct py_walk *walk)
{
	struct ancient_error err;

	walk->iterator = PyMem_Malloc(sizeof *walk->iterator);
	if (walk->iterator == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	if (ancient_iterator_init(walk->snapshot->file, walk->schema->schema, walk->typed,
				  walk->iterator, &err) != ANCIENT_OK)
		return fail(walk, &err);
	walk->keyed = walk->type->kind != ANCIENT_TYPE_SET;
	return 0;
}

static int begin_variant(struct py_walk *walk)
{
	struct ancient_error err;

	if (ancient_typed_constructor(walk->snapshot->file, walk->schema->schema, walk->typed,
				      &walk->number, &err) != ANCIENT_OK)
		return fail(walk, &err);
	walk->count = walk->type->constructors[walk->number].field_count;
	return 0;
}

static int begin_option(struct py_walk *walk)
{
	struct ancient_typed inner;
	struct ancient_error err;
	bool some;

	if (ancient_typed_option(walk->snapshot->file, walk->schema->schema, walk->typed, &some,
				 &inner, &err) != ANCIENT_OK)
		return fail(walk, &err);
	walk->number = some;
	walk->count = some;
	return 0;
}

static int begin_result(struct py_walk *walk)
{
	struct ancient_typed inner;
	struct ancient_error err;
	bool ok;

	if (ancient_typed_result(walk->snapshot->file, walk->schema->schema, walk->typed, &ok,
				 &inner, &err) != ANCIENT_OK)
		return fail(walk, &err);
	walk->number = ok;
	walk->count = 1;
	return 0;
}

int py_walk_begin(struct py_walk *walk, struct py_snapshot *snapshot, struct py_schema *schema,
		  struct ancient_typed typed)
{
	struct ancient_error err;

	*walk = (struct py_walk){.snapshot = snapshot, .schema = schema};
	if (py_typed_open(snapshot, schema, &typed) < 0)
		return -1;
	walk->typed = typed;
	walk->type = py_schema_type(schema, typed.type);
	if (ancient_typed_check(snapshot->file, schema->schema, typed, &err) != ANCIENT_OK)
		return fail(walk, &err);
	switch (walk->type->kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
		walk->count = walk->type->field_count;
		return 0;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return begin_variant(walk);
	case ANCIENT_TYPE_LIST:
		walk->rest = typed.value.word;
		return 0;
	case ANCIENT_TYPE_ARRAY:
		if (ancient_typed_parts(snapshot->file, schema->schema, typed, &walk->elements,
					&err) != ANCIENT_OK)
			return fail(walk, &err);
		walk->count = walk->elements.count;
		return 0;
	case ANCIENT_TYPE_OPTION:
		return begin_option(walk);
	case ANCIENT_TYPE_RESULT:
		return begin_result(walk);
	case ANCIENT_TYPE_REF:
		walk->count = 1;
		return 0;
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		return begin_container(walk);
	default:
		return 0;
	}
}

void py_walk_done(struct py_walk *walk)
{
	PyMem_Free(walk->iterator);
	walk->iterator = NULL;
}

/* A list is walked cell by cell, since an iterator is much larger than a word. */
static int next_cell(struct py_walk *walk, struct ancient_typed *ret_part)
{
	struct ancient_typed cells =
		ancient_typed_of((struct ancient_value){walk->rest}, walk->typed.type);
	struct ancient_parts cell;
	struct ancient_error err;

	if (ancient_typed_parts(walk->snapshot->file, walk->schema->schema, cells, &cell, &err) !=
	    ANCIENT_OK)
		return fail(walk, &err);
	if (cell.words == NULL)
		return 0;
	if (walk->next++ > walk->snapshot->words) {
		py_fail(walk->snapshot, ANCIENT_E_CYCLE, ANCIENT_NO_OFFSET,
			"the list contains itself: it has no end");
		return -1;
	}
	*ret_part = ancient_parts_get(&cell, 0, walk->type->arguments[0]);
	walk->rest = ancient_parts_get(&cell, 1, walk->typed.type).value.word;
	return 1;
}

static int next_binding(struct py_walk *walk, struct ancient_typed *ret_key,
			struct ancient_typed *ret_part)
{
	struct ancient_typed key, value;
	struct ancient_error err;
	enum ancient_code code;
	bool hidden = false;

	do {
		code = ancient_iterator_next(walk->iterator, &key, &value, &err);
		if (code == ANCIENT_E_NO_INDEX)
			return 0;
		if (code == ANCIENT_OK && walk->keyed && !walk->all)
			code = ancient_iterator_hidden(walk->iterator, &hidden, &err);
		if (code != ANCIENT_OK)
			return fail(walk, &err);
		if (py_interrupted(walk->next++) < 0)
			return -1;
		if (walk->iterator == NULL) /* a handler of a signal came to the end */
			return 0;
	} while (hidden);
	if (walk->keyed)
		*ret_key = key;
	*ret_part = walk->keyed ? value : key;
	return 1;
}

int py_walk_next(struct py_walk *walk, struct ancient_typed *ret_key,
		 struct ancient_typed *ret_part)
{
	const struct ancient_file *file = walk->snapshot->file;
	const struct ancient_schema *schema = walk->schema->schema;
	struct ancient_error err;
	enum ancient_code code;
	bool told;

	if (walk->type->kind == ANCIENT_TYPE_LIST)
		return next_cell(walk, ret_part);
	if (walk->iterator != NULL)
		return next_binding(walk, ret_key, ret_part);
	if (walk->next >= walk->count)
		return 0;
	if (walk->type->kind == ANCIENT_TYPE_ARRAY) {
		*ret_part =
			ancient_parts_get(&walk->elements, walk->next++, walk->type->arguments[0]);
		return 1;
	}
	switch (walk->type->kind) {
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		code = ancient_typed_argument(file, schema, walk->typed, (uint32_t)walk->next,
					      ret_part, &err);
		break;
	case ANCIENT_TYPE_OPTION:
		code = ancient_typed_option(file, schema, walk->typed, &told, ret_part, &err);
		break;
	case ANCIENT_TYPE_RESULT:
		code = ancient_typed_result(file, schema, walk->typed, &told, ret_part, &err);
		break;
	case ANCIENT_TYPE_REF:
		code = ancient_typed_contents(file, schema, walk->typed, ret_part, &err);
		break;
	default:
		code = ancient_typed_field(file, schema, walk->typed, (uint32_t)walk->next,
					   ret_part, &err);
		break;
	}
	if (code != ANCIENT_OK)
		return fail(walk, &err);
	walk->next++;
	return 1;
}

uint64_t py_walk_node(const struct py_snapshot *snapshot, struct ancient_typed typed, bool flag)
{
	/* Offsets are multiples of 8, and types fewer than 2^17. */
	if (typed.flat != 0 || ancient_value_is_int(typed.value))
		return 0;
	return (typed.value.word - snapshot->base) >> 3 << 19 | (uint64_t)typed.type << 2 |
	       (uint64_t)flag << 1 | 1;
}

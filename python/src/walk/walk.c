/* python/walk: the iterator over the parts of a value, raw or typed.  compare.c, to_python.c,
 * repr.c and hash.c work on whole values with it; so do the views of sequences and containers. */
#include "walk/walk.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "typed/schema.h"
#include "typed/value.h"

static int fail(const struct py_walk *walk, const struct ancient_error *err)
{
	py_raise(walk->snapshot->state, walk->snapshot->name, err);
	return -1;
}

static int enter_container(struct py_walk *walk)
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

static int enter_variant(struct py_walk *walk)
{
	struct ancient_error err;

	if (ancient_typed_constructor(walk->snapshot->file, walk->schema->schema, walk->typed,
				      &walk->number, &err) != ANCIENT_OK)
		return fail(walk, &err);
	walk->count = walk->type->constructors[walk->number].field_count;
	return 0;
}

static int enter_option(struct py_walk *walk)
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

static int enter_result(struct py_walk *walk)
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

static int look_raw(struct py_walk *walk)
{
	struct ancient_file *file = walk->snapshot->file;
	struct ancient_value *value = &walk->typed.value;
	enum ancient_kind kind = ANCIENT_KIND_INT;
	struct ancient_error err;

	if (!ancient_value_is_int(*value) &&
	    (ancient_value_kind(file, *value, &kind, &err) != ANCIENT_OK ||
	     (kind == ANCIENT_KIND_LAZY &&
	      (ancient_value_force(file, *value, value, &err) != ANCIENT_OK ||
	       ancient_value_kind(file, *value, &kind, &err) != ANCIENT_OK))))
		return fail(walk, &err);
	walk->kind = PY_RAW + (int)kind;
	return 0;
}

int py_walk_look(struct py_walk *walk, struct py_snapshot *snapshot, struct py_schema *schema,
		 struct ancient_typed typed)
{
	*walk = (struct py_walk){.snapshot = snapshot, .schema = schema, .typed = typed};
	if (schema == NULL)
		return look_raw(walk);
	if (py_typed_open(snapshot, schema, &walk->typed) < 0)
		return -1;
	walk->type = py_schema_type(schema, walk->typed.type);
	walk->kind = (int)walk->type->kind;
	return 0;
}

bool py_walk_has_parts(const struct py_walk *walk)
{
	switch (walk->kind) {
	case PY_RAW + ANCIENT_KIND_BLOCK:
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
		return true;
	default:
		return false;
	}
}

static int enter_block(struct py_walk *walk)
{
	struct ancient_error err;

	if (ancient_block_get(walk->snapshot->file, walk->typed.value, &walk->block, &err) !=
	    ANCIENT_OK)
		return fail(walk, &err);
	walk->number = walk->block.tag;
	walk->count = walk->block.size;
	return 0;
}

static int enter_array(struct py_walk *walk)
{
	struct ancient_error err;

	if (ancient_typed_parts(walk->snapshot->file, walk->schema->schema, walk->typed,
				&walk->elements, &err) != ANCIENT_OK)
		return fail(walk, &err);
	walk->count = walk->elements.count;
	return 0;
}

int py_walk_enter(struct py_walk *walk)
{
	struct ancient_error err;

	if (py_walk_is_raw(walk))
		return enter_block(walk);
	if (ancient_typed_check(walk->snapshot->file, walk->schema->schema, walk->typed, &err) !=
	    ANCIENT_OK)
		return fail(walk, &err);
	switch (walk->kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
		walk->count = walk->type->field_count;
		return 0;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return enter_variant(walk);
	case ANCIENT_TYPE_LIST:
		walk->rest = walk->typed.value.word;
		return 0;
	case ANCIENT_TYPE_ARRAY:
		return enter_array(walk);
	case ANCIENT_TYPE_OPTION:
		return enter_option(walk);
	case ANCIENT_TYPE_RESULT:
		return enter_result(walk);
	case ANCIENT_TYPE_REF:
		walk->count = 1;
		return 0;
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		return enter_container(walk);
	default:
		return 0;
	}
}

int py_walk_begin(struct py_walk *walk, struct py_snapshot *snapshot, struct py_schema *schema,
		  struct ancient_typed typed)
{
	return py_walk_look(walk, snapshot, schema, typed) < 0 ? -1 : py_walk_enter(walk);
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
	} while (hidden);
	if (walk->keyed)
		*ret_key = key;
	*ret_part = walk->keyed ? value : key;
	return 1;
}

/* The next field of a raw block. */
static int next_field(struct py_walk *walk, struct ancient_typed *ret_part)
{
	struct ancient_value value;
	struct ancient_error err;

	if (ancient_block_field(walk->snapshot->file, &walk->block, walk->next, &value, &err) !=
	    ANCIENT_OK)
		return fail(walk, &err);
	walk->next++;
	*ret_part = ancient_typed_of(value, 0);
	return 1;
}

/* The next part of what has a fixed number of them, each of a type of its own. */
static int next_member(struct py_walk *walk, struct ancient_typed *ret_part)
{
	const struct ancient_file *file = walk->snapshot->file;
	const struct ancient_schema *schema = walk->schema->schema;
	struct ancient_error err;
	enum ancient_code code;
	bool told;

	switch (walk->kind) {
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

int py_walk_next(struct py_walk *walk, struct ancient_typed *ret_key,
		 struct ancient_typed *ret_part)
{
	if (walk->kind == ANCIENT_TYPE_LIST)
		return next_cell(walk, ret_part);
	if (walk->iterator != NULL)
		return next_binding(walk, ret_key, ret_part);
	if (walk->next >= walk->count)
		return 0;
	if (walk->kind == ANCIENT_TYPE_ARRAY) {
		*ret_part =
			ancient_parts_get(&walk->elements, walk->next++, walk->type->arguments[0]);
		return 1;
	}
	return py_walk_is_raw(walk) ? next_field(walk, ret_part) : next_member(walk, ret_part);
}

uint64_t py_walk_node(const struct py_walk *walk, bool flag)
{
	const struct ancient_typed *typed = &walk->typed;

	if (typed->flat != 0 || ancient_value_is_int(typed->value))
		return 0;
	/* A pointer is a multiple of 8, and so is an offset; types are fewer than 2^17. */
	if (py_walk_is_raw(walk))
		return typed->value.word | (uint64_t)flag;
	return (typed->value.word - walk->snapshot->base) >> 3 << 19 | (uint64_t)typed->type << 2 |
	       (uint64_t)flag << 1 | 1;
}

void *py_stack_reserve(void *stack, size_t depth, size_t *capacity, size_t size)
{
	size_t larger = *capacity == 0 ? 16 : 2 * *capacity;
	void *grown;

	if (depth < *capacity)
		return stack;
	grown = PyMem_Realloc(stack, larger * size);
	if (grown == NULL) {
		PyErr_NoMemory();
		return NULL;
	}
	*capacity = larger;
	return grown;
}

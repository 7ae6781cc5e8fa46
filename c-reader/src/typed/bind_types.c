/* c-reader/typed: compares the types that a generated header was made from with those of a file,
 * by name (FORMAT 12), and finds the indices of fields and constructors; for bind.c.  Both type
 * graphs are walked together, with a stack on the heap and a set of the pairs already compared. */
#include "typed/bind_types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define NONE UINT32_MAX
#define PAIRS_MAX (1u << 20)

/* A type of the program, the type of the file it must match, and the member that has this type,
 * for messages. */
struct pair {
	uint32_t wanted, found;
	uint32_t owner, constructor, field; /* NONE: the root; no constructor */
};

struct binder {
	const struct ancient_bind_table *table;
	const struct ancient_schema *schema;
	const char *name;
	struct ancient_error *err;
	uint32_t *fields, *constructors; /* results */
	uint32_t *bound;                 /* by wanted record or variant: what it is here */
	struct pair *stack;
	size_t depth, capacity;
	uint64_t *seen; /* hash table of pairs; 0: free */
	size_t seen_count, seen_capacity;
};

/* ---- Messages --------------------------------------------------------------------- */

/* `field "size" of type package`: where in the program's types a pair stands. */
static const char *place(const struct binder *binder, const struct pair *pair, char text[700])
{
	const struct ancient_bind_table *table = binder->table;
	const char *owner = pair->owner == NONE ? "" : table->types[pair->owner].name;
	const char *constructor =
		pair->constructor == NONE ? "" : table->constructors[pair->constructor].name;
	const char *of = pair->constructor == NONE ? "" : " of ";

	if (pair->owner == NONE)
		return "the value";
	if (table->fields[pair->field].name != NULL) {
		snprintf(text, 700, "field \"%s\"%s%s of type %s", table->fields[pair->field].name,
			 of, constructor, owner);
	} else {
		uint32_t first = pair->constructor == NONE
					 ? table->types[pair->owner].first
					 : table->constructors[pair->constructor].first;

		snprintf(text, 700, "%s %u%s%s of type %s",
			 pair->constructor == NONE ? "part" : "argument", pair->field - first, of,
			 constructor, owner);
	}
	return text;
}

static enum ancient_code differs(const struct binder *binder, const struct pair *pair)
{
	char text[700];

	return ancient_reader_refuse(binder->name, binder->err, ANCIENT_E_BAD_SHAPE,
				     "%s: expected %s, found %s", place(binder, pair, text),
				     binder->table->types[pair->wanted].name,
				     ancient_schema_type(binder->schema, pair->found)->name);
}

/* ---- Stack and set ---------------------------------------------------------------- */

static enum ancient_code no_memory(const struct binder *binder)
{
	return ancient_reader_refuse(binder->name, binder->err, ANCIENT_E_MEMORY,
				     "binding its types");
}

static enum ancient_code push(struct binder *binder, const struct pair *pair)
{
	if (binder->depth == binder->capacity) {
		size_t capacity = binder->capacity == 0 ? 64 : binder->capacity * 2;
		struct pair *stack = realloc(binder->stack, capacity * sizeof *stack);

		if (stack == NULL)
			return no_memory(binder);
		binder->stack = stack;
		binder->capacity = capacity;
	}
	binder->stack[binder->depth++] = *pair;
	return ANCIENT_OK;
}

/* Where the pair is in the set, or the free slot for it. */
static uint64_t *slot_of(uint64_t *seen, size_t capacity, uint64_t key)
{
	size_t at = (size_t)((key * 0x9E3779B97F4A7C15u) >> 32) & (capacity - 1);

	while (seen[at] != 0 && seen[at] != key)
		at = (at + 1) & (capacity - 1);
	return &seen[at];
}

static enum ancient_code grow(struct binder *binder)
{
	size_t capacity = binder->seen_capacity == 0 ? 256 : binder->seen_capacity * 2;
	uint64_t *seen;

	if (capacity > 2 * PAIRS_MAX)
		return ancient_reader_refuse(binder->name, binder->err, ANCIENT_E_TOO_LARGE,
					     "more than %u types to compare", PAIRS_MAX);
	seen = calloc(capacity, sizeof *seen);
	if (seen == NULL)
		return no_memory(binder);
	for (size_t i = 0; i < binder->seen_capacity; i++)
		if (binder->seen[i] != 0)
			*slot_of(seen, capacity, binder->seen[i]) = binder->seen[i];
	free(binder->seen);
	binder->seen = seen;
	binder->seen_capacity = capacity;
	return ANCIENT_OK;
}

/* *ret_new: whether the pair was not in the set; it is now. */
static enum ancient_code enter(struct binder *binder, const struct pair *pair, bool *ret_new)
{
	uint64_t key = ((uint64_t)pair->wanted << 32 | pair->found) + 1;
	enum ancient_code code = ANCIENT_OK;
	uint64_t *slot;

	if (binder->seen_count >= binder->seen_capacity / 2)
		code = grow(binder);
	if (code != ANCIENT_OK)
		return code;
	slot = slot_of(binder->seen, binder->seen_capacity, key);
	*ret_new = *slot == 0;
	if (*slot == 0) {
		*slot = key;
		binder->seen_count++;
	}
	return ANCIENT_OK;
}

/* ---- One type --------------------------------------------------------------------- */

static int64_t index_of(const struct ancient_field *fields, uint32_t count, const char *name)
{
	for (uint32_t i = 0; i < count; i++)
		if (fields[i].name != NULL && strcmp(fields[i].name, name) == 0)
			return i;
	return -1;
}

/* Finds `count` wanted fields, from `first` on, among those of a record, tuple or constructor,
 * and leaves their types to be compared, the first on top. */
static enum ancient_code bind_fields(struct binder *binder, struct pair member, uint32_t first,
				     uint32_t count, const struct ancient_field *fields,
				     uint32_t field_count)
{
	enum ancient_code code = ANCIENT_OK;

	for (uint32_t i = count; i-- > 0 && code == ANCIENT_OK;) {
		const struct ancient_bind_field *wanted = &binder->table->fields[first + i];
		int64_t index = wanted->name == NULL ? (int64_t)i
						     : index_of(fields, field_count, wanted->name);
		char text[700];

		member.field = first + i;
		if (index < 0)
			return ancient_reader_refuse(binder->name, binder->err, ANCIENT_E_NO_FIELD,
						     "the type here has no %s",
						     place(binder, &member, text));
		binder->fields[first + i] = (uint32_t)index;
		member.wanted = wanted->type;
		member.found = fields[index].type;
		code = push(binder, &member);
	}
	return code;
}

static enum ancient_code bind_constructor(struct binder *binder, const struct pair *pair,
					  uint32_t number)
{
	const struct ancient_bind_constructor *wanted = &binder->table->constructors[number];
	const struct ancient_type *type = ancient_schema_type(binder->schema, pair->found);
	const char *owner = binder->table->types[pair->wanted].name;
	const struct ancient_constructor *found;
	struct pair member = {NONE, NONE, pair->wanted, number, NONE};
	bool named = wanted->count > 0 && binder->table->fields[wanted->first].name != NULL;
	int64_t index = ancient_type_constructor_index(binder->schema, pair->found, wanted->name,
						       strlen(wanted->name));

	if (index < 0)
		return ancient_reader_refuse(binder->name, binder->err, ANCIENT_E_BAD_SHAPE,
					     "type %s has no constructor %s here", owner,
					     wanted->name);
	binder->constructors[number] = (uint32_t)index;
	found = &type->constructors[index];
	if (wanted->constant != found->constant || named != found->inline_record ||
	    (!named && wanted->count != found->field_count))
		return ancient_reader_refuse(
			binder->name, binder->err, ANCIENT_E_BAD_SHAPE,
			"constructor %s of type %s: expected %u %s, found %u %s", wanted->name,
			owner, wanted->count, named ? "named fields" : "arguments",
			found->field_count, found->inline_record ? "named fields" : "arguments");
	return bind_fields(binder, member, wanted->first, wanted->count, found->fields,
			   found->field_count);
}

/* The generated header keeps one set of indices for a record or variant, so it must match one type
 * of the file everywhere. */
static enum ancient_code bind_declared(struct binder *binder, const struct pair *pair)
{
	const struct ancient_bind_type *wanted = &binder->table->types[pair->wanted];
	const struct ancient_type *found = ancient_schema_type(binder->schema, pair->found);
	struct pair member = {NONE, NONE, pair->wanted, NONE, NONE};
	enum ancient_code code = ANCIENT_OK;

	if (binder->bound[pair->wanted] != NONE) {
		char text[700];

		return ancient_reader_refuse(
			binder->name, binder->err, ANCIENT_E_BAD_SHAPE,
			"%s: expected %s, which is %s in another place, found %s",
			place(binder, pair, text), wanted->name,
			ancient_schema_type(binder->schema, binder->bound[pair->wanted])->name,
			found->name);
	}
	binder->bound[pair->wanted] = pair->found;
	if (wanted->kind == ANCIENT_TYPE_RECORD)
		return bind_fields(binder, member, wanted->first, wanted->count, found->fields,
				   found->field_count);
	for (uint32_t i = wanted->count; i-- > 0 && code == ANCIENT_OK;)
		code = bind_constructor(binder, pair, wanted->first + i);
	return code;
}

/* Tuples and types with arguments: each part is compared as a member of the same owner. */
static enum ancient_code bind_parts(struct binder *binder, const struct pair *pair)
{
	const struct ancient_bind_type *wanted = &binder->table->types[pair->wanted];
	const struct ancient_type *found = ancient_schema_type(binder->schema, pair->found);
	bool tuple = wanted->kind == ANCIENT_TYPE_TUPLE;
	enum ancient_code code = ANCIENT_OK;

	if (wanted->count != (tuple ? found->field_count : found->argument_count))
		return differs(binder, pair);
	for (uint32_t i = wanted->count; i-- > 0 && code == ANCIENT_OK;) {
		struct pair part = *pair;

		binder->fields[wanted->first + i] = i;
		part.wanted = binder->table->fields[wanted->first + i].type;
		part.found = tuple ? found->fields[i].type : found->arguments[i];
		code = push(binder, &part);
	}
	return code;
}

static uint32_t detail_of(const struct ancient_type *type)
{
	return (uint32_t)type->bigarray_kind | (type->bigarray_fortran ? 256u : 0) |
	       (uint32_t)(type->bigarray_dims + 1) << 9;
}

static enum ancient_code bind_pair(struct binder *binder, const struct pair *pair)
{
	const struct ancient_bind_type *wanted = &binder->table->types[pair->wanted];
	const struct ancient_type *found = ancient_schema_type(binder->schema, pair->found);

	if (wanted->kind != found->kind)
		return differs(binder, pair);
	switch (wanted->kind) {
	case ANCIENT_TYPE_RECORD:
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return bind_declared(binder, pair);
	case ANCIENT_TYPE_BIGARRAY:
		return wanted->detail == detail_of(found) ? ANCIENT_OK : differs(binder, pair);
	default:
		return bind_parts(binder, pair);
	}
}

static enum ancient_code bind_all(struct binder *binder)
{
	struct pair pair = {binder->table->root, ancient_schema_root(binder->schema), NONE, NONE,
			    NONE};
	enum ancient_code code;

	binder->bound = malloc(binder->table->type_count * sizeof *binder->bound);
	if (binder->bound == NULL)
		return no_memory(binder);
	for (uint32_t i = 0; i < binder->table->type_count; i++)
		binder->bound[i] = NONE;
	code = push(binder, &pair);
	while (code == ANCIENT_OK && binder->depth > 0) {
		bool new = false;

		pair = binder->stack[--binder->depth];
		code = enter(binder, &pair, &new);
		if (code == ANCIENT_OK && new)
			code = bind_pair(binder, &pair);
	}
	return code;
}

enum ancient_code ancient_reader_bind_types(const struct ancient_schema *schema, const char *name,
					    const struct ancient_bind_table *table,
					    uint32_t *ret_fields, uint32_t *ret_constructors,
					    uint32_t *ret_types, struct ancient_error *err)
{
	struct binder binder = {
		.table = table,
		.schema = schema,
		.name = name,
		.err = err,
		.fields = ret_fields,
		.constructors = ret_constructors,
	};
	enum ancient_code code = bind_all(&binder);

	if (code == ANCIENT_OK)
		memcpy(ret_types, binder.bound, table->type_count * sizeof *ret_types);
	free(binder.bound);
	free(binder.stack);
	free(binder.seen);
	return code;
}

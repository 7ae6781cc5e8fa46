/* c-reader: from declarations to types (FORMAT 12.3, 12.5): every expression that the root
 * needs is evaluated, equal ones once, and an instance of a declaration has its fields filled
 * in when its turn comes, so that neither depth nor recursion takes any stack.
 *
 * Evaluation is a stack of expressions under way and a stack of their values.  What a
 * declaration or a row of the table gives for certain arguments is kept in `entries`, under a
 * key of numbers: what it is, which, and the arguments. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include <ancient/format.h>

#include "schema/schema.h"

/* Values that are no types: the words that stand in a bigarray's type only. */
#define PSEUDO 0x80000000u
#define PSEUDO_ELEMENT (PSEUDO | 0x100u)
#define PSEUDO_LAYOUT (PSEUDO | 0x200u)
#define PSEUDO_COMPLEX (PSEUDO | 0x300u)

enum { KEY_ALIAS = 100 }; /* otherwise enum ancient_type_kind */
#define KEY_ARGUMENTS 2u  /* their place in a key */

struct frame {
	uint32_t node, env; /* env: where in `keys` the values of the parameters are */
	uint32_t next;      /* the child to evaluate next */
	uint32_t base;      /* of its children's values */
	uint32_t entry;     /* of the alias that this is, once it is known */
	bool inside;        /* the right-hand side of that alias, or a container's key, is next */
};

struct entry {
	uint32_t first, count; /* key */
	uint32_t result;
};

struct build {
	struct schema_text *text;
	struct schema_types *types;
	struct schema_list keys, entries, frames, values, scratch;
	struct schema_table table;
	uint32_t steps;
	bool bytes;
};

static void *add(struct build *b, struct schema_list *list, size_t size)
{
	void *item = schema_list_add(list, size);

	if (item == NULL)
		schema_memory(b->text);
	return item;
}

static void add_number(struct build *b, struct schema_list *list, uint32_t number)
{
	uint32_t *item = add(b, list, sizeof(*item));

	if (item != NULL)
		*item = number;
}

static uint32_t number_at(const struct schema_list *list, uint32_t index)
{
	return *SCHEMA_ITEM(uint32_t, *list, index);
}

static const struct schema_node *node_at(const struct build *b, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_node, b->text->nodes, number);
}

static struct schema_type *type_at(const struct build *b, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_type, b->types->types, number);
}

/* ---- Entries ------------------------------------------------------------------------- */

static bool same_key(const struct build *b, const struct entry *entry)
{
	return entry->count == b->scratch.count &&
	       memcmp(SCHEMA_ITEM(uint32_t, b->keys, entry->first), b->scratch.items,
		      entry->count * sizeof(uint32_t)) == 0;
}

static bool grow(struct build *b)
{
	struct schema_table larger = {.room = b->table.room == 0 ? 64 : 2 * b->table.room,
				      .count = b->table.count};

	larger.slot = calloc(larger.room, sizeof(*larger.slot));
	if (larger.slot == NULL)
		return false;
	for (uint32_t i = 0; i < b->table.room; i++) {
		uint32_t at = (uint32_t)(b->table.slot[i].key >> 1) & (larger.room - 1);
		if (b->table.slot[i].key == 0)
			continue;
		while (larger.slot[at].key != 0)
			at = (at + 1) & (larger.room - 1);
		larger.slot[at] = b->table.slot[i];
	}
	free(b->table.slot);
	b->table = larger;
	return true;
}

/* The entry whose key is in `scratch`, where it is new with no result. */
static uint32_t find_entry(struct build *b)
{
	size_t bytes = b->scratch.count * sizeof(uint32_t);
	struct entry *entry;
	uint64_t hash;
	uint32_t i;

	if (b->text->code == ANCIENT_OK && 2 * b->table.count >= b->table.room && !grow(b))
		schema_memory(b->text);
	if (b->text->code != ANCIENT_OK)
		return SCHEMA_NONE;
	hash = XXH3_64bits_withSeed(b->scratch.items, bytes, b->text->seed) | 1;
	for (i = (uint32_t)(hash >> 1) & (b->table.room - 1); b->table.slot[i].key != 0;
	     i = (i + 1) & (b->table.room - 1))
		if (b->table.slot[i].key == hash &&
		    same_key(b, SCHEMA_ITEM(struct entry, b->entries, b->table.slot[i].value)))
			return b->table.slot[i].value;
	entry = add(b, &b->entries, sizeof(*entry));
	if (entry == NULL)
		return SCHEMA_NONE;
	*entry = (struct entry){b->keys.count, b->scratch.count, SCHEMA_NONE};
	for (uint32_t k = 0; k < b->scratch.count; k++)
		add_number(b, &b->keys, number_at(&b->scratch, k));
	b->table.slot[i] = (struct schema_slot){hash, b->entries.count - 1};
	b->table.count++;
	if (b->entries.count > 2 * SCHEMA_TYPES)
		schema_refuse(b->text, node_at(b, b->text->root)->at,
			      "expected at most %u types, found more: instances may have no end",
			      SCHEMA_TYPES);
	return b->entries.count - 1;
}

static void start_key(struct build *b, uint32_t what, uint32_t which)
{
	b->scratch.count = 0;
	add_number(b, &b->scratch, what);
	add_number(b, &b->scratch, which);
}

static void key_values(struct build *b, uint32_t base)
{
	for (uint32_t i = base; i < b->values.count; i++)
		add_number(b, &b->scratch, number_at(&b->values, i));
}

/* ---- New types ----------------------------------------------------------------------- */

/* The type of the entry whose key is in `scratch`; *ret_new where it was made now, with the
 * key's arguments. */
static uint32_t find_type(struct build *b, enum ancient_type_kind kind, bool *ret_new)
{
	uint32_t number = find_entry(b), first;
	struct schema_type *type;
	struct entry *entry;

	*ret_new = false;
	if (b->text->code != ANCIENT_OK)
		return 0;
	entry = SCHEMA_ITEM(struct entry, b->entries, number);
	if (entry->result != SCHEMA_NONE)
		return entry->result;
	*ret_new = true;
	entry->result = b->types->types.count;
	first = b->types->arguments.count;
	for (uint32_t i = KEY_ARGUMENTS; i < b->scratch.count; i++)
		add_number(b, &b->types->arguments, number_at(&b->scratch, i));
	type = add(b, &b->types->types, sizeof(*type));
	if (type == NULL)
		return 0;
	type->type.kind = kind;
	type->type.argument_count = b->scratch.count - KEY_ARGUMENTS;
	type->argument = first;
	type->key = entry->first;
	type->decl = SCHEMA_NONE;
	if (b->types->types.count > SCHEMA_TYPES)
		schema_refuse(b->text, node_at(b, b->text->root)->at,
			      "expected at most %u types, found more: instances may have no end",
			      SCHEMA_TYPES);
	return b->types->types.count - 1;
}

static void check_members(struct build *b)
{
	if (b->types->fields.count + b->types->cases.count > SCHEMA_MEMBERS)
		schema_refuse(b->text, node_at(b, b->text->root)->at,
			      "expected at most %u fields and constructors, found more: instances "
			      "may have no end",
			      SCHEMA_MEMBERS);
}

static void add_field(struct build *b, uint32_t name, uint32_t type)
{
	struct schema_field *field = add(b, &b->types->fields, sizeof(*field));

	if (field != NULL)
		*field = (struct schema_field){name, type};
	check_members(b);
}

static struct schema_case *add_case(struct build *b, uint32_t name)
{
	struct schema_case *made = add(b, &b->types->cases, sizeof(*made));

	if (made != NULL) {
		made->name = name;
		made->field = b->types->fields.count;
	}
	check_members(b);
	return made;
}

/* None of the values from `base` on is a word of a bigarray's type. */
static bool check_values(struct build *b, uint32_t base, uint32_t at)
{
	for (uint32_t i = base; i < b->values.count; i++)
		if (number_at(&b->values, i) != SCHEMA_NONE &&
		    (number_at(&b->values, i) & PSEUDO) != 0) {
			schema_refuse(b->text, at,
				      "expected a type of values, found one that belongs in a "
				      "bigarray's");
			return false;
		}
	return b->text->code == ANCIENT_OK;
}

/* ---- Bigarrays ----------------------------------------------------------------------- */

static int bigarray_kind(const struct build *b, uint32_t element, uint32_t kind)
{
	static const struct {
		enum ancient_type_kind element;
		enum schema_element word;
		int kind;
	} rows[] = {
		{ANCIENT_TYPE_FLOAT, SCHEMA_ELEMENT_FLOAT16, ANCIENT_BIGARRAY_FLOAT16},
		{ANCIENT_TYPE_FLOAT, SCHEMA_ELEMENT_FLOAT32, ANCIENT_BIGARRAY_FLOAT32},
		{ANCIENT_TYPE_FLOAT, SCHEMA_ELEMENT_FLOAT64, ANCIENT_BIGARRAY_FLOAT64},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT8_SIGNED, ANCIENT_BIGARRAY_INT8_SIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT8_UNSIGNED, ANCIENT_BIGARRAY_INT8_UNSIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT16_SIGNED, ANCIENT_BIGARRAY_INT16_SIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT16_UNSIGNED, ANCIENT_BIGARRAY_INT16_UNSIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT, ANCIENT_BIGARRAY_INT},
		{ANCIENT_TYPE_CHAR, SCHEMA_ELEMENT_INT8_UNSIGNED, ANCIENT_BIGARRAY_CHAR},
		{ANCIENT_TYPE_INT32, SCHEMA_ELEMENT_INT32, ANCIENT_BIGARRAY_INT32},
		{ANCIENT_TYPE_INT64, SCHEMA_ELEMENT_INT64, ANCIENT_BIGARRAY_INT64},
		{ANCIENT_TYPE_NATIVEINT, SCHEMA_ELEMENT_NATIVEINT, ANCIENT_BIGARRAY_NATIVEINT},
		{0, SCHEMA_ELEMENT_COMPLEX32, ANCIENT_BIGARRAY_COMPLEX32},
		{0, SCHEMA_ELEMENT_COMPLEX64, ANCIENT_BIGARRAY_COMPLEX64},
	};
	bool complex = element == PSEUDO_COMPLEX;

	if (!complex && (element & PSEUDO) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (kind == (PSEUDO_ELEMENT | rows[i].word) &&
		    (complex ? rows[i].element == 0
			     : type_at(b, element)->type.kind == rows[i].element))
			return rows[i].kind;
	return -1;
}

static uint32_t make_bigarray(struct build *b, const struct schema_node *node, uint32_t base)
{
	int kind = bigarray_kind(b, number_at(&b->values, base), number_at(&b->values, base + 1));
	uint32_t layout = number_at(&b->values, base + 2), number;
	bool fresh;

	if (kind < 0 || (layout & ~1u) != PSEUDO_LAYOUT) {
		schema_refuse(b->text, node->at,
			      "expected a bigarray of an element, kind and layout that belong "
			      "together");
		return 0;
	}
	start_key(b, ANCIENT_TYPE_BIGARRAY,
		  (uint32_t)kind << 16 | (layout & 1) << 8 | (uint32_t)(node->base + 1));
	number = find_type(b, ANCIENT_TYPE_BIGARRAY, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		struct ancient_type *type = &type_at(b, number)->type;
		type->bigarray_kind = kind;
		type->bigarray_fortran = (layout & 1) != 0;
		type->bigarray_dims = node->base;
	}
	return number;
}

/* ---- Polymorphic variants ------------------------------------------------------------ */

struct tag {
	uint32_t name, value;
};

static int by_name(const void *left, const void *right, void *context)
{
	const struct schema_text *text = context;
	const struct schema_name *a =
		SCHEMA_ITEM(struct schema_name, text->names, ((const struct tag *)left)->name);
	const struct schema_name *b =
		SCHEMA_ITEM(struct schema_name, text->names, ((const struct tag *)right)->name);
	int order = memcmp(text->bytes + a->at, text->bytes + b->at,
			   a->length < b->length ? a->length : b->length);

	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

/* The tags of a node with their values, from `base` on, in order of their names. */
static struct tag *sorted_tags(struct build *b, const struct schema_node *node, uint32_t base)
{
	struct tag *tags = malloc((node->count + 1) * sizeof(*tags));
	uint32_t count = 0;

	if (tags == NULL) {
		schema_memory(b->text);
		return NULL;
	}
	for (uint32_t i = node->child; i != SCHEMA_NONE; i = node_at(b, i)->next, count++)
		tags[count] =
			(struct tag){node_at(b, i)->name, number_at(&b->values, base + count)};
	qsort_r(tags, count, sizeof(*tags), by_name, b->text);
	return tags;
}

static void fill_poly(struct build *b, uint32_t number, const struct tag *tags, uint32_t count)
{
	type_at(b, number)->constructor = b->types->cases.count;
	type_at(b, number)->type.constructor_count = count;
	for (uint32_t i = 0; i < count && b->text->code == ANCIENT_OK; i++) {
		struct schema_case *made = add_case(b, tags[i].name);
		if (made == NULL)
			return;
		made->number = schema_tag_hash(b->text, tags[i].name);
		made->constant = tags[i].value == SCHEMA_NONE;
		made->count = made->constant ? 0 : 1;
		if (!made->constant)
			add_field(b, SCHEMA_NONE, tags[i].value);
	}
}

static uint32_t make_poly(struct build *b, const struct schema_node *node, uint32_t base)
{
	struct tag *tags = sorted_tags(b, node, base);
	uint32_t number = 0;
	bool fresh;

	if (tags != NULL) {
		start_key(b, ANCIENT_TYPE_POLYVARIANT, SCHEMA_NONE);
		for (uint32_t i = 0; i < node->count; i++) {
			add_number(b, &b->scratch, tags[i].name);
			add_number(b, &b->scratch, tags[i].value);
		}
		number = find_type(b, ANCIENT_TYPE_POLYVARIANT, &fresh);
		if (fresh && b->text->code == ANCIENT_OK) {
			type_at(b, number)->type.argument_count = 0;
			fill_poly(b, number, tags, node->count);
		}
	}
	free(tags);
	return number;
}

/* ---- One expression ------------------------------------------------------------------ */

static void push(struct build *b, uint32_t node, uint32_t env)
{
	struct frame *frame = add(b, &b->frames, sizeof(*frame));

	if (frame != NULL)
		*frame = (struct frame){.node = node,
					.env = env,
					.next = node_at(b, node)->child,
					.base = b->values.count,
					.entry = SCHEMA_NONE};
	if (++b->steps > SCHEMA_STEPS)
		schema_refuse(b->text, node_at(b, b->text->root)->at,
			      "expected types whose evaluation ends after %u steps", SCHEMA_STEPS);
}

static uint32_t make_simple(struct build *b, enum ancient_type_kind kind, uint32_t which,
			    uint32_t base)
{
	uint32_t number;
	bool fresh;

	start_key(b, kind, which);
	key_values(b, base);
	number = find_type(b, kind, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		struct ancient_type *type = &type_at(b, number)->type;
		type->bytes =
			kind == ANCIENT_TYPE_BYTES || (kind == ANCIENT_TYPE_STRING && which == 1);
	}
	return number;
}

/* Its elements have a type too, though it is no argument. */
static uint32_t make_floatarray(struct build *b, uint32_t base)
{
	uint32_t number = make_simple(b, ANCIENT_TYPE_FLOATARRAY, 0, base);
	uint32_t element = make_simple(b, ANCIENT_TYPE_FLOAT, 0, base);

	if (b->text->code == ANCIENT_OK) {
		type_at(b, number)->argument = b->types->arguments.count;
		add_number(b, &b->types->arguments, element);
	}
	return number;
}

static uint32_t make_tuple(struct build *b, uint32_t base)
{
	uint32_t number, count = b->values.count - base;
	bool fresh;

	start_key(b, ANCIENT_TYPE_TUPLE, 0);
	key_values(b, base);
	number = find_type(b, ANCIENT_TYPE_TUPLE, &fresh);
	if (!fresh || b->text->code != ANCIENT_OK)
		return number;
	type_at(b, number)->type.argument_count = 0;
	type_at(b, number)->field = b->types->fields.count;
	type_at(b, number)->type.field_count = count;
	for (uint32_t i = 0; i < count && b->text->code == ANCIENT_OK; i++)
		add_field(b, SCHEMA_NONE, number_at(&b->values, base + i));
	return number;
}

static uint32_t make_builtin(struct build *b, const struct schema_node *node, uint32_t base)
{
	switch (node->builtin) {
	case SCHEMA_BUILTIN_BASE:
		if (node->base == ANCIENT_TYPE_FLOATARRAY)
			return make_floatarray(b, base);
		return make_simple(b, (enum ancient_type_kind)node->base,
				   node->base == ANCIENT_TYPE_STRING && node->bytes && b->bytes,
				   base);
	case SCHEMA_BUILTIN_APPLIED:
		if (!check_values(b, base, node->at))
			return 0;
		return make_simple(b, (enum ancient_type_kind)node->base, 0, base);
	case SCHEMA_BUILTIN_BIGARRAY:
		return make_bigarray(b, node, base);
	case SCHEMA_BUILTIN_ELEMENT:
		return PSEUDO_ELEMENT | (uint32_t)node->base;
	case SCHEMA_BUILTIN_LAYOUT:
		return PSEUDO_LAYOUT | (uint32_t)node->base;
	default:
		return PSEUDO_COMPLEX;
	}
}

static uint32_t make_instance(struct build *b, uint32_t which, uint32_t base)
{
	const struct schema_decl *decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, which);
	enum ancient_type_kind kind = decl->kind == SCHEMA_DECL_RECORD ? ANCIENT_TYPE_RECORD
				      : decl->kind == SCHEMA_DECL_VARIANT
					      ? ANCIENT_TYPE_VARIANT
					      : ANCIENT_TYPE_POLYVARIANT;
	uint32_t number;
	bool fresh;

	start_key(b, kind, which);
	key_values(b, base);
	number = find_type(b, kind, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		type_at(b, number)->decl = which;
		type_at(b, number)->type.unboxed = decl->unboxed;
	}
	return number;
}

/* The values are those of the arguments, and then of the key. */
static uint32_t make_container(struct build *b, uint32_t which, uint32_t base)
{
	const struct schema_decl *decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, which);
	uint32_t number, last = b->values.count - 1;
	bool fresh;

	start_key(b, decl->container, decl->standard);
	add_number(b, &b->scratch, number_at(&b->values, last));
	for (uint32_t i = base; i < last; i++)
		add_number(b, &b->scratch, number_at(&b->values, i));
	number = find_type(b, decl->container, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		type_at(b, number)->type.standard = decl->standard;
		type_at(b, number)->decl = which;
	}
	return number;
}

/* Takes the top frame away and leaves `value` in place of its children's. */
static void finish(struct build *b, uint32_t value)
{
	const struct frame *top = SCHEMA_ITEM(struct frame, b->frames, b->frames.count - 1);

	if (top->entry != SCHEMA_NONE)
		SCHEMA_ITEM(struct entry, b->entries, top->entry)->result = value;
	b->values.count = top->base;
	b->frames.count--;
	add_number(b, &b->values, value);
}

static void finish_alias(struct build *b, struct frame *top, const struct schema_node *node,
			 const struct schema_decl *decl)
{
	struct entry *entry;
	uint32_t number;

	if (top->inside) {
		finish(b, number_at(&b->values, b->values.count - 1));
		return;
	}
	start_key(b, KEY_ALIAS, node->decl);
	key_values(b, top->base);
	number = find_entry(b);
	if (b->text->code != ANCIENT_OK)
		return;
	entry = SCHEMA_ITEM(struct entry, b->entries, number);
	if (entry->result != SCHEMA_NONE) {
		finish(b, entry->result);
		return;
	}
	top->entry = number;
	top->inside = true;
	push(b, decl->node, entry->first + KEY_ARGUMENTS);
}

static void finish_path(struct build *b, struct frame *top, const struct schema_node *node)
{
	const struct schema_decl *decl;

	if (node->decl == SCHEMA_NONE) {
		finish(b, make_builtin(b, node, top->base));
		return;
	}
	decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, node->decl);
	if (decl->kind == SCHEMA_DECL_ALIAS) {
		finish_alias(b, top, node, decl);
		return;
	}
	if (!check_values(b, top->base, node->at))
		return;
	if (decl->kind != SCHEMA_DECL_CONTAINER) {
		finish(b, make_instance(b, node->decl, top->base));
	} else if (top->inside) {
		finish(b, make_container(b, node->decl, top->base));
	} else {
		top->inside = true;
		push(b, decl->node, 0);
	}
}

static void step(struct build *b)
{
	struct frame *top = SCHEMA_ITEM(struct frame, b->frames, b->frames.count - 1);
	const struct schema_node *node = node_at(b, top->node);

	if (node->kind == SCHEMA_NODE_VARIABLE) {
		finish(b, number_at(&b->keys, top->env + node->variable));
		return;
	}
	if (top->next != SCHEMA_NONE) {
		const struct schema_node *child = node_at(b, top->next);
		uint32_t number = top->next;
		top->next = child->next;
		if (child->kind == SCHEMA_NODE_TAG)
			number = child->child;
		if (number == SCHEMA_NONE)
			add_number(b, &b->values, SCHEMA_NONE);
		else
			push(b, number, top->env);
		return;
	}
	if (node->kind == SCHEMA_NODE_PATH)
		finish_path(b, top, node);
	else if (check_values(b, top->base, node->at))
		finish(b, node->kind == SCHEMA_NODE_TUPLE ? make_tuple(b, top->base)
							  : make_poly(b, node, top->base));
}

/* Leaves the value of an expression on the stack of values. */
static void evaluate(struct build *b, uint32_t node, uint32_t env)
{
	uint32_t base = b->values.count;

	push(b, node, env);
	while (b->frames.count > 0 && b->text->code == ANCIENT_OK)
		step(b);
	check_values(b, base, node_at(b, node)->at);
}

/* ---- Instances ----------------------------------------------------------------------- */

static void fill_record(struct build *b, uint32_t number, const struct schema_decl *decl,
			uint32_t env)
{
	for (uint32_t i = 0; i < decl->count && b->text->code == ANCIENT_OK; i++)
		evaluate(b,
			 SCHEMA_ITEM(struct schema_member, b->text->members, decl->first + i)->node,
			 env);
	if (b->text->code != ANCIENT_OK)
		return;
	type_at(b, number)->field = b->types->fields.count;
	type_at(b, number)->type.field_count = decl->count;
	for (uint32_t i = 0; i < decl->count && b->text->code == ANCIENT_OK; i++)
		add_field(
			b,
			SCHEMA_ITEM(struct schema_member, b->text->members, decl->first + i)->name,
			number_at(&b->values, i));
}

static const struct schema_constructor *constructor_at(const struct build *b, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_constructor, b->text->constructors, number);
}

static void fill_variant(struct build *b, uint32_t number, const struct schema_decl *decl,
			 uint32_t env)
{
	uint32_t constants = 0, tags = 0, value = 0;

	for (uint32_t i = 0; i < decl->count; i++) {
		const struct schema_constructor *c = constructor_at(b, decl->first + i);
		for (uint32_t k = 0; k < c->count && b->text->code == ANCIENT_OK; k++)
			evaluate(b,
				 SCHEMA_ITEM(struct schema_member, b->text->members, c->first + k)
					 ->node,
				 env);
	}
	type_at(b, number)->constructor = b->types->cases.count;
	type_at(b, number)->type.constructor_count = decl->count;
	for (uint32_t i = 0; i < decl->count && b->text->code == ANCIENT_OK; i++) {
		const struct schema_constructor *c = constructor_at(b, decl->first + i);
		struct schema_case *made = add_case(b, c->name);
		if (made == NULL)
			return;
		made->constant = c->count == 0;
		made->inline_record = c->inline_record;
		made->number = made->constant ? constants++ : tags++;
		made->count = c->count;
		for (uint32_t k = 0; k < c->count && b->text->code == ANCIENT_OK; k++)
			add_field(b,
				  SCHEMA_ITEM(struct schema_member, b->text->members, c->first + k)
					  ->name,
				  number_at(&b->values, value++));
	}
}

static void fill_declared_poly(struct build *b, uint32_t number, const struct schema_node *node,
			       uint32_t env)
{
	struct tag *tags;

	for (uint32_t i = node->child; i != SCHEMA_NONE && b->text->code == ANCIENT_OK;
	     i = node_at(b, i)->next) {
		if (node_at(b, i)->child == SCHEMA_NONE)
			add_number(b, &b->values, SCHEMA_NONE);
		else
			evaluate(b, node_at(b, i)->child, env);
	}
	tags = b->text->code == ANCIENT_OK ? sorted_tags(b, node, 0) : NULL;
	if (tags != NULL)
		fill_poly(b, number, tags, node->count);
	free(tags);
}

static void fill_instance(struct build *b, uint32_t number)
{
	uint32_t which = type_at(b, number)->decl;
	uint32_t env = type_at(b, number)->key + KEY_ARGUMENTS;
	const struct schema_decl *decl;

	if (which == SCHEMA_NONE)
		return;
	decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, which);
	b->values.count = 0;
	if (decl->kind == SCHEMA_DECL_RECORD)
		fill_record(b, number, decl, env);
	else if (decl->kind == SCHEMA_DECL_VARIANT)
		fill_variant(b, number, decl, env);
	else if (decl->kind == SCHEMA_DECL_POLY)
		fill_declared_poly(b, number, node_at(b, decl->node), env);
}

/* What a value of this type is a value of too, without a block of its own; SCHEMA_NONE. */
static uint32_t same_block(const struct build *b, uint32_t number)
{
	const struct schema_type *type = type_at(b, number);
	uint32_t field = type->field;

	if (type->type.kind == ANCIENT_TYPE_LAZY)
		return number_at(&b->types->arguments, type->argument);
	if (!type->type.unboxed)
		return SCHEMA_NONE;
	if (type->type.kind == ANCIENT_TYPE_VARIANT)
		field = SCHEMA_ITEM(struct schema_case, b->types->cases, type->constructor)->field;
	return SCHEMA_ITEM(struct schema_field, b->types->fields, field)->type;
}

/* No type is only itself, through unboxed and lazy: readers look through both. */
static void check_unboxed(struct build *b)
{
	uint32_t count = b->types->types.count;
	uint32_t *seen = calloc(count + 1, sizeof(*seen)); /* by which walk, from 1 */

	if (seen == NULL)
		schema_memory(b->text);
	for (uint32_t i = 0; i < count && b->text->code == ANCIENT_OK; i++) {
		uint32_t at = i;
		while (at != SCHEMA_NONE && seen[at] == 0) {
			seen[at] = i + 1;
			at = same_block(b, at);
		}
		if (at != SCHEMA_NONE && seen[at] == i + 1)
			schema_refuse(b->text, node_at(b, b->text->root)->at,
				      "expected types with an end, found one that is only itself "
				      "through [@@unboxed]");
	}
	free(seen);
}

void schema_build(struct schema_text *text, bool bytes, struct schema_types *types)
{
	struct build b = {.text = text, .types = types, .bytes = bytes};

	evaluate(&b, text->root, 0);
	if (text->code == ANCIENT_OK)
		types->root = number_at(&b.values, 0);
	for (uint32_t i = 0; i < types->types.count && text->code == ANCIENT_OK; i++)
		fill_instance(&b, i);
	if (text->code == ANCIENT_OK)
		check_unboxed(&b);
	free(b.keys.items);
	free(b.entries.items);
	free(b.frames.items);
	free(b.values.items);
	free(b.scratch.items);
	free(b.table.slot);
}

void schema_types_done(struct schema_types *types)
{
	free(types->types.items);
	free(types->arguments.items);
	free(types->fields.items);
	free(types->cases.items);
}

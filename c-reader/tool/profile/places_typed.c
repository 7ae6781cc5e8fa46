/* c-reader/tool/profile: from a block to the next by the types of a schema (places_typed.h), as
 * FORMAT 12.3 and 12.4 lay them out. */
#include "profile/places_typed.h"

#include <string.h>

#include "schema/schema_types.h"
#include "typed/layout.h"

#define STEP_TEXT 544 /* two names of a schema, and an ellipsis */
#define ELLIPSIS "\xE2\x80\xA6"

static const struct ancient_type *type_at(const struct profile_places *places, uint32_t place)
{
	return &places->schema->types[places->place[place].type];
}

/* ---- Making a place ----------------------------------------------------------------------- */

static bool is_declared(enum ancient_type_kind kind)
{
	return kind == ANCIENT_TYPE_RECORD || kind == ANCIENT_TYPE_VARIANT ||
	       kind == ANCIENT_TYPE_POLYVARIANT;
}

/* How many places lie directly behind one of this type (profile_place_field). */
static uint32_t next_count(const struct ancient_type *type)
{
	switch (type->kind) {
	case ANCIENT_TYPE_RECORD:
	case ANCIENT_TYPE_TUPLE:
		return type->field_count;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return type->constructor_count;
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_RESULT:
		return 2;
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_REF:
	case ANCIENT_TYPE_LAZY:
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_SET:
	case ANCIENT_TYPE_QUEUE:
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		return 1;
	default:
		return 0;
	}
}

/* Whether none of the fields is mutable. */
static bool are_fixed(const struct ancient_schema *schema, const struct ancient_field *fields,
		      uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (schema->mutable_fields[fields - schema->fields + i])
			return false;
	return true;
}

/* Which blocks of this type may be one where they are equal. */
static void find_equals(const struct ancient_schema *schema, const struct ancient_type *type,
			struct profile_place *place)
{
	unsigned tag = 0;

	switch (type->kind) {
	case ANCIENT_TYPE_STRING:
		place->equal_strings = true;
		return;
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_POLYVARIANT:
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_OPTION:
		place->equal_tags[0] = 1;
		return;
	case ANCIENT_TYPE_RESULT:
		place->equal_tags[0] = 3;
		return;
	case ANCIENT_TYPE_RECORD:
		place->equal_tags[0] = are_fixed(schema, type->fields, type->field_count);
		return;
	case ANCIENT_TYPE_VARIANT:
		for (uint32_t i = 0; i < type->constructor_count; i++) {
			const struct ancient_constructor *c = &type->constructors[i];
			if (c->constant)
				continue;
			if (are_fixed(schema, c->fields, c->field_count))
				place->equal_tags[tag / 64] |= 1ull << tag % 64;
			tag++;
		}
		return;
	default:
		return;
	}
}

/* Cells of a queue have the form of a list's, and are mutable. */
static bool is_in_queue(const struct profile_places *places, uint32_t above)
{
	return places->place[above].role == PROFILE_VALUE &&
	       type_at(places, above)->kind == ANCIENT_TYPE_QUEUE;
}

uint32_t profile_place_value(struct profile_places *places, uint32_t above, uint32_t declared,
			     const char *step, size_t length)
{
	const struct ancient_type *type = &places->schema->types[declared];
	struct profile_place place = {
		.role = PROFILE_VALUE, .above = above, .declared = declared, .type = declared};
	char text[STEP_TEXT];

	for (uint32_t at = above; is_declared(type->kind) && at != PROFILE_NO_PLACE;
	     at = places->place[at].above) {
		const struct profile_place *outer = &places->place[at];
		if (outer->role != PROFILE_VALUE || outer->declared != declared)
			continue;
		if (outer->again)
			return at;
		place.again = true;
		break;
	}
	if (place.again) {
		length = (size_t)snprintf(text, sizeof(text), "%.*s" ELLIPSIS, (int)length,
					  step == NULL ? "" : step);
		step = text;
	}
	place.path = step == NULL ? places->place[above].path
				  : profile_paths_child(&places->paths, places->place[above].path,
							step, length);
	place.type_name = profile_place_type(places, place.path, type->name);
	while (places->schema->types[place.type].unboxed)
		place.type = ancient_reader_typed_inside(&places->schema->types[place.type]);
	type = &places->schema->types[place.type];
	if (!is_in_queue(places, above))
		find_equals(places->schema, type, &place);
	return profile_place_add(places, &place, next_count(type));
}

/* Place `edge` behind `place`: made, where it is new, for a value of `type`. */
static uint32_t next_value(struct profile_places *places, uint32_t place, uint32_t edge,
			   uint32_t type, const char *step)
{
	uint32_t made = places->place[place].next[edge];

	if (made == PROFILE_NO_PLACE) {
		made = profile_place_value(places, place, type, step,
					   step == NULL ? 0 : strlen(step));
		places->place[place].next[edge] = made;
	}
	return made;
}

/* The same for a part of the container at `place`, or of one of its parts. */
static uint32_t next_part(struct profile_places *places, uint32_t place, uint32_t edge,
			  enum profile_role role, uint32_t constructor, uint32_t count)
{
	struct profile_place part = places->place[place];
	uint32_t made = part.next[edge];

	if (made != PROFILE_NO_PLACE)
		return made;
	part.role = role;
	part.above = place;
	part.equal_strings = false;
	memset(part.equal_tags, 0, sizeof(part.equal_tags));
	part.untyped = PROFILE_NO_PLACE;
	part.constructor = constructor;
	part.count = (struct profile_count){.own = {0}};
	part.samples = 0;
	made = profile_place_add(places, &part, count);
	places->place[place].next[edge] = made;
	return made;
}

/* ---- Fields ------------------------------------------------------------------------------- */

/* A field by its name, or "[2]" by its number. */
static uint32_t next_field(struct profile_places *places, uint32_t place,
			   const struct ancient_field *fields, uint32_t index, const char *before)
{
	char step[STEP_TEXT];

	if (places->place[place].next[index] != PROFILE_NO_PLACE)
		return places->place[place].next[index];
	if (fields[index].name != NULL)
		snprintf(step, sizeof(step), "%s.%s", before, fields[index].name);
	else
		snprintf(step, sizeof(step), "%s[%u]", before, index);
	return next_value(places, place, index, fields[index].type, step);
}

static uint32_t next_argument(struct profile_places *places, uint32_t place, uint32_t index)
{
	const struct ancient_type *type = type_at(places, place);
	const uint32_t number = places->place[place].constructor;
	const struct ancient_constructor *constructor;
	char before[STEP_TEXT];

	if (type->kind == ANCIENT_TYPE_RESULT)
		return next_value(places, place, 0, type->arguments[number],
				  number == 0 ? ".Ok" : ".Error");
	constructor = &type->constructors[number];
	if (type->kind == ANCIENT_TYPE_POLYVARIANT && index-- == 0)
		return PROFILE_NO_PLACE; /* its hash */
	if (index >= places->place[place].next_count)
		return PROFILE_NO_PLACE;
	snprintf(before, sizeof(before), ".%s", constructor->name);
	if (constructor->field_count == 1 && !constructor->inline_record)
		return next_value(places, place, 0, constructor->fields[0].type, before);
	return next_field(places, place, constructor->fields, index, before);
}

/* Key or value of a table or map. */
static uint32_t next_binding(struct profile_places *places, uint32_t place, bool key)
{
	const struct ancient_type *type = type_at(places, place);

	return next_value(places, place, key ? 0 : 1, type->arguments[key ? 0 : 1],
			  key ? "[key]" : "[*]");
}

static uint32_t field_of_value(struct profile_places *places, uint32_t place, uint32_t index)
{
	const struct ancient_type *type = type_at(places, place);

	switch (type->kind) {
	case ANCIENT_TYPE_RECORD:
	case ANCIENT_TYPE_TUPLE:
		return index < type->field_count
			       ? next_field(places, place, type->fields, index, "")
			       : PROFILE_NO_PLACE;
	case ANCIENT_TYPE_LIST:
		return index == 1 ? place : next_value(places, place, 0, type->arguments[0], "[*]");
	case ANCIENT_TYPE_ARRAY:
		return next_value(places, place, 0, type->arguments[0], "[*]");
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_LAZY:
		return next_value(places, place, 0, type->arguments[0], NULL);
	case ANCIENT_TYPE_REF:
		return next_value(places, place, 0, type->arguments[0], ".!");
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		return index == TYPED_TABLE_DATA
			       ? next_part(places, place, 0, PROFILE_BUCKETS, 0, 1)
			       : PROFILE_NO_PLACE;
	case ANCIENT_TYPE_MAP:
		if (index == TYPED_MAP_KEY || index == TYPED_MAP_DATA)
			return next_binding(places, place, index == TYPED_MAP_KEY);
		return place;
	case ANCIENT_TYPE_SET:
		return index == TYPED_SET_KEY
			       ? next_value(places, place, 0, type->arguments[0], "[*]")
			       : place;
	case ANCIENT_TYPE_QUEUE:
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		if (type->kind == ANCIENT_TYPE_DYNARRAY && index == TYPED_DYNARRAY_DUMMY)
			return PROFILE_NO_PLACE;
		return next_value(places, place, 0, type->arguments[0], NULL);
	default:
		return PROFILE_NO_PLACE;
	}
}

uint32_t profile_place_field(struct profile_places *places, uint32_t place, uint32_t index)
{
	switch (places->place[place].role) {
	case PROFILE_VALUE:
		return field_of_value(places, place, index);
	case PROFILE_CONSTRUCTOR:
		return next_argument(places, place, index);
	case PROFILE_BUCKETS:
		return next_part(places, place, 0, PROFILE_CELL, 0, 2);
	case PROFILE_CELL:
		return index == TYPED_CONS_NEXT
			       ? place
			       : next_binding(places, place, index == TYPED_CONS_KEY);
	default:
		return PROFILE_NO_PLACE;
	}
}

/* ---- Blocks ------------------------------------------------------------------------------- */

/* Compares a block with its type, the commonest shapes first. */
static bool is_of(const struct profile_places *places, uint32_t place, uint64_t word,
		  const struct reader_block *block, struct typed_shape *shape)
{
	const struct profile_place *at = &places->place[place];
	const struct ancient_typed typed = {{word}, at->type, 0};

	if (at->role == PROFILE_BUCKETS)
		return block->tag == 0;
	if (at->role == PROFILE_CELL)
		return block->tag == 0 && block->wosize == TYPED_CONS_FIELDS;
	if (shape == NULL && type_at(places, place)->kind == ANCIENT_TYPE_STRING)
		return block->tag == ANCIENT_TAG_STRING;
	if (shape == NULL && type_at(places, place)->kind == ANCIENT_TYPE_LIST)
		return block->tag == 0 && block->wosize == 2;
	struct typed_shape found;
	return ancient_reader_typed_open(places->file, places->schema, typed, true,
					 shape == NULL ? &found : shape, NULL) == ANCIENT_OK;
}

uint32_t profile_place_settle(struct profile_places *places, uint32_t place, uint64_t word,
			      const struct reader_block *block)
{
	if (places->place[place].role == PROFILE_UNTYPED)
		return profile_place_raw(places, place, block);
	if (profile_place_is_other(places, place) || places->place[place].role == PROFILE_RAW ||
	    places->place[place].schema != places->schema_number)
		return place;
	/* A forced lazy may have been replaced by what is in it.  Types have an end through
	 * lazies. */
	while (places->place[place].role == PROFILE_VALUE &&
	       type_at(places, place)->kind == ANCIENT_TYPE_LAZY &&
	       block->tag != ANCIENT_TAG_FORWARD) {
		place = next_value(places, place, 0, type_at(places, place)->arguments[0], NULL);
		if (profile_place_is_other(places, place))
			return place;
	}
	if (is_of(places, place, word, block, NULL))
		return place;
	return profile_place_raw(places, profile_place_untyped(places, place), block);
}

uint32_t profile_place_body(struct profile_places *places, uint32_t place, uint64_t word,
			    const struct reader_block *block)
{
	const struct ancient_type *type;
	struct typed_shape shape;

	if (places->place[place].role != PROFILE_VALUE)
		return place;
	type = type_at(places, place);
	switch (type->kind) {
	case ANCIENT_TYPE_RESULT:
		return next_part(places, place, block->tag & 1, PROFILE_CONSTRUCTOR, block->tag & 1,
				 1);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		/* Where it is not, another process writes to the file. */
		if (!is_of(places, place, word, block, &shape))
			return profile_place_untyped(places, place);
		return next_part(places, place, shape.constructor, PROFILE_CONSTRUCTOR,
				 shape.constructor,
				 type->constructors[shape.constructor].field_count);
	default:
		return place;
	}
}

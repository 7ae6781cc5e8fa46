/* c-reader/tool/profile: the places of blocks (places.h): they themselves, and those of blocks
 * without types.  places_typed.c goes by types. */
#include "profile/places_typed.h"

#include <stdlib.h>
#include <string.h>

#include "value/gate_custom.h"

#define PLACES_FIRST 64u
#define NEXT_BYTES (64u << 20) /* of all places: a hostile type has many fields */

/* ---- Without types ---------------------------------------------------------------------- */

unsigned profile_class(const struct ancient_file *file, const struct reader_block *block)
{
	uint32_t slot;

	switch (block->tag) {
	case ANCIENT_TAG_FORWARD:
		return PROFILE_LAZY;
	case ANCIENT_TAG_STRING:
		return PROFILE_STRING;
	case ANCIENT_TAG_DOUBLE:
		return PROFILE_FLOAT;
	case ANCIENT_TAG_DOUBLE_ARRAY:
		return PROFILE_FLOATS;
	case ANCIENT_TAG_CUSTOM:
		if (block->wosize > 0 &&
		    ancient_reader_custom_slot(file, reader_field(file, block, 0), &slot) &&
		    slot < ANCIENT_CUSTOM_WELL_KNOWN)
			return PROFILE_CUSTOM + 1 + slot;
		return PROFILE_CUSTOM;
	default:
		return block->tag < PROFILE_TAGS ? block->tag : PROFILE_CUSTOM;
	}
}

const char *profile_class_text(unsigned class, char text[PROFILE_CLASS_TEXT])
{
	static const char *const texts[] = {"forced lazy", "string", "float", "float array",
					    "custom",      "int64",  "int32", "nativeint",
					    "bigarray",    "Z.t"};

	if (class < PROFILE_TAGS)
		snprintf(text, PROFILE_CLASS_TEXT, "block, tag %u", class);
	else
		snprintf(text, PROFILE_CLASS_TEXT, "%s", texts[class - PROFILE_TAGS]);
	return text;
}

/* ---- Making them ------------------------------------------------------------------------ */

/* Room for one more. */
static bool grow(struct profile_places *places)
{
	uint32_t capacity = places->capacity == 0 ? PLACES_FIRST : 2 * places->capacity;
	struct profile_place *place;

	if (places->count + 1 < places->capacity)
		return true;
	place = realloc(places->place, capacity * sizeof(*place));
	if (place == NULL)
		return false;
	places->place = place;
	places->capacity = capacity;
	return true;
}

uint32_t profile_place_add(struct profile_places *places, const struct profile_place *model,
			   uint32_t next_count)
{
	struct profile_place place = *model;

	if (places->count >= PROFILE_PLACES - PROFILE_OTHERS || place.path == PROFILE_NO_PATH ||
	    next_count * sizeof(uint32_t) > NEXT_BYTES - places->next_bytes || !grow(places))
		return places->other;
	place.next = next_count == 0 ? NULL : calloc(next_count, sizeof(uint32_t));
	if (next_count != 0 && place.next == NULL)
		return places->other;
	place.next_count = next_count;
	place.schema = places->schema_number;
	places->next_bytes += next_count * sizeof(uint32_t);
	places->place[++places->count] = place;
	return places->count;
}

/* Shows it at its path, where it is the first one there. */
static void set_type(struct profile_places *places, uint32_t path, uint32_t type_name)
{
	if (path != PROFILE_NO_PATH && places->paths.path[path].type == UINT32_MAX)
		places->paths.path[path].type = type_name;
}

uint32_t profile_place_type(struct profile_places *places, uint32_t path, const char *name)
{
	uint32_t number = profile_names_number(&places->names, name, strlen(name));

	number = number == UINT32_MAX ? 0 : number;
	set_type(places, path, number);
	return number;
}

static uint32_t add_untyped(struct profile_places *places, uint32_t path, uint32_t above)
{
	const struct profile_place place = {.role = PROFILE_UNTYPED, .path = path, .above = above};

	return profile_place_add(places, &place, PROFILE_CLASSES);
}

static uint32_t add_raw(struct profile_places *places, uint32_t untyped, unsigned class)
{
	const uint32_t path = places->place[untyped].path;
	char text[PROFILE_CLASS_TEXT], step[PROFILE_CLASS_TEXT + 2];
	struct profile_place place = {.role = PROFILE_RAW, .above = untyped, .untyped = untyped};
	int length = class < PROFILE_TAGS ? snprintf(step, sizeof(step), "{tag %u}", class)
					  : snprintf(step, sizeof(step), "{%s}",
						     profile_class_text(class, text));

	place.path = profile_paths_child(&places->paths, path, step, (size_t)length);
	place.type_name = profile_place_type(places, place.path, profile_class_text(class, text));
	return profile_place_add(places, &place, 0);
}

uint32_t profile_place_raw(struct profile_places *places, uint32_t untyped,
			   const struct reader_block *block)
{
	unsigned class = profile_class(places->file, block);
	uint32_t made;

	if (places->place[untyped].role != PROFILE_UNTYPED)
		return untyped; /* there was no room for it */
	if (places->place[untyped].next[class] != PROFILE_NO_PLACE)
		return places->place[untyped].next[class];
	made = add_raw(places, untyped, class);
	places->place[untyped].next[class] = made;
	return made;
}

uint32_t profile_place_untyped(struct profile_places *places, uint32_t place)
{
	uint32_t made;

	if (profile_place_is_other(places, place))
		return place;
	if (places->place[place].untyped != PROFILE_NO_PLACE)
		return places->place[place].untyped;
	made = add_untyped(places, places->place[place].path, place);
	places->place[place].untyped = made;
	return made;
}

/* ---- All of them ------------------------------------------------------------------------ */

void profile_places_init(struct profile_places *places, const struct ancient_file *file)
{
	*places = (struct profile_places){.file = file};
	places->paths.names = &places->names;
}

void profile_places_done(struct profile_places *places)
{
	for (uint32_t i = 1; i <= places->count; i++)
		free(places->place[i].next);
	free(places->place);
	profile_paths_done(&places->paths);
	profile_names_done(&places->names);
}

void profile_places_use(struct profile_places *places, const struct ancient_schema *schema,
			uint32_t number)
{
	places->schema = schema;
	places->schema_number = number;
}

uint32_t profile_places_other(struct profile_places *places, uint32_t path)
{
	if (places->count == PROFILE_PLACES || !grow(places))
		return PROFILE_NO_PLACE;
	places->place[++places->count] = (struct profile_place){
		.role = PROFILE_OTHER,
		.path = path,
		.type_name = profile_place_type(places, PROFILE_NO_PATH, "(other types)"),
	};
	return places->count;
}

uint32_t profile_places_entry(struct profile_places *places, uint32_t path, uint32_t other)
{
	const struct profile_place place = {.role = PROFILE_ENTRY, .path = path};
	uint32_t entry, root;

	places->other = other;
	entry = profile_place_add(places, &place, 1);
	if (profile_place_is_other(places, entry))
		return entry;
	root = places->schema == NULL
		       ? add_untyped(places, path, entry)
		       : profile_place_value(places, entry, ancient_schema_root(places->schema),
					     NULL, 0);
	places->place[entry].next[0] = root;
	return entry;
}

uint32_t profile_places_child(struct profile_places *places, uint32_t place, uint32_t index,
			      uint64_t word, const struct reader_block *block)
{
	const struct profile_place *from = &places->place[place];
	uint32_t child;

	switch (from->role) {
	case PROFILE_OTHER:
		return place;
	case PROFILE_UNTYPED:
		return profile_place_raw(places, place, block);
	case PROFILE_ENTRY:
		child = from->next[0];
		break;
	default:
		/* A block of an earlier key, whose types are gone: what is in it has its place. */
		if (from->schema != places->schema_number)
			return places->other;
		child = profile_place_field(places, place, index);
	}
	if (child == PROFILE_NO_PLACE) /* of a field that leads to no block by its type */
		child = profile_place_untyped(places, place);
	return profile_place_settle(places, child, word, block);
}

uint32_t profile_places_inside(struct profile_places *places, uint32_t place, uint64_t word,
			       const struct reader_block *block)
{
	const struct profile_place *at = &places->place[place];

	if (at->role == PROFILE_OTHER)
		return place;
	if (at->role == PROFILE_RAW)
		return at->untyped;
	if (at->schema != places->schema_number)
		return places->other;
	return profile_place_body(places, place, word, block);
}

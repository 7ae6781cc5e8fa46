/* c-reader/tool/profile: the keys of a file, each with its types (keys.h).
 *
 * Of the schemas the last ones are kept, as many as have so many parts together: a short text may
 * become 64 MiB of types.  The work of reading texts is bounded, too, beside the size of the file;
 * values whose text came too late are without types. */
#include "profile/keys.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "profile/census.h"
#include "profile/samples.h"

#define KEPT 64u
#define KEPT_PARTS (1u << 18)
/* What texts may cost, beside the bytes of the file: a part a microsecond, two seconds in all.  And
 * what one costs that is no schema. */
#define PART_COST 64u
#define TEXTS_COST (1u << 27)
#define BAD_TEXT_COST (1u << 22)

struct kept {
	const char *text; /* NULL: free */
	struct ancient_schema *schema;
	uint64_t parts; /* types, fields and constructors */
	uint32_t number;
	uint32_t others; /* what "(other keys)" of this schema are looked at from; 0: nothing yet */
};

struct keys {
	struct profile *profile;
	struct kept kept[KEPT], none; /* none: without types */
	unsigned oldest;              /* of those kept; counts on */
	uint64_t parts;               /* of all that are kept */
	uint64_t cost_left;
	struct reader_bits texts; /* that were met */
	uint32_t others;       /* index of "(other keys)" in profile->key; UINT32_MAX: none yet */
	uint32_t others_other; /* their place of role PROFILE_OTHER */
	uint64_t names, name_records, schemas;
};

/* ---- Types ---------------------------------------------------------------------------------- */

static uint64_t parts_of(const struct ancient_schema *schema)
{
	uint64_t parts = schema->count;

	for (uint32_t i = 0; i < schema->count; i++)
		parts += schema->types[i].field_count + schema->types[i].constructor_count;
	return parts;
}

static void parse(struct keys *keys, const struct ancient_entry *entry, struct kept *kept)
{
	uint64_t cost = BAD_TEXT_COST;

	if (keys->cost_left == 0)
		return;
	if (ancient_schema_parse(entry->schema, entry->schema_length, keys->profile->file->name,
				 &kept->schema, NULL) == ANCIENT_OK) {
		kept->parts = parts_of(kept->schema);
		cost = entry->schema_length + kept->parts * PART_COST;
	}
	keys->cost_left -= cost < keys->cost_left ? cost : keys->cost_left;
}

static void let_go(struct keys *keys, struct kept *kept)
{
	ancient_schema_close(kept->schema);
	keys->parts -= kept->parts;
	*kept = (struct kept){.text = NULL};
}

static struct kept *types_of(struct keys *keys, const struct ancient_entry *entry)
{
	struct kept *kept;

	if (keys->profile->raw || entry->schema == NULL)
		return &keys->none;
	for (kept = keys->kept; kept < keys->kept + KEPT; kept++)
		if (kept->text == entry->schema)
			return kept;
	kept = &keys->kept[keys->oldest % KEPT];
	let_go(keys, kept);
	kept->text = entry->schema;
	kept->number = ++keys->oldest;
	parse(keys, entry, kept);
	keys->parts += kept->parts;
	/* From the oldest on, until the others are small enough. */
	for (unsigned i = 0; keys->parts > KEPT_PARTS && i < KEPT - 1; i++)
		let_go(keys, &keys->kept[(keys->oldest + i) % KEPT]);
	return kept;
}

/* ---- A key ---------------------------------------------------------------------------------- */

static uint32_t name_of(struct profile *profile, const char *bytes, size_t length)
{
	uint32_t number =
		bytes == NULL ? 0 : profile_names_number(&profile->places.names, bytes, length);

	return number == UINT32_MAX ? 0 : number;
}

static bool add_key(struct keys *keys, const struct ancient_entry *entry)
{
	struct profile *profile = keys->profile;
	struct profile_key *key = &profile->key[profile->keys];
	char number[24];
	int length = snprintf(number, sizeof(number), "%" PRIu64, entry->key);

	*key = (struct profile_key){
		.key = entry->key,
		.name = name_of(profile, entry->name, entry->name_length),
		.schema = profile->raw ? 0 : name_of(profile, entry->schema, entry->schema_length),
		.root = entry->root.word,
	};
	key->path = entry->name != NULL
			    ? profile_paths_root(&profile->places.paths, entry->name,
						 entry->name_length)
			    : profile_paths_root(&profile->places.paths, number, (size_t)length);
	profile->keys++;
	return key->path != PROFILE_NO_PATH;
}

/* "(other keys)", which begins with the first of them. */
static bool add_others(struct keys *keys)
{
	struct profile *profile = keys->profile;
	static const char text[] = "(other keys)";

	if (keys->others == UINT32_MAX) {
		keys->others = (uint32_t)profile->keys;
		profile->key[profile->keys++] = (struct profile_key){
			.path = profile_paths_root(&profile->places.paths, text, sizeof(text) - 1),
			.root = 1,
		};
	}
	profile->key[keys->others].others++;
	return profile->key[keys->others].path != PROFILE_NO_PATH;
}

static enum ancient_code count_records(struct keys *keys, const struct ancient_entry *entry)
{
	const struct ancient_file *file = keys->profile->file;
	uint64_t offset;

	keys->profile->key_count++;
	if (entry->name != NULL) {
		keys->names++;
		keys->name_records += ANCIENT_NAME_RECORD_BYTES(entry->name_length);
	}
	if (entry->schema == NULL)
		return ANCIENT_OK;
	offset = (uint64_t)((const unsigned char *)entry->schema - file->map);
	if (reader_bits_get(&keys->texts, offset))
		return ANCIENT_OK;
	if (!reader_bits_set(&keys->texts, offset, &keys->profile->budget))
		return ancient_reader_budget_fail(&keys->profile->budget, offset, "profile",
						  keys->profile->err);
	keys->schemas++;
	keys->profile->part[PROFILE_SCHEMAS] += ANCIENT_SCHEMA_RECORD_BYTES(entry->schema_length);
	return ANCIENT_OK;
}

/* own   whether the key has paths of its own */
static enum ancient_code walk_key(struct keys *keys, const struct ancient_entry *entry, bool own)
{
	struct profile *profile = keys->profile;
	const uint32_t before = profile->places.count;
	struct profile_key *key;
	struct kept *types;
	uint32_t from, other;
	enum ancient_code code = count_records(keys, entry);

	if (code != ANCIENT_OK)
		return code;
	if (!(own ? add_key(keys, entry) : add_others(keys)))
		return profile_no_memory(profile);
	key = own ? &profile->key[profile->keys - 1] : &profile->key[keys->others];
	other = own ? PROFILE_NO_PLACE : keys->others_other;
	if (other == PROFILE_NO_PLACE)
		other = profile_places_other(&profile->places, key->path);
	if (other == PROFILE_NO_PLACE)
		return profile_no_memory(profile);
	if (!own)
		keys->others_other = other;
	types = types_of(keys, entry);
	profile_places_use(&profile->places, types->schema, types->number);
	from = own ? 0 : types->others;
	if (from == 0)
		from = profile_places_entry(&profile->places, key->path, other);
	if (!own)
		types->others = from;
	code = profile_census(profile, from, entry->root.word);
	if (code == ANCIENT_OK && profile->samples)
		code = profile_samples(profile, own ? key : NULL, before + 1);
	return code == ANCIENT_OK ? profile_step(profile, 0) : code;
}

/* ---- All of them ---------------------------------------------------------------------------- */

static enum ancient_code walk_all(struct keys *keys, const struct ancient_entry *first)
{
	struct profile *profile = keys->profile;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	enum ancient_code code = first == NULL ? ANCIENT_OK : walk_key(keys, first, true);

	ancient_cursor_init(profile->file, 0, &cursor);
	while (code == ANCIENT_OK) {
		code = ancient_cursor_next(&cursor, &entry, profile->err);
		if (code == ANCIENT_E_NO_KEY)
			return ANCIENT_OK;
		if (code == ANCIENT_OK && (first == NULL || entry.key != first->key))
			code = walk_key(keys, &entry,
					first == NULL && profile->keys < PROFILE_KEYS);
	}
	return code;
}

static uint64_t branches(uint64_t leaves)
{
	return leaves == 0 ? 0 : (leaves - 1) * sizeof(struct ancient_branch);
}

/* Takes what is in force out of what is dead, which layout.c has made of all. */
static void part(struct profile *profile, uint64_t live, enum profile_part to,
		 enum profile_part dead)
{
	if (live > profile->part[dead]) /* records that lie in one another */
		live = profile->part[dead];
	profile->part[to] = live;
	profile->part[dead] -= live;
}

enum ancient_code profile_keys(struct profile *profile, const struct ancient_entry *first)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	enum ancient_code code;

	if (keys == NULL)
		return profile_no_memory(profile);
	keys->profile = profile;
	keys->others = UINT32_MAX;
	keys->cost_left = TEXTS_COST + profile->file->present;
	code = walk_all(keys, first);
	part(profile,
	     profile->key_count * sizeof(struct ancient_entry_record) +
		     keys->names * sizeof(struct ancient_name_leaf) + keys->name_records +
		     branches(profile->key_count) + branches(keys->names) + branches(keys->schemas),
	     PROFILE_DIRECTORIES, PROFILE_DEAD_DIRECTORIES);
	part(profile, profile->part[PROFILE_SCHEMAS], PROFILE_SCHEMAS, PROFILE_DEAD_SCHEMAS);
	for (unsigned i = 0; i < KEPT; i++)
		let_go(keys, &keys->kept[i]);
	ancient_reader_bits_done(&keys->texts);
	free(keys);
	return code;
}

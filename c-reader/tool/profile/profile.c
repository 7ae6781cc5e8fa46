/* c-reader/tool/profile: what is in a file, from the first step to the sums (profile.h). */
#include "profile/profile.h"

#include <stdlib.h>

#include "profile/census.h"
#include "profile/equals.h"
#include "profile/keys.h"
#include "profile/layout.h"
#include "profile/payloads.h"

const char *profile_part_text(enum profile_part part)
{
	static const char *const texts[PROFILE_PARTS] = {
		"values",           "shared values",  "bigarrays",         "shared bigarrays",
		"directories",      "schemas",        "custom types",      "superblocks",
		"extent headers",   "commit records", "waypoints",         "fillers",
		"unknown extents",  "padding",        "dead values",       "dead bigarrays",
		"dead directories", "dead schemas",   "dead custom types", "tail",
	};

	return texts[part];
}

const char *profile_part_group(enum profile_part part)
{
	return part <= PROFILE_SHARED_PAYLOADS ? "values"
	       : part <= PROFILE_UNKNOWN       ? "structure"
	       : part == PROFILE_PADDING       ? "padding"
	       : part <= PROFILE_DEAD_CUSTOMS  ? "garbage"
					       : "tail";
}

enum ancient_code profile_no_memory(const struct profile *profile)
{
	return ancient_reader_refuse(profile->file->name, profile->err, ANCIENT_E_MEMORY,
				     "profile");
}

enum ancient_code profile_step(struct profile *profile, uint64_t bytes)
{
	profile->done += bytes;
	if (profile->done - profile->reported < PROFILE_STEP)
		return ANCIENT_OK;
	profile->reported = profile->done;
	if (profile->progress != NULL &&
	    profile->progress(profile->context, profile->done, profile->total))
		return ancient_reader_refuse(profile->file->name, profile->err,
					     ANCIENT_E_INTERRUPTED, "stopped");
	return reader_settle(profile->file, ANCIENT_OK, profile->err);
}

/* ---- Sums ----------------------------------------------------------------------------------- */

static void add_counts(struct profile_count *to, const struct profile_count *more)
{
	profile_size_add(&to->own, &more->own);
	profile_size_add(&to->shared, &more->shared);
}

/* Where blocks had no place of their own, the key has "(other paths)". */
static bool name_others(struct profile *profile, struct profile_place *place)
{
	static const char text[] = " (other paths)";

	if (place->role == PROFILE_OTHER &&
	    place->count.own.blocks + place->count.shared.blocks > 0)
		place->path = profile_paths_child(&profile->places.paths, place->path, text,
						  sizeof(text) - 1);
	return place->path != PROFILE_NO_PATH;
}

static enum ancient_code sum(struct profile *profile)
{
	const struct profile_paths *paths = &profile->places.paths;
	struct profile_count all = {.own = {0}};

	for (uint32_t i = 1; i <= profile->places.count; i++)
		if (!name_others(profile, &profile->places.place[i]))
			return profile_no_memory(profile);
	profile->path = calloc(paths->count, sizeof(*profile->path));
	if (profile->path == NULL)
		return profile_no_memory(profile);
	for (uint32_t i = 1; i <= profile->places.count; i++) {
		const struct profile_place *place = &profile->places.place[i];
		add_counts(&profile->path[place->path], &place->count);
		add_counts(&all, &place->count);
	}
	for (size_t i = 0; i < profile->keys; i++)
		for (uint32_t path = 0; path < paths->count; path++)
			if (paths->path[path].root == profile->key[i].path)
				add_counts(&profile->key[i].count, &profile->path[path]);
	profile->part[PROFILE_OWN] = all.own.bytes;
	profile->part[PROFILE_SHARED] = all.shared.bytes;
	profile->part[PROFILE_OWN_PAYLOADS] = all.own.payload;
	profile->part[PROFILE_SHARED_PAYLOADS] = all.shared.payload;
	profile->blocks[PROFILE_OWN] = all.own.blocks;
	profile->blocks[PROFILE_SHARED] = all.shared.blocks;
	return ANCIENT_OK;
}

static enum ancient_code make(struct profile *profile, const struct ancient_entry *first)
{
	enum ancient_code code =
		ancient_reader_refuse_sparse(profile->file, "profile", profile->err);

	profile_places_init(&profile->places, profile->file);
	if (code == ANCIENT_OK)
		code = profile_layout(profile);
	if (code == ANCIENT_OK)
		code = profile_keys(profile, first);
	if (code == ANCIENT_OK)
		code = profile_garbage(profile);
	if (code == ANCIENT_OK)
		code = profile_equals(profile);
	if (code == ANCIENT_OK)
		code = profile_payloads(profile);
	return code == ANCIENT_OK ? sum(profile) : code;
}

enum ancient_code profile_make(struct profile *profile, const struct ancient_entry *first)
{
	ancient_reader_budget_init(&profile->budget, profile->file);
	profile->total = 4 * profile->file->super.value_bytes; /* layout, census, garbage, equals */
	return reader_settle(profile->file, make(profile, first), profile->err);
}

void profile_done(struct profile *profile)
{
	ancient_reader_bits_done(&profile->empty);
	ancient_reader_budget_done(&profile->budget);
	profile_places_done(&profile->places);
	free(profile->at);
	free(profile->starts);
	free(profile->payload);
	free(profile->path);
}

/* c-reader/tool/profile: a profile as JSON, for programs and for the page (report.h). */
#include "profile/report.h"

#include <stdlib.h>

#include "output.h"
#include "profile/rows.h"

static void text_member(struct reader_json *json, const char *member, const struct profile *profile,
			uint32_t name)
{
	ancient_reader_json_key(json, member);
	if (name == 0 || name == UINT32_MAX)
		ancient_reader_json_null(json);
	else
		ancient_reader_json_text(json, profile->places.names.name[name].bytes,
					 profile->places.names.name[name].length);
}

static void begin_list(struct reader_json *json, const char *member)
{
	ancient_reader_json_key(json, member);
	ancient_reader_json_begin(json, '[');
}

static void count_members(struct reader_json *json, const struct profile_count *count)
{
	ancient_reader_json_unsigned_member(json, "blocks",
					    count->own.blocks + count->shared.blocks);
	ancient_reader_json_unsigned_member(json, "bytes", count->own.bytes + count->shared.bytes);
	ancient_reader_json_unsigned_member(json, "bigarray_bytes",
					    count->own.payload + count->shared.payload);
	ancient_reader_json_unsigned_member(json, "shared_blocks", count->shared.blocks);
	ancient_reader_json_unsigned_member(json, "shared_bytes", count->shared.bytes);
	ancient_reader_json_unsigned_member(json, "shared_bigarray_bytes", count->shared.payload);
}

/* ---- Lists ---------------------------------------------------------------------------------- */

static void put_parts(struct reader_json *json, const struct profile *profile)
{
	begin_list(json, "parts");
	for (enum profile_part part = 0; part < PROFILE_PARTS; part++) {
		ancient_reader_json_begin(json, '{');
		ancient_reader_json_string_member(json, "part", profile_part_text(part));
		ancient_reader_json_string_member(json, "group", profile_part_group(part));
		ancient_reader_json_unsigned_member(json, "bytes", profile->part[part]);
		ancient_reader_json_unsigned_member(json, "blocks", profile->blocks[part]);
		ancient_reader_json_end(json, '}');
	}
	ancient_reader_json_end(json, ']');
}

static void put_keys(struct reader_json *json, const struct profile *profile, uint32_t rows)
{
	begin_list(json, "keys");
	for (size_t i = 0; i < profile->keys && (rows == 0 || i < rows); i++) {
		const struct profile_key *key = &profile->key[i];
		ancient_reader_json_begin(json, '{');
		ancient_reader_json_key(json, "key");
		if (key->others != 0)
			ancient_reader_json_null(json);
		else
			ancient_reader_json_unsigned(json, key->key);
		text_member(json, "name", profile, key->name);
		if (key->others != 0)
			ancient_reader_json_unsigned_member(json, "others", key->others);
		text_member(json, "type", profile, profile->places.paths.path[key->path].type);
		count_members(json, &key->count);
		if (rows != 0) {
			text_member(json, "sample", profile, key->sample);
			text_member(json, "schema", profile, key->schema);
		}
		ancient_reader_json_end(json, '}');
	}
	ancient_reader_json_end(json, ']');
}

static void put_types(struct reader_json *json, const struct profile *profile,
		      const struct profile_row *types, size_t count)
{
	begin_list(json, "types");
	for (size_t i = 0; i < count; i++) {
		ancient_reader_json_begin(json, '{');
		text_member(json, "type", profile, types[i].number);
		count_members(json, &types[i].count);
		ancient_reader_json_end(json, '}');
	}
	ancient_reader_json_end(json, ']');
}

static void put_strings(struct reader_json *json, const struct profile *profile)
{
	begin_list(json, "strings");
	for (unsigned i = 0; i < PROFILE_LENGTHS; i++) {
		const struct profile_strings *strings = &profile->strings[i];
		if (strings->count == 0)
			continue;
		ancient_reader_json_begin(json, '{');
		ancient_reader_json_unsigned_member(json, "from", i == 0 ? 0 : 1ull << (i - 1));
		ancient_reader_json_unsigned_member(json, "to",
						    i == 0 ? 0 : (1ull << (i - 1)) * 2 - 1);
		ancient_reader_json_unsigned_member(json, "count", strings->count);
		ancient_reader_json_unsigned_member(json, "length", strings->length);
		ancient_reader_json_unsigned_member(json, "bytes", strings->bytes);
		ancient_reader_json_end(json, '}');
	}
	ancient_reader_json_end(json, ']');
}

static void put_garbage(struct reader_json *json, const struct profile *profile)
{
	char text[PROFILE_CLASS_TEXT];

	begin_list(json, "garbage");
	for (unsigned i = 0; i < PROFILE_CLASSES; i++) {
		const struct profile_size *dead = &profile->dead[i];
		if (dead->blocks == 0)
			continue;
		ancient_reader_json_begin(json, '{');
		ancient_reader_json_string_member(json, "kind", profile_class_text(i, text));
		ancient_reader_json_unsigned_member(json, "blocks", dead->blocks);
		ancient_reader_json_unsigned_member(json, "bytes", dead->bytes);
		ancient_reader_json_unsigned_member(json, "bigarray_bytes", dead->payload);
		ancient_reader_json_end(json, '}');
	}
	ancient_reader_json_end(json, ']');
}

static void put_commits(struct reader_json *json, const struct profile *profile, uint32_t rows)
{
	size_t first = rows != 0 && profile->commits > rows ? profile->commits - rows : 0;

	begin_list(json, "commits");
	for (size_t i = first; i < profile->commits; i++) {
		const struct profile_commit *commit = &profile->commit[i];
		ancient_reader_json_begin(json, '{');
		ancient_reader_json_unsigned_member(json, "generation", commit->generation);
		ancient_reader_json_unsigned_member(json, "commits", commit->commits);
		ancient_reader_json_unsigned_member(json, "bytes", commit->bytes);
		ancient_reader_json_unsigned_member(json, "live_bytes", commit->live);
		ancient_reader_json_unsigned_member(json, "dead_bytes", commit->dead);
		ancient_reader_json_end(json, '}');
	}
	ancient_reader_json_end(json, ']');
}

/* ---- Paths ---------------------------------------------------------------------------------- */

/* As the text of a member, which is what reading it gives back. */
static bool put_path_text(struct reader_json *json, const struct profile *profile, uint32_t path)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);

	if (out == NULL)
		return false;
	profile_paths_write(&profile->places.paths, path, SIZE_MAX, out);
	if (fclose(out) != 0) {
		free(bytes);
		return false;
	}
	ancient_reader_json_key(json, "path");
	ancient_reader_json_text(json, bytes, length);
	free(bytes);
	return true;
}

static void parent_member(struct reader_json *json, const uint32_t *place, uint32_t parent)
{
	ancient_reader_json_key(json, "parent");
	if (parent == PROFILE_NO_PATH)
		ancient_reader_json_null(json);
	else
		ancient_reader_json_unsigned(json, place[parent]);
}

static void put_samples(struct reader_json *json, const struct profile *profile,
			const struct profile_place *place)
{
	begin_list(json, "samples");
	for (unsigned i = 0; place != NULL && i < place->samples; i++) {
		const uint32_t text = place->sample_text[i];
		if (text != 0)
			ancient_reader_json_text(json, profile->places.names.name[text].bytes,
						 profile->places.names.name[text].length);
	}
	ancient_reader_json_end(json, ']');
}

struct path_lists {
	uint32_t *place;                  /* of each path, in the list that is written */
	const struct profile_place **one; /* a place of each path that has samples */
	struct profile_count *rest;       /* of each path: what was left out below it */
	bool *chosen;                     /* NULL: all */
};

static bool put_path(struct reader_json *json, const struct profile *profile,
		     const struct path_lists *lists, uint32_t path)
{
	const struct profile_path *at = &profile->places.paths.path[path];
	bool good = true;

	ancient_reader_json_begin(json, '{');
	if (lists->chosen == NULL)
		good = put_path_text(json, profile, path);
	else
		text_member(json, "step", profile, at->step);
	parent_member(json, lists->place, at->parent);
	text_member(json, "type", profile, at->type);
	count_members(json, &profile->path[path]);
	if (lists->chosen != NULL)
		put_samples(json, profile, lists->one[path]);
	ancient_reader_json_end(json, '}');
	return good;
}

/* What was left out below a path; PROFILE_NO_PATH: roots. */
static void put_rest(struct reader_json *json, const struct path_lists *lists, uint32_t parent,
		     const struct profile_count *rest)
{
	if (rest->own.blocks + rest->shared.blocks == 0)
		return;
	ancient_reader_json_begin(json, '{');
	ancient_reader_json_string_member(json, "step", " (other paths)");
	parent_member(json, lists->place, parent);
	ancient_reader_json_key(json, "type");
	ancient_reader_json_null(json);
	count_members(json, rest);
	put_samples(json, NULL, NULL);
	ancient_reader_json_end(json, '}');
}

static bool put_all_paths(struct reader_json *json, const struct profile *profile,
			  struct path_lists *lists)
{
	const struct profile_paths *paths = &profile->places.paths;
	struct profile_count roots = {.own = {0}};
	uint32_t written = 0;

	for (uint32_t i = 0; i < paths->count; i++)
		if (lists->chosen == NULL || lists->chosen[i])
			lists->place[i] = written++;
	for (uint32_t i = 0; i < paths->count; i++) {
		uint32_t up = i;
		struct profile_count *rest;
		if (lists->chosen == NULL || lists->chosen[i]) {
			if (!put_path(json, profile, lists, i))
				return false;
			continue;
		}
		while (up != PROFILE_NO_PATH && !lists->chosen[up])
			up = paths->path[up].parent;
		rest = up == PROFILE_NO_PATH ? &roots : &lists->rest[up];
		profile_size_add(&rest->own, &profile->path[i].own);
		profile_size_add(&rest->shared, &profile->path[i].shared);
	}
	for (uint32_t i = 0; lists->chosen != NULL && i < paths->count; i++)
		put_rest(json, lists, i, &lists->rest[i]);
	put_rest(json, lists, PROFILE_NO_PATH, &roots);
	return true;
}

static bool put_paths(struct reader_json *json, const struct profile *profile, uint32_t rows)
{
	const struct profile_places *places = &profile->places;
	const size_t count = places->paths.count;
	struct path_lists lists = {
		.place = calloc(count, sizeof(*lists.place)),
		.one = calloc(count, sizeof(const struct profile_place *)),
		.rest = calloc(count, sizeof(*lists.rest)),
		.chosen = rows == 0 ? NULL : profile_rows_chosen(profile, rows),
	};
	bool good = lists.place != NULL && lists.one != NULL && lists.rest != NULL &&
		    (rows == 0 || lists.chosen != NULL);

	for (uint32_t i = places->count; good && i > 0; i--)
		if (places->place[i].sample_text[0] != 0)
			lists.one[places->place[i].path] = &places->place[i];
	begin_list(json, "paths");
	good = good && put_all_paths(json, profile, &lists);
	ancient_reader_json_end(json, ']');
	free(lists.place);
	free(lists.one);
	free(lists.rest);
	free(lists.chosen);
	return good;
}

/* ---- The object ----------------------------------------------------------------------------- */

static void put_head(struct reader_json *json, const struct profile *profile)
{
	struct ancient_info info;

	ancient_file_info(profile->file, &info);
	ancient_reader_json_key(json, "ok");
	ancient_reader_json_bool(json, true);
	ancient_reader_json_string_member(json, "file", info.name);
	ancient_reader_json_unsigned_member(json, "generation", info.generation);
	ancient_reader_json_unsigned_member(json, "file_bytes", info.file_bytes);
	ancient_reader_json_unsigned_member(json, "used_bytes", info.used);
	ancient_reader_json_unsigned_member(json, "hole_bytes", profile->holes);
	ancient_reader_json_unsigned_member(json, "block_header_bytes", profile->block_headers);
	ancient_reader_json_unsigned_member(json, "string_padding_bytes", profile->string_padding);
	ancient_reader_json_unsigned_member(json, "equal_blocks", profile->equals.blocks);
	ancient_reader_json_unsigned_member(json, "equal_bytes", profile->equals.bytes);
	ancient_reader_json_unsigned_member(json, "equal_strings", profile->equal_strings.blocks);
	ancient_reader_json_unsigned_member(json, "equal_string_bytes",
					    profile->equal_strings.bytes);
	ancient_reader_json_unsigned_member(json, "key_count", profile->key_count);
}

static bool put_object(struct reader_json *json, const struct profile *profile, uint32_t rows)
{
	size_t count;
	struct profile_row *types = profile_rows_types(profile, &count);
	bool good;

	if (types == NULL)
		return false;
	ancient_reader_json_begin(json, '{');
	put_head(json, profile);
	put_parts(json, profile);
	put_keys(json, profile, rows);
	good = put_paths(json, profile, rows);
	put_types(json, profile, types, rows != 0 && count > rows ? rows : count);
	put_strings(json, profile);
	put_garbage(json, profile);
	put_commits(json, profile, rows);
	ancient_reader_json_end(json, '}');
	free(types);
	return good;
}

char *profile_report_object(const struct profile *profile, uint32_t rows, size_t *ret_length)
{
	struct reader_json json;
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_length);
	bool good;

	if (out == NULL)
		return NULL;
	ancient_reader_json_init(&json, READER_JSON_COMPACT, output_json_write, out);
	good = put_object(&json, profile, rows);
	ancient_reader_json_flush(&json);
	good = good && json.state == READER_JSON_GOOD;
	if (fclose(out) == 0 && good)
		return text;
	free(text);
	return NULL;
}

enum tool_status profile_report_json(const struct profile *profile)
{
	size_t length;
	char *text = profile_report_object(profile, 0, &length);

	if (text == NULL) {
		output_error("out of memory");
		return TOOL_UNREADABLE;
	}
	fwrite(text, 1, length, stdout);
	putchar('\n');
	free(text);
	return TOOL_GOOD;
}

/* c-reader/tool/profile: the order and choice of what reports list (rows.h). */
#include "profile/rows.h"

#include <stdlib.h>

/* Largest first, then as they were made. */
static int by_bytes(const void *left, const void *right)
{
	const struct profile_row *a = left, *b = right;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* Drops what has no blocks, and sorts the rest. */
static size_t finish(struct profile_row *rows, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct profile_row row = rows[i];
		if (row.count.own.blocks + row.count.shared.blocks == 0)
			continue;
		row.number = (uint32_t)i;
		row.bytes = profile_bytes(&row.count);
		rows[kept++] = row;
	}
	qsort(rows, kept, sizeof(*rows), by_bytes);
	return kept;
}

struct profile_row *profile_rows_types(const struct profile *profile, size_t *ret_count)
{
	const struct profile_places *places = &profile->places;
	struct profile_row *rows = calloc(places->names.count, sizeof(*rows));

	if (rows == NULL)
		return NULL;
	for (uint32_t i = 1; i <= places->count; i++) {
		struct profile_count *count = &rows[places->place[i].type_name].count;
		profile_size_add(&count->own, &places->place[i].count.own);
		profile_size_add(&count->shared, &places->place[i].count.shared);
	}
	*ret_count = finish(rows, places->names.count);
	return rows;
}

struct profile_row *profile_rows_paths(const struct profile *profile, size_t *ret_count)
{
	const uint32_t count = profile->places.paths.count;
	struct profile_row *rows = calloc(count, sizeof(*rows));

	if (rows == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		rows[i].count = profile->path[i];
	*ret_count = finish(rows, count);
	return rows;
}

bool *profile_rows_chosen(const struct profile *profile, uint32_t most)
{
	const struct profile_paths *paths = &profile->places.paths;
	struct profile_row *rows = calloc(paths->count, sizeof(*rows));
	bool *chosen = calloc(paths->count, sizeof(*chosen));

	if (rows == NULL || chosen == NULL) {
		free(rows);
		free(chosen);
		return NULL;
	}
	/* A parent has the lower number, and no fewer bytes. */
	for (uint32_t i = paths->count; i-- > 0;) {
		rows[i].number = i;
		rows[i].bytes += profile_bytes(&profile->path[i]);
		if (paths->path[i].parent != PROFILE_NO_PATH)
			rows[paths->path[i].parent].bytes += rows[i].bytes;
	}
	qsort(rows, paths->count, sizeof(*rows), by_bytes);
	for (uint32_t i = 0; i < paths->count && i < most; i++)
		chosen[rows[i].number] = true;
	free(rows);
	return chosen;
}

/* c-reader/tool/profile: the tree of paths (paths.h). */
#include "profile/paths.h"

#include <stdlib.h>

static uint32_t add(struct profile_paths *paths, uint32_t parent, uint32_t step)
{
	uint32_t number = paths->count;

	if (number == paths->capacity) {
		uint32_t capacity = paths->capacity == 0 ? 64 : 2 * paths->capacity;
		struct profile_path *path = realloc(paths->path, capacity * sizeof(*path));
		if (path == NULL)
			return PROFILE_NO_PATH;
		paths->path = path;
		paths->capacity = capacity;
	}
	paths->path[number] = (struct profile_path){
		.parent = parent,
		.root = parent == PROFILE_NO_PATH ? number : paths->path[parent].root,
		.step = step,
		.type = UINT32_MAX,
	};
	paths->count++;
	return number;
}

uint32_t profile_paths_root(struct profile_paths *paths, const char *name, size_t length)
{
	uint32_t number = profile_names_number(paths->names, name, length);

	return number == UINT32_MAX ? PROFILE_NO_PATH : add(paths, PROFILE_NO_PATH, number);
}

uint32_t profile_paths_child(struct profile_paths *paths, uint32_t parent, const char *step,
			     size_t length)
{
	uint32_t name = profile_names_number(paths->names, step, length), number;
	struct reader_word_entry *entry;

	if (name == UINT32_MAX)
		return PROFILE_NO_PATH;
	entry = ancient_reader_word_map_at(&paths->children, (uint64_t)(parent + 1) << 32 | name,
					   NULL);
	if (entry == NULL)
		return PROFILE_NO_PATH;
	if (entry->value[0] != 0)
		return (uint32_t)(entry->value[0] - 1);
	number = add(paths, parent, name);
	if (number != PROFILE_NO_PATH)
		entry->value[0] = number + 1;
	return number;
}

void profile_paths_done(struct profile_paths *paths)
{
	free(paths->path);
	ancient_reader_word_map_done(&paths->children, NULL);
}

static const struct profile_name *step_of(const struct profile_paths *paths, uint32_t path)
{
	return &paths->names->name[paths->path[path].step];
}

void profile_paths_write(const struct profile_paths *paths, uint32_t path, size_t most, FILE *out)
{
	uint32_t *steps, depth = 0, at, first = path;
	size_t length = 0;

	/* Backwards from the end, as many steps as fit. */
	for (at = path; at != PROFILE_NO_PATH; at = paths->path[at].parent, depth++) {
		length += step_of(paths, at)->length;
		if (length > most && at != path)
			break;
		first = at;
	}
	steps = malloc((depth + 1) * sizeof(*steps));
	if (steps == NULL)
		return;
	depth = 0;
	for (at = path; at != first; at = paths->path[at].parent)
		steps[depth++] = at;
	steps[depth++] = first;
	if (paths->path[first].parent != PROFILE_NO_PATH)
		fputs("...", out);
	while (depth-- > 0) {
		const struct profile_name *step = step_of(paths, steps[depth]);
		fwrite(step->bytes, 1, step->length, out);
	}
	free(steps);
}

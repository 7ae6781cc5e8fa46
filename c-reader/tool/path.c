/* c-reader/tool: paths such as "[3][0]" from a root into a value without types, for `ancientctl
 * get`. The library's paths (ancient_path_get) follow types, so they cannot serve here. */
#include "path.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "store.h"

bool path_check(const char *path)
{
	for (const char *at = path; *at != 0; at++) {
		const char *wanted = "'['";

		if (*at == '[') {
			wanted = "a digit";
			at++;
			if (isdigit((unsigned char)*at)) {
				wanted = "']'";
				at += strspn(at, "0123456789");
				if (*at == ']')
					continue;
			}
		}
		if (*at == 0)
			output_error("path '%s': expected %s, found its end", path, wanted);
		else
			output_error("path '%s': expected %s, found '%c' at position %td", path,
				     wanted, *at, at - path + 1);
		output_hint("a path is written [3][0]: field 3 of the root, field 0 of that");
		return false;
	}
	return true;
}

/* How an error names the place that a step starts from. */
struct place {
	const char *file;
	const char *path;
	int length; /* bytes of the path up to the step */
};

static enum tool_status out_of_range(const struct place *place, uint64_t index, const char *what,
				     uint64_t size, const char *parts)
{
	output_error("%s: no index %" PRIu64 " at %s%.*s: expected less than %" PRIu64
		     ", the number of %s of the %s there",
		     place->file, index, place->length == 0 ? "the root" : "", place->length,
		     place->path, size, parts, what);
	return TOOL_ABSENT;
}

static enum tool_status no_fields(const struct place *place, const char *what)
{
	output_error("%s: no fields at %s%.*s: expected a block or a float array, found %s %s",
		     place->file, place->length == 0 ? "the root" : "", place->length, place->path,
		     strchr("aeiou", what[0]) != NULL ? "an" : "a", what);
	return TOOL_ABSENT;
}

static enum tool_status step(const struct ancient_file *file, struct path_target *target,
			     uint64_t index, const struct place *place)
{
	struct ancient_error err;
	struct ancient_block block;
	enum ancient_kind kind;
	const double *floats;
	size_t count;

	if (target->is_float)
		return no_fields(place, "element of a float array");
	if (ancient_value_force(file, target->value, &target->value, &err) != ANCIENT_OK ||
	    ancient_value_kind(file, target->value, &kind, &err) != ANCIENT_OK)
		return store_failed(&err);
	if (kind == ANCIENT_KIND_FLOAT_ARRAY) {
		if (ancient_float_array_get(file, target->value, &floats, &count, &err) !=
		    ANCIENT_OK)
			return store_failed(&err);
		if (index >= count)
			return out_of_range(place, index, "float array", count, "elements");
		target->is_float = true;
		target->number = floats[index];
		return TOOL_GOOD;
	}
	if (kind != ANCIENT_KIND_BLOCK)
		return no_fields(place, ancient_kind_name(kind));
	if (ancient_block_get(file, target->value, &block, &err) != ANCIENT_OK)
		return store_failed(&err);
	if (index >= block.size)
		return out_of_range(place, index, "block", block.size, "fields");
	if (ancient_block_field(file, &block, index, &target->value, &err) != ANCIENT_OK)
		return store_failed(&err);
	return TOOL_GOOD;
}

enum tool_status path_follow(const struct ancient_file *file, struct ancient_value root,
			     const char *path, struct path_target *ret_target)
{
	struct path_target target = {.value = root};
	struct ancient_info info;
	enum tool_status status = TOOL_GOOD;
	const char *at = path;

	ancient_file_info(file, &info);
	while (*at != 0 && status == TOOL_GOOD) {
		struct place place = {info.name, path, (int)(at - path)};
		char *end;

		/* Past 2^64 - 1 it is 2^64 - 1, which no block has either. */
		status = step(file, &target, strtoull(at + 1, &end, 10), &place);
		at = end + 1;
	}
	if (status == TOOL_GOOD)
		*ret_target = target;
	return status;
}

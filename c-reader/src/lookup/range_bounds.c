/* c-reader/lookup: the bounds of a range (range_bounds.h). */
#include "lookup/range_bounds.h"

#include <string.h>

#include "lookup/key_type.h"

/* WRONG_KIND where it is no key of the container's: a lookup would refuse it, too. */
static enum ancient_code init_bound(const struct ancient_file *file,
				    const struct range_bounds *bounds,
				    const struct ancient_key *given, struct lookup_key *ret_key,
				    struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	if (given != NULL)
		code = lookup_key_type(file, bounds->schema, bounds->key_type, given, err);
	if (given != NULL && code == ANCIENT_OK)
		lookup_key_init(ret_key, given);
	return code;
}

enum ancient_code ancient_reader_range_bounds_init(struct range_bounds *bounds,
						   const struct ancient_file *file,
						   const struct ancient_schema *schema,
						   const struct ancient_type *container,
						   const struct ancient_range_bounds *given,
						   struct ancient_error *err)
{
	uint32_t inside = container->arguments[0];
	const struct ancient_type *keys;
	enum ancient_code code;

	*bounds = (struct range_bounds){.schema = schema,
					.given = given,
					.key_type = container->arguments[0],
					.low = given->from != NULL || given->prefix != NULL,
					.high = given->to != NULL || given->prefix != NULL};
	if (!bounds->low && !bounds->high)
		return ANCIENT_OK;
	if (!container->standard)
		return ancient_reader_refuse(
			file->name, err, ANCIENT_E_WRONG_KIND,
			"a range of %.80s: the schema does not say how its keys are ordered: "
			"[@@ancient.order standard] says that it is by OCaml's compare",
			container->name);
	while (schema->types[inside].unboxed)
		inside = ancient_reader_typed_inside(&schema->types[inside]);
	keys = &schema->types[inside];
	if (given->prefix != NULL && keys->kind != ANCIENT_TYPE_STRING &&
	    keys->kind != ANCIENT_TYPE_BYTES)
		return ancient_reader_refuse(
			file->name, err, ANCIENT_E_WRONG_KIND,
			"a prefix of keys of %.80s: expected string or bytes, found %.80s",
			container->name, keys->name);
	code = init_bound(file, bounds, given->from, &bounds->from, err);
	if (code == ANCIENT_OK)
		code = init_bound(file, bounds, given->to, &bounds->to, err);
	return code;
}

/* Compares the beginning of a key with the prefix: 0 where it is the prefix. */
static enum ancient_code order_prefix(struct reader_budget *budget,
				      const struct range_bounds *bounds, uint64_t key,
				      int *ret_order, struct ancient_error *err)
{
	const size_t count = bounds->given->prefix_length;
	const char *bytes;
	size_t length;
	int order = 0;
	enum ancient_code code = ancient_typed_string(
		budget->file, bounds->schema,
		ancient_typed_of((struct ancient_value){key}, bounds->key_type), &bytes, &length,
		err);

	if (code != ANCIENT_OK)
		return code;
	if (length > 0 && count > 0)
		order = memcmp(bytes, bounds->given->prefix, length < count ? length : count);
	*ret_order = order == 0 && length < count ? -1 : order;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_range_is_outside(struct reader_budget *budget,
						  const struct range_bounds *bounds, bool high,
						  uint64_t key, bool *ret_outside,
						  struct ancient_error *err)
{
	const struct ancient_range_bounds *given = bounds->given;
	const bool excluded = high ? given->to_excluded : given->from_excluded;
	enum ancient_code code = ANCIENT_OK;
	int order;

	*ret_outside = false;
	if ((high ? given->to : given->from) != NULL) {
		code = lookup_key_order(budget, high ? &bounds->to : &bounds->from, key, &order,
					err);
		if (code == ANCIENT_OK)
			*ret_outside = order == 0 ? excluded : (high ? order > 0 : order < 0);
	}
	if (code == ANCIENT_OK && !*ret_outside && given->prefix != NULL) {
		code = order_prefix(budget, bounds, key, &order, err);
		if (code == ANCIENT_OK)
			*ret_outside = high ? order > 0 : order < 0;
	}
	return code;
}

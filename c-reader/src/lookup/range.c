/* c-reader/lookup: maps and sets in order: the public ancient_range_*.
 *
 * Both ends of a range are found when it begins: the path from the root to its first key is what
 * the walk goes on from, and the node of its last key is where it ends.  A walk is bounded by the
 * words of the file, since in a hostile one branches may meet. */
#include "base/advice.h"
#include "lookup/lookup_path.h"
#include "lookup/range_bounds.h"
#include "typed/fields.h"

#define NOWHERE LOOKUP_LEVELS

enum { RANGE_ORDERED = 1, RANGE_BACKWARDS = 2 };

/* One end of a range: the path to where it would be, and the last node on it that is inside. */
struct end {
	struct lookup_path path;
	unsigned found; /* a place in the path; NOWHERE: no node is inside */
};

struct opening {
	struct reader_budget budget;
	const struct ancient_file *file;
	const struct ancient_type *type;
	struct range_bounds bounds;
	uint64_t root;
	struct ancient_error *err;
};

static enum ancient_code misordered(const struct ancient_file *file,
				    const struct ancient_type *type, uint64_t word,
				    struct ancient_error *err)
{
	return ancient_reader_typed_bad_shape(
		file, type, word, err, "keys in the order of OCaml's compare, as is declared");
}

/* ---- The ends ----------------------------------------------------------------------- */

/* The last node of a path has no child where the path goes.  A child on its other side is hidden
 * from the bound: it is looked at, too, because in a small tree nothing else would tell that the
 * order is another. */
static enum ancient_code check_sibling(struct opening *o, const struct end *end)
{
	const struct lookup_path *path = &end->path;
	const unsigned last = path->depth - 1;
	const bool right = !path->right[last];
	struct reader_block node;
	uint64_t word;
	int order = 0;
	enum ancient_code code =
		lookup_node_open(o->file, o->type, path->word[last], &node, o->err);

	if (code != ANCIENT_OK)
		return code;
	word = lookup_node_child(o->file, o->type, &node, right);
	if (word == 1)
		return ANCIENT_OK;
	code = lookup_node_open(o->file, o->type, word, &node, o->err);
	if (code == ANCIENT_OK)
		code = ancient_reader_lookup_order_keys(&o->budget,
							reader_field(o->file, &node, TYPED_MAP_KEY),
							path->key[last], &order, o->err);
	if (code == ANCIENT_OK && (right ? order <= 0 : order >= 0))
		code = misordered(o->file, o->type, word, o->err);
	return code;
}

/* The way to the low end, or the high one. */
static enum ancient_code find_end(struct opening *o, bool high, struct end *end)
{
	const bool bounded = high ? o->bounds.high : o->bounds.low;
	struct lookup_path *path = &end->path;
	uint64_t word = o->root;
	bool wrong = false;
	enum ancient_code code = ANCIENT_OK;

	path->depth = 0;
	end->found = NOWHERE;
	while (word != 1) {
		struct reader_block node;
		bool outside = false;

		code = lookup_node_open(o->file, o->type, word, &node, o->err);
		if (code == ANCIENT_OK && path->depth == LOOKUP_LEVELS)
			code = ancient_reader_lookup_too_deep(o->file, o->type, word, o->err);
		if (code != ANCIENT_OK)
			return code;
		path->word[path->depth] = word;
		path->key[path->depth] = reader_field(o->file, &node, TYPED_MAP_KEY);
		if (bounded)
			code = ancient_reader_range_is_outside(&o->budget, &o->bounds, high,
							       path->key[path->depth], &outside,
							       o->err);
		if (code != ANCIENT_OK)
			return code;
		if (!outside)
			end->found = path->depth;
		path->right[path->depth] = outside != high;
		word = lookup_node_child(o->file, o->type, &node, path->right[path->depth]);
		path->depth++;
	}
	if (!bounded || path->depth == 0)
		return ANCIENT_OK;
	code = ancient_reader_lookup_path_check(&o->budget, path, &wrong, o->err);
	if (code == ANCIENT_OK && wrong)
		code = misordered(o->file, o->type, path->word[path->depth - 1], o->err);
	return code == ANCIENT_OK ? check_sibling(o, end) : code;
}

/* Where the node of one end lies in the tree, seen from that of the other: -1 before it, 0 it is
 * the same, 1 behind it. */
static int compare_places(const struct end *left, const struct end *right)
{
	unsigned i = 0;

	while (i < left->found && i < right->found && left->path.right[i] == right->path.right[i])
		i++;
	if (i < left->found)
		return left->path.right[i] ? 1 : -1;
	if (i < right->found)
		return right->path.right[i] ? -1 : 1;
	return 0;
}

/* Whether there is no key between the ends: the tree has the low one behind the high one.  (Then
 * their keys are so, too: the paths part at a node that is before the one and behind the other.) */
static bool is_empty(const struct end *low, const struct end *high)
{
	return low->found == NOWHERE || high->found == NOWHERE || compare_places(low, high) > 0;
}

/* The nodes of the path that come behind its end, and the end itself on top. */
static void begin_at(struct ancient_range *range, const struct end *end, bool backwards)
{
	for (unsigned i = 0; i < end->found; i++)
		if (end->path.right[i] == backwards)
			range->stack[range->depth++] = end->path.word[i];
	range->stack[range->depth++] = end->path.word[end->found];
}

static enum ancient_code find_ends(struct opening *o, struct ancient_range *range)
{
	const bool backwards = o->bounds.given->backwards;
	const bool bounded = backwards ? o->bounds.low : o->bounds.high; /* where it ends */
	struct end begin, end;
	enum ancient_code code = find_end(o, backwards, &begin);

	if (code == ANCIENT_OK && bounded)
		code = find_end(o, !backwards, &end);
	if (code != ANCIENT_OK || begin.found == NOWHERE)
		return code;
	if (bounded) {
		if (backwards ? is_empty(&end, &begin) : is_empty(&begin, &end))
			return ANCIENT_OK;
		range->last = end.path.word[end.found];
		range->limit = end.path.key[end.found];
	}
	begin_at(range, &begin, backwards);
	return ANCIENT_OK;
}

static enum ancient_code open_range(struct opening *o, const struct ancient_schema *schema,
				    struct ancient_typed typed,
				    const struct ancient_range_bounds *given,
				    struct ancient_range *range)
{
	struct typed_shape shape;
	const struct ancient_type *type;
	enum ancient_code code =
		ancient_reader_typed_open(o->file, schema, typed, false, &shape, o->err);

	if (code != ANCIENT_OK)
		return code;
	o->type = type = shape.type;
	o->root = shape.word;
	if (type->kind == ANCIENT_TYPE_HASHTBL || type->kind == ANCIENT_TYPE_HASHTABLE)
		return ancient_reader_refuse(
			o->file->name, o->err, ANCIENT_E_WRONG_KIND,
			"a range of %.80s: a hash table has no order: sort its keys, or publish a "
			"map",
			type->name);
	if (type->kind != ANCIENT_TYPE_MAP && type->kind != ANCIENT_TYPE_SET)
		return ancient_reader_typed_wrong_kind(o->file, type, "map or set", o->err);
	code = ancient_reader_range_bounds_init(&o->bounds, o->file, schema, type, given, o->err);
	if (code != ANCIENT_OK)
		return code;
	*range = (struct ancient_range){
		.file = o->file,
		.schema = schema,
		.type = shape.number,
		.key_type = type->arguments[0],
		.value_type = type->kind == ANCIENT_TYPE_MAP ? type->arguments[1] : 0,
		.flags = (o->bounds.low || o->bounds.high ? RANGE_ORDERED : 0u) |
			 (given->backwards ? RANGE_BACKWARDS : 0u),
		.last = 1,
		.left = reader_most(o->file, TYPED_SET_FIELDS)};
	code = find_ends(o, range);
	range->steps = reader_budget_taken(&o->budget);
	return code;
}

enum ancient_code ancient_range_init(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed,
				     const struct ancient_range_bounds *bounds,
				     struct ancient_range *ret_range, struct ancient_error *err)
{
	static const struct ancient_range_bounds everything = {0};
	struct opening opening = {.file = file, .err = err};
	struct ancient_range range;
	enum ancient_code code;

	reader_looks_up(file);
	ancient_reader_budget_init(&opening.budget, file);
	code = open_range(&opening, schema, typed, bounds == NULL ? &everything : bounds, &range);
	ancient_reader_budget_done(&opening.budget);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_range = range;
	return code;
}

/* ---- The walk ----------------------------------------------------------------------- */

static enum ancient_code compare_long(struct ancient_range *range, uint64_t left, uint64_t right,
				      int *ret_order, struct ancient_error *err)
{
	struct reader_budget budget;
	enum ancient_code code;

	ancient_reader_budget_resume(&budget, range->file, range->steps);
	code = ancient_reader_lookup_compare(&budget, lookup_word(left), lookup_word(right),
					     ret_order, err);
	range->steps += reader_budget_taken(&budget);
	ancient_reader_budget_done(&budget);
	return code;
}

/* Whether the key of a node comes behind another one, in the direction of the walk. */
static enum ancient_code check_behind(struct ancient_range *range, uint64_t word, uint64_t key,
				      uint64_t other, struct ancient_error *err)
{
	int order = 0;
	enum ancient_code code = ANCIENT_OK;

	if (!ancient_reader_lookup_order_short(range->file, key, other, &order))
		code = compare_long(range, key, other, &order, err);
	if (code == ANCIENT_OK && ((range->flags & RANGE_BACKWARDS) != 0 ? order >= 0 : order <= 0))
		code = misordered(range->file, &range->schema->types[range->type], word, err);
	return code;
}

/* Whether a key lies between the one before it and the last one. */
static enum ancient_code check_order(struct ancient_range *range, uint64_t word, uint64_t key,
				     struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	if (range->before != 0)
		code = check_behind(range, word, key, range->before, err);
	if (code == ANCIENT_OK && range->limit != 0 && word != range->last)
		code = check_behind(range, word, range->limit, key, err);
	range->before = key;
	return code;
}

/* Pushes a node, its child on the side that comes first, that one's, and so on. */
static enum ancient_code descend(struct ancient_range *range, uint64_t word,
				 struct ancient_error *err)
{
	const struct ancient_type *type = &range->schema->types[range->type];

	while (word != 1) {
		struct reader_block node;
		enum ancient_code code = lookup_node_open(range->file, type, word, &node, err);

		if (code == ANCIENT_OK && range->depth == LOOKUP_LEVELS)
			code = ancient_reader_lookup_too_deep(range->file, type, word, err);
		if (code == ANCIENT_OK && range->left-- == 0)
			code = ancient_reader_typed_bad_shape(range->file, type, word, err,
							      "a tree with an end");
		if (code != ANCIENT_OK)
			return code;
		range->stack[range->depth++] = word;
		word = lookup_node_child(range->file, type, &node,
					 (range->flags & RANGE_BACKWARDS) != 0);
	}
	return ANCIENT_OK;
}

static enum ancient_code step(struct ancient_range *range, struct ancient_typed *key,
			      struct ancient_typed *value, struct ancient_error *err)
{
	const struct ancient_type *type = &range->schema->types[range->type];
	struct reader_block node;
	enum ancient_code code;
	uint64_t word;

	if (range->depth == 0)
		return ancient_reader_refuse(range->file->name, err, ANCIENT_E_NO_INDEX,
					     "the end of a range of %.80s", type->name);
	word = range->stack[--range->depth];
	code = lookup_node_open(range->file, type, word, &node, err);
	if (code != ANCIENT_OK)
		return code;
	*key = ancient_reader_typed_part(range->file, &node, TYPED_MAP_KEY, range->key_type);
	if ((range->flags & RANGE_ORDERED) != 0)
		code = check_order(range, word, key->value.word, err);
	if (code != ANCIENT_OK)
		return code;
	if (type->kind == ANCIENT_TYPE_MAP)
		*value = ancient_reader_typed_part(range->file, &node, TYPED_MAP_DATA,
						   range->value_type);
	if (word == range->last)
		range->depth = 0;
	else
		code = descend(range,
			       lookup_node_child(range->file, type, &node,
						 (range->flags & RANGE_BACKWARDS) == 0),
			       err);
	return code;
}

enum ancient_code ancient_range_next(struct ancient_range *range, struct ancient_typed *ret_key,
				     struct ancient_typed *ret_value, struct ancient_error *err)
{
	struct ancient_typed key = {0}, value = {0};
	enum ancient_code code = reader_settle(range->file, step(range, &key, &value, err), err);

	if (code != ANCIENT_OK) {
		range->depth = 0;
		return code;
	}
	*ret_key = key;
	if (ret_value != NULL && range->schema->types[range->type].kind == ANCIENT_TYPE_MAP)
		*ret_value = value;
	return ANCIENT_OK;
}

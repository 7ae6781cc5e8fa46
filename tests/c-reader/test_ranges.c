/* tests/c-reader: ranges of maps and sets that are not what they are declared to be, or are no maps
 * at all: hostile trees, wrong orders, files that change under a walk.  What OCaml finds is
 * test_ranges_ocaml.c's. */
#include <sys/stat.h>

#include <ancient_schema.h>

#include "build_file.h"
#include "base/budget.h"

#define INTS "module S : Set.S with type elt = int [@@ancient.order standard] val root : S.t"
#define RECORDS                                                                                    \
	"type r = { a : int; b : string } "                                                        \
	"module S : Set.S with type elt = r [@@ancient.order standard] val root : S.t"
#define STRINGS                                                                                    \
	"module M : Map.S with type key = string [@@ancient.order standard] val root : int M.t"

static struct ancient_error err;

static struct ancient_file *open_image(struct image *f, uint64_t root)
{
	const struct ancient_options options = {.guard = true};
	struct ancient_file *file;
	char path[64];
	image_key(f, 0, root, NULL);
	image_finish(f);
	test_path(path, "ranges");
	image_write(f, path);
	CHECK(ancient_file_open(path, &options, &file, &err) == ANCIENT_OK);
	return file;
}

static struct ancient_schema *schema_of(const char *text)
{
	struct ancient_schema *schema;
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) == ANCIENT_OK);
	return schema;
}

static struct ancient_typed root_of(const struct ancient_file *file, struct ancient_schema *schema)
{
	struct ancient_value root;
	CHECK(ancient_file_get(file, 0, &root, &err) == ANCIENT_OK);
	return ancient_typed_root(schema, root);
}

static uint64_t node(struct image *f, uint64_t left, uint64_t key, uint64_t right)
{
	return image_block(f, 0, 4, left, key, right, IMAGE_INT(1));
}

static uint64_t map_node(struct image *f, uint64_t left, uint64_t key, uint64_t data,
			 uint64_t right)
{
	return image_block(f, 0, 5, left, key, data, right, IMAGE_INT(1));
}

/* A balanced set whose keys, in the order of the tree, are first, first + step, ... */
static uint64_t balanced(struct image *f, int64_t first, int64_t step, unsigned count)
{
	const unsigned left = count / 2;
	uint64_t low, high;
	if (count == 0)
		return IMAGE_INT(0);
	low = balanced(f, first, step, left);
	high = balanced(f, first + step * (left + 1), step, count - left - 1);
	return node(f, low, IMAGE_INT(first + step * left), high);
}

/* Walks a range to its end, whatever that is; the keys must be integers within the bounds. */
static enum ancient_code walk(const struct ancient_file *file, struct ancient_schema *schema,
			      const struct ancient_range_bounds *bounds, uint64_t *ret_seen)
{
	struct ancient_range range;
	struct ancient_typed key, value;
	enum ancient_code code =
		ancient_range_init(file, schema, root_of(file, schema), bounds, &range, &err);
	*ret_seen = 0;
	CHECK(code == ANCIENT_OK || err.code == code);
	if (code != ANCIENT_OK)
		return code;
	while ((code = ancient_range_next(&range, &key, &value, &err)) == ANCIENT_OK) {
		CHECK(bounds == NULL || bounds->from == NULL ||
		      (int64_t)key.value.word >> 1 >= bounds->from->as.integer);
		CHECK(bounds == NULL || bounds->to == NULL ||
		      (int64_t)key.value.word >> 1 <= bounds->to->as.integer);
		++*ret_seen;
	}
	CHECK(err.code == code);
	/* Nothing comes after an error. */
	CHECK(ancient_range_next(&range, &key, &value, NULL) == ANCIENT_E_NO_INDEX);
	return code;
}

/* ---- Orders ------------------------------------------------------------------------- */

static void a_wrong_order_is_an_error_and_hides_nothing(void)
{
	struct ancient_schema *schema = schema_of(INTS);
	for (unsigned count = 0; count < 40; count++)
		for (int64_t step = -2; step <= 2; step += 4) {
			const int64_t first = step > 0 ? 2 : 2 * (int64_t)count;
			struct image f;
			struct ancient_file *file;
			image_init(&f);
			file = open_image(&f, balanced(&f, first, step, count));
			for (int64_t low = 1; low <= 2 * (int64_t)count + 1; low++)
				for (int backwards = 0; backwards < 2; backwards++) {
					struct ancient_key bound = ancient_key_int(low);
					struct ancient_range_bounds bounds = {
						.from = &bound, .backwards = backwards == 1};
					const uint64_t above = count - (uint64_t)(low - 1) / 2;
					uint64_t seen;
					enum ancient_code code = walk(file, schema, &bounds, &seen);
					CHECK(code == (step > 0 || count < 2
							       ? ANCIENT_E_NO_INDEX
							       : ANCIENT_E_BAD_SHAPE));
					CHECK(code != ANCIENT_E_NO_INDEX || seen == above);
					bounds.from = NULL;
					bounds.to = &bound;
					code = walk(file, schema, &bounds, &seen);
					CHECK(code == (step > 0 || count < 2
							       ? ANCIENT_E_NO_INDEX
							       : ANCIENT_E_BAD_SHAPE));
					CHECK(code != ANCIENT_E_NO_INDEX ||
					      seen == (uint64_t)low / 2);
				}
			ancient_file_close(file);
			image_done(&f);
		}
	ancient_schema_close(schema);
}

/* Every key of a tree of seven is put out of its place: a range that would give it ends in an
 * error, and no range gives a key outside of it. */
static void a_key_out_of_its_place_is_an_error(void)
{
	struct ancient_schema *schema = schema_of(INTS);
	for (unsigned at = 0; at < 7; at++)
		for (int64_t wrong = 0; wrong <= 16; wrong++) {
			uint64_t keys[7], seen;
			struct image f;
			struct ancient_file *file;
			bool ordered = true;
			enum ancient_code code;
			for (unsigned i = 0; i < 7; i++)
				keys[i] = IMAGE_INT(i == at ? wrong : 2 * (int64_t)i + 2);
			for (unsigned i = 1; i < 7; i++)
				ordered = ordered && keys[i - 1] < keys[i];
			image_init(&f);
			uint64_t a = node(&f, IMAGE_INT(0), keys[0], IMAGE_INT(0));
			uint64_t c = node(&f, IMAGE_INT(0), keys[2], IMAGE_INT(0));
			uint64_t e = node(&f, IMAGE_INT(0), keys[4], IMAGE_INT(0));
			uint64_t g = node(&f, IMAGE_INT(0), keys[6], IMAGE_INT(0));
			uint64_t b = node(&f, a, keys[1], c), d = node(&f, e, keys[5], g);
			file = open_image(&f, node(&f, b, keys[3], d));
			for (int64_t low = -1; low <= 17; low++)
				for (int64_t high = -1; high <= 17; high++) {
					struct ancient_key from = ancient_key_int(low),
							   to = ancient_key_int(high);
					struct ancient_range_bounds bounds = {.from = &from,
									      .to = &to};
					for (int backwards = 0; backwards < 2; backwards++) {
						bounds.backwards = backwards == 1;
						code = walk(file, schema, &bounds, &seen);
						CHECK(code == ANCIENT_E_NO_INDEX ||
						      (!ordered && code == ANCIENT_E_BAD_SHAPE));
						if (!ordered && low == -1 && high == 17)
							CHECK(code == ANCIENT_E_BAD_SHAPE);
					}
				}
			CHECK(walk(file, schema, NULL, &seen) == ANCIENT_E_NO_INDEX && seen == 7);
			ancient_file_close(file);
			image_done(&f);
		}
	ancient_schema_close(schema);
}

static void an_order_that_is_not_declared_has_no_bounds(void)
{
	struct ancient_schema *schema =
		schema_of("module Own : Set.S with type elt = int val root : Own.t");
	struct ancient_key bound = ancient_key_int(3);
	const struct ancient_range_bounds from = {.from = &bound}, backwards = {.backwards = true};
	struct ancient_file *file;
	struct image f;
	uint64_t seen;
	image_init(&f);
	file = open_image(&f, balanced(&f, 9, -1, 9));
	CHECK(walk(file, schema, &from, &seen) == ANCIENT_E_WRONG_KIND);
	CHECK(strstr(err.message, "Own.t") != NULL && strstr(err.message, "ancient.order") != NULL);
	CHECK(walk(file, schema, NULL, &seen) == ANCIENT_E_NO_INDEX && seen == 9);
	CHECK(walk(file, schema, &backwards, &seen) == ANCIENT_E_NO_INDEX && seen == 9);
	ancient_file_close(file);
	image_done(&f);
	ancient_schema_close(schema);
}

static void what_has_no_order_is_refused(void)
{
	struct ancient_key number = ancient_key_int(3), text = ancient_key_string("vim", 3);
	const struct ancient_key numbers[] = {number, number};
	struct ancient_key both = ancient_key_block(0, numbers, 2);
	const struct {
		const char *schema;
		struct ancient_range_bounds bounds;
		const char *message;
	} wrong[] = {
		{"val root : (string, int) Hashtbl.t",
		 {.prefix = "a", .prefix_length = 1},
		 "(string, int) Hashtbl.t: a hash table has no order"},
		{"val root : (string, int) Hashtbl.t", {.from = NULL}, "has no order"},
		{"module H : Hashtbl.S with type key = int val root : int H.t",
		 {.from = &number},
		 "int H.t: a hash table has no order"},
		{"val root : int list", {.from = &number}, "expected a value of type map or set"},
		{INTS, {.prefix = "a", .prefix_length = 1}, "expected string or bytes, found int"},
		{INTS, {.from = &text}, "expected a key of type int, found a string"},
		{STRINGS, {.to = &number}, "expected a key of type string, found the int"},
		{RECORDS, {.from = &text}, "expected a key of type r, found a string"},
		{RECORDS, {.from = &both}, "and in it one of type string, found the int 3"},
	};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct ancient_schema *schema = schema_of(wrong[i].schema);
		struct ancient_file *file;
		struct image f;
		uint64_t seen, buckets, root = IMAGE_INT(0);
		image_init(&f);
		if (strstr(wrong[i].schema, "Hashtbl") != NULL) {
			buckets = image_words(&f, 0, 16, NULL);
			root = image_block(&f, 0, 4, IMAGE_INT(0), buckets, IMAGE_INT(0),
					   IMAGE_INT(16));
		}
		file = open_image(&f, root);
		CHECK(walk(file, schema, &wrong[i].bounds, &seen) == ANCIENT_E_WRONG_KIND);
		if (strstr(err.message, wrong[i].message) == NULL) {
			fprintf(stderr, "%s\n", err.message);
			CHECK(strcmp(err.message, "") == 0);
		}
		ancient_file_close(file);
		image_done(&f);
		ancient_schema_close(schema);
	}
}

/* ---- Prefixes ----------------------------------------------------------------------- */

static uint64_t count_prefix(const struct ancient_file *file, struct ancient_schema *schema,
			     const char *prefix, size_t length, const struct ancient_key *from)
{
	struct ancient_range_bounds bounds = {
		.prefix = prefix, .prefix_length = length, .from = from, .from_excluded = true};
	uint64_t seen[2] = {0, 0};
	for (int backwards = 0; backwards < 2; backwards++) {
		struct ancient_range range;
		struct ancient_typed key;
		bounds.backwards = backwards == 1;
		CHECK(ancient_range_init(file, schema, root_of(file, schema), &bounds, &range,
					 &err) == ANCIENT_OK);
		while (ancient_range_next(&range, &key, NULL, &err) == ANCIENT_OK)
			seen[backwards]++;
		CHECK(err.code == ANCIENT_E_NO_INDEX);
	}
	CHECK(seen[0] == seen[1]);
	return seen[0];
}

static void prefixes_are_bytes(void)
{
	static const char *const keys[] = {"",      "\0",      "a",           "lib",
					   "lib\0", "lib\xff", "lib\xff\xff", "libz",
					   "m",     "\xff",    "\xff\xff"};
	static const size_t lengths[] = {0, 1, 1, 3, 4, 4, 5, 4, 1, 1, 2};
	static const unsigned order[] = {0, 1, 2, 3, 4, 7, 5, 6, 8, 9, 10};
	struct ancient_schema *schema = schema_of(STRINGS);
	struct ancient_key from = ancient_key_string("lib", 3);
	struct ancient_file *file;
	struct image f;
	uint64_t tree = IMAGE_INT(0);
	image_init(&f);
	for (unsigned i = 0; i < 11; i++) /* a list to the left: any shape is a tree */
		tree = map_node(&f, tree, image_bytes(&f, keys[order[i]], lengths[order[i]]),
				IMAGE_INT(i), IMAGE_INT(0));
	file = open_image(&f, tree);
	CHECK(count_prefix(file, schema, "", 0, NULL) == 11);
	CHECK(count_prefix(file, schema, "lib", 3, NULL) == 5);
	CHECK(count_prefix(file, schema, "lib", 3, &from) == 4);
	CHECK(count_prefix(file, schema, "lib\xff", 4, NULL) == 2);
	CHECK(count_prefix(file, schema, "lib\xff\xff\xff", 6, NULL) == 0);
	CHECK(count_prefix(file, schema, "\xff", 1, NULL) == 2);
	CHECK(count_prefix(file, schema, "\xff\xff\xff", 3, NULL) == 0);
	CHECK(count_prefix(file, schema, "\0", 1, NULL) == 1);
	CHECK(count_prefix(file, schema, "z", 1, NULL) == 0);
	ancient_file_close(file);
	image_done(&f);
	ancient_schema_close(schema);
}

/* ---- Trees that are none --------------------------------------------------------------- */

enum shape {
	LEVELS_128,
	LEVELS_129,
	RING_LEFT,
	RING_RIGHT,
	MEETING,
	DEEP_RIGHT,
	NO_NODE,
	NO_STRING,
	SHAPES
};

static uint64_t shape(struct image *f, enum shape which)
{
	uint64_t tree = IMAGE_INT(0);
	switch (which) {
	case LEVELS_128:
	case LEVELS_129:
		for (int i = 0; i < (which == LEVELS_128 ? 128 : 129); i++)
			tree = node(f, tree, IMAGE_INT(i), IMAGE_INT(0));
		return tree;
	case RING_LEFT:
	case RING_RIGHT:
		tree = node(f, IMAGE_INT(0), IMAGE_INT(7), IMAGE_INT(0));
		image_field(f, tree, which == RING_LEFT ? 0 : 2, tree);
		return tree;
	case MEETING: /* 2^100 paths */
		for (int i = 0; i < 100; i++)
			tree = node(f, tree, IMAGE_INT(i), tree);
		return tree;
	case DEEP_RIGHT: /* behind the first key, 200 levels to the left */
		for (int i = 200; i > 0; i--)
			tree = node(f, tree, IMAGE_INT(201 - i), IMAGE_INT(0));
		return node(f, IMAGE_INT(0), IMAGE_INT(0), tree);
	case NO_NODE:
		return node(f, image_block(f, 3, 4, 1, 1, 1, 1), IMAGE_INT(5), IMAGE_INT(0));
	default:
		return node(f, IMAGE_INT(0), image_block(f, 0, 1, IMAGE_INT(1)), IMAGE_INT(0));
	}
}

static void hostile_trees_are_errors_and_end(void)
{
	struct ancient_schema *schema = schema_of(INTS);
	for (enum shape which = 0; which < SHAPES; which++)
		for (int backwards = 0; backwards < 2; backwards++)
			for (int64_t low = -1; low < 140; low += 7) {
				struct ancient_key bound = ancient_key_int(low);
				struct ancient_range_bounds bounds = {.backwards = backwards == 1};
				struct ancient_file *file;
				struct image f;
				uint64_t seen;
				enum ancient_code code;
				image_init(&f);
				file = open_image(&f, shape(&f, which));
				code = walk(file, schema, &bounds, &seen);
				CHECK(code == ANCIENT_E_NO_INDEX || code == ANCIENT_E_BAD_SHAPE);
				CHECK((which == LEVELS_128) <= (code == ANCIENT_E_NO_INDEX));
				CHECK((which == RING_LEFT || which == RING_RIGHT ||
				       which == MEETING ||
				       which == NO_NODE) <= (code == ANCIENT_E_BAD_SHAPE));
				CHECK(seen <= (f.used + 65536) / 32);
				bounds.from = &bound;
				code = walk(file, schema, &bounds, &seen);
				CHECK(code == ANCIENT_E_NO_INDEX || code == ANCIENT_E_BAD_SHAPE);
				CHECK((which == LEVELS_128) <= (code == ANCIENT_E_NO_INDEX));
				CHECK(seen <= 129 || which == DEEP_RIGHT);
				bounds.to = &bound;
				bounds.from = NULL;
				code = walk(file, schema, &bounds, &seen);
				CHECK(code == ANCIENT_E_NO_INDEX || code == ANCIENT_E_BAD_SHAPE);
				CHECK(seen <= 129 || which == DEEP_RIGHT);
				ancient_file_close(file);
				image_done(&f);
			}
	ancient_schema_close(schema);
}

static void a_prefix_meets_what_is_no_string(void)
{
	struct ancient_schema *schema = schema_of(STRINGS);
	const struct ancient_range_bounds bounds = {.prefix = "a", .prefix_length = 1};
	struct ancient_file *file;
	struct image f;
	uint64_t seen;
	image_init(&f);
	file = open_image(&f, map_node(&f, 1, IMAGE_INT(7), 1, 1));
	CHECK(walk(file, schema, &bounds, &seen) == ANCIENT_E_BAD_SHAPE);
	ancient_file_close(file);
	image_done(&f);
	ancient_schema_close(schema);
}

/* Generated code keeps a key and its parts apart until it is bound: a key taken as it is has none.
 * That is the caller's mistake, and says nothing of the file. */
static void an_unbound_key_is_an_error_of_the_caller(void)
{
	struct ancient_schema *schema =
		schema_of("type p = { x : float; y : float } module S : Set.S with type elt = "
			  "[`A of (int * p)] * int [@@ancient.order standard] val root : S.t");
	const double numbers[2] = {1, 2};
	struct ancient_key unbound[4], pair[2], tagged[2], key[2];
	struct ancient_range_bounds bounds = {0};
	struct ancient_range range;
	struct ancient_typed found;
	int order;

	for (int empty = 0; empty < 2; empty++) {
		struct ancient_file *file;
		struct ancient_value value;
		struct image f;
		uint64_t a;

		image_init(&f);
		a = image_block(
			&f, 0, 2, IMAGE_INT(65),
			image_block(&f, 0, 2, IMAGE_INT(1),
				    image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 2, numbers)));
		a = image_block(&f, 0, 2, a, IMAGE_INT(5));
		file = open_image(&f, empty ? IMAGE_INT(0) : node(&f, IMAGE_INT(0), a, 1));
		value.word = a;
		/* The whole, the argument of `A, the pair in it, the record in that. */
		for (int inside = 0; inside < 5; inside++) {
			pair[0] = ancient_key_int(1);
			pair[1] = ancient_key_floats(inside == 3 ? NULL : numbers, 2);
			tagged[0] = ancient_key_int(65);
			tagged[1] = ancient_key_tuple(inside == 2 ? NULL : pair, 2);
			key[0] = ancient_key_tuple(inside == 1 ? NULL : tagged, 2);
			key[1] = ancient_key_int(5);
			unbound[0] = ancient_key_tuple(inside == 0 ? NULL : key, 2);
			err.message[0] = 0;
			if (inside == 4) {
				CHECK(ancient_typed_find(file, schema, root_of(file, schema),
							 unbound, &found, &err) ==
				      (empty ? ANCIENT_E_NO_KEY : ANCIENT_OK));
				continue;
			}
			CHECK(ancient_typed_find(file, schema, root_of(file, schema), unbound,
						 &found, &err) == ANCIENT_E_ARGUMENT);
			CHECK(strstr(err.message, "not bound to its parts") != NULL);
			CHECK(ancient_key_compare(file, value, unbound, &order, &err) ==
			      ANCIENT_E_ARGUMENT);
			for (int to = 0; to < 2; to++) {
				bounds.from = to ? NULL : unbound;
				bounds.to = to ? unbound : NULL;
				CHECK(ancient_range_init(file, schema, root_of(file, schema),
							 &bounds, &range,
							 &err) == ANCIENT_E_ARGUMENT);
			}
		}
		ancient_file_close(file);
		image_done(&f);
	}
	ancient_schema_close(schema);
}

/* A key of no kind, as memory that was only cleared is one, whatever count it has, is no value of
 * the caller's: it was taken for a block whose fields are at NULL. */
static void a_key_of_no_kind_is_an_error_of_the_caller(void)
{
	const int kinds[] = {0, ANCIENT_KEY_VALUE + 1, -1};

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (size_t count = 0; count < 3; count++) {
			struct ancient_key key = {.count = count};
			struct ancient_file *file;
			struct ancient_value value;
			struct image f;
			uint32_t hash;
			int order;

			image_init(&f);
			value.word = image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(2));
			file = open_image(&f, value.word);
			key.kind = (enum ancient_key_kind)kinds[i];
			CHECK(ancient_key_compare(file, value, &key, &order, &err) ==
			      ANCIENT_E_ARGUMENT);
			CHECK(ancient_key_hash(file, &key, 0, &hash, &err) == ANCIENT_E_ARGUMENT);
			CHECK(strstr(err.message, "expected a key of a known kind") != NULL);
			ancient_file_close(file);
			image_done(&f);
		}
}

/* Two lists with equal elements, of which every key has one: to compare a key with the next one is
 * to compare them, however many keys there are. */
static void all_steps_of_a_walk_have_one_budget(void)
{
	enum { KEYS = 4000, LONG = 4000 };
	struct ancient_schema *schema =
		schema_of("module S : Set.S with type elt = int list * int [@@ancient.order "
			  "standard] val root : S.t");
	struct ancient_range range;
	struct ancient_key least[2] = {ancient_key_int(0), ancient_key_int(0)};
	const struct ancient_key from = ancient_key_tuple(least, 2);
	const struct ancient_range_bounds bounds = {.from = &from};
	uint64_t lists[2] = {IMAGE_INT(0), IMAGE_INT(0)}, keys[KEYS], tree = IMAGE_INT(0);
	struct ancient_typed key;
	struct ancient_file *file;
	struct image f;
	uint64_t steps, bytes, seen = 0;
	enum ancient_code code;
	image_init(&f);
	for (int i = 0; i < LONG; i++)
		for (int side = 0; side < 2; side++)
			lists[side] = image_block(&f, 0, 2, IMAGE_INT(i), lists[side]);
	for (int i = 0; i < KEYS; i++)
		keys[i] = image_block(&f, 0, 2, lists[i % 2], IMAGE_INT(i));
	/* Balanced enough: 63 spines of 64 nodes. */
	for (int i = KEYS; i > 0;) {
		uint64_t spine = IMAGE_INT(0);
		int first = i > 64 ? i - 64 : 0;
		for (int j = first; j < i - 1; j++)
			spine = node(&f, spine, keys[j], IMAGE_INT(0));
		tree = node(&f, spine, keys[i - 1], tree);
		i = first;
	}
	file = open_image(&f, tree);
	code = ancient_range_init(file, schema, root_of(file, schema), &bounds, &range, &err);
	while (code == ANCIENT_OK) {
		code = ancient_range_next(&range, &key, NULL, &err);
		seen++;
	}
	CHECK(code == ANCIENT_E_TOO_LARGE && seen > 2 && seen < KEYS);
	ancient_file_work(file, &steps, &bytes);
	CHECK(steps < 2 * (READER_BUDGET_STEPS + f.used / 8 * READER_BUDGET_STEPS_A_WORD));
	ancient_file_close(file);
	image_done(&f);
	ancient_schema_close(schema);
}

/* ---- Files that change -------------------------------------------------------------------- */

/* A walk is begun, a node comes to lead back to the root, or the file is cut, and the walk goes
 * on. */
static void a_file_that_changes_under_a_walk_ends_it(void)
{
	enum { COUNT = 4000 };
	struct ancient_schema *schema = schema_of(INTS);
	for (int bounded = 0; bounded < 2; bounded++)
		for (int cut = 0; cut < 2; cut++) {
			struct ancient_key bound = ancient_key_int(-1);
			const struct ancient_range_bounds bounds = {.from = bounded ? &bound
										    : NULL};
			struct ancient_range range;
			struct ancient_typed key;
			struct ancient_file *file;
			struct image f;
			uint64_t root, right, seen = 0;
			enum ancient_code code;
			char path[64];
			image_init(&f);
			root = balanced(&f, 0, 1, COUNT);
			file = open_image(&f, root);
			CHECK(ancient_range_init(file, schema, root_of(file, schema), &bounds,
						 &range, &err) == ANCIENT_OK);
			test_path(path, "ranges");
			if (cut) {
				CHECK(truncate(path, 8192) == 0);
			} else {
				int fd = open(path, O_RDWR);
				right = image_at(&f, root - IMAGE_BASE + 16);
				CHECK(pwrite(fd, &root, 8, (off_t)(right - IMAGE_BASE + 16)) == 8);
				close(fd);
			}
			do
				code = ancient_range_next(&range, &key, NULL, &err);
			while (code == ANCIENT_OK && ++seen < 100000);
			CHECK(code == (cut ? ANCIENT_E_TORN_AWAY : ANCIENT_E_BAD_SHAPE));
			CHECK(ancient_range_next(&range, &key, NULL, &err) != ANCIENT_OK);
			ancient_file_close(file);
			image_done(&f);
		}
	ancient_schema_close(schema);
}

int main(void)
{
	test_begin();
	a_wrong_order_is_an_error_and_hides_nothing();
	a_key_out_of_its_place_is_an_error();
	an_order_that_is_not_declared_has_no_bounds();
	what_has_no_order_is_refused();
	prefixes_are_bytes();
	hostile_trees_are_errors_and_end();
	a_prefix_meets_what_is_no_string();
	all_steps_of_a_walk_have_one_budget();
	an_unbound_key_is_an_error_of_the_caller();
	a_key_of_no_kind_is_an_error_of_the_caller();
	a_file_that_changes_under_a_walk_ends_it();
	test_end();
	return 0;
}

/* tests/c-reader: what a small file may cost.  Hostile shapes at two sizes, of which the larger has
 * four times the words: steps and memory (ancient_file_work) grow with the words, not with their
 * square or faster.  Beside them honest files with much sharing, which meet no budget. */
#include <sys/stat.h>

#include <ancient_columns.h>
#include <ancient_schema.h>

#include "build_file.h"
#include "base/budget.h"
#include "value/ocaml_compare.h"

static struct ancient_error err;

static struct ancient_file *open_image_with(struct image *f, const char *name,
					    const struct ancient_options *options)
{
	struct ancient_file *file;
	char path[64];
	image_finish(f);
	test_path(path, name);
	image_write(f, path);
	CHECK(ancient_file_open(path, options, &file, &err) == ANCIENT_OK);
	return file;
}

static struct ancient_file *open_image(struct image *f, const char *name)
{
	return open_image_with(f, name, NULL);
}

static uint64_t steps_of(const struct ancient_file *file)
{
	uint64_t steps, bytes;
	ancient_file_work(file, &steps, &bytes);
	return steps;
}

static uint64_t bytes_of(const struct ancient_file *file)
{
	uint64_t steps, bytes;
	ancient_file_work(file, &steps, &bytes);
	return bytes;
}

static struct ancient_schema *schema_of(const char *text)
{
	struct ancient_schema *schema;
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) == ANCIENT_OK);
	return schema;
}

static struct ancient_value root_of(const struct ancient_file *file, uint64_t key)
{
	struct ancient_value root;
	CHECK(ancient_file_get(file, key, &root, &err) == ANCIENT_OK);
	return root;
}

/* Steps of the larger file are in proportion, with some room for growing tables. */
static void linear(const uint64_t cost[2])
{
	CHECK(cost[0] > 0);
	CHECK(cost[1] <= 5 * cost[0] + 1024);
}

/* ---- Values --------------------------------------------------------------------- */

/* A tower of blocks, each with two ways to the one below. */
static uint64_t tower(struct image *f, unsigned levels, uint64_t ground)
{
	for (unsigned i = 0; i < levels; i++)
		ground = image_block(f, 0, 2, ground, ground);
	return ground;
}

/* A table of one bucket.  `key` gives the key of binding i, the newest having number 0. */
static uint64_t one_bucket(struct image *f, unsigned count,
			   uint64_t (*key)(struct image *, unsigned))
{
	uint64_t next = IMAGE_INT(0);
	for (unsigned i = count; i-- > 0;) {
		uint64_t word = key(f, i);
		next = image_block(f, 0, 3, word, IMAGE_INT(i), next);
	}
	next = image_block(f, 0, 1, next);
	return image_block(f, 0, 4, IMAGE_INT(count), next, IMAGE_INT(0), IMAGE_INT(1));
}

static uint64_t int_key(struct image *f, unsigned i)
{
	(void)f;
	return IMAGE_INT(i);
}

static uint64_t pair_key(struct image *f, unsigned i)
{
	return image_block(f, 0, 2, IMAGE_INT(7), IMAGE_INT(i / 3));
}

/* Two equal structures, which all keys share: a comparison of two keys goes through both. */
static uint64_t shared[2];

static uint64_t shared_key(struct image *f, unsigned i)
{
	return image_block(f, 0, 2, shared[i % 2], IMAGE_INT(i));
}

static uint64_t list_of(struct image *f, unsigned count)
{
	uint64_t list = IMAGE_INT(0);
	for (unsigned i = 0; i < count; i++)
		list = image_block(f, 0, 2, IMAGE_INT(i), list);
	return list;
}

/* ---- Comparison ------------------------------------------------------------------- */

static void towers_of_sharing_cost_their_blocks(void)
{
	for (int differ = 0; differ < 2; differ++) {
		uint64_t cost[2];
		for (unsigned size = 0; size < 2; size++) {
			struct ancient_file *file;
			struct image f;
			int order = 9;
			image_init(&f);
			image_key(&f, 0, tower(&f, size ? 4000 : 1000, IMAGE_INT(0)), NULL);
			image_key(&f, 1, tower(&f, size ? 4000 : 1000, IMAGE_INT(differ)), NULL);
			file = open_image(&f, "tower");
			CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1),
						    &order, &err) == ANCIENT_OK);
			CHECK(order == -differ);
			cost[size] = steps_of(file);
			CHECK(bytes_of(file) <= 64 * f.used);
			ancient_file_close(file);
			image_done(&f);
		}
		linear(cost);
	}
}

/* k copies of a level, each with ways to others of the next: the pairs that can be met are the
 * square of the blocks, the classes of equal ones are few. */
static void pairs_are_united_and_not_counted(void)
{
	uint64_t cost[2];
	for (unsigned size = 0; size < 2; size++) {
		unsigned copies = size ? 400 : 100;
		uint64_t level[400], below[400];
		struct ancient_file *file;
		struct image f;
		int order = 9;
		image_init(&f);
		for (unsigned i = 0; i < copies; i++)
			level[i] = image_block(&f, 0, 1, IMAGE_INT(5));
		for (unsigned depth = 0; depth < 20; depth++) {
			memcpy(below, level, sizeof(below));
			for (unsigned i = 0; i < copies; i++)
				level[i] = image_block(&f, 0, 2, below[(i * 7 + 1) % copies],
						       below[(i * 3 + depth) % copies]);
		}
		image_key(&f, 0, image_block(&f, 0, 2, level[0], level[1]), NULL);
		image_key(&f, 1, image_block(&f, 0, 2, level[2], level[3]), NULL);
		file = open_image(&f, "copies");
		CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order,
					    &err) == ANCIENT_OK);
		CHECK(order == 0);
		cost[size] = steps_of(file);
		CHECK(cost[size] < f.used / 2);
		ancient_file_close(file);
		image_done(&f);
	}
	linear(cost);
}

static void values_that_contain_themselves_have_no_order(void)
{
	/* By the first field, which deepens the stack, and by the last, which does not. */
	for (unsigned field = 0; field < 2; field++) {
		struct ancient_file *file;
		struct image f;
		int order = 9;
		image_init(&f);
		for (unsigned i = 0; i < 2; i++) {
			uint64_t ring = image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(1));
			image_field(&f, ring, field, ring);
			image_key(&f, i, ring, NULL);
		}
		file = open_image(&f, "rings");
		CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order,
					    &err) == ANCIENT_E_TOO_LARGE);
		CHECK(err.code == ANCIENT_E_TOO_LARGE && err.offset >= 8264);
		CHECK(order == 9);
		CHECK(steps_of(file) < 1000 && bytes_of(file) < 100000);
		ancient_file_close(file);
		image_done(&f);
	}
}

/* Long strings that are met by many ways are compared once. */
static void shared_strings_are_compared_once(void)
{
	static char text[100000];
	struct ancient_file *file;
	struct image f;
	int order = 9;
	image_init(&f);
	memset(text, 'x', sizeof(text));
	for (unsigned side = 0; side < 2; side++) {
		uint64_t string = image_bytes(&f, text, sizeof(text)), list = IMAGE_INT(0);
		for (unsigned i = 0; i < 20000; i++)
			list = image_block(&f, 0, 2, string, list);
		image_key(&f, side, list, NULL);
	}
	file = open_image(&f, "strings");
	CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order, &err) ==
	      ANCIENT_OK);
	CHECK(order == 0);
	CHECK(steps_of(file) < 64 * sizeof(text) / 8 + 4 * 20000);
	ancient_file_close(file);
	image_done(&f);
}

/* ---- Tables ------------------------------------------------------------------------ */

static uint64_t count_visible(const struct ancient_file *file, const struct ancient_schema *schema)
{
	struct ancient_typed table = ancient_typed_root(schema, root_of(file, 0)), key, value;
	struct ancient_iterator it;
	enum ancient_code code;
	uint64_t count = 0;
	bool hidden;
	CHECK(ancient_iterator_init(file, schema, table, &it, &err) == ANCIENT_OK);
	while ((code = ancient_iterator_next(&it, &key, &value, &err)) == ANCIENT_OK) {
		CHECK(ancient_iterator_hidden(&it, &hidden, &err) == ANCIENT_OK);
		count += !hidden;
	}
	CHECK(code == ANCIENT_E_NO_INDEX && err.code == code);
	return count;
}

static void long_buckets_cost_their_cells(void)
{
	static const struct {
		uint64_t (*key)(struct image *, unsigned);
		const char *schema;
		unsigned visible; /* of 3 */
	} tables[] = {
		{int_key, "val root : (int, int) Hashtbl.t", 3},
		{pair_key, "val root : (int * int, int) Hashtbl.t", 1},
		{shared_key, "val root : (int list * int, int) Hashtbl.t", 3},
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct ancient_schema *schema = schema_of(tables[i].schema);
		uint64_t cost[2];
		for (unsigned size = 0; size < 2; size++) {
			unsigned count = size ? 12000 : 3000;
			struct ancient_column column;
			struct ancient_scan scan;
			struct ancient_file *file;
			static int64_t numbers[12000];
			struct image f;
			size_t rows = 0;
			image_init(&f);
			shared[0] = list_of(&f, count / 4);
			shared[1] = list_of(&f, count / 4);
			image_key(&f, 0, one_bucket(&f, count, tables[i].key), NULL);
			file = open_image(&f, "bucket");
			CHECK(count_visible(file, schema) == count / 3 * tables[i].visible);
			cost[size] = steps_of(file);
			CHECK(bytes_of(file) <= 16 * f.used);
			/* The same by a scan. */
			CHECK(ancient_scan_init(file, schema,
						ancient_typed_root(schema, root_of(file, 0)), false,
						&scan, &err) == ANCIENT_OK);
			CHECK(ancient_column_init(&scan, false, "", &column, &err) == ANCIENT_OK);
			column.data = numbers;
			CHECK(ancient_scan_next(&scan, &column, 1, 12000, &rows, &err) ==
			      ANCIENT_OK);
			CHECK(rows == count / 3 * tables[i].visible);
			ancient_file_close(file);
			image_done(&f);
		}
		linear(cost);
		ancient_schema_close(schema);
	}
}

/* Keys of a caller and of the file, looked for in a bucket of keys that are long to compare. */
static void lookups_cost_their_bucket(void)
{
	struct ancient_schema *schema = schema_of("val root : (int list * int, int) Hashtbl.t");
	uint64_t cost[2];
	for (unsigned size = 0; size < 2; size++) {
		unsigned count = size ? 8000 : 2000;
		struct ancient_typed table, value;
		struct ancient_iterator it;
		struct ancient_file *file;
		struct ancient_key key;
		struct image f;
		uint64_t wanted;
		int64_t number;
		image_init(&f);
		shared[0] = list_of(&f, count / 2);
		shared[1] = list_of(&f, count / 2);
		wanted = image_block(&f, 0, 2, list_of(&f, count / 2), IMAGE_INT(count - 1));
		image_key(&f, 0, one_bucket(&f, count, shared_key), NULL);
		image_key(&f, 1, wanted, NULL);
		file = open_image(&f, "lookup");
		table = ancient_typed_root(schema, root_of(file, 0));
		key = ancient_key_value(root_of(file, 1));
		CHECK(ancient_typed_find(file, schema, table, &key, &value, &err) == ANCIENT_OK);
		CHECK(ancient_typed_int(file, schema, value, &number, &err) == ANCIENT_OK);
		CHECK(number == count - 1);
		CHECK(ancient_iterator_init_key(file, schema, table, &key, &it, &err) ==
		      ANCIENT_OK);
		CHECK(ancient_iterator_next(&it, &table, &value, &err) == ANCIENT_OK);
		CHECK(ancient_iterator_next(&it, &table, &value, &err) == ANCIENT_E_NO_INDEX);
		cost[size] = steps_of(file);
		CHECK(bytes_of(file) <= 16 * f.used);
		ancient_file_close(file);
		image_done(&f);
	}
	linear(cost);
	ancient_schema_close(schema);
}

/* As a program publishes it: a good table, whose keys share a structure. */
static void shared_keys_of_a_good_table_meet_no_budget(void)
{
	enum { BUCKETS = 16384, COUNT = 20000 };
	static uint64_t buckets[BUCKETS];
	struct ancient_schema *schema =
		schema_of("module H : Hashtbl.S with type key = int list * int val root : int H.t");
	struct ancient_typed table, value;
	struct ancient_key parts[2], key;
	struct ancient_file *file;
	struct ancient_error inner;
	struct image f;
	uint64_t common;
	int64_t number;
	image_init(&f);
	common = list_of(&f, 1000);
	for (unsigned i = 0; i < BUCKETS; i++)
		buckets[i] = IMAGE_INT(0);
	for (unsigned i = 0; i < COUNT; i++) {
		uint64_t *bucket = &buckets[i * 2654435761u % BUCKETS];
		*bucket = image_block(&f, 0, 3, image_block(&f, 0, 2, common, IMAGE_INT(i)),
				      IMAGE_INT(i), *bucket);
	}
	image_key(&f, 0,
		  image_block(&f, 0, 4, IMAGE_INT(COUNT), image_words(&f, 0, BUCKETS, buckets),
			      IMAGE_INT(0), IMAGE_INT(BUCKETS)),
		  NULL);
	image_key(&f, 1, common, NULL);
	file = open_image(&f, "good");
	CHECK(count_visible(file, schema) == COUNT);
	table = ancient_typed_root(schema, root_of(file, 0));
	parts[0] = ancient_key_value(root_of(file, 1));
	key = ancient_key_tuple(parts, 2);
	for (int i = 0; i < COUNT; i += 997) {
		parts[1] = ancient_key_int(i);
		CHECK(ancient_typed_find(file, schema, table, &key, &value, &inner) == ANCIENT_OK);
		CHECK(ancient_typed_int(file, schema, value, &number, &err) == ANCIENT_OK);
		CHECK(number == i);
	}
	ancient_file_close(file);
	image_done(&f);
	ancient_schema_close(schema);
}

/* The index of a long bucket says what comparing each with each says. */
static void hidden_bindings_are_those_of_a_comparison(void)
{
	enum { COUNT = 300, KINDS = 9 };
	struct ancient_schema *schema = schema_of("val root : (string, int) Hashtbl.t");
	struct ancient_typed table, key, value;
	struct ancient_iterator it;
	struct ancient_file *file;
	struct image f;
	uint64_t keys[COUNT], next = IMAGE_INT(0);
	double nan = __builtin_nan(""), zero = 0, minus = -0.0, one = 1;
	image_init(&f);
	/* The schema does not matter to what is equal. */
	for (unsigned i = 0; i < COUNT; i++) {
		unsigned n = (i * 7 + i / 11) % 40;
		switch (i % KINDS) {
		case 0:
			keys[i] = IMAGE_INT(n);
			break;
		case 1:
			keys[i] =
				image_string(&f, n % 2 ? "a string of some length, and more" : "b");
			break;
		case 2:
			keys[i] = image_doubles(&f, 253, 1,
						n % 4 == 0   ? &nan
						: n % 4 == 1 ? &zero
						: n % 4 == 2 ? &minus
							     : &one);
			break;
		case 3:
			keys[i] = image_doubles(&f, 254, 1, n % 2 ? &zero : &minus);
			break;
		case 4:
			keys[i] = image_block(&f, 255, 2, image_slot(n % 3), (uint64_t)(n % 5));
			break;
		case 5: /* Z: a head with the sign and the number of limbs */
			keys[i] = image_block(&f, 255, 3, image_slot(4),
					      (uint64_t)(n % 2) << 63 | 1, (uint64_t)(n % 6) + 1);
			break;
		case 6: /* a lazy that is forced */
			keys[i] = image_block(&f, 250, 1, IMAGE_INT(n));
			break;
		case 7:
			keys[i] = image_block(&f, n % 3, 2, tower(&f, n % 5, IMAGE_INT(n % 2)),
					      list_of(&f, n % 4));
			break;
		default:
			keys[i] = image_block(&f, n % 2, 0);
		}
	}
	for (unsigned i = COUNT; i-- > 0;)
		next = image_block(&f, 0, 3, keys[i], IMAGE_INT(i), next);
	next = image_block(&f, 0, 1, next);
	image_key(&f, 0, image_block(&f, 0, 4, IMAGE_INT(COUNT), next, IMAGE_INT(0), IMAGE_INT(1)),
		  NULL);
	file = open_image(&f, "kinds");
	table = ancient_typed_root(schema, root_of(file, 0));
	CHECK(ancient_iterator_init(file, schema, table, &it, &err) == ANCIENT_OK);
	for (unsigned i = 0; i < COUNT; i++) {
		bool hidden, want = false;
		CHECK(ancient_iterator_next(&it, &key, &value, &err) == ANCIENT_OK);
		CHECK(key.value.word == keys[i]);
		CHECK(ancient_iterator_hidden(&it, &hidden, &err) == ANCIENT_OK);
		for (unsigned j = 0; j < i && !want; j++) {
			int order;
			CHECK(ancient_value_compare(file, (struct ancient_value){keys[j]},
						    key.value, &order, &err) == ANCIENT_OK);
			want = order == 0;
		}
		CHECK(hidden == want);
	}
	ancient_file_close(file);
	image_done(&f);
	ancient_schema_close(schema);
}

/* ---- Blocks that overlap ------------------------------------------------------------ */

/* Blocks of which each has the rest of the file as its fields. */
static uint64_t overlapping(struct image *f, unsigned count)
{
	uint64_t first = IMAGE_BASE + f->length + 8;
	for (unsigned i = 0; i < count; i++) {
		uint64_t next = image_header(f, 1, 2 * (count - i) - 1) + 16;
		image_word(f, i + 1 < count ? next : IMAGE_INT(0));
	}
	return first;
}

static void overlap_is_refused_in_linear_time(void)
{
	for (unsigned call = 0; call < 2; call++) {
		uint64_t cost[2];
		for (unsigned size = 0; size < 2; size++) {
			struct ancient_file *file;
			struct image f;
			struct sink sink = {NULL, 0};
			uint64_t bytes = 1;
			enum ancient_code code;
			image_init(&f);
			image_key(&f, 0, overlapping(&f, size ? 80000 : 20000), NULL);
			file = open_image(&f, "overlap");
			if (call == 0) {
				code = ancient_file_live_bytes(file, NULL, &bytes, &err);
				CHECK(bytes == 1);
			} else {
				struct ancient_dump_options options = {.write = sink_write,
								       .context = &sink};
				code = ancient_value_dump(file, root_of(file, 0), &options, &err);
			}
			CHECK(code == ANCIENT_E_TOO_LARGE && err.code == code);
			CHECK(err.offset != ANCIENT_NO_OFFSET);
			cost[size] = steps_of(file);
			CHECK(cost[size] <= 2 * f.used + (1u << 20));
			free(sink.text);
			ancient_file_close(file);
			image_done(&f);
		}
	}
}

/* ---- Sparse files -------------------------------------------------------------------- */

static void holes_count_for_nothing(void)
{
	const uint64_t length = 1ull << 32;
	struct ancient_file *file;
	struct ancient_verify_result result;
	struct image f;
	char path[64];
	uint64_t bytes;
	int fd;
	image_init(&f);
	image_key(&f, 0, overlapping(&f, 5000), NULL);
	image_finish(&f);
	image_set(&f, offsetof(struct ancient_superblock, used), length);
	image_seal_superblock(&f, 0);
	test_path(path, "sparse");
	image_write(&f, path);
	CHECK(truncate(path, (off_t)length) == 0);
	fd = open(path, O_RDONLY);
	CHECK(ancient_reader_present(fd, length) <= f.length + 65536);
	CHECK(lseek(fd, 0, SEEK_CUR) == 0);
	close(fd);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	CHECK(ancient_file_live_bytes(file, NULL, &bytes, &err) == ANCIENT_E_TOO_LARGE);
	CHECK(steps_of(file) < 4 * f.length + (1u << 20));
	CHECK(bytes_of(file) < 1u << 24);
	CHECK(ancient_file_verify(file, NULL, &result, &err) == ANCIENT_E_TOO_LARGE);
	CHECK(err.code == ANCIENT_E_TOO_LARGE);
	ancient_file_close(file);
	image_done(&f);
}

/* ---- Rings that are closed while they are walked --------------------------------------- */

struct closer {
	int fd;
	uint64_t offset, word; /* of the ring that is closed at the first piece of text */
	size_t pieces, bytes;
};

static bool close_ring(void *context, const char *text, size_t length)
{
	struct closer *closer = context;
	(void)text;
	if (closer->pieces++ == 0)
		CHECK(pwrite(closer->fd, &closer->word, 8, (off_t)closer->offset) == 8);
	closer->bytes += length;
	return closer->bytes < 1u << 26;
}

static void rings_closed_under_a_dump_are_errors(void)
{
	enum { COUNT = 6000 };
	struct ancient_schema *schema = schema_of("val root : (int, int) Hashtbl.t");
	/* The cell whose `next` comes to lead back, and the one it leads to, by number. */
	static const unsigned rings[][2] = {{0, 0}, {1, 0}, {COUNT - 1, 0}, {COUNT - 1, COUNT - 2}};
	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		struct closer closer = {0};
		struct ancient_dump_options options = {.write = close_ring, .context = &closer};
		struct ancient_typed table;
		struct ancient_file *file;
		struct image f;
		uint64_t cells, root;
		enum ancient_code code;
		char path[64];
		image_init(&f);
		root = one_bucket(&f, COUNT, int_key);
		image_key(&f, 0, root, NULL);
		file = open_image(&f, "ring");
		cells = image_at(&f, image_at(&f, root - IMAGE_BASE + 8) - IMAGE_BASE);
		test_path(path, "ring");
		closer.fd = open(path, O_RDWR);
		/* Each cell takes four words; the newest is written last. */
		closer.offset = cells - IMAGE_BASE - 32 * rings[i][0] + 16;
		closer.word = cells - 32 * (uint64_t)rings[i][1];
		table = ancient_typed_root(schema, root_of(file, 0));
		code = ancient_typed_dump(file, schema, table, &options, &err);
		/* What was passed before it changed is not looked at again, or is refused. */
		CHECK(code == ANCIENT_E_BAD_SHAPE || (code == ANCIENT_OK && rings[i][0] < 2));
		CHECK(closer.pieces >= 1 && (code == ANCIENT_OK || err.code == code));
		close(closer.fd);
		ancient_file_close(file);
		image_done(&f);
	}
	ancient_schema_close(schema);
}

/* ---- Interruption ------------------------------------------------------------------------ */

struct asked {
	unsigned times, stop_at;
};

static bool ask(void *context)
{
	struct asked *asked = context;
	return ++asked->times == asked->stop_at;
}

static void work_asks_whether_to_stop(void)
{
	struct asked asked = {0, 0};
	const struct ancient_options options = {.interrupted = ask, .context = &asked};
	struct ancient_file *file;
	struct image f;
	uint64_t steps;
	int order = 9;
	image_init(&f);
	image_key(&f, 0, list_of(&f, 60000), NULL);
	image_key(&f, 1, list_of(&f, 60000), NULL);
	file = open_image_with(&f, "asked", &options);
	CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order, &err) ==
	      ANCIENT_OK);
	CHECK(order == 0);
	steps = steps_of(file);
	CHECK(steps >= 120000 && asked.times == steps / 65536);
	asked = (struct asked){0, 1};
	CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order, &err) ==
	      ANCIENT_E_INTERRUPTED);
	CHECK(err.code == ANCIENT_E_INTERRUPTED && asked.times == 1);
	CHECK(steps_of(file) - steps <= 65536);
	ancient_file_close(file);
	image_done(&f);
}

/* ---- Errors ------------------------------------------------------------------------------ */

/* After the error that ends a dump others come, while brackets are closed. */
static void a_dump_reports_its_first_error(void)
{
	struct sink sink = {NULL, 0};
	struct ancient_dump_options options = {.write = sink_write, .context = &sink};
	struct ancient_schema *schema =
		schema_of("val root : ((string * int) list, string) Hashtbl.t");
	struct ancient_file *file;
	struct image f;
	enum ancient_code code;
	image_init(&f);
	image_key(&f, 0, one_bucket(&f, 20, pair_key), NULL);
	file = open_image(&f, "first");
	code = ancient_typed_dump(file, schema, ancient_typed_root(schema, root_of(file, 0)),
				  &options, &err);
	CHECK(code == ANCIENT_E_BAD_SHAPE && err.code == code);
	free(sink.text);
	ancient_file_close(file);
	image_done(&f);
	ancient_schema_close(schema);
}

int main(void)
{
	test_begin();
	towers_of_sharing_cost_their_blocks();
	pairs_are_united_and_not_counted();
	values_that_contain_themselves_have_no_order();
	shared_strings_are_compared_once();
	long_buckets_cost_their_cells();
	lookups_cost_their_bucket();
	shared_keys_of_a_good_table_meet_no_budget();
	hidden_bindings_are_those_of_a_comparison();
	overlap_is_refused_in_linear_time();
	holes_count_for_nothing();
	rings_closed_under_a_dump_are_errors();
	work_asks_whether_to_stop();
	a_dump_reports_its_first_error();
	test_end();
	return 0;
}

/* tests/c-reader: that each kind of work takes steps, and memory, from the budget of its call.
 * Forms in which one kind alone costs more than a file of that size may: the call ends with
 * TOO_LARGE, or what it took is counted. */
#include <ancient_columns.h>
#include <ancient_schema.h>

#include "base/budget.h"
#include "build_file.h"

static struct ancient_error err;
static struct image f;

static struct ancient_file *open_image(const char *name)
{
	struct ancient_file *file;
	char path[64];
	image_finish(&f);
	test_path(path, name);
	image_write(&f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	return file;
}

static void close_image(struct ancient_file *file)
{
	ancient_file_close(file);
	image_done(&f);
}

static uint64_t steps_of(const struct ancient_file *file)
{
	uint64_t steps, bytes;
	ancient_file_work(file, &steps, &bytes);
	return steps;
}

static struct ancient_value root_of(const struct ancient_file *file, uint64_t key)
{
	struct ancient_value root;
	CHECK(ancient_file_get(file, key, &root, &err) == ANCIENT_OK);
	return root;
}

/* Forms of which there are many, each as long as a file can make it; all are equal. */
struct form {
	const char *name;
	unsigned count;                 /* of `make` */
	void (*make)(uint64_t words[]); /* addresses of the blocks */
};

/* Words of a period, again and again: blocks of the same words, that overlap. */
static void periodic(uint64_t words[], unsigned count, const uint64_t *period, unsigned size)
{
	for (unsigned i = 0; i < count; i++) {
		words[i] = IMAGE_BASE + f.length + 8;
		for (unsigned w = 0; w < size; w++)
			image_word(&f, period[w]);
	}
	for (unsigned i = 0; i < 2 * count; i++)
		for (unsigned w = 0; w < size; w++)
			image_word(&f, period[w]);
}

#define LONG 3000u /* words of one of them */
#define COUNT 2000u

static void strings(uint64_t words[])
{
	const uint64_t period[2] = {ANCIENT_HEADER(LONG, 252), 0};
	periodic(words, COUNT, period, 2);
}

static void floats(uint64_t words[])
{
	const uint64_t period[2] = {ANCIENT_HEADER(LONG, 254), 0};
	periodic(words, COUNT, period, 2);
}

static void integers(uint64_t words[])
{
	const uint64_t period[3] = {ANCIENT_HEADER(LONG, 255), image_slot(4), LONG - 2};
	periodic(words, COUNT, period, 3);
}

static void blocks(uint64_t words[])
{
	const uint64_t period[2] = {ANCIENT_HEADER(LONG, 1), IMAGE_INT(4)};
	periodic(words, COUNT, period, 2);
}

/* The same chain of lazies, by as many ways. */
static void lazies(uint64_t words[])
{
	uint64_t chain[2] = {IMAGE_INT(3), IMAGE_INT(3)};
	for (unsigned i = 0; i < 2 * LONG; i++)
		chain[i % 2] = image_block(&f, 250, 1, chain[i % 2]);
	for (unsigned i = 0; i < COUNT; i++)
		words[i] = chain[2 * i / COUNT];
}

static const struct form forms[] = {{"strings", COUNT, strings},
				    {"floats", COUNT, floats},
				    {"integers", COUNT, integers},
				    {"blocks", COUNT, blocks},
				    {"lazies", COUNT, lazies}};

static uint64_t list_of(const uint64_t *words, unsigned count)
{
	uint64_t list = IMAGE_INT(0);
	for (unsigned i = 0; i < count; i++)
		list = image_block(&f, 0, 2, words[i], list);
	return list;
}

static void comparing_takes_the_words_compared(void)
{
	for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		uint64_t words[COUNT];
		struct ancient_file *file;
		enum ancient_code code;
		int order = 9;
		image_init(&f);
		forms[i].make(words);
		image_key(&f, 0, list_of(words, COUNT / 2), NULL);
		image_key(&f, 1, list_of(words + COUNT / 2, COUNT / 2), NULL);
		file = open_image(forms[i].name);
		code = ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order,
					     &err);
		if (code != ANCIENT_E_TOO_LARGE)
			fprintf(stderr, "%s: %d %s\n", forms[i].name, code, err.message);
		CHECK(code == ANCIENT_E_TOO_LARGE && err.code == code && order == 9);
		close_image(file);
	}
}

/* Keys of one bucket, of which none is the one that is looked for. */
static void looking_takes_the_words_of_the_keys(void)
{
	struct ancient_schema *schema;
	static const char text[] = "val root : (int list, int) Hashtbl.t";
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) == ANCIENT_OK);
	for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		uint64_t words[COUNT], cells = IMAGE_INT(0);
		const struct ancient_key key = ancient_key_block(7, NULL, 0);
		struct ancient_typed value;
		struct ancient_file *file;
		enum ancient_code code;
		image_init(&f);
		forms[i].make(words);
		for (unsigned k = 0; k < COUNT; k++)
			cells = image_block(&f, 0, 3, words[k], IMAGE_INT(k), cells);
		cells = image_block(&f, 0, 1, cells);
		image_key(&f, 0,
			  image_block(&f, 0, 4, IMAGE_INT(3), cells, IMAGE_INT(0), IMAGE_INT(1)),
			  NULL);
		file = open_image(forms[i].name);
		code = ancient_typed_find(file, schema,
					  ancient_typed_root(schema, root_of(file, 0)), &key,
					  &value, &err);
		if (code != ANCIENT_E_TOO_LARGE)
			fprintf(stderr, "%s: %d %s\n", forms[i].name, code, err.message);
		CHECK(code == ANCIENT_E_TOO_LARGE && err.code == code);
		close_image(file);
	}
	ancient_schema_close(schema);
}

/* What a stack of half-finished blocks takes is counted, and given back. */
static void stacks_take_memory(void)
{
	enum { LEVELS = 20000 };
	struct ancient_schema *schema;
	static const char text[] =
		"type t = { a : t option; b : int } val root : (t, int) Hashtbl.t";
	uint64_t tower[2] = {IMAGE_INT(0), IMAGE_INT(0)}, steps, bytes, cells = IMAGE_INT(0);
	const struct ancient_key parts[2] = {ancient_key_int(0), ancient_key_int(7)};
	const struct ancient_key key = ancient_key_tuple(parts, 2);
	struct ancient_typed value;
	struct ancient_file *file;
	int order = 9;
	image_init(&f);
	for (unsigned i = 0; i < 2 * LEVELS; i++)
		tower[i % 2] = image_block(&f, 0, 2, tower[i % 2], IMAGE_INT(1));
	image_key(&f, 0, tower[0], NULL);
	image_key(&f, 1, tower[1], NULL);
	file = open_image("tower");
	CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order, &err) ==
	      ANCIENT_OK);
	CHECK(order == 0);
	ancient_file_work(file, &steps, &bytes);
	/* A place on the stack, and two blocks in the union-find. */
	CHECK(bytes >= LEVELS * (48 + 2 * 40) && bytes < 16 * f.used);
	CHECK(steps >= 2 * LEVELS);
	close_image(file);

	image_init(&f);
	tower[0] = IMAGE_INT(0);
	for (unsigned i = 0; i < LEVELS; i++)
		tower[0] = image_block(&f, 0, 2, tower[0], IMAGE_INT(1));
	for (unsigned k = 0; k < 200; k++)
		cells = image_block(&f, 0, 3, tower[0], IMAGE_INT(k), cells);
	cells = image_block(&f, 0, 1, cells);
	image_key(&f, 0, image_block(&f, 0, 4, IMAGE_INT(3), cells, IMAGE_INT(0), IMAGE_INT(1)),
		  NULL);
	file = open_image("keys");
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) == ANCIENT_OK);
	CHECK(ancient_typed_find(file, schema, ancient_typed_root(schema, root_of(file, 0)), &key,
				 &value, &err) == ANCIENT_E_NO_KEY);
	ancient_file_work(file, &steps, &bytes);
	CHECK(bytes >= LEVELS * (40 + 24) && bytes < 16 * f.used);
	CHECK(steps >= LEVELS && steps < 8 * LEVELS);
	ancient_schema_close(schema);
	close_image(file);
}

static bool never(void *context)
{
	++*(unsigned *)context;
	return false;
}

/* Also keys that are told apart at once take steps: signals are looked at by those. */
static void every_comparison_takes_a_step(void)
{
	enum { CELLS = 120000 };
	unsigned asked = 0;
	const struct ancient_options options = {.interrupted = never, .context = &asked};
	static const char text[] =
		"module H : Hashtbl.S with type key = int list val root : int H.t";
	struct ancient_schema *schema;
	struct ancient_typed value;
	struct ancient_file *file;
	uint64_t cells = IMAGE_INT(0);
	const struct ancient_key key = ancient_key_int(0);
	char path[64];
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) == ANCIENT_OK);
	for (unsigned count = 3000; count <= CELLS; count += CELLS - 3000) {
		image_init(&f);
		cells = IMAGE_INT(0);
		for (unsigned k = 0; k < count; k++)
			cells = image_block(&f, 0, 3, IMAGE_INT(k + 1), IMAGE_INT(k), cells);
		cells = image_block(&f, 0, 1, cells);
		image_key(&f, 0,
			  image_block(&f, 0, 4, IMAGE_INT(3), cells, IMAGE_INT(0), IMAGE_INT(1)),
			  NULL);
		image_finish(&f);
		test_path(path, "cells");
		image_write(&f, path);
		CHECK(ancient_file_open(path, &options, &file, &err) == ANCIENT_OK);
		CHECK(ancient_typed_find(file, schema, ancient_typed_root(schema, root_of(file, 0)),
					 &key, &value, &err) == ANCIENT_E_NO_KEY);
		CHECK(steps_of(file) >= count && asked == steps_of(file) / 65536);
		close_image(file);
	}
	ancient_schema_close(schema);
}

/* Buckets of eight, whose keys differ in their last part: each is compared with those before it. */
static void hidden_bindings_take_what_is_compared(void)
{
	enum { BUCKETS = 1024, EACH = 8 };
	static uint64_t buckets[BUCKETS];
	static int64_t numbers[BUCKETS * EACH];
	static const char text[] = "val root : (int * int * int, int) Hashtbl.t";
	struct ancient_schema *schema;
	struct ancient_column column;
	struct ancient_scan scan;
	struct ancient_file *file;
	size_t rows = 0;
	image_init(&f);
	for (unsigned i = 0; i < BUCKETS; i++) {
		buckets[i] = IMAGE_INT(0);
		for (unsigned k = 0; k < EACH; k++)
			buckets[i] = image_block(
				&f, 0, 3,
				image_block(&f, 0, 3, IMAGE_INT(1), IMAGE_INT(2), IMAGE_INT(k)),
				IMAGE_INT(k), buckets[i]);
	}
	image_key(&f, 0,
		  image_block(&f, 0, 4, IMAGE_INT(3), image_words(&f, 0, BUCKETS, buckets),
			      IMAGE_INT(0), IMAGE_INT(1)),
		  NULL);
	file = open_image("hidden");
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) == ANCIENT_OK);
	CHECK(ancient_scan_init(file, schema, ancient_typed_root(schema, root_of(file, 0)), false,
				&scan, &err) == ANCIENT_OK);
	CHECK(ancient_column_init(&scan, false, "", &column, &err) == ANCIENT_OK);
	column.data = numbers;
	CHECK(ancient_scan_next(&scan, &column, 1, BUCKETS * EACH, &rows, &err) == ANCIENT_OK);
	CHECK(rows == BUCKETS * EACH);
	/* 28 pairs in a bucket; for each the cell, the comparison, and three parts. */
	CHECK(steps_of(file) == BUCKETS * 28 * (1 + 1 + 3));
	ancient_schema_close(schema);
	close_image(file);
}

/* Strings and integers that a hash reads lie in a hole of the file. */
static void hashes_do_not_read_holes(void)
{
	const uint64_t length = 1ull << 30;
	for (unsigned string = 0; string < 2; string++) {
		struct ancient_file *file;
		uint64_t root, words;
		uint32_t hash = 7;
		char path[64];
		image_init(&f);
		root = string ? image_block(&f, 252, 1, (uint64_t)0)
			      : image_block(&f, 255, 2, image_slot(4), (uint64_t)0);
		image_key(&f, 0, root, NULL);
		image_finish(&f);
		words = (length - (root - IMAGE_BASE)) / 8 - 8;
		image_set(&f, root - IMAGE_BASE - 8, ANCIENT_HEADER(words, string ? 252 : 255));
		if (!string)
			image_set(&f, root - IMAGE_BASE + 8, words - 2);
		image_set(&f, offsetof(struct ancient_superblock, used), length);
		image_seal_superblock(&f, 0);
		test_path(path, "hole");
		image_write(&f, path);
		CHECK(truncate(path, (off_t)length) == 0);
		CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
		CHECK(ancient_value_hash(file, root_of(file, 0), 0, &hash, &err) ==
		      ANCIENT_E_TOO_LARGE);
		CHECK(err.code == ANCIENT_E_TOO_LARGE && hash == 7);
		close_image(file);
	}
}

/* The same long integers in two lists, each by many ways: as a program may publish them. */
static void shared_integers_are_compared_once(void)
{
	struct ancient_file *file;
	uint64_t words[COUNT], limbs[LONG];
	int order = 9;
	image_init(&f);
	limbs[0] = image_slot(4);
	limbs[1] = LONG - 2;
	for (unsigned i = 2; i < LONG; i++)
		limbs[i] = i;
	for (unsigned side = 0; side < 2; side++) {
		uint64_t z = image_words(&f, 255, LONG, limbs);
		for (unsigned i = 0; i < COUNT; i++)
			words[i] = z;
		image_key(&f, side, list_of(words, COUNT), NULL);
	}
	file = open_image("shared");
	CHECK(ancient_value_compare(file, root_of(file, 0), root_of(file, 1), &order, &err) ==
	      ANCIENT_OK);
	CHECK(order == 0 && steps_of(file) < 8 * COUNT + 100 * LONG);
	close_image(file);
}

static bool swallow(void *context, const char *text, size_t length)
{
	(void)text;
	*(uint64_t *)context += length;
	return true;
}

/* Dumps and ancient_file_live_bytes: their stacks, their marks, and each value. */
static void walks_of_a_file_take_steps_and_memory(void)
{
	enum { LEVELS = 20000 };
	static const char text[] = "type t = { a : t option; b : int } val root : t";
	struct ancient_schema *schema;
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) == ANCIENT_OK);
	for (unsigned call = 0; call < 3; call++) {
		uint64_t tower = IMAGE_INT(0), printed = 0, steps, bytes;
		const struct ancient_dump_options options = {.write = swallow, .context = &printed};
		struct ancient_file *file;
		enum ancient_code code;
		image_init(&f);
		for (unsigned i = 0; i < LEVELS; i++) {
			if (i > 0)
				tower = image_block(&f, 0, 1, tower);
			tower = image_block(&f, 0, 2, tower, IMAGE_INT(1));
		}
		image_key(&f, 0, tower, NULL);
		file = open_image("walks");
		if (call == 0)
			code = ancient_file_live_bytes(file, NULL, &printed, &err);
		else if (call == 1)
			code = ancient_value_dump(file, root_of(file, 0), &options, &err);
		else
			code = ancient_typed_dump(file, schema,
						  ancient_typed_root(schema, root_of(file, 0)),
						  &options, &err);
		CHECK(code == ANCIENT_OK && printed > LEVELS);
		ancient_file_work(file, &steps, &bytes);
		/* A typed dump takes steps for what prints nothing: hidden bindings. */
		CHECK(call == 2 || (steps >= 2 * LEVELS && steps < 16 * LEVELS));
		CHECK(call == 2 || bytes >= LEVELS * 20);
		CHECK(bytes < 16 * f.used);
		close_image(file);
	}
	ancient_schema_close(schema);
}

int main(void)
{
	test_begin();
	comparing_takes_the_words_compared();
	looking_takes_the_words_of_the_keys();
	stacks_take_memory();
	every_comparison_takes_a_step();
	hidden_bindings_take_what_is_compared();
	hashes_do_not_read_holes();
	shared_integers_are_compared_once();
	walks_of_a_file_take_steps_and_memory();
	test_end();
	return 0;
}

/* tests/c-reader: what the kernel is told of the use of a file: of lookups, of reading much of it,
 * and of nothing but that where the program has decided. */
#include <ancient_columns.h>
#include <ancient_lookup.h>
#include <ancient_range.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "build_file.h"

enum { MANY = 4096, FEW = 8 };
static const char types[] = "module M : Map.S with type key = int [@@ancient.standard]\n"
			    "type t = { many : (int, int) Hashtbl.t; few : (int, int) Hashtbl.t;\n"
			    "           map : int M.t } val root : t";

static struct ancient_error err;
static struct image f;
static struct ancient_file *file;
static struct ancient_schema *schema;
static struct ancient_typed many, few, map;

/* In the place of libc's; -1: nothing was told. */
static int told = -1, calls;

int madvise(void *start, size_t length, int advice)
{
	told = advice;
	calls++;
	return (int)syscall(SYS_madvise, start, length, advice);
}

static uint64_t table(unsigned count)
{
	static uint64_t buckets[MANY];

	for (unsigned i = 0; i < count; i++)
		buckets[i] = image_block(&f, 0, 3, IMAGE_INT(i), IMAGE_INT(i), IMAGE_INT(0));
	return image_block(&f, 0, 4, IMAGE_INT(count), image_words(&f, 0, count, buckets),
			   IMAGE_INT(0), IMAGE_INT(count));
}

static void part(uint32_t field, struct ancient_typed *ret_part)
{
	struct ancient_value root;

	CHECK(ancient_file_get(file, 0, &root, &err) == ANCIENT_OK);
	CHECK(ancient_typed_field(file, schema, ancient_typed_root(schema, root), field, ret_part,
				  &err) == ANCIENT_OK);
}

static void open_it(int advice)
{
	const struct ancient_options options = {.advice = advice};
	char path[64];

	image_init(&f);
	image_key(&f, 0,
		  image_block(&f, 0, 3, table(MANY), table(FEW),
			      image_block(&f, 0, 5, IMAGE_INT(0), IMAGE_INT(1), IMAGE_INT(2),
					  IMAGE_INT(0), IMAGE_INT(1))),
		  NULL);
	image_finish(&f);
	test_path(path, "advice");
	image_write(&f, path);
	told = -1;
	calls = 0;
	CHECK(ancient_file_open(path, &options, &file, &err) == ANCIENT_OK);
	CHECK(ancient_schema_parse(types, strlen(types), NULL, &schema, &err) == ANCIENT_OK);
	part(0, &many);
	part(1, &few);
	part(2, &map);
}

static void close_it(void)
{
	ancient_schema_close(schema);
	ancient_file_close(file);
	image_done(&f);
}

/* ---- Ways to use a file ---------------------------------------------------------------- */

static const struct ancient_key key = {ANCIENT_KEY_INT, 0, {1}, 0};

static void find(void)
{
	struct ancient_typed found;
	enum ancient_code code = ancient_typed_find(file, schema, many, &key, &found, &err);

	CHECK(code == ANCIENT_OK || code == ANCIENT_E_NO_KEY);
}

static void find_opened(void)
{
	struct ancient_lookup lookup;

	ancient_lookup_init(file, schema, many, &lookup);
}

static void find_many(void)
{
	struct ancient_typed found;
	bool is;

	CHECK(ancient_typed_find_many(file, schema, many, &key, 1, &found, &is, NULL, &err) ==
	      ANCIENT_OK);
}

static void find_untyped(void)
{
	struct ancient_value found;

	/* Its keys are integers. */
	CHECK(ancient_hashtbl_find_string(file, many.value, "a", 1, &found, &err) != ANCIENT_OK);
}

static void find_all_of_a_key(void)
{
	struct ancient_iterator it;

	CHECK(ancient_iterator_init_key(file, schema, few, &key, &it, &err) != ANCIENT_E_MEMORY);
}

static void find_a_range(void)
{
	struct ancient_range range;

	CHECK(ancient_range_init(file, schema, map, NULL, &range, &err) == ANCIENT_OK);
}

static void (*const lookups[])(void) = {find,         find_opened,       find_many,
					find_untyped, find_all_of_a_key, find_a_range};

static void iterate(struct ancient_typed over)
{
	struct ancient_iterator it;

	CHECK(ancient_iterator_init(file, schema, over, &it, &err) == ANCIENT_OK);
}

static void iterate_many(void)
{
	iterate(many);
}

static void take_columns(void)
{
	struct ancient_scan scan;

	CHECK(ancient_scan_init(file, schema, few, false, &scan, &err) == ANCIENT_OK);
}

static void verify(void)
{
	struct ancient_verify_result result;

	CHECK(ancient_file_verify(file, NULL, &result, &err) == ANCIENT_OK);
}

static void (*const scans[])(void) = {iterate_many, take_columns, verify};

/* ---- Tests ------------------------------------------------------------------------------ */

#define EACH(i, of) for (size_t i = 0; i < sizeof(of) / sizeof((of)[0]); i++)

static void a_lookup_tells_once(void)
{
	EACH(i, lookups)
	{
		open_it(0);
		CHECK(calls == 0);
		lookups[i]();
		CHECK(calls == 1 && told == MADV_RANDOM);
		EACH(k, lookups)
		lookups[k]();
		iterate(few);
		iterate(map);
		CHECK(calls == 1);
		close_it();
	}
}

static void a_scan_takes_it_back_for_good(void)
{
	EACH(i, scans)
	{
		open_it(0);
		lookups[0]();
		scans[i]();
		CHECK(calls == 2 && told == MADV_NORMAL);
		EACH(k, lookups)
		lookups[k]();
		close_it();
		open_it(0);
		scans[i]();
		lookups[0]();
		CHECK(calls <= 2);
		close_it();
	}
}

static void the_program_decides(void)
{
	static const int wanted[] = {MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_NORMAL};

	EACH(i, wanted)
	{
		open_it((int)i + 1);
		CHECK(calls == 1 && told == wanted[i]);
		EACH(k, lookups)
		lookups[k]();
		iterate_many();
		take_columns();
		CHECK(calls == 1);
		close_it();
	}
}

int main(void)
{
	test_begin();
	a_lookup_tells_once();
	a_scan_takes_it_back_for_good();
	the_program_decides();
	test_end();
	return 0;
}

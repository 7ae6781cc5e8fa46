/* tests/core: equal blocks once (ancient_commit_dedup): the table that finds them, with collisions
 * and at its limit; what is taken back of a value that a thread writes meanwhile; memory that is
 * out.  tests/ocaml/test_dedup.ml compares values of every kind. */
#include "check.h"
#include "copy/equal_blocks.h"
#include "intercept.h"

static struct arena heap;

/* ---- The table ---- */

/* Blocks of two fields, (i, 7) for each i, one behind the other: the number of that of i. */
#define NUMBER(i) (3 * (uint64_t)(i) + 1)

static uint64_t *blocks_of(uint64_t count)
{
	uint64_t *words = malloc(count * 24);

	CHECK(words);
	for (uint64_t i = 0; i < count; i++) {
		words[3 * i] = ANCIENT_HEADER(2, 0);
		words[3 * i + 1] = INT(7);
		words[3 * i + 2] = INT(i);
	}
	return words;
}

/* All have one hash, so that their words alone tell them apart. */
static void equal_hashes_are_no_equals(void)
{
	uint64_t *words = blocks_of(101), hash = CORE_EQUAL_HASH_MASK,
		 count = CORE_EQUAL_BLOCKS_MOST;
	struct core_equal_blocks blocks;

	CHECK(ancient_core_equal_blocks_init(&blocks, 1 << 20));
	for (uint64_t i = 0; i < count; i++) {
		EQUAL(core_equal_blocks_find(&blocks, words, NUMBER(i), hash), 0);
		ancient_core_equal_blocks_add(&blocks, NUMBER(i), hash);
	}
	for (uint64_t i = 0; i < count; i++) {
		words[3 * 100 + 2] = INT(i);
		EQUAL(core_equal_blocks_find(&blocks, words, NUMBER(100), hash), NUMBER(i));
	}
	words[3 * 100] = ANCIENT_HEADER(2, 1); /* another tag */
	EQUAL(core_equal_blocks_find(&blocks, words, NUMBER(100), hash), 0);
	ancient_core_equal_blocks_done(&blocks);
	free(words);
}

/* Values that were chosen to have one hash take neither much time nor much room. */
static void many_equal_hashes_cost_little(void)
{
	uint64_t count = 100000, *words = blocks_of(count), hash = 5;
	struct core_equal_blocks blocks;

	CHECK(ancient_core_equal_blocks_init(&blocks, 64 << 20));
	for (uint64_t i = 0; i < count; i++) {
		EQUAL(core_equal_blocks_find(&blocks, words, NUMBER(i), hash), 0);
		ancient_core_equal_blocks_add(&blocks, NUMBER(i), hash);
	}
	EQUAL(blocks.recent.count, CORE_EQUAL_SLOTS_MOST);
	EQUAL(core_equal_blocks_find(&blocks, words, NUMBER(1), hash), NUMBER(1));
	ancient_core_equal_blocks_done(&blocks);
	free(words);
}

static uint64_t find(struct core_equal_blocks *blocks, const uint64_t *words, uint64_t i)
{
	return core_equal_blocks_find(blocks, words, NUMBER(i),
				      core_equal_blocks_hash(words, NUMBER(i)));
}

static void add(struct core_equal_blocks *blocks, const uint64_t *words, uint64_t i)
{
	ancient_core_equal_blocks_add(blocks, NUMBER(i), core_equal_blocks_hash(words, NUMBER(i)));
}

/* As long as there is room for all, none is forgotten. */
static void it_grows_and_forgets_nothing(void)
{
	uint64_t count = small_run() ? 20000 : 600000, *words = blocks_of(count);
	struct core_equal_blocks blocks;

	CHECK(ancient_core_equal_blocks_init(&blocks, 64 << 20));
	for (uint64_t i = 0; i < count; i++)
		add(&blocks, words, i);
	for (uint64_t i = 0; i < count; i++)
		EQUAL(find(&blocks, words, i), NUMBER(i));
	CHECK(!blocks.older.slots);
	ancient_core_equal_blocks_done(&blocks);
	free(words);
}

/* At its limit it forgets what was not asked for, and keeps what is. */
static void it_is_bounded(void)
{
	uint64_t count = 200000, *words = blocks_of(count);
	struct core_equal_blocks blocks;

	CHECK(ancient_core_equal_blocks_init(&blocks, 64 << 10));
	add(&blocks, words, 0);
	for (uint64_t i = 1; i < count; i++) {
		add(&blocks, words, i);
		if (i % 1000 == 0)
			EQUAL(find(&blocks, words, 0), NUMBER(0));
		CHECK(8ull << blocks.recent.bits <= 32 << 10);
		CHECK(!blocks.older.slots || 8ull << blocks.older.bits <= 32 << 10);
	}
	EQUAL(find(&blocks, words, 1), 0);
	EQUAL(find(&blocks, words, count - 1), NUMBER(count - 1));
	ancient_core_equal_blocks_done(&blocks);
	free(words);
}

/* Without memory for more it goes on with what it has. */
static void it_goes_on_without_memory(void)
{
	uint64_t count = 20000, *words = blocks_of(count);
	struct core_equal_blocks blocks;

	for (int call = CALL_MMAP; call <= CALL_CALLOC; call += CALL_CALLOC - CALL_MMAP) {
		CHECK(ancient_core_equal_blocks_init(&blocks, 64 << 20));
		intercept_start();
		intercept.fail = (enum intercept_call)call;
		intercept.error = ENOMEM;
		intercept.for_good = true;
		for (uint64_t i = 0; i < count; i++) {
			add(&blocks, words, i);
			EQUAL(find(&blocks, words, i), NUMBER(i));
		}
		intercept.armed = false;
		ancient_core_equal_blocks_done(&blocks);
	}
	free(words);
}

/* ---- Values ---- */

/* Arrays of lists: elements are not known. */
static const uint32_t lists[] = {ANCIENT_DEDUP_ANY,
				 ANCIENT_DEDUP_ARRAY,
				 3,
				 ANCIENT_DEDUP_CASES,
				 1,
				 6,
				 2,
				 1,
				 ANCIENT_DEDUP_ANY,
				 3};

static uint64_t list(uint64_t length, uint64_t first)
{
	uint64_t cells = INT(0);

	for (uint64_t i = length; i > 0; i--)
		cells = pair(&heap, INT(first + i), cells);
	return cells;
}

/* Whose headers have this colour. */
static void is_list(uint64_t cells, uint64_t length, uint64_t first, uint64_t colour)
{
	for (uint64_t i = 1; i <= length; i++, cells = fields(cells)[1]) {
		EQUAL(header(cells), 2ull << ANCIENT_HEADER_WOSIZE_SHIFT | colour);
		EQUAL(fields(cells)[0], INT(first + i));
	}
	EQUAL(cells, INT(0));
}

static enum ancient_code put(struct ancient_store *store, const struct ancient_dedup *dedup,
			     const struct ancient_source *from, uint64_t root,
			     struct ancient_copied *ret_copied, struct ancient_error *err)
{
	struct ancient_commit *commit = NULL;
	enum ancient_code code = ancient_commit_begin(store, &commit, err);

	if (code == ANCIENT_OK)
		code = ancient_commit_dedup(commit, dedup, err);
	if (code == ANCIENT_OK)
		code = ancient_commit_put(commit, 1, NULL, from, root, 0, ret_copied, err);
	if (code == ANCIENT_OK)
		return ancient_commit_finish(commit, false, err);
	if (commit)
		ancient_commit_abort(commit);
	return code;
}

#define LONG (small_run() ? 60000u : 260000u) /* cells: 6 MB, more than one piece */

/* Lists that are equal, one that is not, and equal ones again; then the values end before what was
 * written, or go on behind it. */
static void what_is_taken_back_was_never_there(bool thread, bool marks, uint64_t last)
{
	static const uint64_t firsts[] = {0, 0, 7000000, 0, 7000000, 0};
	struct ancient_source from = source;
	struct ancient_dedup dedup = {.types = lists};
	struct ancient_copied copied;
	uint64_t root, top;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	from.marks = marks ? ANCIENT_MARKS_COLOUR : ANCIENT_MARKS_NONE;
	heap.used = 0;
	root = block(&heap, 0, 7);
	for (unsigned i = 0; i < 6; i++)
		fields(root)[i] = list(LONG, firsts[i]);
	fields(root)[6] = list(last, 9000000);
	intercept_start();
	intercept.fail = CALL_THREAD;
	intercept.fail_at = thread ? UINT64_MAX : 0;
	intercept.error = EAGAIN;
	intercept.for_good = true;
	OK(put(store, &dedup, &from, root, &copied, &err));
	intercept.armed = false;
	EQUAL(copied.blocks, 1 + 2 * LONG + last);
	EQUAL(copied.bytes, 8 * (8 + 3 * (2 * LONG + last)));
	top = get(store, 1);
	for (unsigned i = 0; i < 6; i++)
		EQUAL(fields(top)[i], fields(top)[firsts[i] ? 2 : 0]);
	is_list(fields(top)[0], LONG, 0, ANCIENT_HEADER_COLOUR);
	is_list(fields(top)[2], LONG, 7000000, ANCIENT_HEADER_COLOUR);
	is_list(fields(top)[6], last, 9000000, ANCIENT_HEADER_COLOUR);
	for (unsigned i = 0; i < 6; i++) /* the source is untouched */
		is_list(fields(root)[i], LONG, firsts[i], 0);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* What is put without it in the same commit has copies of its own. */
static void it_is_asked_for_each_value(void)
{
	struct ancient_dedup dedup = {.types = lists};
	struct ancient_commit *commit = NULL;
	struct ancient_copied copied[3];
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	heap.used = 0;
	OK(ancient_commit_begin(store, &commit, &err));
	for (uint64_t i = 0; i < 3; i++) {
		uint64_t root = block(&heap, 0, 2);

		fields(root)[0] = list(10, 0);
		fields(root)[1] = list(10, 0);
		OK(ancient_commit_dedup(commit, i == 1 ? NULL : &dedup, &err));
		OK(ancient_commit_put(commit, i, NULL, &source, root, 0, &copied[i], &err));
	}
	OK(ancient_commit_finish(commit, false, &err));
	EQUAL(copied[0].blocks, 11);
	EQUAL(copied[1].blocks, 21);
	EQUAL(copied[2].blocks, 1);
	EQUAL(fields(get(store, 2))[0], fields(get(store, 0))[0]);
	CHECK(fields(get(store, 1))[0] != fields(get(store, 1))[1]);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* With little memory equal blocks stay where they are far apart, and nothing else happens. */
static void equals_that_are_far_apart_stay(void)
{
	struct ancient_dedup dedup = {.types = lists, .memory = 1};
	struct ancient_copied copied;
	uint64_t root, length = 10000;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	heap.used = 0;
	root = block(&heap, 0, 4);
	for (unsigned i = 0; i < 4; i++)
		fields(root)[i] = list(i < 2 ? length : 100, 0);
	OK(put(store, &dedup, &source, root, &copied, &err));
	CHECK(copied.blocks > 1 + length + 100 && copied.blocks <= 1 + 2 * length + 100);
	root = get(store, 1);
	EQUAL(fields(root)[2], fields(root)[3]);
	is_list(fields(root)[1], length, 0, ANCIENT_HEADER_COLOUR);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* One allocation after the other fails, until there is none left to fail: an error, or what equals
 * would have saved. */
static void memory_that_is_out(enum intercept_call call)
{
	struct ancient_dedup dedup = {.types = lists};
	uint64_t root, failed = 0;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	struct ancient_error error;
	enum ancient_code code = ANCIENT_E_MEMORY;

	heap.used = 0;
	root = block(&heap, 0, 2);
	fields(root)[0] = list(3000, 0);
	fields(root)[1] = list(3000, 0);
	for (uint64_t at = 0;; at++) {
		uint64_t generation = ancient_store_generation(store);

		intercept_start();
		intercept.fail = call;
		intercept.fail_at = at;
		intercept.error = ENOMEM;
		code = put(store, &dedup, &source, root, NULL, &error);
		intercept.armed = false;
		if (!intercept.failed)
			break;
		if (code != ANCIENT_OK) {
			EQUAL(code, ANCIENT_E_MEMORY);
			EQUAL(ancient_store_generation(store), generation);
			failed++;
		}
	}
	EQUAL(code, ANCIENT_OK);
	CHECK(failed > 0);
	root = get(store, 1);
	EQUAL(fields(root)[0], fields(root)[1]);
	is_list(fields(root)[0], 3000, 0, ANCIENT_HEADER_COLOUR);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

int main(void)
{
	heap = new_arena(8 + 3 * 7 * LONG);
	equal_hashes_are_no_equals();
	many_equal_hashes_cost_little();
	it_grows_and_forgets_nothing();
	it_is_bounded();
	it_goes_on_without_memory();
	for (unsigned i = 0; i < 4; i++) {
		what_is_taken_back_was_never_there(i & 1, i & 2, 0);
		what_is_taken_back_was_never_there(i & 1, i & 2, LONG / 2);
		what_is_taken_back_was_never_there(i & 1, i & 2, LONG);
	}
	it_is_asked_for_each_value();
	equals_that_are_far_apart_stay();
	memory_that_is_out(CALL_MALLOC);
	memory_that_is_out(CALL_CALLOC);
	memory_that_is_out(CALL_REALLOC);
	free(heap.words);
	return 0;
}

/* tests/core: a file of ten commits, each page of which is lost in turn, to zeros, to 0xFF and to
 * noise.
 *
 * Verification, the reader's and the writer's, names the page; nothing that was committed is cut
 * off by a later share, which succeeds or is refused; and recovery brings back all that the page
 * did not hold.  The same with both superblocks lost beside it. */
#include "reseal.h"

#define PAGE 4096u
#define FIRST 2u /* generations */
#define LAST 11u
#define MOST_EXTENTS 100u

static struct arena arena;
static uint8_t *good, *now; /* the file as it was written, and as it is */
static uint64_t size;
static int file_fd;
static char path[64];

/* What the file consists of. */
static struct {
	uint64_t start, end;
} extents[MOST_EXTENTS];
static unsigned extent_count;
static uint64_t starts[LAST + 2]; /* of commits: where the generation's first extent begins */

static struct {
	uint64_t pages, same, shared, refused, recovered, undurable, beside;
} counts;

/* ---- the file ---- */

static void put(struct ancient_commit *commit, uint64_t key, const char *name, const char *schema,
		uint64_t root)
{
	struct ancient_schema_text text = {.text = schema, .length = schema ? strlen(schema) : 0};

	OK(ancient_commit_put_typed(commit, key, name, schema ? &text : NULL, &source, root,
				    ANCIENT_ORDER_DEPTH_FIRST, NULL, &err));
}

static uint64_t list_of(uint64_t count)
{
	uint64_t list = INT(0);

	for (uint64_t i = 0; i < count; i++)
		list = pair(&arena, pair(&arena, INT(i), INT(count)), list);
	return list;
}

static uint64_t custom_of_mine(uint64_t word)
{
	uint64_t custom = block(&arena, ANCIENT_TAG_CUSTOM, 2);

	fields(custom)[0] = OPERATIONS(5);
	fields(custom)[1] = word;
	return custom;
}

static uint64_t payload_of(const uint8_t *data, uint64_t bytes)
{
	uint64_t payload = block(&arena, ANCIENT_TAG_CUSTOM, 6);

	fields(payload)[0] = OPERATIONS(3);
	fields(payload)[1] = (uint64_t)(uintptr_t)data;
	fields(payload)[2] = 1;
	fields(payload)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED;
	fields(payload)[5] = bytes;
	return payload;
}

static void fill(struct ancient_commit *commit, uint64_t g)
{
	static uint8_t data[100000];
	char name[16];

	arena.used = 0;
	memset(data, (int)g, sizeof data);
	put(commit, 0, NULL, NULL, pair(&arena, INT(g), bytes_value(&arena, "the generation", 14)));
	if (g == 3) /* with waypoints */
		put(commit, 1, "large", "val root : (int * int) list", list_of(72000));
	if (g == 4 || g == 9)
		put(commit, 2, "payload", NULL, payload_of(data, sizeof data));
	if (g == 5)
		put(commit, 3, NULL, "val root : int", INT(5));
	if (g == 6)
		put(commit, 4, "mine", NULL, custom_of_mine(6));
	if (g == 7)
		for (uint64_t i = 100; i < 300; i++) {
			snprintf(name, sizeof name, "key %u", (unsigned)i);
			put(commit, i, i % 2 ? name : NULL, i % 3 ? "val root : int list" : NULL,
			    list_of(i % 10));
		}
	if (g == 8)
		for (uint64_t i = 100; i < 200; i++)
			OK(ancient_commit_remove(commit, i, &err));
	if (g == 10) /* one past the buffer for small ones, without waypoints */
		put(commit, 5, NULL, NULL, list_of(5000));
}

static void make(void)
{
	struct ancient_store *store;

	file_fd = new_file(path);
	store = attach(file_fd);
	for (uint64_t g = FIRST; g <= LAST; g++) {
		struct ancient_commit *commit = NULL;

		OK(ancient_commit_begin(store, &commit, &err));
		fill(commit, g);
		OK(ancient_commit_finish(commit, g % 3 == 0, &err));
		EQUAL(ancient_store_generation(store), g);
	}
	OK(ancient_store_verify(store, &err));
	ancient_store_discard(store);
	good = file_bytes(file_fd, &size);
	now = malloc(size + 2u * PAGE);
	CHECK(now);
}

static void map_out(void)
{
	unsigned kinds = 0;

	EQUAL(in_force(good).used, size);
	for (uint64_t at = ANCIENT_FIRST_EXTENT; at < size; at = next_extent(good, at)) {
		const struct ancient_extent *header = (const void *)(good + at);

		CHECK(extent_count < MOST_EXTENTS);
		extents[extent_count].start = at;
		extents[extent_count++].end = at + header->length;
		kinds |= 1u << header->kind;
		if (starts[header->generation] == 0)
			starts[header->generation] = at;
	}
	starts[LAST + 1] = size;
	EQUAL(kinds, 0xFE); /* each of the seven is there */
}

/* ---- damage ---- */

enum kind { ZEROS, ONES, NOISE, KINDS };

static void damage(uint8_t *bytes, uint64_t from, uint64_t to, enum kind kind)
{
	static uint64_t state = 88172645463325252ull;

	for (uint64_t i = from; i < to && i < size; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		bytes[i] = kind == ZEROS ? 0 : kind == ONES ? 0xFF : (uint8_t)(state >> 32);
	}
}

/* Only what was written to is written again, so that thousands of pages take seconds. */
static void restore(uint64_t page, const uint8_t *from)
{
	uint64_t at = page * PAGE, length = size - at < PAGE ? size - at : PAGE;

	CHECK(ftruncate(file_fd, (off_t)size) == 0);
	CHECK(pwrite(file_fd, from, 2u * PAGE, 0) == 2 * PAGE);
	CHECK(pwrite(file_fd, from + at, length, (off_t)at) == (ssize_t)length);
}

static bool is_lost(uint64_t page)
{
	return memcmp(good + page * PAGE, now + page * PAGE,
		      size - page * PAGE < PAGE ? size - page * PAGE : PAGE) != 0;
}

/* ---- what is asked ---- */

static void names_the_page(const struct ancient_error *err, uint64_t page)
{
	uint64_t from = page * PAGE, to = from + PAGE;
	bool good_offset = err->offset >= from && err->offset < to;

	if (page < ANCIENT_SUPERBLOCKS)
		CHECK(err->rule == 104 || err->rule == 105);
	/* A checksum that does not match is told at the header of its extent. */
	for (unsigned i = 0; i < extent_count && page >= ANCIENT_SUPERBLOCKS; i++)
		good_offset |= err->rule == 205 && extents[i].start < to && extents[i].end > from &&
			       err->offset - extents[i].start < sizeof(struct ancient_extent);
	if (good_offset)
		return;
	fprintf(stderr, "page %llu: named by %s\n", (unsigned long long)page, err->message);
	exit(1);
}

/* Attaches; NULL: the customs are lost, without which nothing can be mapped. */
static struct ancient_store *attach_damaged(enum ancient_code *ret_code)
{
	struct ancient_store_options options = {.reserve = usual_reserve()};
	struct ancient_store *store = NULL;

	*ret_code = ancient_store_attach(file_fd, "test", &options, &store, &last_error);
	CHECK(*ret_code == ANCIENT_OK || *ret_code == ANCIENT_E_BAD_CUSTOM);
	return store;
}

/* Both verifications find the same. */
static void verifications_name_the_page(uint64_t page)
{
	struct ancient_error error = {.message = ""};
	struct ancient_file *file = NULL;
	enum ancient_code code, by_writer;
	struct ancient_store *store = attach_damaged(&by_writer);
	struct ancient_info info;

	if (store) {
		by_writer = ancient_store_verify(store, &last_error);
		ancient_store_discard(store);
	}
	OK(ancient_file_open_fd(file_fd, "damaged", NULL, &file, &err));
	ancient_file_info(file, &info);
	EQUAL(info.damaged_slot, page < ANCIENT_SUPERBLOCKS ? (int)page : -1);
	EQUAL(info.generation, page == LAST % 2 ? LAST - 1 : LAST);
	EQUAL(info.hidden_generation, page == LAST % 2 ? LAST : 0);
	code = ancient_file_verify(file, NULL, NULL, &error);
	ancient_file_close(file);
	CHECK(code != ANCIENT_OK);
	names_the_page(&error, page);
	if (!store)
		return;
	EQUAL(by_writer, code);
	EQUAL(last_error.rule, error.rule);
	EQUAL(last_error.offset, error.offset);
}

/* Of what the keys of a generation lead to; 0 where it cannot be read. */
static uint64_t signature(struct ancient_store *store, uint64_t generation)
{
	struct ancient_store_generation at;
	struct ancient_store_entry entry;
	struct ancient_store_keys keys;
	XXH64_hash_t sum = generation;
	enum ancient_code code;

	if (ancient_store_generation_find(store, generation, &at, NULL) != ANCIENT_OK)
		return 0;
	OK(ancient_store_keys(store, &at, &keys, &err));
	while ((code = ancient_store_keys_next(store, &keys, &entry, NULL)) == ANCIENT_OK) {
		uint64_t words[] = {entry.key, entry.root, entry.generation, entry.schema.length};

		sum = XXH64(words, sizeof words, sum);
		if (entry.name)
			sum = XXH64(entry.name, strlen(entry.name), sum);
	}
	return code == ANCIENT_E_NO_KEY ? sum : 0;
}

static void signatures(uint64_t ret[LAST + 1])
{
	enum ancient_code code;
	struct ancient_store *store = attach_damaged(&code);

	for (uint64_t g = FIRST; g <= LAST; g++)
		ret[g] = store ? signature(store, g) : 0;
	if (store)
		ancient_store_discard(store);
}

/* A share succeeds, or is refused; whichever it is, what was there is there. */
static void a_share_cuts_nothing_off(uint64_t page)
{
	uint64_t before[LAST + 1], after[LAST + 1], length;
	struct ancient_error error = {.message = ""};
	struct ancient_store *store;
	struct ancient_commit *commit = NULL;
	enum ancient_code code;
	uint8_t *bytes;

	signatures(before);
	store = attach_damaged(&code);
	if (store)
		code = ancient_commit_begin(store, &commit, &error);
	if (page == LAST % 2)
		EQUAL(code, ANCIENT_E_UNRECOVERED);
	if (code == ANCIENT_OK) {
		arena.used = 0;
		code = ancient_commit_put(commit, 1000, "later", &source, list_of(3), 0, NULL,
					  &error);
		if (code == ANCIENT_OK)
			code = ancient_commit_finish(commit, false, &error);
		else
			ancient_commit_abort(commit);
	}
	if (store)
		ancient_store_discard(store);
	if (code == ANCIENT_OK)
		counts.shared++;
	else
		counts.refused++;
	bytes = file_bytes(file_fd, &length);
	CHECK(length >= size && memcmp(bytes + ANCIENT_FIRST_EXTENT, now + ANCIENT_FIRST_EXTENT,
				       size - ANCIENT_FIRST_EXTENT) == 0);
	free(bytes);
	signatures(after);
	for (uint64_t g = FIRST; g <= LAST; g++)
		CHECK(before[g] == 0 || before[g] == after[g]);
}

static uint64_t expected[LAST + 1]; /* signatures of the good file */

/* With no superblock damaged, nothing is done; otherwise `newest` is brought back and, unless a
 * page beside it was lost, all is as it was. */
static void recovery_brings_back(unsigned damaged, bool lost, uint64_t newest, bool whole)
{
	struct ancient_recovered recovered = {0};
	struct ancient_error error = {.message = ""};
	struct ancient_store *store;
	enum ancient_code code;
	uint64_t length;
	uint8_t *bytes;

	OK(ancient_recover(path, false, &recovered, &err));
	EQUAL(recovered.damaged, damaged);
	EQUAL(recovered.recovered, lost ? newest : 0);
	EQUAL(recovered.generation, damaged ? newest + 1 : newest);
	bytes = file_bytes(file_fd, &length);
	if (!damaged)
		CHECK(length == size && memcmp(bytes, now, size) == 0);
	else
		CHECK(memcmp(bytes + 8192, now + 8192, starts[newest + 1] - 8192) == 0 ||
		      newest < LAST);
	free(bytes);
	if (!damaged)
		return;
	counts.recovered++;
	store = attach_damaged(&code);
	CHECK(store || !whole);
	if (!store)
		return;
	EQUAL(ancient_store_generation(store), newest + 1);
	if (whole) {
		OK(ancient_store_verify(store, &err));
		for (uint64_t g = FIRST; g <= newest; g++)
			EQUAL(signature(store, g), expected[g]);
	} else {
		CHECK(ancient_store_verify(store, &error) != ANCIENT_OK);
	}
	arena.used = 0;
	share(store, 1000, list_of(3));
	ancient_store_discard(store);
}

/* A part of what was never durable: generations 10 and 11. */
static void recovery_refuses(uint64_t page)
{
	struct ancient_error error = {.message = ""};
	uint64_t start = starts[page * PAGE < starts[LAST] ? LAST - 1 : LAST];

	EQUAL(ancient_recover(path, false, NULL, &error), ANCIENT_E_UNDURABLE);
	EQUAL(error.offset, start);
	counts.undurable++;
}

static void a_page_is_lost(uint64_t page, enum kind kind)
{
	counts.pages++;
	damage(now, page * PAGE, (page + 1) * PAGE, kind);
	if (!is_lost(page)) { /* zeros over zeros */
		counts.same++;
		return;
	}
	restore(page, now);
	verifications_name_the_page(page);
	a_share_cuts_nothing_off(page);
	restore(page, now);
	if (page * PAGE < starts[LAST - 1])
		recovery_brings_back(page < ANCIENT_SUPERBLOCKS, page == LAST % 2, LAST, true);
	else
		recovery_refuses(page);
	memcpy(now, good, size);
	restore(page, good);
}

/* ---- both superblocks, and a page ---- */

static void all_three_are_lost(uint64_t page, enum kind kind)
{
	struct ancient_store *store = NULL;
	uint64_t newest = LAST;
	bool lost;

	damage(now, 0, 2u * PAGE, kind);
	damage(now, page * PAGE, (page + 1) * PAGE, kind);
	lost = page >= ANCIENT_SUPERBLOCKS && is_lost(page);
	restore(page, now);
	GIVES(ancient_store_attach(file_fd, "test", NULL, &store, &err), ANCIENT_E_FOREIGN);
	if (lost)
		while ((page + 1) * PAGE <= starts[newest])
			newest--;
	/* A page of `newest`: it is not complete any more. */
	if (lost && newest == LAST)
		newest--;
	else
		newest = LAST;
	recovery_brings_back(2, true, newest, !lost || newest < LAST);
	counts.beside++;
	memcpy(now, good, size);
	restore(page, good);
	if (newest < LAST) /* what was cut off */
		CHECK(pwrite(file_fd, good + starts[LAST - 1], size - starts[LAST - 1],
			     (off_t)starts[LAST - 1]) == (ssize_t)(size - starts[LAST - 1]));
}

int main(void)
{
	uint64_t pages, step = small_run() ? 41 : 1;
	char folder[] = "/dev/shm/core-test-XXXXXX";

	/* Where flushes take no time, if there is such a place. */
	if (mkdtemp(folder))
		CHECK(chdir(folder) == 0);
	arena = new_arena(500000);
	make();
	map_out();
	pages = (size + PAGE - 1) / PAGE;
	memcpy(now, good, size);
	signatures(expected);
	for (uint64_t page = 0; page < pages; page += page < 2 ? 1 : step)
		for (enum kind kind = ZEROS; kind < KINDS; kind++) {
			a_page_is_lost(page, kind);
			if ((kind == ZEROS && page % 4 == 0) || page < 2 ||
			    page * PAGE >= starts[LAST - 2])
				all_three_are_lost(page, kind);
		}
	printf("%llu pages, each lost %u times (%llu changed nothing): %llu shares, %llu refused, "
	       "%llu recovered, %llu undurable; %llu with both superblocks beside\n",
	       (unsigned long long)pages, KINDS, (unsigned long long)counts.same,
	       (unsigned long long)counts.shared, (unsigned long long)counts.refused,
	       (unsigned long long)counts.recovered, (unsigned long long)counts.undurable,
	       (unsigned long long)counts.beside);
	unlink(path);
	rmdir(folder);
	free(good);
	free(now);
	free(arena.words);
	return 0;
}

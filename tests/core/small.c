/* tests/core: small commits, whose extents are buffered and written at once, mixed with large ones,
 * which are written in place; and the mapping, which is larger than the file. */
#include "generations.h"
#include "intercept.h"

#define GATHERED 65536u /* bytes of extents, about which the writer's way changes */

static struct arena arena;

static uint64_t text_of(uint64_t bytes, int byte)
{
	static char text[12u << 20];

	CHECK(bytes <= sizeof text);
	memset(text, byte, bytes);
	arena.used = 0;
	return bytes_value(&arena, text, bytes);
}

/* What counts is that their number does not depend on anything, and stays what it is. */
static void a_small_commit_takes_few_calls(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t commits = 100;

	for (uint64_t key = 0; key < 3; key++)
		share(store, key, text_of(100, 'a'));
	intercept_start();
	for (uint64_t i = 0; i < commits; i++)
		share(store, i % 3, text_of(100, 'b'));
	intercept.armed = false;
	EQUAL(intercept.count[CALL_PWRITEV], 2 * commits); /* the extents, the superblock */
	EQUAL(intercept.count[CALL_FALLOCATE], 0);
	EQUAL(intercept.count[CALL_FTRUNCATE], 0); /* room is made, and not cut off */
	EQUAL(intercept.count[CALL_FCNTL], 2 * commits);
	EQUAL(intercept.count[CALL_PREAD], commits);
	EQUAL(intercept.count[CALL_FSTAT], commits); /* of what has the name: it is the file */
	CHECK(intercept.count[CALL_MMAP] <= 1 + commits / 100);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* Every word of the file is where its pointers say. */
static void is_mapped(const struct ancient_store *store, int fd, const char *steps)
{
	uint64_t start, end, size;
	uint8_t *bytes = file_bytes(fd, &size);

	ancient_store_range(store, &start, &end);
	/* There may be room behind. */
	if (end - start > size || memcmp((const void *)(uintptr_t)start, bytes, end - start) != 0) {
		fprintf(stderr, "what is mapped is not the file before \"%s\"\n", steps);
		exit(1);
	}
	free(bytes);
}

static void abort_one(struct ancient_store *store, uint64_t bytes)
{
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, 0, NULL, &source, text_of(bytes, 'x'),
			      ANCIENT_ORDER_DEPTH_FIRST, NULL, &err));
	OK(ancient_commit_settle(commit, &err));
	ancient_commit_abort(commit);
}

static void others_commit(struct ancient_store *store, unsigned count, uint64_t bytes)
{
	uint64_t before = ancient_store_generation(store);
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		for (unsigned i = 0; i < count; i++)
			share(store, i, text_of(bytes, 'c'));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	OK(ancient_store_refresh(store, &err));
	EQUAL(ancient_store_generation(store), before + count);
}

/* steps: s, l, h: a small commit, a large one, a huge one; S, L, H: the same, aborted; a digit: so
 * many small ones of another process; o: a large one of another. */
static void what_is_mapped_is_the_file(const char *steps)
{
	static const uint64_t large = 300000, huge = 9u << 20;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	for (; *steps; steps++) {
		is_mapped(store, fd, steps);
		switch (*steps) {
		case 's':
			share(store, 1, text_of(100, 's'));
			break;
		case 'l':
			share(store, 2, text_of(large, 'l'));
			break;
		case 'h':
			share(store, 3, text_of(huge, 'h'));
			break;
		case 'S':
			abort_one(store, 100);
			break;
		case 'L':
			abort_one(store, large);
			break;
		case 'H':
			abort_one(store, huge);
			break;
		case 'o':
			others_commit(store, 1, large);
			break;
		default:
			others_commit(store, (unsigned)(*steps - '0'), 100);
		}
	}
	is_mapped(store, fd, steps);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* Sizes about the limit, so that each extent is the first that is not gathered. */
static void extents_about_the_limit_are_whole(void)
{
	char path[64], name[200];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t step = small_run() ? 72 : 8;

	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = 0;
	for (uint64_t bytes = GATHERED - 2400; bytes < GATHERED + 200; bytes += step) {
		struct ancient_commit *commit = NULL;
		uint64_t text = text_of(bytes, 't'), custom, payload;
		static uint8_t data[500];

		custom = block(&arena, ANCIENT_TAG_CUSTOM, 2);
		fields(custom)[0] = OPERATIONS(5);
		payload = block(&arena, ANCIENT_TAG_CUSTOM, 6);
		fields(payload)[0] = OPERATIONS(3);
		fields(payload)[1] = (uint64_t)(uintptr_t)data;
		fields(payload)[2] = 1;
		fields(payload)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED;
		fields(payload)[5] = sizeof data;
		snprintf(name, 10, "%09u", (unsigned)bytes);
		name[9] = 'n';
		OK(ancient_commit_begin(store, &commit, &err));
		OK(ancient_commit_put(commit, bytes, name, &source,
				      pair(&arena, text, pair(&arena, custom, payload)),
				      ANCIENT_ORDER_DEPTH_FIRST, NULL, &err));
		OK(ancient_commit_finish(commit, false, &err));
	}
	OK(ancient_store_verify(store, &err));
	is_mapped(store, fd, "the end");
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* Each lookup goes by nodes of some of the commits before, in memory and in the file. */
static void keys_put_one_at_a_time_are_all_there(void)
{
	enum { COUNT = 500 };
	char path[64], name[32];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	for (uint64_t i = 0; i < 2 * COUNT; i++) {
		uint64_t key = i * 7919 % COUNT;

		if (i % 150 == 149)
			others_commit(store, 1 + (unsigned)(i % 3), 100);
		if (i % 200 == 199)
			share(store, COUNT, text_of(300000, 'l'));
		snprintf(name, sizeof name, "%u of %u", (unsigned)key, (unsigned)(i % 3));
		share_named(store, key, i % 4 ? name : NULL, INT(i), ANCIENT_ORDER_DEPTH_FIRST);
	}
	for (uint64_t i = COUNT; i < 2 * COUNT; i++) {
		struct ancient_store_entry entry = {.name = NULL};
		uint64_t key = i * 7919 % COUNT;

		OK(ancient_store_entry(store, NULL, key, &entry, &err));
		if (key >= 3) /* others have written under those */
			EQUAL(entry.root, INT(i));
		snprintf(name, sizeof name, "%u of %u", (unsigned)key, (unsigned)(i % 3));
		if (i % 4 && key >= 3)
			CHECK(strcmp(entry.name, name) == 0);
	}
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

int main(void)
{
	arena = new_arena(2u << 20);
	a_small_commit_takes_few_calls();
	what_is_mapped_is_the_file("sssslsslls");
	what_is_mapped_is_the_file("ssSsLsHshsHslSL");
	what_is_mapped_is_the_file("s1s2s3s4o1s2Ls3os");
	what_is_mapped_is_the_file("1o3h2oHhs");
	extents_about_the_limit_are_whole();
	keys_put_one_at_a_time_are_all_there();
	free(arena.words);
	return 0;
}

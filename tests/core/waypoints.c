/* tests/core: the waypoints of a values extent (FORMAT 4.3), word by word, at blocks that end at a
 * mebibyte, begin at one, reach over one, or over three. */
#include "check.h"

#define STEP (ANCIENT_WAYPOINT_STEP / 8u) /* words */

static struct arena arena;

static uint64_t string_of(uint64_t words)
{
	uint64_t v = block(&arena, ANCIENT_TAG_STRING, words - 1);

	((uint8_t *)fields(v))[(words - 1) * 8 - 1] = 7;
	return v;
}

/* The waypoints of a file of one commit with values: how many, and where they lie. */
static const uint64_t *waypoints_of(const uint8_t *bytes, uint64_t *ret_count)
{
	uint64_t at = ANCIENT_FIRST_EXTENT;
	const struct ancient_extent *header = (const void *)(bytes + at);

	EQUAL(header->kind, ANCIENT_EXTENT_VALUES);
	at += header->length;
	header = (const void *)(bytes + at);
	*ret_count = header->kind == ANCIENT_EXTENT_WAYPOINTS ? header->count : 0;
	return (const void *)(header + 1);
}

/* Blocks of these sizes in words, headers included, the first of which leads to the others. */
static void are_right(const uint64_t *sizes, unsigned count)
{
	uint64_t starts[20], words = 0, size, found, expected = 0, root;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	const uint64_t *waypoints;
	uint8_t *bytes;

	arena.used = 0;
	CHECK(sizes[0] >= count && count < 19);
	root = block(&arena, 0, sizes[0] - 1);
	for (uint64_t i = 0; i + 1 < sizes[0]; i++)
		fields(root)[i] = i + 1 < count ? string_of(sizes[i + 1]) : INT(i);
	for (unsigned i = 0; i < count; i++) {
		starts[i] = words;
		words += sizes[i];
	}
	starts[count] = words; /* the filler */
	share(store, 1, root);
	bytes = file_bytes(fd, &size);
	waypoints = waypoints_of(bytes, &found);
	for (uint64_t boundary = STEP; boundary <= words; boundary += STEP) {
		unsigned next = 0;

		while (starts[next] < boundary)
			next++;
		CHECK(expected < found);
		EQUAL(waypoints[expected++],
		      ANCIENT_FIRST_EXTENT + sizeof(struct ancient_extent) + starts[next] * 8);
	}
	EQUAL(found, expected);
	OK(ancient_store_verify(store, &err));
	ancient_store_discard(store);
	free(bytes);
	unlink(path);
	close(fd);
}

#define RIGHT(...)                                                                                 \
	do {                                                                                       \
		static const uint64_t sizes[] = {__VA_ARGS__};                                     \
		are_right(sizes, sizeof sizes / 8);                                                \
	} while (0)

/* Each `more` moves the ends of blocks over the boundary, word by word. */
static void blocks_around_a_boundary(void)
{
	for (uint64_t more = 0; more <= 4; more++) {
		const uint64_t one[] = {10, STEP - 12 + more};           /* then the filler */
		const uint64_t next[] = {10, STEP - 12 + more, 2, 3, 2}; /* then a block */
		const uint64_t two[] = {10, STEP - 12 + more, STEP, STEP - 2, 2, 2};
		const uint64_t longer[] = {10, STEP - 12 + more, 3 * STEP, 2, STEP};

		are_right(one, 2);
		are_right(next, 5);
		are_right(two, 6);
		are_right(longer, 5);
	}
}

/* Cells of three words, of several roots in one commit: no boundary is met exactly twice. */
static void many_small_blocks(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	struct ancient_commit *commit = NULL;
	uint64_t size, found, cells = 0;
	const uint64_t *waypoints;
	uint8_t *bytes;

	arena.used = 0;
	OK(ancient_commit_begin(store, &commit, &err));
	for (uint64_t key = 0; key < 40; key++) {
		uint64_t list = INT(0);

		for (uint64_t i = 0; i < 10000; i++, cells++)
			list = pair(&arena, INT(i), list);
		OK(ancient_commit_put(commit, key, NULL, &source, list, key % 2, NULL, &err));
	}
	OK(ancient_commit_finish(commit, false, &err));
	bytes = file_bytes(fd, &size);
	waypoints = waypoints_of(bytes, &found);
	EQUAL(found, cells * 3 / STEP);
	for (uint64_t i = 0; i < found; i++) {
		uint64_t first = ((i + 1) * STEP + 2) / 3 * 3; /* a multiple of three */

		EQUAL(waypoints[i],
		      ANCIENT_FIRST_EXTENT + sizeof(struct ancient_extent) + first * 8);
	}
	OK(ancient_store_verify(store, &err));
	ancient_store_discard(store);
	OK(ancient_compact(path, NULL, NULL, &err)); /* whose new file unlink verifies */
	free(bytes);
	unlink(path);
	close(fd);
}

int main(void)
{
	arena = new_arena(10 * STEP);
	RIGHT(2);
	RIGHT(3, 5000, 3000);      /* of the buffer for small ones */
	RIGHT(3, 5000, STEP);      /* which was left on the way */
	RIGHT(STEP - 2, 2, 2);     /* the root itself, up to a boundary */
	RIGHT(STEP, 2, 2);         /* and at it */
	RIGHT(2 * STEP + 1, 2, 2); /* and over two */
	blocks_around_a_boundary();
	many_small_blocks();
	free(arena.words);
	return 0;
}

/* tests/core: a crash at every step of every commit.
 *
 * The writer's calls are watched.  After each, two questions, each of which the reader answers
 * with a whole verification:
 *
 *  - a killed process: what the page cache holds now, also in the middle of each write;
 *  - a power cut, durable commits only: for every sector any content that it has had since it
 *    was last flushed, sampled.  A flush that fails keeps nothing, and the kernel forgets
 *    that the pages were dirty.
 *
 * The file must be the generation that was last promised or a later one, complete.  While nothing
 * was published it is EMPTY to a reader, and a writer goes on with it.
 *
 * Where the write of a superblock was cut off, the generation before it is there, but verification
 * names the damaged slot, readers are told of the commit behind it, no writer goes on, and recovery
 * brings that commit back.
 */
#include <sys/mman.h>

#include "generations.h"
#include "intercept.h"

#define SECTOR 512u
#define PAGE 4096u
#define MOST (1u << 21) /* bytes of the file in this test */
#define SECTORS (MOST / SECTOR)
#define VERSIONS 24u
#define SAMPLES (small_run() ? 2u : 24u)
#define ALONE (small_run() ? 2u : 24u)

/* What a sector may be on the disk; the last is what the page cache holds. */
struct sector {
	uint8_t *versions[VERSIONS];
	unsigned count;
};

static struct sector sectors[SECTORS];
static bool dirty[MOST / PAGE];
static uint64_t sizes[64];
static unsigned size_count;

static int watched, image_fd;
static _Alignas(8) uint8_t now[MOST], image[MOST];
static uint64_t now_size;
static uint64_t reach;                    /* the largest that the file has been */
static uint64_t visible, durable, newest; /* generations: seen, promised, perhaps there */
static bool powered;                      /* whether a power cut is survived now */
static uint64_t kills, cuts;
static uint64_t state = 88172645463325252ull;

static uint64_t draw(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

static struct ancient_store *writer; /* whose calls are watched */
static uint8_t uuid[16];             /* of its file, once that was made */
static uint64_t empties, torn;

static void fail(const char *what, uint64_t found, uint64_t least, const char *message)
{
	fprintf(stderr, "%s: found generation %llu, expected %llu to %llu: %s\n", what,
		(unsigned long long)found, (unsigned long long)least, (unsigned long long)newest,
		message);
	exit(1);
}

/* In a process of its own, in which the addresses of the file are free. */
static void in_a_child(void (*check)(uint64_t argument), uint64_t argument, const char *what)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		if (writer)
			ancient_store_discard(writer);
		check(argument);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	if (status != 0)
		fail(what, argument, argument, "see above");
}

/* ---- a torn superblock ---- */

/* A writer may attach what a torn superblock left, and read; it is refused when it commits, or at
 * once where nothing is visible.  What the superblock described, generation `hidden`, is recovered.
 */
static void is_recovered(uint64_t hidden)
{
	struct ancient_recovered recovered = {0};
	struct ancient_options options = {.generation = hidden};
	struct ancient_error error = {.message = ""};
	struct ancient_commit *commit = NULL;
	struct ancient_store *store = NULL;
	struct ancient_file *file = NULL;
	enum ancient_code code;
	char path[64];

	code = ancient_store_attach(image_fd, "image", NULL, &store, &error);
	CHECK((code == ANCIENT_OK) == (hidden > 2));
	if (code == ANCIENT_OK) {
		EQUAL(ancient_store_generation(store), hidden - 1);
		OK(ancient_store_writable(store, &err));
		code = ancient_commit_begin(store, &commit, &error);
		ancient_store_discard(store);
	}
	EQUAL(code, ANCIENT_E_UNRECOVERED);
	CHECK(strstr(error.message, "ancientctl recover"));
	snprintf(path, sizeof path, "/proc/self/fd/%d", image_fd);
	OK(ancient_recover(path, false, &recovered, &err));
	EQUAL(recovered.damaged, 1);
	EQUAL(recovered.recovered, hidden);
	EQUAL(recovered.generation, hidden + 1);
	OK(ancient_file_open_fd(image_fd, "image", NULL, &file, &err));
	OK(ancient_file_verify(file, NULL, NULL, &err));
	CHECK(keys_are_of(file, hidden, &error));
	ancient_file_close(file);
	OK(ancient_file_open_fd(image_fd, "image", &options, &file, &err));
	CHECK(keys_are_of(file, hidden, &error));
	ancient_file_close(file);
}

/* ---- a file in which nothing was published ---- */

/* What creation may leave; looked at when it is over, since it holds the library's locks. */
static struct made {
	uint8_t bytes[ANCIENT_FIRST_EXTENT];
	uint64_t size;
} mades[64];
static unsigned made_count;

static void note_made(const uint8_t *bytes, uint64_t size)
{
	struct made *made = &mades[made_count];

	CHECK(size <= ANCIENT_FIRST_EXTENT && made_count < 64);
	made->size = size;
	memset(made->bytes, 0, sizeof made->bytes);
	memcpy(made->bytes, bytes, size);
	for (unsigned i = 0; i < made_count; i++)
		if (mades[i].size == size &&
		    memcmp(mades[i].bytes, made->bytes, sizeof made->bytes) == 0)
			return;
	made_count++;
}

/* Whether one slot at least says which file it is. */
static bool is_known(const struct made *made)
{
	struct ancient_superblock slot;
	bool known = false;

	for (unsigned i = 0; i < ANCIENT_SUPERBLOCKS; i++) {
		memcpy(&slot, made->bytes + i * ANCIENT_SUPERBLOCK_SLOT, sizeof slot);
		if (memcmp(slot.uuid, uuid, sizeof uuid) != 0)
			continue;
		EQUAL(slot.state, ANCIENT_STATE_FILLING);
		EQUAL(slot.generation, i);
		known = true;
	}
	return known;
}

static void a_writer_goes_on(uint64_t number)
{
	const struct made *made = &mades[number];
	struct ancient_error error = {.message = ""};
	struct arena arena = new_arena(40000);
	struct ancient_superblock found;
	struct ancient_store *store;
	uint64_t size;
	uint8_t *bytes;

	CHECK(ftruncate(image_fd, 0) == 0 && ftruncate(image_fd, (off_t)made->size) == 0);
	CHECK(pwrite(image_fd, made->bytes, made->size, 0) == (ssize_t)made->size);
	store = attach(image_fd);
	EQUAL(ancient_store_generation(store), 1);
	OK(publish(store, &arena, true, &err));
	bytes = file_bytes(image_fd, &size);
	found = in_force(bytes);
	EQUAL(memcmp(found.uuid, uuid, sizeof uuid) == 0, is_known(made));
	EQUAL(generation_of(image_fd, &error), 2);
	ancient_store_detach(store);
	free(bytes);
	free(arena.words);
}

static void all_that_was_made_is_used(void)
{
	unsigned known = 0;

	for (unsigned i = 0; i < made_count; i++) {
		known += is_known(&mades[i]);
		in_a_child(a_writer_goes_on, i, "a file that was made");
	}
	CHECK(known > 0 && known < made_count);
	empties += made_count;
	made_count = 0;
}

/* ---- the image ---- */

static void check(const uint8_t *bytes, uint64_t size, uint64_t least, const char *what)
{
	struct ancient_error err = {.message = "an older generation"};
	uint64_t g, end = size, hidden = 0;

	CHECK(ftruncate(image_fd, 0) == 0 && ftruncate(image_fd, (off_t)size) == 0);
	end = (end + 7) & ~7ull;
	while (end > 0 && *(const uint64_t *)(const void *)(bytes + end - 8) == 0)
		end -= 8;
	CHECK(pwrite(image_fd, bytes, end, 0) == (ssize_t)end);
	err.rule = 0;
	g = generation_in(image_fd, &hidden, &err);
	if (g == 0 && least == 0 && err.code == ANCIENT_E_EMPTY) {
		note_made(bytes, size);
		return;
	}
	if (g == 0 && err.code == ANCIENT_E_EMPTY)
		g = 1;
	if (g == 0 && err.code == ANCIENT_E_UNRECOVERED) { /* the first commit's */
		g = 1;
		hidden = 2;
	}
	if (g < least || g > newest || g == 0)
		fail(what, g, least, err.message);
	if (hidden == 0 && err.rule == 105)
		fail(what, g, least, err.message);
	if (hidden) {
		EQUAL(hidden, newest);
		in_a_child(is_recovered, hidden, what);
		torn++;
	}
}

/* ---- a killed process ---- */

static void look(void)
{
	now_size = file_size(watched);
	CHECK(now_size <= MOST);
	CHECK(pread(watched, now, now_size, 0) == (ssize_t)now_size);
	memset(now + now_size, 0, reach > now_size ? reach - now_size : 0);
	reach = now_size > reach ? now_size : reach;
}

/* What `from`, the file before a write, was while [offset, end) of `now` was being written. */
static void kill_within(const uint8_t *from, uint64_t from_size, uint64_t offset, uint64_t end)
{
	uint64_t step = end - offset <= SECTOR ? 24 : PAGE;

	if (small_run())
		step *= 8;

	/* The first superblock of all has no other to fall back on, but a sector is written whole.
	 */
	if (visible == 0)
		step = PAGE;
	for (uint64_t to = offset; to < end; to = (to / step + 1) * step) {
		memcpy(image, from, reach);
		memcpy(image + offset, now + offset, to - offset);
		check(image, to > from_size ? to : from_size, visible, "killed in a write");
		kills++;
	}
}

/* ---- a power cut ---- */

static void remember(void)
{
	if (sizes[size_count - 1] != now_size) {
		CHECK(size_count < 64);
		sizes[size_count++] = now_size;
	}
	for (uint64_t i = 0; i * SECTOR < reach; i++) {
		struct sector *s = &sectors[i];
		uint8_t *copy;

		if (memcmp(s->versions[s->count - 1], now + i * SECTOR, SECTOR) == 0)
			continue;
		copy = malloc(SECTOR);
		CHECK(copy && s->count < VERSIONS);
		memcpy(copy, now + i * SECTOR, SECTOR);
		s->versions[s->count++] = copy;
		dirty[i * SECTOR / PAGE] = true;
	}
}

static void flush(bool worked)
{
	for (uint64_t i = 0; i * SECTOR < reach && worked; i++) {
		struct sector *s = &sectors[i];

		if (!dirty[i * SECTOR / PAGE])
			continue;
		while (s->count > 1) {
			free(s->versions[0]);
			memmove(s->versions, s->versions + 1, --s->count * sizeof s->versions[0]);
		}
	}
	if (worked) {
		sizes[0] = now_size;
		size_count = 1;
	}
	memset(dirty, 0, sizeof dirty);
}

/* The sector's version: 0 oldest, 1 newest, 2 any. */
static void pick(uint64_t i, unsigned which)
{
	const struct sector *s = &sectors[i];
	unsigned version = which == 0   ? 0
			   : which == 1 ? s->count - 1
					: (unsigned)(draw() % s->count);

	memcpy(image + i * SECTOR, s->versions[version], SECTOR);
}

static void cut_power(unsigned most, uint64_t odd, unsigned which)
{
	uint64_t size = sizes[which == 2 ? draw() % size_count : size_count - 1];

	for (uint64_t i = 0; i * SECTOR < reach; i++)
		pick(i, i == odd ? !most : which);
	check(image, size, durable, "power cut");
	cuts++;
}

static void cut_power_here(void)
{
	unsigned changed = 0;

	if (!powered)
		return;
	for (unsigned i = 0; i < SAMPLES; i++)
		cut_power(0, SECTORS, 2);
	for (unsigned most = 0; most < 2; most++)
		cut_power(most, SECTORS, most);
	/* All old but one, all new but one; of many, the first, the superblocks among them. */
	for (uint64_t i = 0; i * SECTOR < reach && changed < ALONE; i++)
		if (sectors[i].count > 1) {
			changed++;
			cut_power(0, i, 0);
			cut_power(1, i, 1);
		}
}

/* ---- the writer, watched ---- */

static uint8_t earlier[MOST];
static uint64_t earlier_size;

static void check_here(void)
{
	check(now, now_size, visible, "killed");
	kills++;
	cut_power_here();
}

static void before(enum intercept_call call, int fd, uint64_t offset, uint64_t length)
{
	(void)call;
	(void)fd;
	(void)offset;
	(void)length;
	intercept.armed = false;
	look(); /* what was stored through the mapping since the last call */
	remember();
	memcpy(earlier, now, reach);
	earlier_size = now_size;
	check_here();
	intercept.armed = true;
}

static void after(enum intercept_call call, int fd, uint64_t offset, uint64_t length, bool worked)
{
	(void)fd;
	intercept.armed = false;
	look();
	if (call == CALL_PWRITEV && worked) {
		for (uint64_t page = offset / PAGE; page * PAGE < offset + length; page++)
			dirty[page] = true;
		kill_within(earlier, earlier_size, offset, offset + length);
	}
	remember();
	if (call == CALL_FDATASYNC) {
		flush(worked);
		if (worked) /* what was visible before this commit is safe now (FORMAT 8.2, 4) */
			durable = visible;
		powered |= worked;
	}
	check_here();
	intercept.armed = true;
}

static void watch(void)
{
	intercept_start();
	intercept.before = before;
	intercept.after = after;
}

#define NO_FLUSH 9u

/* One commit, whose flush `fail` fails: 0, 1 or NO_FLUSH. */
static void commit(struct ancient_store *store, struct arena *arena, bool durably, uint64_t fail)
{
	struct ancient_error err = {.message = ""};
	enum ancient_code code;

	newest = visible + 1;
	/* Without flushes nothing is promised until the next durable commit's first. */
	powered &= durably;
	watch();
	intercept.fail = CALL_FDATASYNC;
	intercept.fail_at = fail;
	intercept.error = EIO;
	code = publish(store, arena, durably, &err);
	intercept.armed = false;
	CHECK((code == ANCIENT_OK) == (fail == NO_FLUSH));
	EQUAL(ancient_store_generation(store), fail == 0 ? visible : newest);
	visible = newest = ancient_store_generation(store);
	if (durably && code == ANCIENT_OK)
		durable = visible;
	look();
	check_here();
}

static void begin(int fd)
{
	watched = fd;
	for (uint64_t i = 0; i < SECTORS; i++)
		if (sectors[i].count == 0)
			sectors[i].versions[sectors[i].count++] = calloc(1, SECTOR);
	sizes[0] = 0;
	size_count = 1;
	visible = durable = 0;
	newest = 1;
	powered = true;
}

static void end(void)
{
	memset(dirty, 1, sizeof dirty);
	flush(true);
	for (uint64_t i = 0; i < SECTORS; i++)
		free(sectors[i].versions[--sectors[i].count]);
}

/* durability: a commit for each 'd' (durable) or 'n'; failures: the flush that fails in it */
static void a_crash_leaves_a_generation(const char *durability, const char *failures)
{
	char path[64];
	int fd = new_file(path);
	struct arena arena = new_arena(40000);
	struct ancient_store *store;
	struct ancient_superblock first;

	begin(fd);
	watch();
	store = writer = attach(fd);
	intercept.armed = false;
	CHECK(pread(fd, &first, sizeof first, 0) == sizeof first);
	memcpy(uuid, first.uuid, sizeof uuid);
	all_that_was_made_is_used();
	visible = durable = 1;
	for (size_t i = 0; durability[i]; i++)
		commit(store, &arena, durability[i] == 'd',
		       failures[i] == '-' ? NO_FLUSH : (uint64_t)(failures[i] - '0'));
	ancient_store_detach(store);
	writer = NULL;
	unlink(path);
	close(fd);
	end();
	free(arena.words);
}

int main(void)
{
	image_fd = memfd_create("image", MFD_CLOEXEC);
	CHECK(image_fd >= 0);
	a_crash_leaves_a_generation("dddddddd", "--------");
	a_crash_leaves_a_generation("nnnnnnn", "-------");
	a_crash_leaves_a_generation("dnnndnd", "-------");
	a_crash_leaves_a_generation("dddddddd", "-1-0-1-1");
	printf("%llu kills, %llu power cuts: each left a generation, or one of %llu files to go on "
	       "with; %llu of them tore a superblock, and its commit was recovered\n",
	       (unsigned long long)kills, (unsigned long long)cuts, (unsigned long long)empties,
	       (unsigned long long)torn);
	CHECK(torn > 0);
	close(image_fd);
	return 0;
}

/* tests/core: a crash at every step of all that writers do, on disks that fail.
 *
 * Two writers, processes of their own, and children of one of them commit to a file, compact it,
 * replace and recover it, one after the other, as a scenario says, while flushes fail, pages are
 * lost in the background and evicted (disk.h).  The writers' calls are watched.  After each, two
 * questions, each of which the reader answers with a whole verification, and so does the writer's:
 *
 *  - a killed process: what the page cache holds now, also in the middle of each write;
 *  - a power cut: every subset of what may have reached the disk, where they are few, and otherwise
 *    one page alone, all but one, the first and the last ones, and some by chance; of either file
 *    where a rename may not have reached it.
 *
 * The file must be the generation that was last promised or a later one, complete: a promise is
 * made by a durable commit that has returned, and by its first flush for what was there before it.
 * The file that a durable commit was made to has its name on the disk then.
 * While nothing was published it is EMPTY to a reader, and a writer goes on with it.
 *
 * Where the write of a superblock was cut off, the generation before it is there, but verification
 * names the damaged slot, readers are told of the commit behind it, no writer goes on, and recovery
 * brings that commit back.
 *
 *     crash [SECONDS]
 */
#include <sys/mman.h>
#include <time.h>

#include <xxhash.h>

#include "../../core/src/verify/verify.h"
#include "disk.h"
#include "generations.h"
#include "intercept.h"

#define MOST 100u  /* generations */
#define SUBSETS 5u /* pages of which all subsets are tried */
#define SAMPLES (small_run() ? 1u : 4u)
#define ALONE (small_run() ? 1u : 8u)
#define FOLDER 8u /* of a commit, that of the folder, which has no number */
#define NO_FLUSH 9u
#define CHILD 128 /* and a code: how a child ends that has checked well */
#define SEEN (1u << 16)

/* What is known of a file, by all processes. */
struct history {
	uint64_t visible, durable, newest; /* generations: seen, promised, perhaps there */
	bool powered;                      /* whether a power cut is survived now */
	bool intact;                       /* nothing visible was lost in the cache */
	uint64_t expected[MOST][KEYS];     /* of a generation: when each key was published */
};

static struct shared {
	struct history files[DISK_FILES];
	unsigned current, former; /* files: that has the name, and that may have it on the disk */
	bool two_names;           /* `former` may */
	bool faulty;              /* since the last durable commit */
	bool ever_faulty;
	uint64_t at; /* in the scenario */
	uint64_t kills, cuts, images, points, shares, torn, empties;
	uint64_t done, failed, went_back, undurable, after_failures;
} * shared;

static int image_fd;
static const char *const path = "core-test-crash", *const other = "core-test-crash-2";
static _Alignas(8) uint8_t image[DISK_MOST], earlier[DISK_MOST];
static uint64_t earlier_size;
static struct arena arena;

static struct ancient_store *writer; /* of this process */
static uint8_t uuid[16];             /* of its file, once that was made */
static uint64_t flushes, failing;    /* of the operation */
static bool compacting, numbered;    /* the flushes of folders, too */
static bool dying;                   /* behind the next rename */
static const char *scenario;

static void fail(const char *what, uint64_t found, uint64_t least, uint64_t newest,
		 const char *message)
{
	fprintf(stderr, "%.*s>%s: %s: found generation %llu, expected %llu to %llu: %s\n",
		(int)shared->at, scenario, scenario + shared->at, what, (unsigned long long)found,
		(unsigned long long)least, (unsigned long long)newest, message);
	exit(1);
}

static struct history *now(void)
{
	return &shared->files[shared->current];
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
		fail(what, argument, argument, argument, "see above");
}

/* Whether each key has the value that was published last in generation g. */
static bool has_shares(const struct ancient_file *file, const struct history *h, uint64_t g,
		       struct ancient_error *err)
{
	struct ancient_entry entry;

	for (uint64_t key = 0; key < KEYS; key++) {
		uint64_t expected = h->expected[g][key];
		enum ancient_code code = ancient_file_entry(file, key, &entry, err);

		shared->shares++;
		if (expected == 0 && code == ANCIENT_E_NO_KEY)
			continue;
		if (code == ANCIENT_OK && entry.generation == expected &&
		    is_value(file, entry.root, expected))
			continue;
		snprintf(err->message, sizeof err->message,
			 "generation %llu: key %llu is not that of %llu", (unsigned long long)g,
			 (unsigned long long)key, (unsigned long long)expected);
		return false;
	}
	return true;
}

/* ---- a torn superblock ---- */

/* A writer may attach what a torn superblock left, and read; it is refused when it commits, or at
 * once where nothing is visible.  What the superblock described, generation `hidden`, is recovered.
 */
static void is_recovered(uint64_t hidden)
{
	struct ancient_recovered recovered = {0};
	struct ancient_options older = {.generation = hidden};
	struct ancient_error error = {.message = ""};
	struct ancient_commit *commit = NULL;
	struct ancient_store *store = NULL;
	struct ancient_file *file = NULL;
	enum ancient_code code;
	char name[64];

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
	snprintf(name, sizeof name, "/proc/self/fd/%d", image_fd);
	OK(ancient_recover(name, false, &recovered, &err));
	EQUAL(recovered.damaged, 1);
	EQUAL(recovered.recovered, hidden);
	EQUAL(recovered.generation, hidden + 1);
	OK(ancient_file_open_fd(image_fd, "image", NULL, &file, &err));
	OK(ancient_file_verify(file, NULL, NULL, &err));
	CHECK(has_shares(file, now(), hidden, &error));
	ancient_file_close(file);
	OK(ancient_file_open_fd(image_fd, "image", &older, &file, &err));
	CHECK(has_shares(file, now(), hidden, &error));
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
}

static void all_that_was_made_is_used(void)
{
	unsigned known = 0;

	for (unsigned i = 0; i < made_count; i++) {
		known += is_known(&mades[i]);
		in_a_child(a_writer_goes_on, i, "a file that was made");
	}
	CHECK(known > 0 && known < made_count);
	shared->empties += made_count;
	made_count = 0;
}

/* ---- the image ---- */

/* Whether this image was looked at before, and the same expected of it. */
static bool is_old(const uint8_t *bytes, uint64_t size, uint64_t least, uint64_t newest)
{
	static uint64_t seen[SEEN];
	uint64_t key = XXH3_64bits_withSeed(bytes, size, size * 31 + least * 1000003 + newest * 7);
	uint64_t *at = &seen[key % SEEN];

	if (*at == key)
		return true;
	*at = key;
	return false;
}

/* The writer's own verification. */
static void verify(uint64_t size, const char *what)
{
	struct core_progress nobody = {.due = UINT64_MAX};
	struct ancient_error err = {.message = ""};
	struct core_superblock_observed observed;
	struct ancient_superblock sb;
	void *bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, image_fd, 0);
	struct core_pages pages = {.file = bytes, .name = "image"};

	CHECK(bytes != MAP_FAILED);
	if (ancient_core_superblock_load(image_fd, "image", &sb, &observed, &err) == ANCIENT_OK) {
		pages.used = sb.used;
		ancient_core_verify_pages(&pages, &sb, &observed, &nobody, &err);
	}
	munmap(bytes, size);
	if (err.code != ANCIENT_OK)
		fail(what, 0, 0, 0, err.message);
}

/* `torn`: in the middle of a write, which may have been that of a superblock. */
static void check(const struct history *h, const uint8_t *bytes, uint64_t size, uint64_t least,
		  bool torn, const char *what)
{
	struct ancient_error err = {.message = "an older generation"};
	struct ancient_file *file = NULL;
	struct ancient_info info = {.generation = 0};
	uint64_t end = (size + 7) & ~7ull, g;
	enum ancient_code code;

	if (is_old(bytes, size, least, h->newest))
		return;
	shared->images++;
	CHECK(ftruncate(image_fd, 0) == 0 && ftruncate(image_fd, (off_t)size) == 0);
	while (end > 0 && *(const uint64_t *)(const void *)(bytes + end - 8) == 0)
		end -= 8;
	CHECK(pwrite(image_fd, bytes, end, 0) == (ssize_t)end);
	code = ancient_file_open_fd(image_fd, "image", NULL, &file, &err);
	if (code == ANCIENT_E_EMPTY && least < 2) {
		if (least == 0)
			note_made(bytes, size);
		return;
	}
	if (code == ANCIENT_E_UNRECOVERED && torn && least < 2) { /* the first commit's */
		in_a_child(is_recovered, 2, what);
		shared->torn++;
		return;
	}
	if (code == ANCIENT_OK) {
		ancient_file_info(file, &info);
		code = ancient_file_verify(file, NULL, NULL, &err);
	}
	g = info.generation;
	if (code == ANCIENT_E_BAD_SUPERBLOCK && err.rule == 105 && torn &&
	    (compacting || info.hidden_generation != 0)) {
		/* The mark of a compaction is no commit, and nothing is behind it. */
		if (info.hidden_generation != 0) {
			if (info.hidden_generation != h->newest)
				fail("hidden", info.hidden_generation, h->newest, h->newest, what);
			if (shared->torn % 4 == 0) /* which takes as long as twenty images */
				in_a_child(is_recovered, h->newest, what);
		}
		shared->torn++;
		code = ANCIENT_OK;
	} else if (code == ANCIENT_OK && shared->images % 4 == 0) {
		verify(size, what);
	}
	if (code != ANCIENT_OK || g < least || g > h->newest || !has_shares(file, h, g, &err))
		fail(what, code == ANCIENT_OK ? g : 0, least, h->newest, err.message);
	ancient_file_close(file);
}

/* ---- a killed process ---- */

static void killed(void)
{
	uint64_t size;
	const uint8_t *cache = disk_cache(shared->current, &size);

	if (!now()->intact)
		return;
	check(now(), cache, size, now()->visible, false, "killed");
	shared->kills++;
}

/* What `earlier`, the file before a write, was while [offset, end) was being written. */
static void killed_within(uint64_t offset, uint64_t end)
{
	uint64_t step = end - offset <= DISK_SECTOR ? 24 : DISK_PAGE, size;
	const uint8_t *cache = disk_cache(shared->current, &size);

	if (!now()->intact)
		return;
	if (small_run())
		step *= 8;
	/* The first superblock of all has no other to fall back on, but a sector is written whole.
	 */
	if (now()->visible == 0)
		step = DISK_PAGE;
	for (uint64_t to = offset; to < end; to = (to / step + 1) * step) {
		memcpy(image, earlier, DISK_MOST);
		memcpy(image + offset, cache + offset, to - offset);
		check(now(), image, to > earlier_size ? to : earlier_size, now()->visible, true,
		      "killed in a write");
		shared->kills++;
	}
}

/* ---- a power cut ---- */

static uint64_t subset;      /* bit: the page is new */
static unsigned odd, border; /* a page that is not as the others; the first that is not */
static enum disk_pick most;

static enum disk_pick pick_subset(unsigned page)
{
	return subset >> page & 1 ? DISK_NEW : DISK_OLD;
}

static enum disk_pick pick_odd(unsigned page)
{
	return page == odd ? DISK_OLD + DISK_NEW - most : most;
}

static enum disk_pick pick_before(unsigned page)
{
	return page < border ? most : DISK_OLD + DISK_NEW - most;
}

static enum disk_pick pick_any(unsigned page)
{
	(void)page;
	return disk_draw() % 3 == 0 ? DISK_OLD : disk_draw() % 2 ? DISK_NEW : DISK_ANY;
}

static void cut(unsigned file, enum disk_pick (*pick)(unsigned page), enum disk_pick size)
{
	uint64_t bytes;

	memset(image, 0, sizeof image);
	bytes = disk_image(file, image, pick, size);
	check(&shared->files[file], image, bytes, shared->files[file].durable, false, "power cut");
	shared->cuts++;
}

static void cut_file(unsigned file)
{
	unsigned count = disk_uncertain(file);

	if (!shared->files[file].powered)
		return;
	for (unsigned i = 0; i < SAMPLES; i++)
		cut(file, pick_any, DISK_ANY);
	if (count <= SUBSETS)
		for (subset = 0; subset < 1u << count; subset++)
			for (enum disk_pick size = DISK_OLD; size <= DISK_NEW; size++)
				cut(file, pick_subset, size);
	for (most = DISK_OLD; count > SUBSETS && most <= DISK_NEW; most++)
		for (unsigned i = 0; i < count && i < ALONE; i++) {
			odd = i;
			cut(file, pick_odd, most);
			border = i;
			cut(file, pick_before, DISK_NEW);
			border = count - i;
			cut(file, pick_before, DISK_NEW);
		}
}

static void power_cut(void)
{
	cut_file(shared->current);
	if (shared->two_names)
		cut_file(shared->former);
}

/* ---- the writers, watched ---- */

/* A file of ours, and not one in memory. */
static bool is_file(int fd)
{
	struct stat status, folder;

	CHECK(fstat(fd, &status) == 0 && stat(".", &folder) == 0);
	return S_ISREG(status.st_mode) && status.st_dev == folder.st_dev;
}

static void check_here(void)
{
	shared->points++;
	killed();
	power_cut();
}

static void before(enum intercept_call call, int fd, uint64_t offset, uint64_t length)
{
	(void)offset;
	(void)length;
	intercept.armed = false;
	if (call != CALL_RENAME && call != CALL_MMAP && is_file(fd))
		disk_use(disk_file(fd), fd);
	disk_look(); /* what was stored through a mapping since the last call */
	memcpy(earlier, disk_cache(shared->current, &earlier_size), DISK_MOST);
	check_here();
	intercept.armed = true;
}

/* The file that is renamed takes the name, and must be on the disk. */
static void renamed(void)
{
	struct history *old = now(), *fresh;
	struct ancient_superblock slot;
	int fd = open(path, O_RDWR);
	unsigned file;
	uint64_t size;

	CHECK(fd >= 0);
	file = disk_file(fd);
	fresh = &shared->files[file];
	if (fresh->newest == 0) { /* compacted: `publish` says what it has itself */
		slot = in_force(disk_cache(file, &size));
		fresh->visible = fresh->durable = fresh->newest = slot.generation;
		memcpy(fresh->expected[slot.generation], old->expected[old->visible],
		       sizeof old->expected[0]);
		fresh->powered = fresh->intact = true;
	}
	shared->former = shared->current;
	shared->current = file;
	shared->two_names = true;
	close(fd);
}

static void after(enum intercept_call call, int fd, uint64_t offset, uint64_t length, bool worked)
{
	bool regular = call != CALL_RENAME && call != CALL_MMAP && is_file(fd);
	unsigned file;

	intercept.armed = false;
	disk_look();
	file = regular ? disk_file(fd) : 0;
	if (call == CALL_PWRITEV && worked) {
		disk_wrote(file, offset, length);
		if (file == shared->current)
			killed_within(offset, offset + length);
	}
	/* What was visible before a durable commit is safe after its first flush (8.2, step 4). */
	if ((call == CALL_FDATASYNC || call == CALL_FSYNC) && worked && regular &&
	    file == shared->current && now()->intact) {
		now()->durable = now()->visible;
		now()->powered = true;
	}
	if (call == CALL_FSYNC && worked && !regular)
		shared->two_names = false;
	if (call == CALL_RENAME && worked)
		renamed();
	check_here();
	if (call == CALL_RENAME && dying)
		_exit(CHILD);
	intercept.armed = true;
}

static int flush(int fd)
{
	bool file = is_file(fd), fails = failing == FOLDER && !file;

	if (file || numbered)
		fails = flushes++ == failing;
	if (file)
		return disk_flush(disk_file(fd), fd, fails);
	return fails ? EIO : 0;
}

static void watch(uint64_t failing_flush)
{
	intercept_start();
	intercept.before = before;
	intercept.after = after;
	intercept.flush = flush;
	intercept.opened = disk_opened;
	flushes = 0;
	failing = failing_flush;
	shared->faulty |= failing_flush != NO_FLUSH;
	shared->ever_faulty |= shared->faulty;
}

/* ---- what writers do ---- */

static struct ancient_store_options options = {.ocaml_version = 41301};

static struct ancient_store *attach_path(void)
{
	struct ancient_error error = {.message = ""};
	struct ancient_store *store = NULL;
	int fd = open(path, O_RDWR);

	CHECK(fd >= 0);
	disk_file(fd);
	if (ancient_store_attach(fd, "test", &options, &store, &error) != ANCIENT_OK)
		CHECK(!now()->intact);
	close(fd);
	return store;
}

static void reopen(void)
{
	if (writer)
		ancient_store_discard(writer);
	writer = attach_path();
}

/* Generation `newest`, if it comes to be, has one key of its own. */
static void expect(struct history *h, uint64_t before, uint64_t generation)
{
	CHECK(generation < MOST);
	memcpy(h->expected[generation], h->expected[before], sizeof h->expected[0]);
	h->expected[generation][generation % KEYS] = generation;
	h->newest = generation;
}

static enum ancient_code commit(bool durably, uint64_t failing_flush)
{
	struct ancient_error error = {.message = ""};
	struct history *h = now();
	enum ancient_code code;
	uint64_t start, made;

	if (!writer)
		reopen();
	if (!writer)
		return ANCIENT_E_SYSTEM;
	start = h->visible;
	expect(h, start, start + 1);
	/* A superblock that was lost may hide a generation from others, and not from this store. */
	if (!h->intact && ancient_store_generation(writer) > start) {
		start = ancient_store_generation(writer);
		expect(h, start, start + 1);
	}
	/* Without flushes nothing is promised until the next durable commit's first. */
	h->powered &= durably;
	watch(failing_flush);
	code = publish(writer, &arena, durably, &error);
	intercept.armed = false;
	disk_look();
	made = ancient_store_generation(writer);
	if (code == ANCIENT_OK && made != start + 1 && made != h->visible + 1)
		fail("committed", made, start + 1, start + 1, "another generation");
	if ((code == ANCIENT_OK || code == ANCIENT_E_SYSTEM) &&
	    (made == start + 1 || made == h->visible + 1))
		h->visible = made;
	if (durably && code == ANCIENT_OK) {
		if (shared->two_names)
			fail("committed", made, made, made, "its name is not on the disk");
		/* All that was lost would be found by now. */
		h->durable = h->visible;
		h->powered = h->intact = true;
		shared->after_failures += shared->faulty;
		shared->faulty = false;
	}
	return code;
}

/* In a child, which has inherited the store and its description. */
static enum ancient_code commit_in_a_child(bool durably, uint64_t failing_flush)
{
	int parent = getpid(), status;
	pid_t child;

	if (!writer)
		reopen();
	if (!writer)
		return ANCIENT_E_SYSTEM;
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		disk_inherit(parent);
		_exit(CHILD + (int)commit(durably, failing_flush));
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	CHECK(WEXITSTATUS(status) >= CHILD);
	disk_look();
	return (enum ancient_code)(WEXITSTATUS(status) - CHILD);
}

static uint64_t visible_in_cache(void)
{
	uint64_t size;

	return in_force(disk_cache(shared->current, &size)).generation;
}

static enum ancient_code compact(uint64_t failing_flush)
{
	struct ancient_error error = {.message = ""};
	struct history *h = now();
	enum ancient_code code;

	/* The mark makes a generation, and so does its removal. */
	for (uint64_t g = h->visible + 1; g <= h->visible + 2; g++)
		memcpy(h->expected[g], h->expected[h->visible], sizeof h->expected[0]);
	h->newest = h->visible + 2;
	CHECK(h->newest < MOST);
	watch(failing_flush);
	compacting = numbered = true;
	code = ancient_compact(path, NULL, NULL, &error);
	intercept.armed = compacting = numbered = false;
	disk_look();
	if (code == ANCIENT_OK && shared->two_names)
		fail("compacted", 0, 0, 0, "its name is not on the disk");
	if (now() == h && code != ANCIENT_OK) /* it may be marked, and have its name */
		h->visible = visible_in_cache();
	return code;
}

/* A compaction that is killed between its rename and its flush of the folder, in a child. */
static enum ancient_code compact_and_die(void)
{
	int parent = getpid(), status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		disk_inherit(parent);
		dying = true;
		_exit((int)compact(NO_FLUSH));
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
	disk_look();
	if (WEXITSTATUS(status) == CHILD)
		return ANCIENT_OK;
	CHECK(WEXITSTATUS(status) != ANCIENT_OK); /* there was a rename */
	return (enum ancient_code)WEXITSTATUS(status);
}

/* As Ancient.publish: a file beside it, durable, that takes the name. */
static enum ancient_code replace(uint64_t failing_flush)
{
	struct ancient_store_options replacing = options;
	struct ancient_error error = {.message = ""};
	struct ancient_store *store = NULL;
	struct history *h;
	enum ancient_code code;
	int fd = open(other, O_RDWR | O_CREAT | O_TRUNC, 0600), folder = open(".", O_RDONLY);

	CHECK(fd >= 0 && folder >= 0);
	h = &shared->files[disk_file(fd)];
	memset(h, 0, sizeof *h);
	watch(failing_flush);
	numbered = true;
	intercept.before = NULL; /* what is being made has no name yet */
	replacing.replaces = path;
	code = ancient_store_attach(fd, "test", &replacing, &store, &error);
	intercept.before = before;
	if (code == ANCIENT_OK)
		code = publish(store, &arena, true, &error);
	if (code == ANCIENT_OK) {
		h->expected[2][2 % KEYS] = 2;
		h->visible = h->durable = h->newest = 2;
		h->powered = h->intact = true;
		CHECK(renameat(folder, other, folder, path) == 0);
		if (fsync(folder) != 0)
			code = ANCIENT_E_SYSTEM;
	}
	intercept.armed = numbered = false;
	disk_look();
	if (store)
		ancient_store_discard(store);
	close(folder);
	close(fd);
	remove(other);
	return code;
}

/* Goes back where it must; what is there then was there before. */
static enum ancient_code recover(uint64_t failing_flush)
{
	struct ancient_error error = {.message = ""};
	struct ancient_recovered recovered;
	struct history *h = now();
	struct ancient_file *file = NULL;
	enum ancient_code code;
	uint64_t found = h->visible;

	h->powered = h->intact = false;
	watch(failing_flush);
	code = ancient_recover(path, true, &recovered, &error);
	intercept.armed = false;
	disk_look();
	if (code != ANCIENT_OK) {
		if (failing_flush == NO_FLUSH)
			fail("recovery", 0, 0, 0, error.message);
		return code;
	}
	code = ancient_file_open(path, NULL, &file, &error);
	if (code == ANCIENT_E_EMPTY) { /* nothing was ever durable */
		found = 1;
		CHECK(h->durable <= found);
	} else {
		CHECK(code == ANCIENT_OK);
		OK(ancient_file_verify(file, NULL, NULL, &err));
		while (found > h->durable && !has_shares(file, h, found, &error))
			found--;
		if (!has_shares(file, h, found, &error))
			fail("recovered", found, h->durable, h->visible, error.message);
	}
	ancient_file_close(file);
	CHECK(recovered.generation < MOST);
	for (uint64_t g = found + 1; g <= recovered.generation; g++)
		memcpy(h->expected[g], h->expected[found], sizeof h->expected[0]);
	h->visible = h->durable = h->newest = recovered.generation;
	if (shared->two_names)
		fail("recovered", found, found, found, "its name is not on the disk");
	h->powered = h->intact = true;
	return ANCIENT_OK;
}

static void evict(bool oldest)
{
	struct history *h = now();

	if (!disk_evict(shared->current, oldest))
		return;
	/* What was on the disk is still there; what was not may be gone. */
	h->intact &= h->powered;
	disk_look();
	h->visible = visible_in_cache();
	if (h->visible < h->durable)
		fail("evicted", h->visible, h->durable, h->newest, "what was durable");
}

/* ---- scenarios ---- */

/* What each letter means; a digit behind it is the flush that fails in it. */
static enum ancient_code operate(char letter, uint64_t failing_flush)
{
	switch (letter) {
	case 'd': /* durable commits, and others, of the first writer; of the second: D, N */
	case 'D':
		return commit(true, failing_flush);
	case 'n':
	case 'N':
		return commit(false, failing_flush);
	case 'f': /* of a child of the first */
		return commit_in_a_child(true, failing_flush);
	case 'g':
		return commit_in_a_child(false, failing_flush);
	case 'c':
		return compact(failing_flush);
	case 'k':
		return compact_and_die();
	case 'p':
		return replace(failing_flush);
	case 'r':
		return recover(failing_flush);
	case 'o':
	case 'O':
		reopen();
		return ANCIENT_OK;
	case 's': /* the system writes pages, fails to write them, evicts what was lost */
	case 'w':
		disk_write_back(shared->current, letter == 's');
		return ANCIENT_OK;
	case 'x':
	case 'y':
		disk_fail_in_background(shared->current, letter == 'y');
		shared->faulty = shared->ever_faulty = true;
		return ANCIENT_OK;
	case 'e':
	case 'E':
		evict(letter == 'e');
		return ANCIENT_OK;
	default:
		CHECK(letter == 0); /* no letter of a scenario */
		return ANCIENT_OK;
	}
}

/* Does what a program would do after an error: attaches again, recovers, and tries once more. */
static void do_one(char letter, uint64_t failing_flush)
{
	enum ancient_code code = operate(letter, failing_flush);

	if (code == ANCIENT_E_EMPTY && strchr("ck", letter) && now()->visible == 1)
		return; /* there is nothing to compact */
	for (int tries = 0; tries < 2 && code != ANCIENT_OK; tries++) {
		if (code == ANCIENT_E_WENT_BACK)
			shared->went_back++;
		else if (code != ANCIENT_E_SUPERSEDED && !shared->ever_faulty)
			fail("an error without a fault", code, 0, 0, last_error.message);
		shared->failed++;
		if (code == ANCIENT_E_SYSTEM && failing_flush != NO_FLUSH)
			return; /* another operation may be next */
		if (code == ANCIENT_E_UNDURABLE ||
		    (code != ANCIENT_E_SUPERSEDED && !now()->intact)) {
			shared->undurable += code == ANCIENT_E_UNDURABLE;
			recover(NO_FLUSH);
		}
		reopen();
		code = operate(letter, NO_FLUSH);
	}
	shared->done += code == ANCIENT_OK;
}

/* A process that does what it is told to, two bytes each time. */
struct process {
	pid_t pid;
	int to, from;
};

static void serve(int from, int to)
{
	char order[2], done = 0;

	while (read(from, order, 2) == 2 && order[0] != 'q') {
		do_one(order[0], (uint64_t)(order[1] - '0'));
		CHECK(write(to, &done, 1) == 1);
	}
	if (writer)
		ancient_store_discard(writer);
	exit(0);
}

static struct process start(void)
{
	int there[2], back[2];
	struct process p;

	CHECK(pipe2(there, O_CLOEXEC) == 0 && pipe2(back, O_CLOEXEC) == 0);
	p.pid = fork();
	CHECK(p.pid >= 0);
	if (p.pid == 0) {
		close(there[1]);
		close(back[0]);
		serve(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	p.to = there[1];
	p.from = back[0];
	return p;
}

static void tell(struct process *p, char letter, char failing_flush)
{
	char order[2] = {letter, failing_flush}, done;

	CHECK(write(p->to, order, 2) == 2);
	if (read(p->from, &done, 1) != 1)
		exit(1); /* it has said why */
}

static void end(struct process *p)
{
	int status;

	CHECK(write(p->to, "q", 2) == 2); /* the other one has its end, too */
	close(p->to);
	close(p->from);
	CHECK(waitpid(p->pid, &status, 0) == p->pid && status == 0);
}

/* The file is made, in a process of its own, by a first commit that is given up. */
static void make(uint64_t ignored)
{
	struct ancient_superblock first;
	struct ancient_commit *commit;
	int fd = open(path, O_RDWR);

	(void)ignored;
	CHECK(fd >= 0);
	shared->current = disk_file(fd);
	*now() = (struct history){.newest = 1, .powered = true, .intact = true};
	writer = attach(fd);
	EQUAL(file_size(fd), 0);
	watch(NO_FLUSH);
	OK(ancient_commit_begin(writer, &commit, &err));
	ancient_commit_abort(commit);
	intercept.armed = false;
	CHECK(pread(fd, &first, sizeof first, 0) == sizeof first);
	memcpy(uuid, first.uuid, sizeof uuid);
	all_that_was_made_is_used();
	now()->visible = now()->durable = 1;
	ancient_store_discard(writer);
}

static void run(const char *letters)
{
	struct process first, second;
	int fd;

	scenario = letters;
	disk_reset();
	memset(shared->files, 0, sizeof shared->files);
	shared->two_names = shared->faulty = shared->ever_faulty = false;
	remove(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
	CHECK(fd >= 0);
	close(fd);
	in_a_child(make, 0, "creation");
	first = start();
	second = start();
	for (size_t i = 0; letters[i]; i++) {
		bool digit = letters[i + 1] >= '0' && letters[i + 1] <= '9';

		shared->at = i;
		tell(strchr("DNO", letters[i]) ? &second : &first, letters[i],
		     digit ? letters[i + 1] : '0' + (char)NO_FLUSH);
		i += digit;
	}
	end(&first);
	end(&second);
	CHECK((now()->intact ? unlink(path) : remove(path)) == 0);
}

/* A scenario by chance: many commits, a fault in one of four. */
static void run_any(uint64_t seed)
{
	static const char usual[] = "ddddDDnnnNNfgckpor", faults[] = "xywssEEe";
	char letters[64];
	size_t length = 0;

	disk_seed(seed);
	while (length < 36) {
		char letter = usual[disk_draw() % (sizeof usual - 1)];

		letters[length++] = letter;
		if (strchr("dDfcp", letter) && disk_draw() % 3 == 0)
			letters[length++] = "001128"[disk_draw() % 6];
		if (disk_draw() % 3 == 0)
			letters[length++] = faults[disk_draw() % (sizeof faults - 1)];
	}
	letters[length] = 0;
	run(letters);
}

static const char *const scenarios[] = {
	"dddddddd",                                      /* a large commit among them */
	"nnnnnnn",       "dnnndnd",      "dd1dd0dd1d1d", /* flushes that fail */
	"dnd0d",                      /* what was not durable then is written again */
	"dnd0ed",                     /* or was evicted, and is not */
	"dnnd0Ednd0ed",  "dnnd0D",    /* by another process, */
	"dnnd0od",                    /* after it was attached again, */
	"dnnd0fd",                    /* by a child */
	"dnnxNDd",                    /* failures in the background, of which each is told once */
	"dnxf0d",        "dgxfd",     /* told to a child */
	"dnxfdnd",       "dd1eDd1Ed", /* a superblock that is lost, and its generation goes back */
	"dd1eDDd",       "dnnd0Ndnd0d", /* the other superblock is old */
	"dnd1nd0d1Dnd",  "ddcddcd",     /* compaction, of what was never flushed too */
	"dnnd0cd",       "dnnxcd",       "dnc0c1c2cdc3cdc4cdc5cd",
	"ddddddd1d0dd",  "nnnnnnnDnnnd", /* room made ahead, left by others, */
	"ddddddg0dfdd",                  /* by a child */
	"dpdDpd",                        /* a file that takes the name */
	"dkd",           "nkdcd",        "dkND",
	"dkr", /* which nobody has flushed */
	"dkd8d",         "dc3dd8Dd",     "dp2d",
	"dp0p1p2pdnd0p", "dnnd0erd", /* recovery */
	"dnwnxEdrD",     "dnnsxed",  /* a superblock is on the disk, and what it leads to is lost */
	"dnsxeDd",       "nsxed",        "ddnsd0efd",
	"dnnsxec",       "dddnnsyedrd", /* and in the middle of a large value */
	"dddnnsyyedrd",
};

static double seconds(void)
{
	struct timespec t;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double until = argc > 1 ? seconds() + atof(argv[1]) : 0;
	unsigned chances = small_run() ? 1 : 20, count = 0;
	char folder[] = "/dev/shm/core-test-XXXXXX";

	/* Where flushes take no time, if there is such a place. */
	if (mkdtemp(folder))
		CHECK(chdir(folder) == 0);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	image_fd = memfd_create("image", MFD_CLOEXEC);
	CHECK(shared != MAP_FAILED && image_fd >= 0);
	arena = new_arena(40000);
	options.reserve = usual_reserve();
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i += small_run() ? 6 : 1)
		run(scenarios[i]);
	for (; count < chances || seconds() < until; count++)
		run_any(count);
	printf("%zu scenarios and %u by chance: %llu points, %llu kills and %llu power cuts, %llu "
	       "different images opened, %llu shares checked; %llu tore a superblock, and its "
	       "commit was recovered; %llu files that were made used\n",
	       sizeof scenarios / sizeof scenarios[0], count, (unsigned long long)shared->points,
	       (unsigned long long)shared->kills, (unsigned long long)shared->cuts,
	       (unsigned long long)shared->images, (unsigned long long)shared->shares,
	       (unsigned long long)shared->torn, (unsigned long long)shared->empties);
	printf("%llu operations done, %llu failed; %llu durable after a fault, %llu refused as "
	       "undurable, %llu stores told that their file went back\n",
	       (unsigned long long)shared->done, (unsigned long long)shared->failed,
	       (unsigned long long)shared->after_failures, (unsigned long long)shared->undurable,
	       (unsigned long long)shared->went_back);
	CHECK(shared->torn > 0 && shared->after_failures > 0);
	CHECK(small_run() || (shared->undurable > 0 && shared->went_back > 0));
	rmdir(folder);
	close(image_fd);
	free(arena.words);
	return 0;
}

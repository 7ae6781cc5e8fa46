/* tests/core: relocation of large files, by one thread and by several that share it out at
 * waypoints (FORMAT 4.3): the words are those that a walk over all blocks gives, whatever the
 * waypoints say. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "intercept.h"
#include "reseal.h"

/* Away from the addresses that a sanitizer has. */
#ifdef __SANITIZE_THREAD__
#define BASE 0x1000000000ull
#else
#define BASE 0x180000200000ull
#endif
#define RESERVE 0x40000000ull
#define MEBIBYTE ((uint64_t)1 << 20)
#define HEADER_BYTES sizeof(struct ancient_extent)
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const unsigned processors[] = {1, 2, 5};

static struct arena arena;

/* ---- Values ---- */

/* A string of `words` words that look like blocks with a pointer into the file, and then some. */
static uint64_t decoy(uint64_t words)
{
	uint64_t v = block(&arena, ANCIENT_TAG_STRING, words);

	for (uint64_t i = 0; i < words; i++)
		fields(v)[i] = i % 2 ? BASE + ANCIENT_FIRST_EXTENT + HEADER_BYTES + 8
				     : ANCIENT_HEADER(1, 0);
	((uint8_t *)fields(v))[words * 8 - 1] = 0;
	return v;
}

static uint64_t number(uint64_t n)
{
	uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 2);

	fields(v)[0] = OPERATIONS(n % 3);
	fields(v)[1] = n;
	return v;
}

static uint64_t bigarray(void)
{
	static const double data[2] = {1.5, 2.5};
	uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 6);

	fields(v)[0] = OPERATIONS(3);
	fields(v)[1] = (uint64_t)(uintptr_t)data;
	fields(v)[2] = 1;
	fields(v)[3] = ANCIENT_BIGARRAY_FLOAT64;
	fields(v)[5] = 2;
	return v;
}

static uint64_t forward(uint64_t to)
{
	uint64_t v = block(&arena, ANCIENT_TAG_FORWARD, 1);

	fields(v)[0] = to;
	return v;
}

static uint64_t record(uint64_t n)
{
	uint64_t v = block(&arena, (unsigned)(n % 4), 5);

	fields(v)[0] = INT(n);
	fields(v)[1] = bytes_value(&arena, "a name of a record", 18 - n % 9);
	fields(v)[2] = n % 1000 == 0 ? bigarray() : number(n);
	fields(v)[3] = forward(fields(v)[1]);
	fields(v)[4] = n % 3 ? INT(0) : decoy(2 + n % 5 * 2);
	return v;
}

/* A list of records of about so many bytes, with long blocks among them: an array that has
 * pointers, strings that reach over a mebibyte and have none. */
static uint64_t values(uint64_t bytes)
{
	uint64_t length = bytes / 8 / 4, n = 0, list = INT(0), array = block(&arena, 0, length);

	for (uint64_t i = 0; i < length; i++)
		fields(array)[i] = INT(i);
	for (; arena.used * 8 < bytes; n++) {
		uint64_t r = record(n);

		fields(array)[n * 7919 % length] = r;
		list = pair(&arena, r, list);
		if (n == 10000 || n == 30000)
			list = pair(&arena, decoy(2 * MEBIBYTE / 8 + 100), list);
	}
	return pair(&arena, list, array);
}

static struct ancient_store *attach_to_write(int fd)
{
	struct ancient_store_options options = {
		.ocaml_version = 41301, .base = BASE, .reserve = RESERVE};
	struct ancient_store *store = NULL;

	munmap((void *)(uintptr_t)BASE, 4096);
	OK(ancient_store_attach(fd, "test", &options, &store, &err));
	return store;
}

/* In a process of its own, which has the addresses: the value of so many bytes under `key`, with
 * that under the key before it. */
static void write_values(int fd, uint64_t key, uint64_t bytes)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		struct ancient_store *store = attach_to_write(fd);
		uint64_t root;

		arena = new_arena(bytes / 8 + 2 * MEBIBYTE);
		root = values(bytes);
		share(store, key, key ? pair(&arena, root, get(store, key - 1)) : root);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

/* ---- What is expected ---- */

static void move_word(uint64_t *word, uint64_t used, uint64_t delta)
{
	if (*word % 2 == 0 && *word - BASE < used)
		*word += delta;
}

/* Relocates an extent the simple way; `words` with the filler. */
static void move_words(uint64_t *word, uint64_t words, uint64_t used, uint64_t delta)
{
	for (uint64_t at = 0; at + 1 < words; at += 1 + (word[at] >> ANCIENT_HEADER_WOSIZE_SHIFT)) {
		uint64_t wosize = word[at] >> ANCIENT_HEADER_WOSIZE_SHIFT;
		uint64_t tag = word[at] & ANCIENT_HEADER_TAG_MASK, slot;

		CHECK(wosize + 1 < words - at);
		if (tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD)
			for (uint64_t i = 1; i <= wosize; i++)
				move_word(&word[at + i], used, delta);
		if (tag != ANCIENT_TAG_CUSTOM)
			continue;
		slot = (word[at + 1] - (BASE - ANCIENT_CUSTOM_WINDOW)) / ANCIENT_CUSTOM_SLOT;
		word[at + 1] += delta;
		if (slot == ANCIENT_CUSTOM_BIGARRAY)
			move_word(&word[at + 2], used, delta);
	}
}

/* What is mapped is the file, relocated. */
static void is_relocated(struct ancient_store *store, int fd)
{
	uint64_t size, start, end, used;
	uint8_t *bytes = file_bytes(fd, &size);

	used = in_force(bytes).used;
	ancient_store_range(store, &start, &end);
	CHECK(start != BASE);
	EQUAL(end - start, used);
	for (uint64_t at = ANCIENT_FIRST_EXTENT; at < used; at = next_extent(bytes, at)) {
		struct ancient_extent *header = (void *)(bytes + at);

		if (header->kind == ANCIENT_EXTENT_VALUES)
			move_words((uint64_t *)(void *)(header + 1), header->content / 8, used,
				   start - BASE);
	}
	for (uint64_t at = ANCIENT_FIRST_EXTENT; at + 8 <= used; at += 8) {
		uint64_t found = *(uint64_t *)(uintptr_t)(start + at);

		if (found != *(uint64_t *)(void *)(bytes + at))
			fprintf(stderr, "at offset %llu\n", (unsigned long long)at);
		EQUAL(found, *(uint64_t *)(void *)(bytes + at));
	}
	free(bytes);
}

static const struct ancient_store_options reading = {.read_only = true};

static struct ancient_store *attach_elsewhere(int fd)
{
	struct ancient_store *store = NULL;

	OK(ancient_store_attach(fd, "test", &reading, &store, &err));
	return store;
}

/* Attaches the file as it was before its last commit, which the next refresh finds. */
static struct ancient_store *attach_older(int fd)
{
	uint64_t size, hidden, none = 0;
	uint8_t *bytes = file_bytes(fd, &size);
	off_t slot = (off_t)(in_force(bytes).generation % 2 * ANCIENT_SUPERBLOCK_SLOT);
	struct ancient_store *store;

	CHECK(pread(fd, &hidden, 8, slot) == 8 && pwrite(fd, &none, 8, slot) == 8);
	store = attach_elsewhere(fd);
	CHECK(pwrite(fd, &hidden, 8, slot) == 8);
	free(bytes);
	return store;
}

/* Attaches the file with so many processors.  Returns how many threads were started. */
static uint64_t relocates(int fd, unsigned count)
{
	struct ancient_store *store;
	uint64_t threads;

	intercept_start();
	intercept.processors = count;
	store = attach_elsewhere(fd);
	threads = intercept.count[CALL_THREAD];
	intercept.armed = false;
	is_relocated(store, fd);
	ancient_store_discard(store);
	return threads;
}

/* ---- The same words ---- */

static int file_of(char path[64], uint64_t bytes)
{
	int fd = new_file(path);

	write_values(fd, 0, bytes);
	return fd;
}

static void drop(const char *path, int fd)
{
	CHECK(ftruncate(fd, 0) == 0); /* what was made of it is no file to verify */
	unlink(path);
	close(fd);
}

static void any_number_of_threads_gives_the_same_words(void)
{
	char path[64];
	int fd = file_of(path, 20 * MEBIBYTE);

	for (unsigned i = 0; i < COUNT(processors); i++)
		EQUAL(relocates(fd, processors[i]), processors[i] - 1);
	drop(path, fd);
}

static void a_small_file_starts_no_thread(void)
{
	char path[64];
	int fd = file_of(path, 2 * MEBIBYTE);

	EQUAL(relocates(fd, 5), 0);
	drop(path, fd);
}

/* The second commit refers to the first, and comes while that is attached. */
static void what_another_process_commits_is_relocated(void)
{
	for (unsigned i = 0; i < COUNT(processors); i++) {
		char path[64];
		int fd = file_of(path, 16 * MEBIBYTE);
		struct ancient_store *store;

		write_values(fd, 1, 20 * MEBIBYTE);
		store = attach_older(fd);
		intercept_start();
		intercept.processors = processors[i];
		OK(ancient_store_refresh(store, &err));
		EQUAL(intercept.count[CALL_THREAD], processors[i] - 1);
		intercept.armed = false;
		is_relocated(store, fd);
		ancient_store_discard(store);
		EQUAL(relocates(fd, processors[i]), 2 * (processors[i] - 1)); /* both */
		drop(path, fd);
	}
}

/* ---- Hostile files ---- */

/* The extent of this kind: its offset. */
static uint64_t find_extent(const uint8_t *bytes, uint32_t kind)
{
	uint64_t at = ANCIENT_FIRST_EXTENT;

	while (((const struct ancient_extent *)(const void *)(bytes + at))->kind != kind)
		at = next_extent(bytes, at);
	return at;
}

static void put_word(int fd, uint64_t offset, uint64_t word)
{
	CHECK(pwrite(fd, &word, 8, (off_t)offset) == 8);
}

/* The offset of a word at `offset`, or behind it, from which a walk meets the false blocks of a
 * decoy, and ends where the decoy ends; 0: no decoy is there. */
static uint64_t decoy_behind(const uint8_t *bytes, uint64_t offset)
{
	const uint64_t *word = (const void *)(bytes + offset), false_header = ANCIENT_HEADER(1, 0);

	if (word[0] != false_header) {
		offset += 8;
		word++;
	}
	return word[0] == false_header && word[2] == false_header && word[100] == false_header
		       ? offset
		       : 0;
}

static void waypoints_are_not_trusted(void)
{
	char path[64];
	int fd = file_of(path, 12 * MEBIBYTE);
	uint64_t size, decoys = 0;
	uint8_t *bytes = file_bytes(fd, &size);
	uint64_t extent = find_extent(bytes, ANCIENT_EXTENT_VALUES) + HEADER_BYTES;
	uint64_t at = find_extent(bytes, ANCIENT_EXTENT_WAYPOINTS) + HEADER_BYTES;
	const uint64_t *points = (const void *)(bytes + at);
	uint64_t count = ((const struct ancient_extent *)(const void *)points - 1)->count;

	CHECK(count > 8);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t boundary = extent + (i + 1) * MEBIBYTE,
			 decoyed = decoy_behind(bytes, boundary);
		const uint64_t hostile[] = {
			points[i] - 8,
			points[i] + 8,
			points[i] + 16,
			boundary, /* within a block, as a rule */
			boundary + 9,
			0,
			1ull << 63,
			UINT64_MAX,
			extent - HEADER_BYTES,
			extent,
			at, /* in another extent */
			size,
			points[0],
			points[count - 1],
			decoyed,
		};

		decoys += decoyed != 0;
		if (i > 1 && i + 1 < count && points[i] - boundary < 4096)
			continue; /* as another one */
		for (unsigned j = 0; j < COUNT(hostile); j++) {
			put_word(fd, at + i * 8, hostile[j]);
			relocates(fd, processors[1 + j % 2]);
		}
		put_word(fd, at + i * 8, points[i]);
	}
	CHECK(decoys > 1);
	for (uint64_t i = 0; i < count; i++)
		put_word(fd, at + i * 8, points[count - 1 - i]);
	relocates(fd, 5);
	for (uint64_t i = 0; i < count; i++) /* inside of the first blocks, one by one */
		put_word(fd, at + i * 8, extent + i * 8);
	relocates(fd, 5);
	CHECK(relocates(fd, 1) == 0);
	free(bytes);
	drop(path, fd);
}

/* Of files of older writers, and of damaged ones. */
static void without_waypoints_one_thread_relocates(void)
{
	char path[64];
	int fd = file_of(path, 8 * MEBIBYTE);
	uint64_t size, at;
	uint8_t *bytes = file_bytes(fd, &size);
	struct ancient_extent *header;

	at = find_extent(bytes, ANCIENT_EXTENT_WAYPOINTS);
	header = (void *)(bytes + at);
	header->content -= 8; /* the padding takes it */
	header->count--;
	CHECK(header->length - HEADER_BYTES - header->content < 64);
	reseal_extent(bytes, at);
	write_back(fd, bytes, size);
	EQUAL(relocates(fd, 5), 0);
	header->kind = ANCIENT_EXTENT_SCHEMA;
	header->count = 0;
	reseal_extent(bytes, at);
	write_back(fd, bytes, size);
	EQUAL(relocates(fd, 5), 0);
	free(bytes);
	drop(path, fd);
}

/* Any number of threads meets the same fault.  Where it is repaired, another call goes on there:
 * what lies behind it is relocated once. */
static void a_damaged_block_is_refused_each_time(void)
{
	for (unsigned i = 0; i < COUNT(processors); i++) {
		char path[64];
		int fd = file_of(path, MEBIBYTE);
		struct ancient_store *store;
		uint64_t size, first, before = file_size(fd), at;
		uint8_t *bytes;

		write_values(fd, 1, 20 * MEBIBYTE);
		store = attach_older(fd);
		bytes = file_bytes(fd, &size);
		first = ((before + 4095) & ~4095ull) + HEADER_BYTES;
		/* The block behind a decoy, whose page is as it is in the file. */
		at = first;
		while (*(uint64_t *)(void *)(bytes + at) >> ANCIENT_HEADER_WOSIZE_SHIFT !=
		       2 * MEBIBYTE / 8 + 100)
			at += 8 +
			      (*(uint64_t *)(void *)(bytes + at) >> ANCIENT_HEADER_WOSIZE_SHIFT) *
				      8;
		at += 8 + (2 * MEBIBYTE / 8 + 100) * 8;
		CHECK(at % 4096 >= 8);
		put_word(fd, at, ANCIENT_HEADER(1ull << 40, 0));
		intercept_start();
		intercept.processors = processors[i];
		for (int times = 0; times < 3; times++) {
			GIVES(ancient_store_refresh(store, &err), ANCIENT_E_BAD_BLOCK);
			EQUAL(last_error.offset, at);
		}
		put_word(fd, at, *(uint64_t *)(void *)(bytes + at));
		OK(ancient_store_refresh(store, &err));
		intercept.armed = false;
		is_relocated(store, fd);
		ancient_store_discard(store);
		free(bytes);
		drop(path, fd);
	}
}

/* ---- Failures and signals ---- */

static void without_threads_or_room_it_is_relocated_all_the_same(void)
{
	static const enum intercept_call calls[] = {CALL_THREAD, CALL_MMAP};
	char path[64];
	int fd = file_of(path, 8 * MEBIBYTE);

	for (unsigned i = 0; i < COUNT(calls); i++)
		for (uint64_t fail_at = 0;; fail_at++) {
			struct ancient_error err = {.message = ""};
			struct ancient_store *store = NULL;
			enum ancient_code code;

			intercept_start();
			intercept.processors = 5;
			intercept.fail = calls[i];
			intercept.fail_at = fail_at;
			intercept.error = calls[i] == CALL_THREAD ? EAGAIN : ENOMEM;
			code = ancient_store_attach(fd, "test", &reading, &store, &err);
			intercept.armed = false;
			if (code == ANCIENT_OK) {
				is_relocated(store, fd);
				ancient_store_discard(store);
			} else {
				EQUAL(code, ANCIENT_E_ADDRESS_SPACE);
				EQUAL(calls[i], CALL_MMAP);
			}
			if (!intercept.failed)
				break;
		}
	drop(path, fd);
}

#ifdef __SANITIZE_ADDRESS__
#define LIMITED false /* its shadow is beyond any limit */
#elif defined(__SANITIZE_THREAD__)
#define LIMITED false
#else
#define LIMITED (!small_run())
#endif

static void limit_addresses(uint64_t more)
{
	char text[32] = {0};
	int fd = open("/proc/self/statm", O_RDONLY);
	struct rlimit limit;

	CHECK(fd >= 0 && read(fd, text, sizeof text - 1) > 0);
	limit.rlim_cur = limit.rlim_max =
		strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) + more;
	CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
	close(fd);
}

/* The second mapping would take a half of what is left, or a twelfth. */
static void where_addresses_are_few_one_thread_relocates(void)
{
	char path[64];
	int fd = file_of(path, 16 * MEBIBYTE);

	for (unsigned more = 48; LIMITED && more <= 240; more += 192) {
		pid_t child = fork();
		int status;

		CHECK(child >= 0);
		if (child == 0) {
			limit_addresses(more * MEBIBYTE);
			EQUAL(relocates(fd, 2), more == 240);
			_exit(0);
		}
		CHECK(waitpid(child, &status, 0) == child);
		EQUAL(status, 0);
	}
	drop(path, fd);
}

static bool stops; /* each call, when it is asked first */
static bool forks; /* once */
static unsigned handled;
static pid_t forked;

static bool pending(void)
{
	return true;
}

static bool handle(void)
{
	handled++;
	if (forks && forked == 0) {
		forked = fork();
		CHECK(forked >= 0);
		if (forked == 0)
			forks = false; /* the child goes on with it as well */
	}
	return stops && handled == 1;
}

static const struct ancient_signals signals = {pending, handle}, no_signals;

/* Each call is stopped once, and goes on where the one before was stopped. */
static void a_signal_stops_it_and_it_goes_on(void)
{
	const uint64_t bytes = (small_run() ? 40 : 100) * MEBIBYTE;
	char path[64];
	int fd = file_of(path, MEBIBYTE);

	write_values(fd, 1, bytes);
	stops = true;
	for (unsigned i = 0; i < COUNT(processors); i++) {
		struct ancient_store *store = attach_older(fd);
		uint64_t stopped = 0, expected;
		enum ancient_code code;

		intercept_start();
		intercept.processors = processors[i];
		ancient_signals_set(&signals);
		do {
			struct ancient_error err = {.message = ""};

			handled = 0;
			code = ancient_store_refresh(store, &err);
			stopped += code == ANCIENT_E_INTERRUPTED;
		} while (code == ANCIENT_E_INTERRUPTED);
		ancient_signals_set(&no_signals);
		intercept.armed = false;
		EQUAL(code, ANCIENT_OK);
		expected = bytes / (16 * MEBIBYTE * processors[i]); /* blocks are long */
		CHECK(stopped <= expected + 1 && stopped + 1 >= expected);
		is_relocated(store, fd);
		ancient_store_discard(store);
	}
	stops = false;
	drop(path, fd);
}

/* A handler may fork: the child has the relocation of its own, and goes on without the threads. */
static void a_child_forked_within_goes_on(void)
{
	char path[64];
	int fd = file_of(path, 40 * MEBIBYTE), status;
	pid_t parent = getpid();

	forks = true;
	forked = 0;
	ancient_signals_set(&signals);
	CHECK(relocates(fd, 2) > 0);
	ancient_signals_set(&no_signals);
	forks = false;
	if (getpid() != parent)
		_exit(0);
	CHECK(waitpid(forked, &status, 0) == forked);
	EQUAL(status, 0);
	drop(path, fd);
}

int main(void)
{
	CHECK(mmap((void *)(uintptr_t)BASE, 4096, PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	any_number_of_threads_gives_the_same_words();
	a_small_file_starts_no_thread();
	what_another_process_commits_is_relocated();
	waypoints_are_not_trusted();
	without_waypoints_one_thread_relocates();
	a_damaged_block_is_refused_each_time();
	without_threads_or_room_it_is_relocated_all_the_same();
	where_addresses_are_few_one_thread_relocates();
	a_signal_stops_it_and_it_goes_on();
	a_child_forked_within_goes_on();
	return 0;
}

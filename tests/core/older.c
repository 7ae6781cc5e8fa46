/* tests/core: removal of keys, older generations, what is restored, the log, the history and
 * durable_used (FORMAT 3.5, 8.5, 11.4). */
#include "intercept.h"
#include "reseal.h"

static struct arena arena;

struct test_file {
	char path[64];
	int fd;
	struct ancient_store *store;
};

static struct test_file new_store(void)
{
	struct test_file f;

	f.fd = new_file(f.path);
	f.store = attach(f.fd);
	arena.used = 0;
	return f;
}

/* Verified by both sides. */
static void done(struct test_file *f)
{
	OK(ancient_store_verify(f->store, &err));
	ancient_store_discard(f->store);
	unlink(f->path);
	close(f->fd);
}

static struct ancient_superblock superblock_of(int fd)
{
	uint64_t size;
	uint8_t *bytes = file_bytes(fd, &size);
	struct ancient_superblock sb = in_force(bytes);

	free(bytes);
	return sb;
}

static struct ancient_commit *begin(struct ancient_store *store)
{
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	return commit;
}

static void put(struct ancient_commit *commit, uint64_t key, const char *name, uint64_t root)
{
	OK(ancient_commit_put(commit, key, name, &source, root, 0, NULL, &err));
}

static void finish(struct ancient_commit *commit, bool durable)
{
	OK(ancient_commit_finish(commit, durable, &err));
}

/* ---- removal ---- */

static void a_removed_key_is_gone_with_its_name(void)
{
	struct test_file f = new_store();
	struct ancient_store_entry entry;
	struct ancient_commit *commit = begin(f.store);
	struct ancient_superblock sb;
	uint64_t root;

	put(commit, 1, "one", pair(&arena, INT(1), INT(1)));
	put(commit, 2, "two", INT(2));
	put(commit, 3, NULL, INT(3));
	finish(commit, false);
	commit = begin(f.store);
	GIVES(ancient_commit_remove(commit, 4, &err), ANCIENT_E_NO_KEY); /* and it goes on */
	OK(ancient_commit_remove(commit, 1, &err));
	GIVES(ancient_commit_remove(commit, 1, &err), ANCIENT_E_NO_KEY);
	put(commit, 5, "one", INT(5)); /* the name is free again */
	finish(commit, false);
	GIVES(ancient_store_get(f.store, NULL, 1, &root, &err), ANCIENT_E_NO_KEY);
	OK(ancient_store_entry_named(f.store, NULL, "one", &entry, &err));
	EQUAL(entry.key, 5);
	sb = superblock_of(f.fd);
	EQUAL(sb.key_count, 3);
	EQUAL(sb.name_count, 2);
	EQUAL(sb.published, 1);
	EQUAL(sb.removed, 1);
	commit = begin(f.store); /* the last ones */
	OK(ancient_commit_remove(commit, 2, &err));
	OK(ancient_commit_remove(commit, 3, &err));
	OK(ancient_commit_remove(commit, 5, &err));
	finish(commit, false);
	sb = superblock_of(f.fd);
	EQUAL(sb.keys | sb.names | sb.key_count | sb.name_count, 0);
	EQUAL(sb.removed, 3);
	done(&f);
}

static void keys_put_and_removed_in_one_commit(void)
{
	struct test_file f = new_store();
	struct ancient_commit *commit = begin(f.store);
	struct ancient_superblock sb;
	uint64_t root;

	put(commit, 1, "one", INT(1));
	OK(ancient_commit_remove(commit, 1, &err));
	put(commit, 2, "two", INT(2));
	put(commit, 2, "zwei", INT(22));
	OK(ancient_commit_remove(commit, 2, &err));
	put(commit, 2, "two", INT(222));
	finish(commit, false);
	sb = superblock_of(f.fd);
	EQUAL(sb.key_count, 1);
	EQUAL(sb.name_count, 1);
	EQUAL(get(f.store, 2), INT(222));
	GIVES(ancient_store_get(f.store, NULL, 1, &root, &err), ANCIENT_E_NO_KEY);
	commit = begin(f.store);
	put(commit, 7, NULL, pair(&arena, INT(7), INT(7)));
	OK(ancient_commit_remove(commit, 7, &err));
	finish(commit, false); /* no key, but a generation, and blocks that are counted */
	EQUAL(ancient_store_generation(f.store), 3);
	commit = begin(f.store);
	GIVES(ancient_commit_remove(commit, 7, &err), ANCIENT_E_NO_KEY);
	finish(commit, false); /* nothing was changed, so that there is no generation */
	EQUAL(ancient_store_generation(f.store), 3);
	commit = begin(f.store);
	OK(ancient_commit_remove(commit, 2, &err));
	ancient_commit_abort(commit);
	EQUAL(get(f.store, 2), INT(222));
	done(&f);
}

/* Keys that come and go, held against a table. */
static void many_come_and_go(void)
{
	struct test_file f = new_store();
	static uint64_t there[256]; /* generation + 1, or 0 */
	uint64_t state = 1, rounds = small_run() ? 20 : 200;
	char name[16];

	memset(there, 0, sizeof there);
	for (uint64_t round = 0; round < rounds; round++) {
		struct ancient_commit *commit = begin(f.store);
		uint64_t count = 0, root;

		for (int i = 0; i < 20; i++) {
			uint64_t key;

			state = state * 6364136223846793005ull + 1442695040888963407ull;
			key = state >> 56;
			snprintf(name, sizeof name, "k%u", (unsigned)key);
			if (state >> 40 & 1) {
				put(commit, key << 54, key % 2 ? name : NULL, INT(round));
				there[key] = round + 1;
			} else {
				GIVES(ancient_commit_remove(commit, key << 54, &err),
				      there[key] ? ANCIENT_OK : ANCIENT_E_NO_KEY);
				there[key] = 0;
			}
		}
		finish(commit, false);
		for (uint64_t key = 0; key < 256; key++) {
			GIVES(ancient_store_get(f.store, NULL, key << 54, &root, &err),
			      there[key] ? ANCIENT_OK : ANCIENT_E_NO_KEY);
			CHECK(there[key] == 0 || root == INT(there[key] - 1));
			count += there[key] != 0;
		}
		EQUAL(superblock_of(f.fd).key_count, count);
	}
	done(&f);
}

/* ---- older generations ---- */

#define GENERATIONS 6u

/* Key 1 has the generation's number; key 10 + g is there from g on, key 10 + g - 2 no more. */
static void make_generations(struct ancient_store *store)
{
	char name[16];

	for (uint64_t g = ancient_store_generation(store) + 1; g <= GENERATIONS; g++) {
		struct ancient_commit *commit = begin(store);

		put(commit, 1, "newest", pair(&arena, INT(g), INT(0)));
		snprintf(name, sizeof name, "of %u", (unsigned)g);
		put(commit, 10 + g, name, INT(g));
		if (g >= 4)
			OK(ancient_commit_remove(commit, 10 + g - 2, &err));
		finish(commit, g % 2);
	}
}

/* What `at` shows (NULL: the newest) is what generation g was. */
static void is_generation(struct ancient_store *store, const struct ancient_store_generation *at,
			  uint64_t g)
{
	struct ancient_store_entry entry;
	struct ancient_store_keys keys;
	uint64_t root, count = 0;
	char name[16];

	OK(ancient_store_get(store, at, 1, &root, &err));
	EQUAL(fields(root)[0], INT(g));
	for (uint64_t i = 2; i <= GENERATIONS; i++) {
		bool there = i <= g && (i + 2 > g || i + 2 < 4);

		snprintf(name, sizeof name, "of %u", (unsigned)i);
		GIVES(ancient_store_entry(store, at, 10 + i, &entry, &err),
		      there ? ANCIENT_OK : ANCIENT_E_NO_KEY);
		GIVES(ancient_store_entry_named(store, at, name, &entry, &err),
		      there ? ANCIENT_OK : ANCIENT_E_NO_KEY);
		count += there;
	}
	OK(ancient_store_keys(store, at, &keys, &err));
	for (uint64_t i = 0; i < 1 + count; i++)
		OK(ancient_store_keys_next(store, &keys, &entry, &err));
	GIVES(ancient_store_keys_next(store, &keys, &entry, &err), ANCIENT_E_NO_KEY);
}

static void every_generation_can_be_read(void)
{
	struct test_file f = new_store();
	struct ancient_store_generation at;
	static const uint64_t none[] = {0, 1, GENERATIONS + 1, UINT64_MAX};

	GIVES(ancient_store_generation_find(f.store, 2, &at, &err), ANCIENT_E_EMPTY);
	make_generations(f.store);
	for (uint64_t g = 2; g <= GENERATIONS; g++) {
		OK(ancient_store_generation_find(f.store, g, &at, &err));
		EQUAL(at.generation, g);
		is_generation(f.store, &at, g);
	}
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		GIVES(ancient_store_generation_find(f.store, none[i], &at, &err),
		      ANCIENT_E_NO_GENERATION);
	done(&f);
}

/* A restored generation is what it was; what came later can still be read, and restored. */
static void a_generation_is_restored(void)
{
	struct test_file f = new_store();
	struct ancient_store_generation at;
	struct ancient_superblock before, after;
	struct ancient_commit *commit;

	make_generations(f.store);
	before = superblock_of(f.fd);
	commit = begin(f.store);
	GIVES(ancient_commit_restore(commit, GENERATIONS + 1, &err), ANCIENT_E_NO_GENERATION);
	OK(ancient_commit_restore(commit, 3, &err));
	finish(commit, false);
	after = superblock_of(f.fd);
	is_generation(f.store, NULL, 3);
	EQUAL(after.generation, GENERATIONS + 1);
	EQUAL(after.block_count, before.block_count);
	EQUAL(after.value_bytes, before.value_bytes);
	EQUAL(after.published | after.removed, 0);
	EQUAL(after.used - after.record, ANCIENT_RECORD_BYTES);
	EQUAL(after.record % ANCIENT_COMMIT_ALIGN, 0); /* there is nothing but the record */
	OK(ancient_store_generation_find(f.store, GENERATIONS, &at, &err));
	is_generation(f.store, &at, GENERATIONS);
	commit = begin(f.store);
	OK(ancient_commit_restore(commit, GENERATIONS, &err));
	GIVES(ancient_commit_restore(commit, GENERATIONS, &err), ANCIENT_E_ARGUMENT);
	put(commit, 99, "more", INT(99));
	GIVES(ancient_commit_restore(commit, 3, &err), ANCIENT_E_ARGUMENT);
	finish(commit, true);
	EQUAL(get(f.store, 99), INT(99));
	commit = begin(f.store);
	OK(ancient_commit_remove(commit, 99, &err));
	finish(commit, false);
	is_generation(f.store, NULL, GENERATIONS);
	done(&f);
}

/* Makes the newest commit, of a file that is closed, one of a writer of 1.1: without its record,
 * its last extent the commit's last, and the fields void that such a writer carries on. */
static void make_it_of_1_1(int fd)
{
	uint64_t size, last = 0;
	uint8_t *bytes = file_bytes(fd, &size);
	struct ancient_superblock sb = in_force(bytes), before;
	struct ancient_extent *header;

	memcpy(&before, bytes + (sb.generation + 1) % 2 * ANCIENT_SUPERBLOCK_SLOT, sizeof before);
	for (uint64_t at = ANCIENT_FIRST_EXTENT; at < sb.record; at = next_extent(bytes, at))
		last = at;
	header = (void *)(bytes + last);
	EQUAL(header->generation, sb.generation);
	header->flags = ANCIENT_EXTENT_LAST;
	header->length = sizeof *header + header->content;
	reseal_extent(bytes, last);
	size = last + header->length;
	memcpy(&sb.fields_generation, &before.fields_generation,
	       offsetof(struct ancient_superblock, zero2) -
		       offsetof(struct ancient_superblock, fields_generation));
	sb.used = size;
	sb.version = before.version;
	reseal_superblock(&sb);
	memcpy(bytes + sb.generation % 2 * ANCIENT_SUPERBLOCK_SLOT, &sb, sizeof sb);
	write_back(fd, bytes, size);
	free(bytes);
}

/* Commits of writers of 1.1 between those of 1.2: the history is that of all extents, the chain of
 * records is broken and the log ends, but what left a record is found by a walk. */
static void an_older_writer_leaves_no_record(void)
{
	struct test_file f = new_store();
	struct ancient_store_generation at;
	struct ancient_store_commit c;
	struct ancient_superblock sb;
	uint64_t next = ANCIENT_LOG_NEWEST;

	share(f.store, 1, pair(&arena, INT(2), INT(0)));
	share(f.store, 1, pair(&arena, INT(3), INT(0)));
	share(f.store, 1, pair(&arena, INT(4), INT(0)));
	ancient_store_discard(f.store);
	make_it_of_1_1(f.fd);
	f.store = attach(f.fd);
	OK(ancient_store_verify(f.store, &err));
	EQUAL(ancient_store_generation(f.store), 4);
	GIVES(ancient_store_log_next(f.store, &next, &c, &err), ANCIENT_E_NO_GENERATION);
	/* The newest needs no record; 3 is found by the headers. */
	for (uint64_t g = 2; g <= 4; g++) {
		uint64_t root;

		OK(ancient_store_generation_find(f.store, g, &at, &err));
		OK(ancient_store_get(f.store, &at, 1, &root, &err));
		EQUAL(fields(root)[0], INT(g));
	}
	share(f.store, 1, pair(&arena, INT(5), INT(0)));
	OK(ancient_store_verify(f.store, &err)); /* which computes the history of all extents */
	sb = superblock_of(f.fd);
	EQUAL(sb.previous, 0);
	EQUAL(sb.durable_used, ANCIENT_FIRST_EXTENT);
	share(f.store, 1, pair(&arena, INT(6), INT(0)));
	GIVES(ancient_store_generation_find(f.store, 4, &at, &err), ANCIENT_E_NO_GENERATION);
	OK(ancient_store_generation_find(f.store, 3, &at, &err));
	OK(ancient_store_generation_find(f.store, 2, &at, &err));
	next = ANCIENT_LOG_NEWEST;
	OK(ancient_store_log_next(f.store, &next, &c, &err));
	EQUAL(c.generation, 6);
	OK(ancient_store_log_next(f.store, &next, &c, &err));
	EQUAL(c.generation, 5);
	GIVES(ancient_store_log_next(f.store, &next, &c, &err), ANCIENT_E_NO_GENERATION);
	done(&f);
}

/* The commit of 1.2 on top of one of 1.1 whose other slot may be anything: where the slot of the
 * newer one is lost, it is not cut off.  What a crash of the newer writer left looks the same. */
static void what_lies_on_top_of_an_older_writers_is_not_cut_off(bool contents_lost)
{
	static const uint8_t zeros[ANCIENT_SUPERBLOCK_SLOT];
	struct test_file f = new_store();
	struct ancient_recovered recovered;
	struct ancient_commit *commit = NULL;
	struct ancient_superblock sb;

	share(f.store, 1, pair(&arena, INT(2), INT(0)));
	share(f.store, 1, pair(&arena, INT(3), INT(0)));
	ancient_store_discard(f.store);
	make_it_of_1_1(f.fd);
	f.store = attach(f.fd);
	share(f.store, 2, pair(&arena, INT(4), INT(0)));
	ancient_store_discard(f.store);
	sb = superblock_of(f.fd);
	EQUAL(sb.generation, 4);
	CHECK(pwrite(f.fd, zeros, sizeof zeros, 0) == sizeof zeros);
	if (contents_lost) /* beside the record: then it is not complete, but still there */
		CHECK(pwrite(f.fd, zeros, 8, (off_t)sb.record - 64) == 8);
	f.store = attach(f.fd);
	EQUAL(ancient_store_generation(f.store), 3);
	GIVES(ancient_commit_begin(f.store, &commit, &err), ANCIENT_E_UNRECOVERED);
	ancient_store_discard(f.store);
	OK(ancient_recover(f.path, false, &recovered, &err));
	EQUAL(recovered.damaged, 1);
	EQUAL(recovered.recovered, contents_lost ? 0 : 4);
	EQUAL(recovered.generation, contents_lost ? 4 : 5);
	f.store = attach(f.fd);
	EQUAL(fields(get(f.store, 1))[0], INT(3));
	if (!contents_lost)
		EQUAL(fields(get(f.store, 2))[0], INT(4));
	share(f.store, 3, INT(3));
	done(&f);
}

/* ---- the log, and time ---- */

static void the_log_tells_each_commit(void)
{
	struct test_file f = new_store();
	uint64_t next = ANCIENT_LOG_NEWEST, used = UINT64_MAX;
	struct ancient_store_commit c;

	GIVES(ancient_store_log_next(f.store, &next, &c, &err), ANCIENT_E_NO_GENERATION);
	CHECK(setenv("SOURCE_DATE_EPOCH", "86400", 1) == 0);
	make_generations(f.store);
	next = ANCIENT_LOG_NEWEST;
	for (uint64_t g = GENERATIONS; g >= 2; g--) {
		OK(ancient_store_log_next(f.store, &next, &c, &err));
		EQUAL(c.generation, g);
		EQUAL(c.time, 86400ull * 1000000000);
		EQUAL(c.published, 2);
		EQUAL(c.removed, g >= 4);
		EQUAL(c.keys, g < 4 ? g : 3);
		CHECK(c.used < used && c.bytes > 0 && c.bytes < c.used);
		used = c.used;
	}
	GIVES(ancient_store_log_next(f.store, &next, &c, &err), ANCIENT_E_NO_GENERATION);
	done(&f);
}

static uint64_t time_with(struct test_file *f, const char *epoch)
{
	if (epoch)
		CHECK(setenv("SOURCE_DATE_EPOCH", epoch, 1) == 0);
	share(f->store, 1, INT(1));
	CHECK(unsetenv("SOURCE_DATE_EPOCH") == 0);
	return superblock_of(f->fd).time;
}

static void the_time_is_the_clocks_or_as_asked_for(void)
{
	struct test_file f = new_store();
	const uint64_t second = 1000000000, start = 1700000000 * second; /* 2023 */

	CHECK(unsetenv("SOURCE_DATE_EPOCH") == 0);
	CHECK(time_with(&f, NULL) > start);
	EQUAL(time_with(&f, "0"), 0);
	EQUAL(time_with(&f, "1"), second);
	EQUAL(time_with(&f, "18446744073"), 18446744073 * second);
	/* No number of seconds that fits: as without. */
	CHECK(time_with(&f, "18446744074") < UINT64_MAX / 2);
	CHECK(time_with(&f, "99999999999999999999999") > start);
	CHECK(time_with(&f, "") > start);
	CHECK(time_with(&f, "-1") > start);
	CHECK(time_with(&f, "1x") > start);
	done(&f);
}

/* ---- durable_used ---- */

static void share_with(struct ancient_store *store, bool durable)
{
	struct ancient_commit *commit = begin(store);

	put(commit, 1, NULL, pair(&arena, INT(1), INT(2)));
	finish(commit, durable);
}

static void in_another_process(int fd, bool durable)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		char path[64];
		struct ancient_store *store;

		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		fd = open(path, O_RDWR);
		CHECK(fd >= 0);
		store = attach(fd);
		share_with(store, durable);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

#define DURABLE(f) (superblock_of((f).fd).durable_used)
#define USED(f) (superblock_of((f).fd).used)

static void only_a_durable_commit_raises_it(void)
{
	struct test_file f = new_store();
	uint64_t before;

	share_with(f.store, false);
	share_with(f.store, false);
	EQUAL(DURABLE(f), ANCIENT_FIRST_EXTENT);
	share_with(f.store, true); /* all of it is this process' */
	EQUAL(DURABLE(f), USED(f));
	before = USED(f);
	share_with(f.store, false);
	EQUAL(DURABLE(f), before);
	share_with(f.store, true);
	EQUAL(DURABLE(f), USED(f));
	done(&f);
}

/* The file is not attached in the parent, so that the addresses are free. */
static void another_process_bytes_are_written_again(void)
{
	struct test_file f = new_store();
	uint64_t before;

	share_with(f.store, true);
	before = USED(f);
	EQUAL(DURABLE(f), before);
	ancient_store_discard(f.store);
	in_another_process(f.fd, true); /* after a durable one, nothing is missing */
	EQUAL(DURABLE(f), USED(f));
	before = USED(f);
	in_another_process(f.fd, false);
	EQUAL(DURABLE(f), before);
	in_another_process(f.fd, true); /* of the one before it knows nothing */
	EQUAL(DURABLE(f), USED(f));
	f.store = attach(f.fd);
	share_with(f.store, true);
	EQUAL(DURABLE(f), USED(f));
	done(&f);
}

/* A durable commit, whose flush of this number fails. */
static void flush_fails(struct ancient_store *store, uint64_t number)
{
	struct ancient_commit *commit = begin(store);
	struct ancient_error error;

	put(commit, 2, NULL, INT(number));
	intercept_start();
	intercept.fail = CALL_FDATASYNC;
	intercept.fail_at = number;
	intercept.error = EIO;
	CHECK(ancient_commit_finish(commit, true, &error) != ANCIENT_OK);
	intercept.armed = false;
}

static void so_is_what_a_flush_that_failed_left(void)
{
	struct test_file f = new_store();
	uint64_t before;

	share_with(f.store, true);
	before = DURABLE(f);
	flush_fails(f.store, 0);
	EQUAL(DURABLE(f), before);
	share_with(f.store, true); /* in the place of what was not flushed */
	EQUAL(DURABLE(f), USED(f));
	flush_fails(f.store, 1);
	/* The commit is there, and says what its first flush had done. */
	CHECK(DURABLE(f) == USED(f));
	share_with(f.store, true);
	before = DURABLE(f);
	EQUAL(before, USED(f));
	/* Of a commit without durability it is not known what a failed flush has lost. */
	share_with(f.store, false);
	flush_fails(f.store, 0);
	EQUAL(DURABLE(f), before);
	share_with(f.store, true);
	EQUAL(DURABLE(f), USED(f));
	done(&f);
}

int main(void)
{
	arena = new_arena(1000000);
	a_removed_key_is_gone_with_its_name();
	keys_put_and_removed_in_one_commit();
	many_come_and_go();
	every_generation_can_be_read();
	a_generation_is_restored();
	an_older_writer_leaves_no_record();
	what_lies_on_top_of_an_older_writers_is_not_cut_off(false);
	what_lies_on_top_of_an_older_writers_is_not_cut_off(true);
	the_log_tells_each_commit();
	the_time_is_the_clocks_or_as_asked_for();
	only_a_durable_commit_raises_it();
	another_process_bytes_are_written_again();
	so_is_what_a_flush_that_failed_left();
	free(arena.words);
	return 0;
}

/* tests/core: what compaction keeps and drops, and what readers and writers of the old file see. */
#include <sys/xattr.h>

#include "check.h"

static struct arena arena;

/* ---- files ---- */

static void temporary_of(const char *path, char name[80])
{
	snprintf(name, 80, ".%s.compact", path);
}

static bool exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

static struct ancient_compacted compact(const char *path)
{
	struct ancient_compacted compacted = {0};
	char temporary[80];

	OK(ancient_compact(path, NULL, &compacted, &err));
	temporary_of(path, temporary);
	CHECK(!exists(temporary));
	return compacted;
}

static struct ancient_store *attach_path(const char *path)
{
	int fd = open(path, O_RDWR);
	struct ancient_store *store;

	CHECK(fd >= 0);
	store = attach(fd);
	close(fd);
	return store;
}

/* A new file, attached, whose first key was replaced so often. */
static struct ancient_store *file_with_garbage(char path[64], uint64_t rounds)
{
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	close(fd);
	for (uint64_t i = 0; i < rounds; i++) {
		uint64_t v = block(&arena, 0, 1000);

		for (uint64_t j = 0; j < 1000; j++)
			fields(v)[j] = INT(i);
		share(store, 0, v);
		arena.used = 0;
	}
	return store;
}

static ino_t inode_of(const char *path)
{
	struct stat status;

	CHECK(lstat(path, &status) == 0);
	return status.st_ino;
}

/* ---- what is kept ---- */

static void what_no_key_leads_to_goes(void)
{
	char path[64];
	struct ancient_store *store = file_with_garbage(path, 20), *now;
	struct ancient_compacted first, second;
	uint64_t generation = ancient_store_generation(store);

	first = compact(path);
	CHECK(first.bytes_before > 20 * 8008 &&
	      first.bytes_after < 8192 + 8008 + 500 + ANCIENT_RECORD_BYTES);
	EQUAL(first.blocks_before, 20);
	EQUAL(first.blocks_after, 1);
	EQUAL(first.keys, 1);
	EQUAL(first.generation, generation + 2);
	second = compact(path);
	EQUAL(second.bytes_before, first.bytes_after);
	EQUAL(second.bytes_after, first.bytes_after);
	now = attach_path(path);
	EQUAL(fields(get(now, 0))[999], INT(19));
	EQUAL(ancient_store_generation(now), generation + 4);
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
}

static void names_schemas_and_generations_of_keys_stay(void)
{
	static const char text[] = "val root : int";
	struct ancient_schema_text schema = {.text = text, .length = sizeof text - 1};
	struct ancient_store_entry before, after;
	struct ancient_commit *commit = NULL;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd), *now;

	for (uint64_t key = 0; key < 3; key++) {
		OK(ancient_commit_begin(store, &commit, &err));
		OK(ancient_commit_put_typed(commit, key << 60, key == 1 ? "one" : NULL,
					    key ? &schema : NULL, &source, INT(key), 0, NULL,
					    &err));
		OK(ancient_commit_finish(commit, false, &err));
	}
	compact(path);
	now = attach_path(path);
	for (uint64_t key = 0; key < 3; key++) {
		OK(ancient_store_entry(store, NULL, key << 60, &before, &err));
		OK(ancient_store_entry(now, NULL, key << 60, &after, &err));
		EQUAL(after.root, before.root);
		EQUAL(after.generation, before.generation);
		EQUAL(!after.name, !before.name);
		EQUAL(after.schema.length, before.schema.length);
		EQUAL(!after.schema.text, key == 0);
	}
	OK(ancient_store_entry_named(now, NULL, "one", &after, &err));
	EQUAL(after.key, 1ull << 60);
	CHECK(strcmp(after.schema.text, text) == 0);
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

static void what_keys_share_is_shared(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd), *now;
	struct ancient_compacted compacted;
	uint64_t large;

	large = block(&arena, 0, 5000);
	for (uint64_t i = 0; i < 5000; i++)
		fields(large)[i] = INT(i);
	share(store, 0, pair(&arena, large, INT(0)));
	for (uint64_t key = 1; key < 5; key++) /* the large one lies in the file already */
		share(store, key, pair(&arena, fields(get(store, 0))[0], INT(key)));
	compacted = compact(path);
	CHECK(compacted.bytes_after <= compacted.bytes_before);
	EQUAL(compacted.blocks_after, 6);
	now = attach_path(path);
	for (uint64_t key = 1; key < 5; key++)
		EQUAL(fields(get(now, key))[0], fields(get(now, 0))[0]);
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	arena.used = 0;
}

static void customs_and_payloads_arrive(void)
{
	static uint8_t data[10000];
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd), *now;
	uint64_t array = block(&arena, ANCIENT_TAG_CUSTOM, 6);
	uint64_t mine = block(&arena, ANCIENT_TAG_CUSTOM, 3);
	uint64_t more = block(&arena, ANCIENT_TAG_CUSTOM, 2), v, base, end;

	memset(data, 7, sizeof data);
	fields(array)[0] = OPERATIONS(3);
	fields(array)[1] = (uint64_t)(uintptr_t)data;
	fields(array)[2] = 1;
	fields(array)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED;
	fields(array)[5] = sizeof data;
	fields(mine)[0] = OPERATIONS(5);
	fields(mine)[2] = 42;
	fields(more)[0] = OPERATIONS(7);
	fields(more)[1] = 43;
	share(store, 0, more); /* takes the first slot, and is replaced */
	share(store, 0, pair(&arena, array, mine));
	compact(path);
	now = attach_path(path);
	ancient_store_range(now, &base, &end);
	v = get(now, 0);
	EQUAL(fields(fields(v)[1])[0],
	      base - ANCIENT_CUSTOM_WINDOW + ANCIENT_CUSTOM_WELL_KNOWN * ANCIENT_CUSTOM_SLOT);
	EQUAL(fields(fields(v)[1])[2], 42);
	v = fields(v)[0];
	EQUAL((fields(v)[1] - base) % 64, 0);
	CHECK(memcmp((void *)(uintptr_t)fields(v)[1], data, sizeof data) == 0);
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	arena.used = 0;
}

static void files_without_values_can_be_compacted(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd), *now;
	struct ancient_compacted compacted;

	GIVES(ancient_compact(path, NULL, &compacted, &err), ANCIENT_E_EMPTY);
	OK(ancient_commit_nothing(store, &err));
	OK(ancient_commit_nothing(store, &err)); /* of which the second does nothing */
	EQUAL(ancient_store_generation(store), 2);
	compacted = compact(path);
	EQUAL(compacted.bytes_after, ANCIENT_FIRST_EXTENT + ANCIENT_RECORD_BYTES);
	EQUAL(compacted.generation, 4);
	now = attach_path(path);
	share(now, 5, pair(&arena, INT(1), INT(2))); /* and be written again */
	share(now, 5, INT(3));                       /* nothing is left but garbage */
	EQUAL(compact(path).blocks_after, 0);
	ancient_store_detach(now);
	now = attach_path(path);
	EQUAL(get(now, 5), INT(3));
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* ---- those who have the old file ---- */

static void writers_of_the_old_file_are_told_and_go_on_with_the_new(void)
{
	char path[64];
	struct ancient_store *store = file_with_garbage(path, 3), *now;
	struct ancient_commit *commit = NULL;
	uint64_t old = get(store, 0);

	compact(path);
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_SUPERSEDED);
	CHECK(strstr(last_error.message, "attach it again by its name"));
	EQUAL(get(store, 0), old);
	EQUAL(fields(old)[0], INT(2));
	now = attach_path(path); /* while the old one is attached: elsewhere, and writable */
	CHECK(get(now, 0) != old);
	share(now, 1, INT(1));
	share(now, 2, old); /* a value of another file: copied */
	OK(ancient_store_verify(now, &err));
	ancient_store_detach(store);
	ancient_store_detach(now);
	unlink(path);
}

/* Opened by its name before, attached after. */
static void a_file_opened_before_is_not_written_after(void)
{
	char path[64];
	struct ancient_store *store = file_with_garbage(path, 3);
	struct ancient_commit *commit = NULL;
	int fd = open(path, O_RDWR);

	ancient_store_detach(store);
	compact(path);
	store = attach(fd);
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_SUPERSEDED);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* What this process has written to its private pages is not in the copy. */
static void the_copy_is_made_of_the_file_not_of_the_mapping(void)
{
	char path[64];
	struct ancient_store *store = file_with_garbage(path, 2), *now;

	fields(get(store, 0))[5] = INT(77);
	compact(path);
	now = attach_path(path);
	EQUAL(fields(get(now, 0))[5], INT(1));
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
}

static void a_derived_base_moves_on_and_a_given_one_stays(void)
{
	struct ancient_store_options given = {.base = 0x123400000000, .reserve = 0x10000000};
	struct ancient_compact_options wish = {.base = 0x123500000000};
	struct ancient_store *store, *now;
	uint64_t base, next, end;
	char path[64];
	int fd = new_file(path);

	store = attach(fd);
	share(store, 0, INT(0));
	ancient_store_range(store, &base, &end);
	compact(path);
	now = attach_path(path);
	ancient_store_range(now, &next, &end);
	CHECK(next != base);
	OK(ancient_store_writable(now, &err));
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
	close(fd);

	fd = new_file(path);
	OK(ancient_store_attach(fd, "given", &given, &store, &err));
	share(store, 0, pair(&arena, INT(1), INT(2)));
	compact(path);
	now = attach_path(path); /* at the same base, which the old file has in this process */
	GIVES(ancient_store_writable(now, &err), ANCIENT_E_RELOCATED);
	ancient_store_detach(now);
	OK(ancient_compact(path, &wish, NULL, &err));
	now = attach_path(path);
	ancient_store_range(now, &base, &end);
	EQUAL(base, wish.base);
	OK(ancient_store_writable(now, &err));
	wish.base = 5;
	GIVES(ancient_compact(path, &wish, NULL, &err), ANCIENT_E_BAD_BASE);
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* ---- names ---- */

static void a_symbolic_link_stays_one(void)
{
	char path[64];
	struct ancient_store *store = file_with_garbage(path, 3);
	struct stat status;
	ino_t inode = inode_of(path);

	CHECK(symlink(path, "core-test-link") == 0);
	OK(ancient_compact("core-test-link", NULL, NULL, &err));
	CHECK(lstat("core-test-link", &status) == 0 && S_ISLNK(status.st_mode));
	CHECK(lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_ino != inode);
	remove("core-test-link");
	ancient_store_detach(store);
	unlink(path);
}

static void a_file_with_other_names_is_refused(void)
{
	char path[64];
	struct ancient_store *store = file_with_garbage(path, 3);

	CHECK(link(path, "core-test-other") == 0);
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_IRREPLACEABLE);
	CHECK(strstr(last_error.message, "2 names"));
	remove("core-test-other");
	compact(path);
	ancient_store_detach(store);
	unlink(path);
}

static void what_lies_at_the_temporary_name_does_no_harm(void)
{
	char path[64], temporary[80];
	struct ancient_store *store = file_with_garbage(path, 3);
	int fd = open("core-test-victim", O_RDWR | O_CREAT, 0644);

	CHECK(write(fd, "victim", 6) == 6);
	temporary_of(path, temporary);
	CHECK(symlink("core-test-victim", temporary) == 0);
	compact(path);
	EQUAL(file_size(fd), 6);
	CHECK(mkfifo(temporary, 0600) == 0);
	compact(path);
	/* Left over by a compaction that was killed. */
	close(open(temporary, O_RDWR | O_CREAT, 0600));
	compact(path);
	CHECK(mkdir(temporary, 0700) == 0);
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_DIRECTORY);
	rmdir(temporary);
	compact(path);
	remove("core-test-victim");
	close(fd);
	ancient_store_detach(store);
	unlink(path);
}

static bool replace(void *path, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	if (exists("core-test-new"))
		CHECK(rename("core-test-new", path) == 0);
	return false;
}

static void a_file_published_meanwhile_stays(void)
{
	char path[64], temporary[80];
	struct ancient_store *store = file_with_garbage(path, 3), *now;
	struct ancient_compact_options options = {.progress = replace, .context = path};
	int fd = open("core-test-new", O_RDWR | O_CREAT, 0644);

	now = attach(fd);
	share(now, 0, INT(99));
	ancient_store_detach(now);
	close(fd);
	GIVES(ancient_compact(path, &options, NULL, &err), ANCIENT_E_SUPERSEDED);
	temporary_of(path, temporary);
	CHECK(!exists(temporary));
	now = attach_path(path);
	EQUAL(get(now, 0), INT(99));
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
}

/* ---- who may ---- */

static void mode_owner_and_attributes_stay(void)
{
	char path[64], value[8] = "";
	struct ancient_store *store = file_with_garbage(path, 3);
	bool root = geteuid() == 0, attributes;
	struct stat status;

	CHECK(chmod(path, 0640) == 0);
	if (root)
		CHECK(chown(path, 12, 34) == 0);
	attributes = setxattr(path, "user.test", "kept", 4, 0) == 0;
	umask(0777);
	compact(path);
	umask(022);
	CHECK(stat(path, &status) == 0);
	EQUAL(status.st_mode & 07777, 0640);
	if (root) {
		EQUAL(status.st_uid, 12);
		EQUAL(status.st_gid, 34);
	}
	if (attributes)
		CHECK(getxattr(path, "user.test", value, sizeof value) == 4 &&
		      memcmp(value, "kept", 4) == 0);
	ancient_store_detach(store);
	unlink(path);
}

static void in_a_child_that_is_nobody(void (*check)(const char *path), const char *path)
{
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		CHECK(geteuid() != 0 || (setgid(65534) == 0 && setuid(65534) == 0));
		check(path);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

static void is_denied(const char *path)
{
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_DENIED);
}

static void is_irreplaceable(const char *path)
{
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_IRREPLACEABLE);
}

static void who_may_not_is_told(void)
{
	char path[64], within[96];
	struct ancient_store *store = file_with_garbage(path, 3);
	bool root = geteuid() == 0;
	ino_t inode;

	CHECK(mkdir("core-test-folder", 0755) == 0);
	snprintf(within, sizeof within, "core-test-folder/%s", path);
	CHECK(rename(path, within) == 0);
	inode = inode_of(within);
	CHECK(chmod(within, 0666) == 0 && chmod("core-test-folder", 0555) == 0);
	in_a_child_that_is_nobody(is_denied, within); /* the folder */
	CHECK(chmod("core-test-folder", 0777) == 0);
	if (root)
		in_a_child_that_is_nobody(is_irreplaceable, within); /* the owner */
	CHECK(chmod(within, 0444) == 0);
	in_a_child_that_is_nobody(is_denied, within); /* the file */
	EQUAL(inode_of(within), inode);
	ancient_store_detach(store);
	unlink(within);
	CHECK(rmdir("core-test-folder") == 0);
}

/* ---- what is refused ---- */

static void a_damaged_file_is_refused_and_stays(void)
{
	char path[64], temporary[80], byte = 1;
	struct ancient_store *store = file_with_garbage(path, 3);
	int fd = open(path, O_RDWR);
	ino_t inode = inode_of(path);

	CHECK(pwrite(fd, &byte, 1, 8192 + 64 + 17) == 1);
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_BAD_CHECKSUM);
	EQUAL(last_error.rule, 205);
	EQUAL(inode_of(path), inode);
	temporary_of(path, temporary);
	CHECK(!exists(temporary));
	ancient_store_detach(store);
	remove(path);
	close(fd);

	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_MISSING);
	GIVES(ancient_compact(".", NULL, NULL, &err), ANCIENT_E_DIRECTORY);
	GIVES(ancient_compact("/", NULL, NULL, &err), ANCIENT_E_MISSING);
	fd = new_file(path);
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_EMPTY);
	CHECK(write(fd, "something else", 14) == 14);
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_FOREIGN);
	remove(path);
	CHECK(mkfifo(path, 0666) == 0);
	GIVES(ancient_compact(path, NULL, NULL, &err), ANCIENT_E_NOT_A_FILE);
	remove(path);
	close(fd);
}

/* ---- progress ---- */

struct seen {
	uint64_t calls, done, stop_at;
};

static bool look(void *context, uint64_t done, uint64_t total)
{
	struct seen *seen = context;

	CHECK(done >= seen->done && done <= total);
	seen->done = done;
	return ++seen->calls == seen->stop_at;
}

static void progress_rises_and_can_stop_it(void)
{
	struct seen seen = {0};
	struct ancient_compact_options options = {.progress = look, .context = &seen};
	char path[64], temporary[80];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t v = block(&arena, 0, 6000000), calls;
	ino_t inode = inode_of(path);

	for (uint64_t j = 0; j < 6000000; j++)
		fields(v)[j] = INT(j);
	share(store, 0, v);
	OK(ancient_compact(path, &options, NULL, &err));
	CHECK(seen.calls > 5 && inode_of(path) != inode);
	calls = seen.calls;
	inode = inode_of(path);
	for (uint64_t at = 1; at <= calls; at++) {
		seen = (struct seen){.stop_at = at};
		GIVES(ancient_compact(path, &options, NULL, &err), ANCIENT_E_INTERRUPTED);
		EQUAL(inode_of(path), inode);
		temporary_of(path, temporary);
		CHECK(!exists(temporary));
	}
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	arena.used = 0;
}

/* ---- many keys, and several who compact ---- */

static void many_keys_keep_their_values(void)
{
	struct ancient_commit *commit = NULL;
	char path[64], name[24];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd), *now;

	OK(ancient_commit_begin(store, &commit, &err));
	for (uint64_t key = 0; key < 50000; key++) {
		snprintf(name, sizeof name, "n%u", (unsigned)key % 100000);
		OK(ancient_commit_put(commit, key * 7919, key % 10 ? NULL : name, &source, INT(key),
				      0, NULL, &err));
	}
	OK(ancient_commit_finish(commit, false, &err));
	EQUAL(compact(path).keys, 50000);
	now = attach_path(path);
	for (uint64_t key = 0; key < 50000; key++)
		EQUAL(get(now, key * 7919), INT(key));
	ancient_store_detach(now);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

static void several_may_compact_at_once(void)
{
	char path[64];
	struct ancient_store *store = file_with_garbage(path, 3);
	int status;

	for (int i = 0; i < 4; i++) {
		pid_t child = fork();

		CHECK(child >= 0);
		if (child == 0) {
			for (int j = 0; j < 10; j++)
				OK(ancient_compact(path, NULL, NULL, &err));
			_exit(0);
		}
	}
	for (int i = 0; i < 4; i++) {
		CHECK(wait(&status) > 0);
		EQUAL(status, 0);
	}
	ancient_store_detach(store);
	store = attach_path(path);
	EQUAL(ancient_store_generation(store), 4 + 40 * 2);
	EQUAL(fields(get(store, 0))[0], INT(2));
	ancient_store_detach(store);
	unlink(path);
}

int main(void)
{
	arena = new_arena(6100000);
	what_no_key_leads_to_goes();
	names_schemas_and_generations_of_keys_stay();
	what_keys_share_is_shared();
	customs_and_payloads_arrive();
	files_without_values_can_be_compacted();
	writers_of_the_old_file_are_told_and_go_on_with_the_new();
	a_file_opened_before_is_not_written_after();
	the_copy_is_made_of_the_file_not_of_the_mapping();
	a_derived_base_moves_on_and_a_given_one_stays();
	a_symbolic_link_stays_one();
	a_file_with_other_names_is_refused();
	what_lies_at_the_temporary_name_does_no_harm();
	a_file_published_meanwhile_stays();
	mode_owner_and_attributes_stay();
	who_may_not_is_told();
	a_damaged_file_is_refused_and_stays();
	progress_rises_and_can_stop_it();
	many_keys_keep_their_values();
	several_may_compact_at_once();
	free(arena.words);
	return 0;
}

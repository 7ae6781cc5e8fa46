/* tests/c-reader: older generations, the log, damaged superblocks, and readers beside a writer.  On
 * golden files, whose folder is the argument. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "build_file.h"

static struct ancient_error err;
static const char *golden;

/* A golden file in memory, to be changed. */
struct bytes {
	unsigned char at[40960];
	size_t length;
};

static struct bytes load(const char *name)
{
	struct bytes b;
	char path[512];
	snprintf(path, sizeof(path), "%s/%s.ancient", golden, name);
	int fd = open(path, O_RDONLY);
	CHECK(fd >= 0);
	b.length = (size_t)read(fd, b.at, sizeof(b.at));
	CHECK(b.length > 8192 && b.length < sizeof(b.at));
	close(fd);
	return b;
}

static struct ancient_superblock *super_of(struct bytes *b, unsigned slot)
{
	return (struct ancient_superblock *)(void *)(b->at + slot * ANCIENT_SUPERBLOCK_SLOT);
}

static struct ancient_superblock *newest(struct bytes *b)
{
	return super_of(b, super_of(b, 1)->generation > super_of(b, 0)->generation);
}

static void seal(struct ancient_superblock *super)
{
	super->checksum = XXH3_64bits(super, 248);
}

/* The record of a generation. */
static struct ancient_extent *record_of(struct bytes *b, uint64_t generation)
{
	uint64_t at = newest(b)->record;
	for (;;) {
		struct ancient_extent *header = (struct ancient_extent *)(void *)(b->at + at);
		struct ancient_superblock *image = (struct ancient_superblock *)(header + 1);
		if (header->generation == generation)
			return header;
		CHECK(image->previous != 0 && image->previous < at);
		at = image->previous;
	}
}

static struct ancient_superblock *image_of(struct bytes *b, uint64_t generation)
{
	return (struct ancient_superblock *)(record_of(b, generation) + 1);
}

static void seal_header(struct ancient_extent *header)
{
	header->header_checksum = XXH3_64bits(header, 56);
}

static void seal_record(struct ancient_extent *header)
{
	seal((struct ancient_superblock *)(header + 1));
	header->content_checksum = XXH3_64bits(header + 1, 256);
	seal_header(header);
}

static const char *put(const struct bytes *b)
{
	static char path[64];
	test_path(path, "file");
	unlink(path);
	image_write_bytes(path, b->at, b->length);
	return path;
}

static enum ancient_code open_at(const struct bytes *b, uint64_t generation,
				 struct ancient_file **ret)
{
	const struct ancient_options options = {.generation = generation};
	*ret = NULL;
	return ancient_file_open(put(b), &options, ret, &err);
}

static struct ancient_info info_of(struct ancient_file *file)
{
	struct ancient_info info;
	ancient_file_info(file, &info);
	return info;
}

static bool has(struct ancient_file *file, uint64_t key)
{
	struct ancient_entry entry;
	enum ancient_code code = ancient_file_entry(file, key, &entry, &err);
	CHECK(code == ANCIENT_OK || code == ANCIENT_E_NO_KEY);
	return code == ANCIENT_OK;
}

static void refused(const struct bytes *b, uint64_t generation, enum ancient_code code,
		    unsigned rule)
{
	struct ancient_file *file;
	enum ancient_code found = open_at(b, generation, &file);
	if (found != code || err.rule != rule)
		fprintf(stderr, "expected %s, found %s\n", ancient_code_name(code), err.message);
	CHECK(found == code && err.code == code && err.rule == rule && file == NULL);
}

static void opens(const struct bytes *b, uint64_t generation)
{
	struct ancient_file *file;
	enum ancient_code code = open_at(b, generation, &file);
	if (code != ANCIENT_OK)
		fprintf(stderr, "%s\n", err.message);
	CHECK(code == ANCIENT_OK && info_of(file).generation == generation);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK);
	ancient_file_close(file);
}

/* ---- Older generations ------------------------------------------------------------ */

static void each_generation_has_its_keys(void)
{
	/* Keys 0 to 5 are there from generation 2 on; 0 and 3 go and 6 comes in 3, 5 goes in 4. */
	static const char *const keys[] = {"0123456", "", "012345", "12456", "1246", "01246"};
	struct bytes b = load("removed");
	for (uint64_t generation = 2; generation <= 5; generation++) {
		struct ancient_file *file;
		CHECK(open_at(&b, generation, &file) == ANCIENT_OK);
		struct ancient_info info = info_of(file);
		CHECK(info.generation == generation && info.newest_generation == 5);
		CHECK(info.key_count == strlen(keys[generation]));
		CHECK(info.used <= b.length && info.damaged_slot == -1);
		for (uint64_t key = 0; key < 8; key++) {
			bool wanted = strchr(keys[generation], '0' + (int)key) != NULL;
			CHECK(has(file, key) == wanted);
		}
		CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK);
		struct ancient_file *same = NULL;
		CHECK(ancient_file_reopen(file, &same, &err) == ANCIENT_OK && same == file);
		ancient_file_close(same);
		ancient_file_close(file);
	}
}

static void what_has_no_record_is_no_generation(void)
{
	struct bytes b = load("removed");
	refused(&b, 1, ANCIENT_E_NO_GENERATION, 0);
	refused(&b, 6, ANCIENT_E_NO_GENERATION, 0);
	refused(&b, UINT64_MAX, ANCIENT_E_NO_GENERATION, 0);
	b = load("generations"); /* of 1.1: the newest alone */
	refused(&b, 4, ANCIENT_E_NO_GENERATION, 0);
	opens(&b, 5);
	b = load("superseded_commits"); /* 4 is the mark */
	opens(&b, 4);
	opens(&b, 3);
	opens(&b, 2);
	b = load("resumed"); /* and leaves no record */
	refused(&b, 4, ANCIENT_E_NO_GENERATION, 0);
	opens(&b, 3);
}

static void records_before_a_commit_of_1_1_are_found_by_a_walk(void)
{
	struct bytes b = load("newer_older_newer");
	opens(&b, 5);
	opens(&b, 4);
	refused(&b, 3, ANCIENT_E_NO_GENERATION, 0);
	opens(&b, 2);
	b = load("older_on_newer");
	opens(&b, 3);
	opens(&b, 2);
}

static void a_broken_chain_is_walked_around(void)
{
	struct bytes b = load("removed");
	image_of(&b, 4)->time ^= 1; /* without its sums */
	refused(&b, 4, ANCIENT_E_BAD_CHECKSUM, 205);
	opens(&b, 3);
	opens(&b, 2);
	b = load("removed");
	memset(record_of(&b, 4), 0, ANCIENT_RECORD_BYTES); /* and the walk ends there */
	refused(&b, 4, ANCIENT_E_NO_GENERATION, 0);
	opens(&b, 3);
	opens(&b, 2);
	b = load("removed");
	newest(&b)->record = newest(&b)->previous = 0;
	seal(newest(&b));
	opens(&b, 2);
	opens(&b, 4);
}

/* Whatever `previous` says, the walk finds the record, and nothing loops or is read outside. */
static void hostile_chains_end(void)
{
	const struct bytes good = load("removed");
	struct bytes b = good;
	const uint64_t own = image_of(&b, 4)->record;
	const uint64_t words[] = {0,
				  1,
				  own,
				  own + 64,
				  own - 64,
				  own + 1,
				  8192,
				  b.length,
				  UINT64_MAX,
				  UINT64_MAX - 63,
				  UINT64_MAX / 2,
				  1ull << 63,
				  newest(&b)->record};
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		b = good;
		image_of(&b, 4)->previous = words[i];
		seal_record((struct ancient_extent *)(void *)(b.at + own));
		opens(&b, 3);
		opens(&b, 2);
		refused(&b, 1, ANCIENT_E_NO_GENERATION, 0);
	}
}

static void hostile_extents_end_the_walk(void)
{
	static const uint64_t lengths[] = {0,         8, 63, 64, 4096, 1ull << 40, UINT64_MAX - 7,
					   UINT64_MAX};
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct bytes b = load("older_on_newer"); /* whose superblock has no chain */
		struct ancient_extent *first = (struct ancient_extent *)(void *)(b.at + 8192);
		struct ancient_file *file;
		first->length = lengths[i];
		seal_header(first);
		enum ancient_code code = open_at(&b, 2, &file);
		CHECK(code == ANCIENT_OK || code == ANCIENT_E_NO_GENERATION);
		ancient_file_close(file);
	}
}

/* An image with right sums, of a superblock that 3.2 refuses. */
static void images_are_tested_as_superblocks_are(void)
{
	struct bytes b = load("removed");
	image_of(&b, 3)->version = 2u << 16;
	seal_record(record_of(&b, 3));
	refused(&b, 3, ANCIENT_E_VERSION, 0);
	CHECK(err.offset == (uint64_t)((unsigned char *)&image_of(&b, 3)->version - b.at));
	b = load("removed");
	image_of(&b, 3)->incompat_flags = 1;
	seal_record(record_of(&b, 3));
	refused(&b, 3, ANCIENT_E_FLAGS, 0);
	b = load("removed");
	image_of(&b, 3)->key_count = 0;
	seal_record(record_of(&b, 3));
	refused(&b, 3, ANCIENT_E_BAD_SUPERBLOCK, 102);
	b = load("removed");
	image_of(&b, 3)->base += 65536;
	seal_record(record_of(&b, 3));
	refused(&b, 3, ANCIENT_E_BAD_EXTENT, 207);
	b = load("removed");
	image_of(&b, 3)->used = UINT64_MAX - 7;
	seal_record(record_of(&b, 3));
	refused(&b, 3, ANCIENT_E_BAD_EXTENT, 207);
}

/* ---- The log ---------------------------------------------------------------------- */

static void the_log_tells_each_commit(void)
{
	static const struct {
		uint64_t published, removed, keys;
	} wanted[] = {{1, 0, 5}, {0, 1, 4}, {1, 2, 5}, {6, 0, 6}};
	struct ancient_commit_info commit;
	struct ancient_file *file;
	struct ancient_log log;
	struct bytes b = load("removed");
	uint64_t end = newest(&b)->used;
	CHECK(open_at(&b, 0, &file) == ANCIENT_OK);
	ancient_log_init(file, &log);
	for (int i = 0; i < 4; i++) {
		CHECK(ancient_log_next(&log, &commit, &err) == ANCIENT_OK);
		CHECK(commit.generation == 5 - (uint64_t)i && commit.time == 0);
		CHECK(commit.published == wanted[i].published);
		CHECK(commit.removed == wanted[i].removed && commit.key_count == wanted[i].keys);
		CHECK(commit.used == end && commit.bytes < 4096 && commit.bytes > 0);
		end = (end - commit.bytes) / 4096 * 4096; /* of the gap before it */
		end = i < 3 ? image_of(&b, 4 - (uint64_t)i)->used : 8192;
	}
	CHECK(ancient_log_next(&log, &commit, &err) == ANCIENT_E_NO_GENERATION);
	CHECK(ancient_log_next(&log, &commit, &err) == ANCIENT_E_NO_GENERATION);
	ancient_file_close(file);
	/* From an older generation on. */
	CHECK(open_at(&b, 3, &file) == ANCIENT_OK);
	ancient_log_init(file, &log);
	CHECK(ancient_log_next(&log, &commit, &err) == ANCIENT_OK && commit.generation == 3);
	CHECK(ancient_log_next(&log, &commit, &err) == ANCIENT_OK && commit.generation == 2);
	CHECK(ancient_log_next(&log, &commit, &err) == ANCIENT_E_NO_GENERATION);
	ancient_file_close(file);
	b = load("commits");
	CHECK(open_at(&b, 0, &file) == ANCIENT_OK);
	ancient_log_init(file, &log);
	CHECK(ancient_log_next(&log, &commit, &err) == ANCIENT_OK);
	CHECK(commit.time == 1000000000000000001);
	CHECK(info_of(file).time == commit.time && info_of(file).history == newest(&b)->history);
	ancient_file_close(file);
}

static unsigned log_length(const struct bytes *b, enum ancient_code *ret_code)
{
	struct ancient_commit_info commit;
	struct ancient_file *file;
	struct ancient_log log;
	unsigned count = 0;
	CHECK(open_at(b, 0, &file) == ANCIENT_OK);
	ancient_log_init(file, &log);
	while ((*ret_code = ancient_log_next(&log, &commit, &err)) == ANCIENT_OK)
		count++;
	ancient_file_close(file);
	return count;
}

static void the_log_ends(void)
{
	enum ancient_code code;
	struct bytes b = load("generations");
	CHECK(log_length(&b, &code) == 0 && code == ANCIENT_E_NO_GENERATION);
	b = load("older_on_newer");
	CHECK(log_length(&b, &code) == 0 && code == ANCIENT_E_NO_GENERATION);
	b = load("newer_older_newer");
	CHECK(log_length(&b, &code) == 2 && code == ANCIENT_E_NO_GENERATION);
	b = load("superseded_commits");
	CHECK(log_length(&b, &code) == 2 && code == ANCIENT_E_NO_GENERATION);
	/* A record that leads to itself, or forward. */
	for (uint64_t more = 0; more < 128; more += 64) {
		b = load("removed");
		image_of(&b, 3)->previous = image_of(&b, 3)->record + more;
		seal_record((struct ancient_extent *)(void *)image_of(&b, 3) - 1);
		CHECK(log_length(&b, &code) == 2 && code == ANCIENT_E_BAD_EXTENT);
	}
	b = load("removed");
	image_of(&b, 3)->time++;
	CHECK(log_length(&b, &code) == 2 && code == ANCIENT_E_BAD_CHECKSUM);
	b = load("removed");
	image_of(&b, 3)->previous = 8192; /* a values extent */
	seal_record(record_of(&b, 3));
	CHECK(log_length(&b, &code) == 3 && code == ANCIENT_E_BAD_EXTENT);
}

/* ---- Damaged superblocks ---------------------------------------------------------- */

static void info_tells_what_is_damaged(void)
{
	static const struct {
		const char *name;
		unsigned slot; /* wiped */
		uint64_t generation, hidden;
	} cases[] = {
		{"commits", 0, 3, 4},
		{"commits", 1, 4, 0},
		{"removed", 1, 4, 5},
		{"removed", 0, 5, 0},
		{"superseded_commits", 0, 3, 0},
		{"restored", 0, 5, 6},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes b = load(cases[i].name);
		struct ancient_file *file;
		memset(super_of(&b, cases[i].slot), i % 2 ? 0xFF : 0, 256);
		CHECK(open_at(&b, 0, &file) == ANCIENT_OK);
		struct ancient_info info = info_of(file);
		CHECK(info.generation == cases[i].generation);
		CHECK(info.damaged_slot == (int)cases[i].slot);
		CHECK(info.hidden_generation == cases[i].hidden);
		CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_BAD_SUPERBLOCK);
		CHECK(err.rule == 105 && err.offset == cases[i].slot * 4096);
		ancient_file_close(file);
	}
}

static void what_is_not_complete_is_not_hidden(void)
{
	struct bytes b = load("commits");
	struct ancient_file *file;
	record_of(&b, 4)->count = 1; /* its header's sum is wrong now */
	memset(super_of(&b, 0), 0, 256);
	CHECK(open_at(&b, 0, &file) == ANCIENT_OK);
	CHECK(info_of(file).damaged_slot == 0 && info_of(file).hidden_generation == 0);
	ancient_file_close(file);
	b = load("unfinished_commit"); /* it was never visible: nothing is damaged */
	CHECK(open_at(&b, 0, &file) == ANCIENT_OK);
	CHECK(info_of(file).damaged_slot == -1 && info_of(file).hidden_generation == 0);
	ancient_file_close(file);
}

static void an_older_slot_is_not_damage_where_fields_are_void(void)
{
	static const char *const names[] = {"example", "generations", "older_on_newer"};
	for (size_t i = 0; i < 3; i++) {
		struct bytes b = load(names[i]);
		struct ancient_file *file;
		struct ancient_superblock *older = super_of(&b, newest(&b) == super_of(&b, 0));
		memset(older, 0, 256);
		CHECK(open_at(&b, 0, &file) == ANCIENT_OK && info_of(file).damaged_slot == -1);
		CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK);
		ancient_file_close(file);
	}
}

static void reopening_does_not_go_back(void)
{
	struct ancient_options options = {0};
	struct ancient_file *file, *now;
	struct bytes b = load("commits");
	for (int allow = 0; allow < 2; allow++) {
		options.allow_older = allow;
		b = load("commits");
		const char *path = put(&b);
		int fd = open(path, O_WRONLY);
		CHECK(ancient_file_open(path, &options, &file, &err) == ANCIENT_OK);
		memset(super_of(&b, 0), 0, 256);
		CHECK(pwrite(fd, b.at, 256, 0) == 256);
		now = NULL;
		enum ancient_code code = ancient_file_reopen(file, &now, &err);
		CHECK(code == (allow ? ANCIENT_OK : ANCIENT_E_WENT_BACK));
		CHECK(allow || (now == NULL && strstr(err.message, "recover") != NULL));
		CHECK(has(file, 4) && info_of(file).generation == 4);
		if (allow)
			CHECK(info_of(now).generation == 3 && info_of(now).hidden_generation == 4);
		ancient_file_close(now);
		/* The same UUID, and no damage: written over by an older copy. */
		memcpy(super_of(&b, 0), image_of(&b, 2), 256);
		CHECK(pwrite(fd, b.at, 256, 0) == 256);
		CHECK(pwrite(fd, (char[256]){0}, 256, 4096) == 256);
		code = ancient_file_reopen(file, &now, &err);
		CHECK(code == (allow ? ANCIENT_OK : ANCIENT_E_WENT_BACK));
		if (allow)
			ancient_file_close(now);
		ancient_file_close(file);
		close(fd);
	}
	/* Another file that has taken the name may have any generation. */
	b = load("restored");
	for (unsigned slot = 0; slot < 2; slot++) {
		super_of(&b, slot)->uuid[0] ^= 1;
		seal(super_of(&b, slot));
	}
	CHECK(ancient_file_open(put(&b), NULL, &file, &err) == ANCIENT_OK);
	b = load("commit_empty");
	put(&b);
	CHECK(ancient_file_reopen(file, &now, &err) == ANCIENT_OK);
	CHECK(info_of(now).generation == 2);
	ancient_file_close(now);
	ancient_file_close(file);
}

/* ---- Beside a writer -------------------------------------------------------------- */

/* Writes superblocks as commits do, without the commits: generations up to `last`. */
static void write_generations(int fd, struct ancient_superblock super, uint64_t last)
{
	while (super.generation < last) {
		super.generation++;
		super.fields_generation = super.generation;
		seal(&super);
		CHECK(pwrite(fd, &super, 256, super.generation % 2 * 4096) == 256);
	}
}

/* The writer may be on this processor or another, and be stopped between any two instructions. */
static void a_race_is_no_damage(bool one_processor)
{
	const struct ancient_options at_3 = {.generation = 3};
	struct bytes b = load("removed");
	const char *path = put(&b);
	struct ancient_file *file, *snapshot;
	uint64_t last = 0;
	int fd = open(path, O_RDWR), status;
	cpu_set_t set, all;
	CHECK(fd >= 0 && sched_getaffinity(0, sizeof(all), &all) == 0);
	CPU_ZERO(&set);
	for (size_t cpu = 0; one_processor && CPU_COUNT(&set) == 0; cpu++)
		if (CPU_ISSET(cpu, &all))
			CPU_SET(cpu, &set);
	CHECK(!one_processor || sched_setaffinity(0, sizeof(set), &set) == 0);
	CHECK(ancient_file_open(path, &at_3, &snapshot, &err) == ANCIENT_OK);
	pid_t child = fork();
	if (child == 0) {
		write_generations(fd, *newest(&b), 200000);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		CHECK(ancient_file_open_fd(fd, path, NULL, &file, &err) == ANCIENT_OK);
		struct ancient_info info = info_of(file);
		CHECK(info.damaged_slot == -1 && info.hidden_generation == 0);
		CHECK(info.generation >= last);
		last = info.generation;
		ancient_file_close(file);
		CHECK(ancient_file_open(path, &at_3, &file, &err) == ANCIENT_OK);
		CHECK(has(file, 5) && !has(file, 0) && has(snapshot, 5) && !has(snapshot, 0));
		ancient_file_close(file);
	}
	CHECK(status == 0);
	ancient_file_close(snapshot);
	close(fd);
	CHECK(sched_setaffinity(0, sizeof(all), &all) == 0);
}

/* A writer that was stopped in the middle of a write has the lock. */
static void what_stays_torn_without_a_lock_is_damaged(void)
{
	struct bytes b = load("removed");
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct ancient_superblock whole = *newest(&b);
	int down[2], up[2], status;
	char byte = 0;
	newest(&b)->time++; /* torn */
	const char *path = put(&b);
	CHECK(pipe(down) == 0 && pipe(up) == 0);
	pid_t child = fork();
	if (child == 0) {
		int fd = open(path, O_RDWR);
		CHECK(fcntl(fd, F_OFD_SETLK, &lock) == 0 && write(up[1], &byte, 1) == 1);
		CHECK(read(down[0], &byte, 1) == 1);
		sched_yield();
		CHECK(pwrite(fd, &whole, 256, whole.generation % 2 * 4096) == 256);
		_exit(0);
	}
	struct ancient_file *file;
	CHECK(read(up[0], &byte, 1) == 1 && write(down[1], &byte, 1) == 1);
	/* Either it is still so when the looks are over, or it is whole: never less. */
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	CHECK(info_of(file).generation == 5 || info_of(file).damaged_slot == 1);
	ancient_file_close(file);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	CHECK(info_of(file).generation == 5 && info_of(file).damaged_slot == -1);
	ancient_file_close(file);
	for (int i = 0; i < 2; i++) {
		close(down[i]);
		close(up[i]);
	}
}

int main(int argc, char **argv)
{
	CHECK(argc == 2);
	golden = argv[1];
	test_begin();
	each_generation_has_its_keys();
	what_has_no_record_is_no_generation();
	records_before_a_commit_of_1_1_are_found_by_a_walk();
	a_broken_chain_is_walked_around();
	hostile_chains_end();
	hostile_extents_end_the_walk();
	images_are_tested_as_superblocks_are();
	the_log_tells_each_commit();
	the_log_ends();
	info_tells_what_is_damaged();
	what_is_not_complete_is_not_hidden();
	an_older_slot_is_not_damage_where_fields_are_void();
	reopening_does_not_go_back();
	a_race_is_no_damage(false);
	a_race_is_no_damage(true);
	what_stays_torn_without_a_lock_is_damaged();
	test_end();
	return 0;
}

/* tests/c-reader: what open accepts, what it refuses and how it says so; snapshots. */
#include <sys/stat.h>
#include <sys/wait.h>

#include "build_file.h"

static struct ancient_error err;

static void make(struct image *f, const char *text)
{
	image_init(f);
	image_key(f, 0, image_string(f, text), NULL);
	image_finish(f);
}

/* Opening `path` fails with this code at this offset, and the message says so in one line
 * that begins with the file's name. */
static void refused_path(const char *path, enum ancient_code code, uint64_t offset)
{
	struct ancient_file *file = NULL;
	enum ancient_code found = ancient_file_open(path, NULL, &file, &err);
	if (found != code)
		fprintf(stderr, "expected %s, found %s: %s\n", ancient_code_name(code),
			ancient_code_name(found), err.message);
	CHECK(found == code && err.code == code && file == NULL);
	CHECK(err.offset == offset);
	CHECK(strncmp(err.message, path, strlen(path)) == 0);
	CHECK(strstr(err.message, ancient_code_text(code)) != NULL);
	CHECK(strchr(err.message, '\n') == NULL);
	CHECK(ancient_file_open(path, NULL, &file, NULL) == code);
}

static void refused(const void *bytes, size_t length, enum ancient_code code, uint64_t offset)
{
	char path[64];
	test_path(path, "refused");
	image_write_bytes(path, bytes, length);
	refused_path(path, code, offset);
}

/* A field of both superblocks is changed and the sums made right. */
static void refused_field(uint64_t field, uint64_t word, enum ancient_code code)
{
	struct image f;
	make(&f, "x");
	image_set(&f, field, word);
	image_set(&f, 4096 + field, word);
	image_seal_superblock(&f, 0);
	image_seal_superblock(&f, 1);
	refused(f.bytes, f.used, code, err.offset = field);
	image_done(&f);
}

static void what_is_no_file_is_refused(void)
{
	char path[64];
	test_path(path, "missing");
	refused_path(path, ANCIENT_E_MISSING, ANCIENT_NO_OFFSET);
	CHECK(err.system != 0);
	refused_path(test_folder, ANCIENT_E_DIRECTORY, ANCIENT_NO_OFFSET);
	refused_path("/dev/null", ANCIENT_E_NOT_A_FILE, ANCIENT_NO_OFFSET);
	test_path(path, "fifo");
	CHECK(mkfifo(path, 0600) == 0);
	refused_path(path, ANCIENT_E_NOT_A_FILE, ANCIENT_NO_OFFSET); /* and does not wait */
	struct ancient_file *file;
	CHECK(ancient_file_open_fd(-1, NULL, NULL, &file, &err) == ANCIENT_E_SYSTEM);
	CHECK(strstr(err.message, "descriptor -1") == err.message);
}

static void an_unreadable_file_is_denied(void)
{
	char path[64];
	struct image f;
	int status;
	make(&f, "x");
	test_path(path, "unreadable");
	image_write(&f, path);
	CHECK(chmod(path, 0) == 0 && chmod(test_folder, 0755) == 0);
	pid_t child = fork();
	if (child == 0) { /* root may read everything: be somebody else */
		if (geteuid() == 0)
			CHECK(setgid(65534) == 0 && setuid(65534) == 0);
		refused_path(path, ANCIENT_E_DENIED, ANCIENT_NO_OFFSET);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	image_done(&f);
}

static void files_of_other_formats_are_refused(void)
{
	static char zeros[9000];
	static char elf[9000] = "\x7f"
				"ELF\2\1\1";
	refused("", 0, ANCIENT_E_EMPTY, 0);
	refused(zeros, 100, ANCIENT_E_EMPTY, 0);
	refused(zeros, 8192, ANCIENT_E_EMPTY, 0);
	refused(zeros, 8193, ANCIENT_E_FOREIGN, 0);
	refused("\x89"
		"ANC",
		4, ANCIENT_E_SHORT, 0);
	CHECK(strstr(err.message, "expected at least 8192 bytes, found 4 at offset 0: copy it "
				  "again") != NULL);
	refused("\x89"
		"ANCIENT",
		8, ANCIENT_E_SHORT, 0);
	refused("hello", 5, ANCIENT_E_FOREIGN, 0);
	refused(elf, 9000, ANCIENT_E_FOREIGN, 0);
	CHECK(strstr(err.message, "found 7f 45 4c 46 02 01 01 00 at offset 0") != NULL);
	refused("mmalloc", 8, ANCIENT_E_LEGACY, 0);
	refused("mmalloc\0\xf8\1\0\0\1\0\0", 16, ANCIENT_E_LEGACY, 0);
}

static void superblocks_of_other_kinds_are_refused(void)
{
	refused_field(0, 0x544E4549434E4188, ANCIENT_E_FOREIGN);
	refused_field(8, 0x000100000D0C0B0A, ANCIENT_E_BYTE_ORDER);
	refused_field(24, 1, ANCIENT_E_FLAGS);
	refused_field(56, IMAGE_BASE + 8, ANCIENT_E_BAD_SUPERBLOCK);
	refused_field(64, 1ull << 48, ANCIENT_E_BAD_SUPERBLOCK);
	CHECK(err.rule == 102);
	struct image f;
	make(&f, "x");
	f.bytes[14] = f.bytes[4096 + 14] = 2;
	image_seal_superblock(&f, 0);
	image_seal_superblock(&f, 1);
	refused(f.bytes, f.used, ANCIENT_E_VERSION, 12);
	CHECK(strstr(err.message, "expected format 1.x, found format 2.") != NULL);
	f.bytes[14] = f.bytes[4096 + 14] = 1;
	f.bytes[32] = f.bytes[4096 + 32] = 4;
	image_seal_superblock(&f, 0);
	image_seal_superblock(&f, 1);
	refused(f.bytes, f.used, ANCIENT_E_DIALECT, 32);
	f.bytes[32] = f.bytes[4096 + 32] = 8;
	refused(f.bytes, f.used, ANCIENT_E_BAD_SUPERBLOCK, 248);
	CHECK(err.rule == 101);
	image_done(&f);
}

static void a_truncated_file_is_refused(void)
{
	struct image f;
	make(&f, "x");
	for (uint64_t length = 8192; length < f.used; length++)
		refused(f.bytes, length, ANCIENT_E_TRUNCATED, 80);
	CHECK(err.expected == f.used && err.found == f.used - 1);
	image_done(&f);
}

static void a_torn_superblock_leaves_the_other(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_info info;
	char path[64];
	make(&f, "x");
	test_path(path, "torn");
	f.bytes[100] ^= 1; /* generation 2, in slot 0 */
	image_write(&f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	ancient_file_info(file, &info);
	CHECK(info.generation == 1 && info.key_count == 0 && info.used == 8192);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK);
	ancient_file_close(file);
	image_done(&f);
}

static void check_string(struct ancient_file *file, const char *expected)
{
	struct ancient_value v;
	const char *bytes;
	size_t length;
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	CHECK(ancient_string_get(file, v, &bytes, &length, &err) == ANCIENT_OK);
	CHECK(strcmp(bytes, expected) == 0);
}

static void reopen_gives_the_same_snapshot_or_the_newest(void)
{
	struct image f, g;
	struct ancient_file *file, *again, *newer, *by_fd, *by_fd_newer;
	char path[64], other[64];
	bool current = false;
	make(&f, "old");
	make(&g, "new");
	g.bytes[40] ^= 1; /* another UUID */
	image_seal_superblock(&g, 0);
	test_path(path, "reopen");
	test_path(other, "other");
	image_write(&f, path);
	image_write(&g, other);
	int fd = open(path, O_RDONLY);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	CHECK(ancient_file_open_fd(fd, "the name", NULL, &by_fd, &err) == ANCIENT_OK);
	close(fd);
	CHECK(ancient_file_reopen(file, &again, &err) == ANCIENT_OK && again == file);
	ancient_file_close(again);
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_OK && current);
	image_write(&g, path); /* another file of the same generation, in the same inode */
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_OK && !current);
	image_write(&f, path);
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_OK && current);
	CHECK(rename(other, path) == 0);
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_OK && !current);
	CHECK(ancient_file_reopen(file, &newer, &err) == ANCIENT_OK && newer != file);
	CHECK(ancient_file_reopen(by_fd, &by_fd_newer, &err) == ANCIENT_OK);
	CHECK(by_fd_newer == by_fd); /* the descriptor follows the file, not the name */
	check_string(file, "old");
	check_string(newer, "new");
	ancient_file_close(file);
	ancient_file_close(newer);
	check_string(by_fd, "old");
	ancient_file_close(by_fd_newer);
	ancient_file_close(by_fd);
	ancient_file_close(NULL);
	image_done(&f);
	image_done(&g);
}

static void a_later_generation_is_seen_by_reopen_only(void)
{
	struct image f;
	struct ancient_file *file, *newer;
	struct ancient_superblock next;
	struct ancient_info info;
	char path[64];
	bool current = true;
	make(&f, "x");
	test_path(path, "generations");
	image_write(&f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	next = f.super;
	next.generation = 3;
	next.state = ANCIENT_STATE_SUPERSEDED;
	next.checksum = XXH3_64bits(&next, 248);
	int fd = open(path, O_WRONLY);
	CHECK(pwrite(fd, &next, sizeof(next), 4096) == sizeof(next));
	close(fd);
	ancient_file_info(file, &info);
	CHECK(info.generation == 2 && !info.superseded);
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_OK && !current);
	CHECK(ancient_file_reopen(file, &newer, &err) == ANCIENT_OK && newer != file);
	ancient_file_info(newer, &info);
	CHECK(info.generation == 3 && info.superseded);
	ancient_file_close(file);
	ancient_file_close(newer);
	image_done(&f);
}

static void a_message_is_one_line_of_utf8_whatever_the_name(void)
{
	char path[600];
	struct ancient_file *file;
	CHECK(ancient_file_open("no\nsuch\xff\tfile", NULL, &file, &err) == ANCIENT_E_MISSING);
	CHECK(strncmp(err.message, "no?such??file: no such file", 27) == 0);
	/* Next line, line separator, delete, escape by one byte of C1; "é" stays. */
	CHECK(ancient_file_open("a\xc2\x85"
				"b\xe2\x80\xa8"
				"c\x7f\xc2\x9b"
				"d\xc3\xa9",
				NULL, &file, &err) == ANCIENT_E_MISSING);
	CHECK(strcmp(err.message, "a?b?c??d\xc3\xa9: no such file") == 0);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_E_SYSTEM);
	CHECK(strncmp(err.message, "...xxx", 6) == 0 &&
	      strstr(err.message, "xx: a system") != NULL);
}

/* No timing here: what open touches does not depend on the size of the file. */
static void a_huge_sparse_file_is_mapped_not_read(void)
{
	struct image f;
	struct ancient_file *file;
	struct ancient_value v;
	char path[64], line[256];
	unsigned long resident = 0, rest;
	make(&f, "x");
	test_path(path, "sparse");
	const uint64_t huge = 4ull << 30;
	f.super.used = huge;
	f.super.checksum = XXH3_64bits(&f.super, 248);
	memcpy(f.bytes, &f.super, sizeof(f.super));
	image_write(&f, path);
	CHECK(truncate(path, (off_t)huge) == 0);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	FILE *statm = fopen("/proc/self/statm", "r");
	CHECK(statm != NULL && fgets(line, sizeof(line), statm) != NULL);
	fclose(statm);
	CHECK(sscanf(line, "%lu %lu %lu", &rest, &rest, &resident) == 3);
	CHECK(resident < (64u << 20) / 4096); /* pages of files in memory */
	ancient_file_close(file);
	image_done(&f);
}

int main(void)
{
	test_begin();
	what_is_no_file_is_refused();
	an_unreadable_file_is_denied();
	files_of_other_formats_are_refused();
	superblocks_of_other_kinds_are_refused();
	a_truncated_file_is_refused();
	a_torn_superblock_leaves_the_other();
	reopen_gives_the_same_snapshot_or_the_newest();
	a_later_generation_is_seen_by_reopen_only();
	a_message_is_one_line_of_utf8_whatever_the_name();
	a_huge_sparse_file_is_mapped_not_read();
	test_end();
	return 0;
}

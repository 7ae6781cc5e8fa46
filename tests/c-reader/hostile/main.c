/* tests/c-reader/hostile: calls every public function of the reader's headers on hostile files, and
 * holds each call against what the headers say of all (call.h).
 *
 *     hostile-calls [--failures] SCHEMA FILE...
 *
 * SCHEMA is the name of a file with a text.  With --failures, each call is made with each of its
 * allocations and calls of the system failing too (failures.c).  test_hostile.py runs it on the
 * files that support/hostilefile.py makes.  Prints the functions that were called, one a line, and
 * how many calls were made.  What takes longer than a minute of processor time, or does not hold,
 * ends it with the name of the function and of the file. */
#include "call.h"

#include "../../core/intercept.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#define SECONDS 60 /* of processor time, for one file */

static void use_entries(void)
{
	struct ancient_cursor cursor;
	unsigned count = 0;

	CALL(ancient_cursor_init, file, 0, &cursor);
	while (STEP(ancient_cursor_next, &cursor, &out.as.entry))
		if (count++ > 1000)
			fail("more entries than the file has");
	if (err.code != ANCIENT_E_NO_KEY && err.code != ANCIENT_E_BAD_DIRECTORY)
		fail("neither the end nor damage");
	TRY(ancient_file_entry, file, 2, &out.as.entry);
	TRY(ancient_file_entry, file, UINT64_MAX, &out.as.entry);
	TRY(ancient_file_entry_named, file, "three", 5, &out.as.entry);
	TRY(ancient_file_entry_named, file, "", 0, &out.as.entry);
}

static void use_log(void)
{
	struct ancient_log log;

	CALL(ancient_log_init, file, &log);
	while (STEP(ancient_log_next, &log, &out.as.commit))
		continue;
}

/* Verification is bounded by the file, holes included. */
static void use_whole(const struct ancient_info *info)
{
	struct ancient_verify_options options = {.progress = go_on, .threads = 2};
	uint64_t present = words;

	words = info->used / 8;
	TRY(ancient_file_verify, file, &options, &out.as.verified);
	TRY(ancient_file_verify, file, NULL, NULL);
	TRY(ancient_file_prefetch, file);
	TRY(ancient_file_live_bytes, file, &options, &out.as.count);
	words = present;
	TRY(ancient_file_stands, file);
	TRY(ancient_file_check, file, &out.as.is);
}

static void use_tables(void)
{
	static const struct ancient_bind_type types[1] = {
		{.kind = ANCIENT_TYPE_INT, .name = "int"}};
	static const struct ancient_bind_table table = {types, NULL, NULL, 1, 0};
	const struct ancient_value one = {1};
	struct ancient_bind bind;

	TRY(ancient_bind_value, file, schema, one, "it", &table, &out.as.bind, out.as.fields,
	    out.as.constructors, out.as.types);
	if (TRY(ancient_bind_key, file, 4, &table, &out.as.bind, out.as.fields, out.as.constructors,
		out.as.types)) {
		bind = out.as.bind;
		CALL(ancient_bind_close, &bind);
	}
	TRY(ancient_bind_key, file, 2, &table, &out.as.bind, out.as.fields, out.as.constructors,
	    out.as.types);
	if (TRY(ancient_bind_named, file, "three", 5, &table, &out.as.bind, out.as.fields,
		out.as.constructors, out.as.types)) {
		bind = out.as.bind;
		CALL(ancient_bind_close, &bind);
	}
}

static void use_types(const char *text, size_t length)
{
	struct ancient_schema *again;
	uint8_t fingerprint[16];

	if (!TRY(ancient_schema_parse, text, length, "it", &out.as.schema))
		fail("the schema is none");
	schema = out.as.schema;
	TRY(ancient_schema_parse, text, length / 2, NULL, &out.as.schema);
	again = GIVES(ancient_schema_ref, schema);
	CALL(ancient_schema_close, again);
	touch(GIVES(ancient_schema_text, schema, &out.as.size), length);
	GIVES(ancient_schema_encoding, schema, NULL);
	CALL(ancient_schema_fingerprint, schema, fingerprint);
	GIVES(ancient_schema_root, schema);
	for (uint32_t i = 0; i <= GIVES(ancient_schema_type_count, schema); i++) {
		const struct ancient_type *type = GIVES(ancient_schema_type, schema, i);
		if (type != NULL)
			GIVES(ancient_type_kind_name, type->kind);
		GIVES(ancient_type_field_index, schema, i, "s", 1);
		GIVES(ancient_type_constructor_index, schema, i, "V2", 2);
	}
}

static void use_names(void)
{
	begin("ancient_version");
	touch(ancient_version(), 1);
	for (int i = -1; i < 100; i++) {
		touch(GIVES(ancient_code_text, (enum ancient_code)i), 1);
		touch(GIVES(ancient_code_name, (enum ancient_code)i), 1);
		touch(GIVES(ancient_rule_name, (unsigned)i * 7), 1);
	}
}

/* Opens in every way, and leaves the last open; NULL where it cannot be opened. */
static struct ancient_file *open_file(void)
{
	const struct ancient_options options = {.guard = true}, first = {.generation = 1};
	struct ancient_file *opened, *again;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail("there is no such file");
	if (TRY(ancient_file_open_fd, fd, NULL, NULL, &out.as.file)) {
		opened = out.as.file;
		CALL(ancient_file_close, opened);
	}
	close(fd);
	TRY(ancient_file_open, "/nowhere/at/all", NULL, &out.as.file);
	TRY(ancient_file_open, path, &first, &out.as.file);
	if (!TRY(ancient_file_open, path, &options, &out.as.file))
		return NULL;
	opened = out.as.file;
	if (TRY(ancient_file_reopen, opened, &out.as.file)) {
		again = out.as.file;
		CALL(ancient_file_close, again);
	}
	again = GIVES(ancient_file_ref, opened);
	CALL(ancient_file_close, again);
	return opened;
}

static void use_file(void)
{
	struct ancient_value roots[2] = {{1}, {1}};
	struct ancient_file *opened;
	struct ancient_info info;

	words = 0;
	opened = open_file();
	if (opened == NULL)
		return;
	CALL(ancient_file_info, opened, &info);
	CALL(ancient_file_work, opened, &out.as.count, &out.as.before[0]);
	file = opened;
	words = info.present / 8;
	use_entries();
	use_log();
	use_whole(&info);
	use_tables();
	for (unsigned i = 0; i < 2; i++)
		if (TRY(ancient_file_get, file, 2 + i, &out.as.value))
			roots[i] = out.as.value;
	TRY(ancient_file_get, file, 77, &out.as.value);
	use_values(roots[0], roots[1]);
	for (unsigned i = 0; i < 2; i++)
		use_typeds(roots[i]);
	file = NULL;
	CALL(ancient_file_close, opened);
}

/* Descriptors that are open, and mappings of files. */
static unsigned count_open(void)
{
	DIR *folder = opendir("/proc/self/fd");
	FILE *maps = fopen("/proc/self/maps", "r");
	static char line[8192];
	unsigned count = 0;

	if (folder == NULL || maps == NULL)
		fail("no /proc");
	while (readdir(folder) != NULL)
		count++;
	while (fgets(line, sizeof(line), maps) != NULL)
		count += strstr(line, path) != NULL;
	fclose(maps);
	closedir(folder);
	return count;
}

static void check_freed(long live)
{
	if (intercept_live() == live)
		return;
	fprintf(stderr, "%ld allocations\n", intercept_live() - live);
	fail("all is closed, and some memory was not freed");
}

static void use_types_with_failures(const char *text, size_t length)
{
	long live = intercept_live();

	failures = true;
	use_types(text, length);
	failures = false;
	ancient_schema_close(schema);
	err.message[0] = '\0';
	check_freed(live);
}

/* The file with failures, after which nothing is left. */
static void use_file_with_failures(void)
{
	unsigned opened;
	long live;

	use_file(); /* what the library keeps for ever */
	live = intercept_live();
	opened = count_open();
	failures = true;
	use_file();
	failures = false;
	err.message[0] = '\0';
	if (count_open() != opened)
		fail("all is closed, and the file is still open");
	check_freed(live);
}

int main(int argc, char **argv)
{
	const struct itimerval limit = {.it_value = {.tv_sec = SECONDS}};
	const bool with_failures = argc > 1 && strcmp(argv[1], "--failures") == 0;
	static char text[65536];
	size_t length;
	FILE *in;

	argv += with_failures;
	argc -= with_failures;
	path = argc > 1 ? argv[1] : "";
	in = fopen(path, "r");
	if (in == NULL)
		fail("no schema");
	length = fread(text, 1, sizeof(text), in);
	fclose(in);
	signal(SIGPROF, too_long);
	use_names();
	if (with_failures)
		use_types_with_failures(text, length);
	use_types(text, length);
	for (int i = 2; i < argc; i++) {
		path = argv[i];
		setitimer(ITIMER_PROF, &limit, NULL);
		if (with_failures)
			use_file_with_failures();
		else
			use_file();
	}
	ancient_schema_close(schema);
	print_calls();
	return 0;
}

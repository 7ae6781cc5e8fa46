/* tests/bench: the hot paths, each done on the same input every time, for callgrind to count
 * their instructions (counts.py).
 *
 *   count_paths FILE          makes FILE, a table of records, and leaves it for count_python.py
 *   count_paths --compiler    says what it was compiled by
 *
 * The heap is built by hand and FILE's base is given, so that nothing depends on OCaml or on
 * chance.
 */
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#include <ancient_access.h>

#include "../core/check.h"
#include "count_marks.h"

#define STRING_OF(number) #number
#define NAMED(name, number) name " " STRING_OF(number)
#ifdef __clang__
#define COMPILER NAMED("clang", __clang_major__)
#else
#define COMPILER NAMED("gcc", __GNUC__)
#endif

#define RECORDS 2000
#define BUCKETS 2048
#define LOOKUPS 1000
#define COMMITS 100
#define OPENS 20
#define BASE 0x200000000000u
#define RESERVE 0x10000000u

/* The error is not made anew for each call, as OK of check.h does: that is no cost of the call. */
static struct ancient_error fault;
#define MUST(call)                                                                                 \
	do {                                                                                       \
		if ((call) != ANCIENT_OK) {                                                        \
			fprintf(stderr, "%s: %s\n", #call, fault.message);                         \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

static const char types[] = "type record = { name : string; size : int; weight : float;"
			    " depends : string list }\n"
			    "val root : (string, record) Hashtbl.t\n";

/* ---- The heap -------------------------------------------------------------------- */

static uint64_t text(struct arena *arena, const char *format, unsigned number)
{
	char bytes[64];
	int length = snprintf(bytes, sizeof(bytes), format, number);
	return bytes_value(arena, bytes, (size_t)length);
}

static uint64_t record(struct arena *arena, uint64_t name, unsigned number)
{
	double weight = number / 8.0;
	uint64_t boxed = block(arena, ANCIENT_TAG_DOUBLE, 1);
	memcpy(fields(boxed), &weight, sizeof(weight));
	uint64_t depends = pair(arena, text(arena, "dependency-%u", number / 3), INT(0));
	uint64_t value = block(arena, 0, 4);
	fields(value)[0] = name;
	fields(value)[1] = INT(number);
	fields(value)[2] = boxed;
	fields(value)[3] = pair(arena, name, depends);
	return value;
}

/* A Hashtbl.t as OCaml's: { size; data; seed; initial_size }, buckets Cons { key; data; next }. */
static uint64_t table(struct arena *arena)
{
	uint64_t buckets = block(arena, 0, BUCKETS), value = block(arena, 0, 4);
	for (unsigned i = 0; i < BUCKETS; i++)
		fields(buckets)[i] = INT(0);
	for (unsigned i = 0; i < RECORDS; i++) {
		uint64_t name = text(arena, "package-number-%u", i), cell = block(arena, 0, 3);
		char key[64];
		uint32_t hash;
		snprintf(key, sizeof(key), "package-number-%u", i);
		struct ancient_key wanted = ancient_key_string(key, strlen(key));
		MUST(ancient_key_hash(NULL, &wanted, 0, &hash, &fault));
		uint64_t *bucket = &fields(buckets)[hash % BUCKETS];
		fields(cell)[0] = name;
		fields(cell)[1] = record(arena, name, i);
		fields(cell)[2] = *bucket;
		*bucket = cell;
	}
	fields(value)[0] = INT(RECORDS);
	fields(value)[1] = buckets;
	fields(value)[2] = INT(0);
	fields(value)[3] = INT(16);
	return value;
}

/* ---- Writing --------------------------------------------------------------------- */

/* Returns the number of blocks. */
static uint64_t count_share(struct ancient_store *store, const struct ancient_source *from,
			    uint64_t root, const char *path)
{
	struct ancient_schema_text schema = {.text = types, .length = strlen(types)};
	struct ancient_commit *commit;
	struct ancient_copied copied;
	count_start();
	MUST(ancient_commit_begin(store, &commit, &fault));
	MUST(ancient_commit_put_typed(commit, 0, "packages", &schema, from, root,
				      ANCIENT_ORDER_DEPTH_FIRST, &copied, &fault));
	MUST(ancient_commit_finish(commit, false, &fault));
	count_stop(path, (unsigned)copied.blocks);
	return copied.blocks;
}

static enum ancient_source_class in_no_chunk(void *context, uint64_t word)
{
	(void)context;
	(void)word;
	return ANCIENT_SOURCE_FOREIGN;
}

/* From a heap as OCaml 4 has it: in chunks, each of 15 % of what lies before it, and marked. */
static void count_share_of_chunks(const char *path)
{
	struct arena arena = new_arena(1 << 20);
	uint64_t root = table(&arena);
	struct ancient_store_options options = {
		.ocaml_version = 41301, .base = BASE + 16ul * RESERVE, .reserve = RESERVE};
	struct ancient_source_range chunks[24];
	struct ancient_source heap = {.custom = source.custom,
				      .classify = in_no_chunk,
				      .ranges = chunks,
				      .range_count = 24,
				      .marks = ANCIENT_MARKS_RANGES};
	uint64_t start = (uint64_t)(uintptr_t)arena.words, bytes = arena.used * 8 / 32 & ~7ull;
	struct ancient_store *store;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0);
	for (unsigned i = 0; i < 24; i++) {
		chunks[i].start = start;
		chunks[i].end = start += bytes;
		bytes = (start - chunks[0].start) * 15 / 100 & ~7ull;
	}
	chunks[23].end = (uint64_t)(uintptr_t)(arena.words + arena.used);
	CHECK(chunks[23].start < chunks[23].end);
	MUST(ancient_store_attach(fd, path, &options, &store, &fault));
	count_share(store, &heap, root, "share, a block in chunks");
	ancient_store_detach(store);
	close(fd);
	free(arena.words);
}

static void commit_one(struct ancient_store *store, uint64_t key, uint64_t root)
{
	struct ancient_commit *commit;
	struct ancient_copied copied;
	MUST(ancient_commit_begin(store, &commit, &fault));
	MUST(ancient_commit_put(commit, key, NULL, &source, root, ANCIENT_ORDER_DEPTH_FIRST,
				&copied, &fault));
	MUST(ancient_commit_finish(commit, false, &fault));
}

/* One commit of its own for each of some keys among many. */
static void count_commits(struct ancient_store *store, struct arena *arena)
{
	struct ancient_commit *commit;
	struct ancient_copied copied;
	MUST(ancient_commit_begin(store, &commit, &fault));
	for (unsigned i = 1; i <= RECORDS; i++)
		MUST(ancient_commit_put(commit, i, NULL, &source, INT(i), ANCIENT_ORDER_DEPTH_FIRST,
					&copied, &fault));
	MUST(ancient_commit_finish(commit, false, &fault));
	uint64_t small = pair(arena, INT(1), text(arena, "value %u", 1));
	commit_one(store, 1, small); /* what is done once */
	count_start();
	for (unsigned i = 0; i < COMMITS; i++)
		commit_one(store, 1 + i * 17, small);
	count_stop("commit of a small value", COMMITS);
}

/* A copy of the file as it is, without memory from malloc, of which commits would count the traces.
 */
static int copy_of(int fd)
{
	int copy = memfd_create("copy", MFD_CLOEXEC);
	off_t at = 0, size = lseek(fd, 0, SEEK_END);
	CHECK(copy >= 0);
	while (at < size)
		CHECK(sendfile(copy, fd, &at, (size_t)(size - at)) > 0);
	return copy;
}

/* Of a copy, while the file itself has its addresses. */
static void count_relocation(int copy, uint64_t blocks)
{
	struct ancient_store_options reading = {.read_only = true};
	struct ancient_store *store;
	count_start();
	MUST(ancient_store_attach(copy, "copy", &reading, &store, &fault));
	count_stop("relocate, a block", (unsigned)blocks);
	CHECK(ancient_store_is_relocated(store));
	ancient_store_discard(store);
	close(copy);
}

static void write_file(const char *path)
{
	struct ancient_store_options options = {
		.ocaml_version = 41301, .base = BASE, .reserve = RESERVE};
	struct arena arena = new_arena(1 << 20);
	struct ancient_store *store;
	uint64_t blocks;
	int copy, fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	CHECK(fd >= 0);
	MUST(ancient_store_attach(fd, path, &options, &store, &fault));
	blocks = count_share(store, &source, table(&arena), "share, a block");
	copy = copy_of(fd);
	count_commits(store, &arena);
	count_relocation(copy, blocks);
	ancient_store_detach(store);
	close(fd);
}

/* ---- Reading --------------------------------------------------------------------- */

static char names[LOOKUPS][32];
static struct ancient_key keys[LOOKUPS];
static struct ancient_typed found[LOOKUPS];

static void name_keys(void)
{
	for (unsigned i = 0; i < LOOKUPS; i++) {
		snprintf(names[i], sizeof(names[i]), "package-number-%u", i * 7 % RECORDS);
		keys[i] = ancient_key_string(names[i], strlen(names[i]));
	}
}

static void count_opening(const char *path)
{
	struct ancient_file *file;
	struct ancient_value root;
	count_start();
	for (unsigned i = 0; i < OPENS; i++) {
		MUST(ancient_file_open(path, NULL, &file, &fault));
		MUST(ancient_file_get(file, 0, &root, &fault));
		ancient_file_close(file);
	}
	count_stop("open, get and close", OPENS);
}

static void count_lookups(const struct ancient_file *file, const struct ancient_schema *schema,
			  struct ancient_typed root)
{
	bool there[LOOKUPS];
	size_t count;
	count_start();
	for (unsigned i = 0; i < LOOKUPS; i++)
		MUST(ancient_typed_find(file, schema, root, &keys[i], &found[i], &fault));
	count_stop("find by type", LOOKUPS);
	count_start();
	MUST(ancient_typed_find_many(file, schema, root, keys, LOOKUPS, found, there, &count,
				     &fault));
	count_stop("find many, a key", LOOKUPS);
	EQUAL(count, LOOKUPS);
	struct ancient_value value;
	count_start();
	for (unsigned i = 0; i < LOOKUPS; i++)
		MUST(ancient_hashtbl_find_string(file, root.value, names[i], keys[i].count, &value,
						 &fault));
	count_stop("find by position", LOOKUPS);
}

static void count_fields(const struct ancient_file *file, const struct ancient_schema *schema)
{
	struct ancient_access access;
	struct ancient_block block;
	struct ancient_value value;
	struct ancient_typed field;
	int64_t number, sum = 0;
	ancient_access_init(file, schema, &access);
	count_start();
	for (unsigned i = 0; i < LOOKUPS; i++) {
		MUST(ancient_block_get(file, found[i].value, &block, &fault));
		MUST(ancient_block_field(file, &block, 1, &value, &fault));
		sum += ancient_value_to_int(value);
	}
	count_stop("field by position", LOOKUPS);
	count_start();
	for (unsigned i = 0; i < LOOKUPS; i++) {
		MUST(ancient_typed_field(file, schema, found[i], 1, &field, &fault));
		MUST(ancient_typed_int(file, schema, field, &number, &fault));
		sum -= number;
	}
	count_stop("field by type", LOOKUPS);
	EQUAL(sum, 0);
	count_start();
	for (unsigned i = 0; i < LOOKUPS; i++) {
		MUST(ancient_access_field_int(&access, found[i], 1, &number, &fault));
		sum += number;
	}
	count_stop("field by type, inline", LOOKUPS);
	CHECK(sum != 0);
}

static void read_file(const char *path)
{
	struct ancient_file *file;
	struct ancient_schema *schema;
	struct ancient_value root;
	struct ancient_verify_result verified;
	count_opening(path);
	MUST(ancient_file_open(path, NULL, &file, &fault));
	MUST(ancient_file_get(file, 0, &root, &fault));
	MUST(ancient_schema_parse(types, strlen(types), NULL, &schema, &fault));
	count_lookups(file, schema, ancient_typed_root(schema, root));
	count_fields(file, schema);
	count_start();
	MUST(ancient_file_verify(file, NULL, &verified, &fault));
	count_stop("verify, a block", (unsigned)verified.blocks);
	ancient_schema_close(schema);
	ancient_file_close(file);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: count_paths FILE | --compiler\n");
		return 2;
	}
	if (strcmp(argv[1], "--compiler") == 0) {
		puts(COMPILER);
		return 0;
	}
	name_keys();
	write_file(argv[1]);
	read_file(argv[1]);
	count_share_of_chunks(argv[1]);
	return 0;
}

/* tests/fuzz: the writer.  An input is a program: it makes values on a heap, commits them, takes
 * keys away, goes back, compacts, attaches anew, damages what recovery mends.  After each step that
 * may have changed the file the reader verifies it, and finds what a model in memory says. */
#include "shape.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ancient/dedup.h>
#include <ancient/store.h>

#define HEAP_WORDS (1u << 15)
#define SLOTS 16u       /* values that a step can take */
#define GENERATIONS 64u /* that are remembered */
#define STEPS 100u
#define FOLDER "/dev/shm" /* where there is one: a disk would be most of the time */

/* The smallest, the largest, neighbours, and some that share first bits. */
static const uint64_t key_numbers[] = {0, 1, 2, 3, 1u << 20, (1u << 20) + 1, (1ull << 62) - 1, 77};
#define KEYS (sizeof key_numbers / sizeof *key_numbers)
static const char *const names[] = {NULL, "a", "b", "aa", "caf\xc3\xa9", "name of a key"};
#define NAMES (sizeof names / sizeof *names)

static const char *const operations[] = {"_j", "_n", "_i", "fuzz"};
#define OPERATIONS (sizeof operations / sizeof *operations)

struct entry {
	bool there, equals;
	const char *name;
	struct shape shape[2]; /* with and without the identity of equal ones; freed by `shapes` */
};

static struct {
	const uint8_t *at, *end; /* of the program */

	uint64_t heap[HEAP_WORDS];
	size_t used;
	uint64_t slots[SLOTS];

	char path[64];
	struct ancient_store *store;
	bool published;
	uint64_t generation, oldest; /* in force; the first that the file knows */
	struct entry history[GENERATIONS][KEYS];
	struct shape shapes[STEPS * 8];
	unsigned shape_count;
} w;

static uint8_t take(void)
{
	return w.at < w.end ? *w.at++ : 0;
}

static struct entry *model(uint64_t generation)
{
	return w.history[generation % GENERATIONS];
}

/* Whether a call gave the code that it had to. */
static bool gave(enum ancient_code code, enum ancient_code expected)
{
	return fuzz_ok(code) ? expected == ANCIENT_OK : code == expected;
}

/* ---- The heap ------------------------------------------------------------------------ */

static uint64_t *new_block(unsigned tag, uint64_t size)
{
	uint64_t *fields;

	if (HEAP_WORDS - w.used <= size)
		return NULL;
	fields = w.heap + w.used + 1;
	fields[-1] = size << ANCIENT_HEADER_WOSIZE_SHIFT | tag;
	memset(fields, 0, 8 * size);
	w.used += size + 1;
	return fields;
}

static uint64_t some_value(void)
{
	uint8_t byte = take();

	return byte < 128 ? w.slots[byte % SLOTS] : 2ull * byte + 1;
}

static void put_in_slot(const uint64_t *fields)
{
	if (fields != NULL)
		w.slots[take() % SLOTS] = (uint64_t)(uintptr_t)fields;
}

static void make_block(void)
{
	unsigned tag = take() % 5;
	uint64_t size = take() % 7, *fields = new_block(tag == 4 ? 243 : tag, size);

	for (uint64_t i = 0; i < size && fields != NULL; i++)
		fields[i] = some_value();
	put_in_slot(fields);
}

static void make_string(void)
{
	uint64_t length = take() % 40, size = length / 8 + 1,
		 *fields = new_block(ANCIENT_TAG_STRING, size);

	if (fields == NULL)
		return;
	for (uint64_t i = 0; i < length; i++)
		((uint8_t *)fields)[i] = take();
	((uint8_t *)fields)[8 * size - 1] = (uint8_t)(8 * size - 1 - length);
	put_in_slot(fields);
}

static void make_numbers(void)
{
	unsigned kind = take() % 4;
	uint64_t size = kind == 0   ? 1
			: kind == 1 ? 1 + take() % 5
				    : 2,
		 *fields = new_block(kind == 0   ? ANCIENT_TAG_DOUBLE
				     : kind == 1 ? ANCIENT_TAG_DOUBLE_ARRAY
						 : ANCIENT_TAG_CUSTOM,
				     size);

	if (fields == NULL)
		return;
	for (uint64_t i = 0; i < size; i++)
		fields[i] = (uint64_t)take() << 52 | take();
	if (kind > 1)
		fields[0] = (uint64_t)(uintptr_t)&operations[take() % OPERATIONS];
	put_in_slot(fields);
}

/* Long, and the elements shared with what is in the slots. */
static void make_list(void)
{
	uint64_t head = 1;

	for (unsigned left = 8u * take(); left > 0; left--) {
		uint64_t *cell = new_block(0, 2);
		if (cell == NULL)
			break;
		cell[0] = left % 3 == 0 ? 2ull * left + 1 : w.slots[left % SLOTS];
		cell[1] = head;
		head = (uint64_t)(uintptr_t)cell;
	}
	w.slots[take() % SLOTS] = head;
}

/* Cycles come of this. */
static void set_field(void)
{
	uint64_t *fields = (uint64_t *)(uintptr_t)w.slots[take() % SLOTS], size;

	if (fields < w.heap || fields >= w.heap + HEAP_WORDS || (fields[-1] & 0xFF) > 243)
		return;
	size = fields[-1] >> ANCIENT_HEADER_WOSIZE_SHIFT;
	if (size > 0)
		fields[take() % size] = some_value();
}

static void forget_values(void)
{
	w.used = 0;
	for (unsigned i = 0; i < SLOTS; i++)
		w.slots[i] = 2 * i + 1;
}

/* ---- The file ------------------------------------------------------------------------ */

static bool link_custom(void *context, const char *identifier, void *slot)
{
	(void)context;
	for (unsigned i = 0; i < OPERATIONS; i++)
		if (strcmp(operations[i], identifier) == 0)
			*(const char **)slot = operations[i];
	return true;
}

static struct ancient_source_custom custom_of(void *context, uint64_t word)
{
	(void)context;
	return (struct ancient_source_custom){.identifier = *(const char *const *)(uintptr_t)word,
					      .registered = true};
}

static void attach(void)
{
	const struct ancient_store_options options = {.ocaml_version = 41301,
						      .reserve = 64u << 20,
						      .path = w.path,
						      .link_custom = link_custom};
	int fd = open(w.path, O_RDWR | O_CLOEXEC);

	FUZZ_CHECK(fd >= 0);
	FUZZ_CHECK(
		gave(ancient_store_attach(fd, w.path, &options, &w.store, &fuzz_err), ANCIENT_OK));
	close(fd);
	if (!w.published)
		w.generation = ancient_store_generation(w.store);
	FUZZ_CHECK(ancient_store_generation(w.store) == w.generation);
}

/* What leads into the file is no value any more. */
static void leave(bool discard)
{
	(discard ? ancient_store_discard : ancient_store_detach)(w.store);
	w.store = NULL;
	forget_values();
}

static void check_shape(const struct ancient_file *file, uint64_t root, const struct entry *entry)
{
	const struct shape *expected = &entry->shape[entry->equals];
	struct shape found = fuzz_shape(file, root, entry->equals);

	FUZZ_CHECK(found.size == expected->size);
	FUZZ_CHECK(memcmp(found.bytes, expected->bytes, found.size) == 0);
	free(found.bytes);
}

static void look_at_key(const struct ancient_file *file, const struct entry *entry, uint64_t key)
{
	struct ancient_entry found;

	FUZZ_CHECK(gave(ancient_file_entry(file, key, &found, &fuzz_err),
			entry->there ? ANCIENT_OK : ANCIENT_E_NO_KEY));
	if (!entry->there)
		return;
	FUZZ_CHECK((found.name == NULL) == (entry->name == NULL));
	FUZZ_CHECK(found.name == NULL || strcmp(found.name, entry->name) == 0);
	check_shape(file, found.root.word, entry);
}

static void look_at(uint64_t generation)
{
	const struct ancient_options options = {.generation = generation};
	const struct entry *entries = model(generation);
	struct ancient_file *file = NULL;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_info info;
	unsigned count = 0, expected = 0;

	if (!w.published)
		return;
	FUZZ_CHECK(gave(ancient_file_open(w.path, &options, &file, &fuzz_err), ANCIENT_OK));
	ancient_file_info(file, &info);
	FUZZ_CHECK(info.generation == generation && info.newest_generation == w.generation);
	FUZZ_CHECK(gave(ancient_file_verify(file, NULL, NULL, &fuzz_err), ANCIENT_OK));
	ancient_cursor_init(file, 0, &cursor);
	while (ancient_cursor_next(&cursor, &entry, &fuzz_err) == ANCIENT_OK)
		count++;
	for (unsigned i = 0; i < KEYS; i++) {
		expected += entries[i].there;
		look_at_key(file, &entries[i], key_numbers[i]);
	}
	FUZZ_CHECK(count == expected);
	ancient_file_close(file);
}

/* ---- Steps --------------------------------------------------------------------------- */

struct part {
	unsigned key, name;
	bool remove;
	enum ancient_order order;
	uint64_t root;
	struct shape shape[2];
};

static bool is_taken(const struct entry *entries, const char *name, unsigned key)
{
	for (unsigned i = 0; i < KEYS && name != NULL; i++)
		if (i != key && entries[i].there && entries[i].name == name)
			return true;
	return false;
}

/* Puts or removes; false after an error, which is the one that the model says. */
static bool do_part(struct ancient_commit *commit, const struct part *part, bool equals,
		    const struct ancient_source *source, struct entry *entries, bool *changes)
{
	struct entry *entry = &entries[part->key];
	uint64_t key = key_numbers[part->key];
	enum ancient_code code, expected = ANCIENT_OK;
	struct ancient_copied copied;

	if (part->remove) {
		code = ancient_commit_remove(commit, key, &fuzz_err);
		FUZZ_CHECK(gave(code, entry->there ? ANCIENT_OK : ANCIENT_E_NO_KEY));
		*changes |= entry->there;
		*entry = (struct entry){.there = false};
		return true;
	}
	if (is_taken(entries, names[part->name], part->key))
		expected = ANCIENT_E_NAME_TAKEN;
	else if (part->shape[0].abstract)
		expected = ANCIENT_E_UNSHAREABLE;
	code = ancient_commit_put(commit, key, names[part->name], source, part->root, part->order,
				  &copied, &fuzz_err);
	FUZZ_CHECK(fuzz_ok(code) == (expected == ANCIENT_OK));
	FUZZ_CHECK(code == expected || (code == ANCIENT_E_UNSHAREABLE && part->shape[0].abstract));
	*entry = (struct entry){true, equals, names[part->name], {part->shape[0], part->shape[1]}};
	*changes = true;
	return code == ANCIENT_OK;
}

static unsigned read_parts(struct part parts[4])
{
	unsigned count = 1 + take() % 4;

	for (unsigned i = 0; i < count; i++) {
		struct part *part = &parts[i];
		part->key = take() % KEYS;
		part->remove = take() % 4 == 0;
		if (part->remove)
			continue;
		part->name = take() % NAMES;
		part->order = (enum ancient_order)(take() % 3);
		part->root = some_value();
		for (unsigned equals = 0; equals < 2; equals++) {
			part->shape[equals] = fuzz_shape(NULL, part->root, equals == 1);
			w.shapes[w.shape_count++] = part->shape[equals];
		}
	}
	return count;
}

/* good: nothing failed.  A commit that changes nothing is none. */
static void finish(struct ancient_commit *commit, bool good, bool changes,
		   const struct entry *entries)
{
	bool durable = take() % 2 == 0;

	if (!good || take() % 8 == 0) {
		ancient_commit_abort(commit);
		return;
	}
	FUZZ_CHECK(gave(ancient_commit_finish(commit, durable, &fuzz_err), ANCIENT_OK));
	if (!changes)
		return;
	w.generation++;
	if (!w.published)
		w.oldest = w.generation;
	w.published = true;
	memcpy(model(w.generation), entries, sizeof *w.history);
}

static void commit_some(void)
{
	const struct ancient_source_range range = {(uint64_t)(uintptr_t)w.heap,
						   (uint64_t)(uintptr_t)(w.heap + HEAP_WORDS)};
	const struct ancient_dedup dedup = {.strings = true, .memory = 1u << take() % 24};
	struct ancient_source source = {.custom = custom_of};
	struct ancient_commit *commit = NULL;
	bool equals = take() % 3 == 0, good = true, changes = false;
	struct part parts[4];
	unsigned count;
	struct entry entries[KEYS];
	static uint64_t before[HEAP_WORDS];

	source.marks = (enum ancient_source_marks)(take() % 3);
	if (source.marks == ANCIENT_MARKS_RANGES) {
		source.ranges = &range;
		source.range_count = 1;
	}
	count = read_parts(parts);
	memcpy(before, w.heap, 8 * w.used);
	memcpy(entries, model(w.generation), sizeof entries);
	FUZZ_CHECK(gave(ancient_commit_begin(w.store, &commit, &fuzz_err), ANCIENT_OK));
	if (equals)
		FUZZ_CHECK(gave(ancient_commit_dedup(commit, &dedup, &fuzz_err), ANCIENT_OK));
	for (unsigned i = 0; i < count && good; i++)
		good = do_part(commit, &parts[i], equals, &source, entries, &changes);
	finish(commit, good, changes, entries);
	FUZZ_CHECK(memcmp(before, w.heap, 8 * w.used) == 0);
}

static void get(void)
{
	unsigned key = take() % KEYS;
	const struct entry *entry = &model(w.generation)[key];
	uint64_t root;

	FUZZ_CHECK(gave(ancient_store_get(w.store, NULL, key_numbers[key], &root, &fuzz_err),
			entry->there ? ANCIENT_OK : ANCIENT_E_NO_KEY));
	if (!entry->there)
		return;
	check_shape(NULL, root, entry);
	w.slots[take() % SLOTS] = root;
}

static void go_back(void)
{
	uint64_t known = w.generation - w.oldest + 1, generation;
	struct ancient_commit *commit = NULL;

	if (!w.published)
		return;
	generation = w.generation - take() % (known < GENERATIONS / 2 ? known : GENERATIONS / 2);
	FUZZ_CHECK(gave(ancient_commit_begin(w.store, &commit, &fuzz_err), ANCIENT_OK));
	FUZZ_CHECK(gave(ancient_commit_restore(commit, generation, &fuzz_err), ANCIENT_OK));
	finish(commit, true, true, model(generation));
}

/* The same keys in a later generation. */
static void go_on_as(uint64_t generation)
{
	FUZZ_CHECK(generation >= w.generation && generation - w.generation < GENERATIONS);
	while (w.generation < generation) {
		memcpy(model(w.generation + 1), model(w.generation), sizeof *w.history);
		w.generation++;
	}
}

static void compact(void)
{
	const struct ancient_dedup dedup = {.strings = true};
	struct ancient_compact_options options = {.order = (enum ancient_order)(take() % 3)};
	struct ancient_compacted compacted;
	bool equals = take() % 2 == 0;
	enum ancient_code code;

	if (equals)
		options.dedup = &dedup;
	leave(take() % 4 != 0);
	code = ancient_compact(w.path, &options, &compacted, &fuzz_err);
	FUZZ_CHECK(gave(code, w.published ? ANCIENT_OK : ANCIENT_E_EMPTY));
	if (w.published) {
		FUZZ_CHECK(compacted.generation > w.generation);
		go_on_as(compacted.generation);
		w.oldest = w.generation;
		for (unsigned i = 0; i < KEYS; i++)
			model(w.generation)[i].equals |= equals;
	}
	attach();
}

/* What a crash leaves: half a commit behind the last one, a superblock that is torn. */
static void damage(void)
{
	unsigned kind = take() % 3;
	struct ancient_recovered recovered;
	uint8_t bytes[300];
	struct stat status;
	int fd;

	leave(take() % 2 == 0);
	fd = open(w.path, O_RDWR | O_CLOEXEC);
	FUZZ_CHECK(fd >= 0 && fstat(fd, &status) == 0);
	memset(bytes, take(), sizeof bytes);
	if (kind == 0 && w.published)
		FUZZ_CHECK(pwrite(fd, bytes, 1 + take(), status.st_size) > 0);
	if (kind == 1 && w.published) {
		FUZZ_CHECK(pwrite(fd, bytes, 1 + take() % 200,
				  take() % 2 * ANCIENT_SUPERBLOCK_SLOT) > 0);
		FUZZ_CHECK(gave(ancient_recover(w.path, false, &recovered, &fuzz_err), ANCIENT_OK));
		go_on_as(recovered.generation);
	}
	close(fd);
	attach();
}

/* The steps from this one on may change the file. */
#define FIRST_OF_THE_FILE 9u

static void step(void)
{
	unsigned kind = take() % 16;

	switch (kind) {
	case 0:
	case 1:
		make_block();
		break;
	case 2:
		make_string();
		break;
	case 3:
		make_numbers();
		break;
	case 4:
		set_field();
		break;
	case 5:
		make_list();
		break;
	case 6:
		put_in_slot(new_block(ANCIENT_TAG_ABSTRACT, 1));
		break;
	case 7:
	case 8:
		get();
		break;
	case FIRST_OF_THE_FILE:
		go_back();
		break;
	case 10:
		leave(take() % 2 == 0);
		attach();
		break;
	case 11:
		compact();
		break;
	case 12:
		damage();
		break;
	default:
		commit_some();
	}
	if (kind < FIRST_OF_THE_FILE)
		return;
	look_at(w.generation);
	if (w.generation > w.oldest)
		look_at(w.generation - 1);
}

static void begin(const uint8_t *data, size_t size)
{
	static bool made;
	int fd;

	w.at = data;
	w.end = data + size;
	w.published = false;
	w.shape_count = 0;
	memset(w.history, 0, sizeof w.history);
	forget_values();
	if (!made) {
		snprintf(w.path, sizeof w.path, "%s/ancient-fuzz-%ld",
			 access(FOLDER, W_OK) == 0 ? FOLDER : ".", (long)getpid());
		made = true;
	}
	unlink(w.path);
	fd = open(w.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FUZZ_CHECK(fd >= 0);
	close(fd);
	attach();
}

static void run(const uint8_t *data, size_t size)
{
	begin(data, size);
	for (unsigned i = 0; i < STEPS && w.at < w.end; i++)
		step();
	look_at(w.generation);
	if (w.published)
		FUZZ_CHECK(gave(ancient_store_verify(w.store, &fuzz_err), ANCIENT_OK));
	leave(true);
	unlink(w.path);
	for (unsigned i = 0; i < w.shape_count; i++)
		free(w.shapes[i].bytes);
}

const struct fuzz_target fuzz_writer = {"writer", run, .only_text = true};

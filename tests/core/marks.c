/* tests/core: marks in the headers of source blocks: they are left where the source allows it,
 * every header is restored whatever happens, and the file is the same with marks and without. */
#include <sys/mman.h>

#include "check.h"
#include "heap_ranges.h"
#include "intercept.h"

#define WORDS 400000u
#define RANGES 24u

static struct arena heap;  /* whose headers may be written to */
static struct arena fixed; /* where they may not: mapped read-only */
static uint64_t *before;   /* what the heap held */
/* The heap cut up, as that of OCaml 4 is: the first ranges are much shorter than the last. */
static struct ancient_source_range ranges[RANGES];
static bool marked; /* marks were seen while a copy was under way */

static enum ancient_source_class classify(void *context, uint64_t word)
{
	uint64_t start = (uint64_t)(uintptr_t)fixed.words;

	(void)context;
	return word - start < WORDS * 8 ? ANCIENT_SOURCE_BLOCK : ANCIENT_SOURCE_FOREIGN;
}

static struct ancient_source_custom look(void *context, uint64_t word)
{
	marked |= memcmp(before, heap.words, heap.used * 8) != 0;
	return custom_of(context, word);
}

static struct ancient_source source_with(enum ancient_source_marks marks)
{
	struct ancient_source s = {.custom = look, .marks = marks};

	if (marks == ANCIENT_MARKS_COLOUR)
		return s;
	s.classify = classify;
	s.ranges = ranges;
	s.range_count = RANGES;
	return s;
}

static void cut_heap(void)
{
	uint64_t start = (uint64_t)(uintptr_t)heap.words, bytes = 512;

	for (unsigned i = 0; i < RANGES; i++, bytes += bytes / 3) {
		ranges[i].start = i == 0 ? start : ranges[i - 1].end;
		ranges[i].end = ranges[i].start + bytes;
	}
	CHECK(ranges[RANGES - 2].end < start + WORDS * 8);
	ranges[RANGES - 1].end = start + WORDS * 8;
}

/* A block of every kind, some of them shared, in a long array of short lists; what is in memory
 * that cannot be written has colour 3. */
static uint64_t build(void)
{
	static uint8_t payload[1000] = {[999] = 3};
	uint64_t top, lazy, number, array, custom, constant, word;

	heap.used = fixed.used = 0;
	CHECK(mprotect(fixed.words, WORDS * 8, PROT_READ | PROT_WRITE) == 0);
	constant = bytes_value(&fixed, "constant", 8);
	word = pair(&fixed, constant, INT(1));
	fields(constant)[-1] |= ANCIENT_HEADER_COLOUR;
	fields(word)[-1] |= ANCIENT_HEADER_COLOUR;
	CHECK(mprotect(fixed.words, WORDS * 8, PROT_READ) == 0);
	top = block(&heap, 0, 20000);
	number = block(&heap, ANCIENT_TAG_DOUBLE, 1);
	lazy = block(&heap, ANCIENT_TAG_FORWARD, 1);
	fields(lazy)[0] = number;
	array = block(&heap, ANCIENT_TAG_CUSTOM, 6);
	fields(array)[0] = OPERATIONS(3);
	fields(array)[1] = (uint64_t)(uintptr_t)payload;
	fields(array)[2] = 1;
	fields(array)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED;
	fields(array)[5] = sizeof payload;
	for (uint64_t i = 0; i < 20000; i++) {
		uint64_t text = bytes_value(&heap, "some text", i % 10);
		uint64_t forced = block(&heap, ANCIENT_TAG_FORWARD, 1);

		fields(forced)[0] = i % 3 ? text : lazy;
		fields(text)[-1] |= i % 2 << 8;
		fields(top)[i] = pair(&heap, text, pair(&heap, i % 7 ? forced : word, INT(0)));
		if (i % 5 == 0)
			fields(top)[i] = fields(top)[i / 2];
	}
	/* Last in the order of the copy, so that it sees the marks of the others; a cycle. */
	custom = block(&heap, ANCIENT_TAG_CUSTOM, 2);
	fields(custom)[0] = OPERATIONS(5);
	fields(top)[19997] = pair(&heap, number, lazy);
	fields(top)[19998] = pair(&heap, top, array);
	fields(top)[19999] = pair(&heap, block(&heap, 0, 0), custom);
	memcpy(before, heap.words, heap.used * 8);
	return top;
}

static void heap_is_as_before(void)
{
	CHECK(memcmp(before, heap.words, heap.used * 8) == 0);
}

/* Publishes the value under two keys, and a part of it under a third. */
static enum ancient_code publish(struct ancient_store *store, const struct ancient_source *s,
				 uint64_t root, enum ancient_order order, bool settle,
				 struct ancient_error *err)
{
	struct ancient_commit *commit = NULL;
	enum ancient_code code = ancient_commit_begin(store, &commit, err);

	if (code != ANCIENT_OK)
		return code;
	code = ancient_commit_put(commit, 1, "one", s, root, order, NULL, err);
	if (code == ANCIENT_OK)
		code = ancient_commit_put(commit, 2, NULL, s, root, order, NULL, err);
	if (code == ANCIENT_OK)
		code = ancient_commit_put(commit, 3, NULL, s, fields(root)[19998], order, NULL,
					  err);
	if (code == ANCIENT_OK && settle) {
		code = ancient_commit_settle(commit, err);
		heap_is_as_before();
	}
	if (code == ANCIENT_OK)
		return ancient_commit_finish(commit, false, err);
	ancient_commit_abort(commit);
	return code;
}

/* A file at a base that no other file of this process has had, in a process of its own: the
 * bytes behind the superblocks. */
static uint8_t *bytes_with(enum ancient_source_marks marks, enum ancient_order order,
			   uint64_t *ret_size)
{
	struct ancient_source s = source_with(marks);
	struct ancient_store_options options = {.base = 0x300000000000, .reserve = 1ull << 30};
	uint64_t root = build();
	char path[64];
	int fd = new_file(path), status = 0;
	pid_t child = fork();
	uint8_t *bytes;

	if (child == 0) {
		struct ancient_store *store = NULL;

		marked = false;
		OK(ancient_store_attach(fd, "test", &options, &store, &err));
		OK(publish(store, &s, root, order, order == ANCIENT_ORDER_DEPTH_FIRST, &err));
		heap_is_as_before();
		EQUAL(marked, marks != ANCIENT_MARKS_NONE);
		EQUAL(get(store, 1), get(store, 2));
		EQUAL(fields(get(store, 1))[19998], get(store, 3));
		OK(ancient_store_verify(store, &err));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	bytes = file_bytes(fd, ret_size);
	unlink(path);
	close(fd);
	return bytes;
}

static void the_bytes_are_the_same_with_and_without(enum ancient_order order)
{
	uint64_t size, other_size;
	uint8_t *bytes, *other;

	CHECK(setenv("SOURCE_DATE_EPOCH", "0", 1) == 0);
	bytes = bytes_with(ANCIENT_MARKS_NONE, order, &size);
	for (int marks = ANCIENT_MARKS_RANGES; marks <= ANCIENT_MARKS_COLOUR; marks++) {
		other = bytes_with((enum ancient_source_marks)marks, order, &other_size);
		EQUAL(other_size, size);
		CHECK(same_but_for_the_uuid(bytes, other, size));
		free(other);
	}
	CHECK(unsetenv("SOURCE_DATE_EPOCH") == 0);
	free(bytes);
}

static void every_failure_gives_the_headers_back(enum ancient_source_marks marks)
{
	static const struct {
		enum intercept_call call;
		int error;
	} faults[] = {{CALL_MALLOC, ENOMEM}, {CALL_CALLOC, ENOMEM},    {CALL_REALLOC, ENOMEM},
		      {CALL_MMAP, ENOMEM},   {CALL_FALLOCATE, ENOSPC}, {CALL_PWRITEV, ENOSPC},
		      {CALL_FTRUNCATE, EIO}};
	struct ancient_source s = source_with(marks);
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t root = build();

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		for (uint64_t at = 0;; at++) {
			enum ancient_code code;

			intercept_start();
			intercept.fail = faults[i].call;
			intercept.fail_at = at;
			intercept.error = faults[i].error;
			code = publish(store, &s, root, ANCIENT_ORDER_DEPTH_FIRST, at % 2,
				       &last_error);
			intercept.armed = false;
			heap_is_as_before();
			if (code == ANCIENT_OK)
				OK(ancient_store_verify(store, &err));
			if (!intercept.failed)
				break;
		}
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* The path of what is refused is found among headers that are whole. */
static void a_refusal_gives_the_headers_back(enum ancient_source_marks marks)
{
	struct ancient_source s = source_with(marks);
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	struct ancient_copied copied;
	uint64_t root = build(), bad = fields(fields(root)[19999])[1];

	fields(bad)[0] = OPERATIONS(6);
	memcpy(before, heap.words, heap.used * 8);
	GIVES(publish(store, &s, root, ANCIENT_ORDER_DEPTH_FIRST, true, &err),
	      ANCIENT_E_UNSHAREABLE);
	CHECK(strcmp(last_error.message,
		     "custom value \"other\" that is not registered at root.(19999).(1)") == 0);
	heap_is_as_before();
	GIVES(ancient_heap_copy(&s, root, ANCIENT_ORDER_DEPTH_FIRST, &heap_ranges, &copied, &err),
	      ANCIENT_E_UNSHAREABLE);
	heap_is_as_before();
	build();
	marked = false;
	OK(ancient_heap_copy(&s, root, ANCIENT_ORDER_BREADTH_FIRST, &heap_ranges, &copied, &err));
	CHECK(marked);
	heap_is_as_before();
	ancient_heap_delete(copied.root, &heap_ranges);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* Pointers to both sides of the gap have been followed when the one into it is met. */
static void a_pointer_between_two_ranges_is_refused(void)
{
	struct ancient_source s = source_with(ANCIENT_MARKS_RANGES);
	struct ancient_copied copied;
	struct ancient_source_range sides[2];
	uint64_t root, gap, behind;

	heap.used = 0;
	root = block(&heap, 0, 4);
	fields(root)[0] = pair(&heap, INT(1), INT(0));
	sides[0] = (struct ancient_source_range){(uint64_t)(uintptr_t)heap.words, root + 8 * 8};
	gap = pair(&heap, INT(2), INT(0));
	behind = pair(&heap, INT(3), INT(0));
	sides[1] = (struct ancient_source_range){behind - 8, behind + 16};
	CHECK(fields(root)[0] < sides[0].end && gap >= sides[0].end);
	fields(root)[1] = behind;
	fields(root)[2] = fields(root)[0];
	fields(root)[3] = gap;
	memcpy(before, heap.words, heap.used * 8);
	s.ranges = sides;
	s.range_count = 2;
	for (int order = ANCIENT_ORDER_DEPTH_FIRST; order <= ANCIENT_ORDER_ELEMENTS_FIRST;
	     order++) {
		GIVES(ancient_heap_copy(&s, root, (enum ancient_order)order, &heap_ranges, &copied,
					&err),
		      ANCIENT_E_UNSHAREABLE);
		CHECK(strcmp(last_error.message, "naked pointer at root.(3)") == 0);
		heap_is_as_before();
	}
	fields(root)[3] = behind;
	memcpy(before, heap.words, heap.used * 8);
	OK(ancient_heap_copy(&s, root, ANCIENT_ORDER_DEPTH_FIRST, &heap_ranges, &copied, &err));
	EQUAL(fields(copied.root)[3], fields(copied.root)[1]);
	heap_is_as_before();
	ancient_heap_delete(copied.root, &heap_ranges);
}

static void nothing_is_put_after_the_settling(void)
{
	struct ancient_source s = source_with(ANCIENT_MARKS_RANGES);
	struct ancient_commit *commit = NULL;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t root = build();

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, 1, NULL, &s, root, ANCIENT_ORDER_DEPTH_FIRST, NULL, &err));
	OK(ancient_commit_settle(commit, &err));
	GIVES(ancient_commit_put(commit, 2, NULL, &s, INT(1), ANCIENT_ORDER_DEPTH_FIRST, NULL,
				 &err),
	      ANCIENT_E_ARGUMENT);
	ancient_commit_abort(commit);
	heap_is_as_before();
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* What the first root put into the table is found by the second, though it could be marked. */
static void roots_share_whatever_each_source_allows(void)
{
	static const enum ancient_source_marks kinds[] = {ANCIENT_MARKS_NONE, ANCIENT_MARKS_RANGES,
							  ANCIENT_MARKS_COLOUR};
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t root = build();

	for (int i = 0; i < 9; i++) {
		struct ancient_source first = source_with(kinds[i / 3]);
		struct ancient_source second = source_with(kinds[i % 3]);
		struct ancient_copied copied[3];
		struct ancient_commit *commit = NULL;

		OK(ancient_commit_begin(store, &commit, &err));
		OK(ancient_commit_put(commit, 1, NULL, &first, fields(root)[1], 0, NULL, &err));
		OK(ancient_commit_put(commit, 2, NULL, &second, root, 0, &copied[0], &err));
		OK(ancient_commit_put(commit, 3, NULL, &first, root, 0, &copied[1], &err));
		OK(ancient_commit_put(commit, 4, NULL, &second, root, 0, &copied[2], &err));
		OK(ancient_commit_finish(commit, false, &err));
		heap_is_as_before();
		EQUAL(copied[1].root, copied[0].root);
		EQUAL(copied[2].root, copied[0].root);
		EQUAL(get(store, 1), fields(get(store, 2))[1]);
	}
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

int main(void)
{
	heap = new_arena(WORDS);
	fixed.words = mmap(NULL, WORDS * 8, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(fixed.words != MAP_FAILED);
	fixed.capacity = WORDS;
	before = malloc(WORDS * 8);
	CHECK(before);
	cut_heap();
	the_bytes_are_the_same_with_and_without(ANCIENT_ORDER_DEPTH_FIRST);
	the_bytes_are_the_same_with_and_without(ANCIENT_ORDER_BREADTH_FIRST);
	the_bytes_are_the_same_with_and_without(ANCIENT_ORDER_ELEMENTS_FIRST);
	for (int marks = ANCIENT_MARKS_RANGES; marks <= ANCIENT_MARKS_COLOUR; marks++) {
		every_failure_gives_the_headers_back((enum ancient_source_marks)marks);
		a_refusal_gives_the_headers_back((enum ancient_source_marks)marks);
	}
	a_pointer_between_two_ranges_is_refused();
	nothing_is_put_after_the_settling();
	roots_share_whatever_each_source_allows();
	free(before);
	free(heap.words);
	return 0;
}

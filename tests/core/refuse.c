/* tests/core: what cannot be shared is refused with its kind and path, and leaves no trace. */
#include "check.h"
#include "heap_ranges.h"

static int fd;
static struct ancient_store *store;
static struct arena arena;

/* Sharing `root` says `text`, and the file is what it was. */
static void refused(uint64_t root, const char *text)
{
	uint64_t size, after;
	uint8_t *bytes = file_bytes(fd, &size), *now;

	for (int order = 0; order < 2; order++) {
		struct ancient_commit *commit = NULL;

		OK(ancient_commit_begin(store, &commit, &err));
		GIVES(ancient_commit_put(commit, 1, NULL, &source, root, (enum ancient_order)order,
					 NULL, &err),
		      ANCIENT_E_UNSHAREABLE);
		ancient_commit_abort(commit);
		if (strcmp(last_error.message, text) != 0) {
			fprintf(stderr, "expected %s, found %s\n", text, last_error.message);
			exit(1);
		}
		GIVES(ancient_heap_copy(&source, root, (enum ancient_order)order, &heap_ranges,
					NULL, &err),
		      ANCIENT_E_UNSHAREABLE);
	}
	now = file_bytes(fd, &after);
	EQUAL(after, size);
	CHECK(memcmp(bytes, now, size) == 0);
	free(bytes);
	free(now);
}

/* (0, 1, 2, (v, 0)) */
static uint64_t inside(uint64_t v)
{
	uint64_t outer = block(&arena, 3, 4);

	for (uint64_t i = 0; i < 3; i++)
		fields(outer)[i] = INT(i);
	fields(outer)[3] = pair(&arena, v, INT(0));
	return outer;
}

static void tags_that_are_no_data(void)
{
	static const struct {
		unsigned tag;
		const char *text;
	} cases[] = {
		{ANCIENT_TAG_CLOSURE, "functional value at root.(3).(0)"},
		{ANCIENT_TAG_INFIX, "functional value at root.(3).(0)"},
		{ANCIENT_TAG_OBJECT, "object at root.(3).(0)"},
		{ANCIENT_TAG_LAZY, "unforced lazy value at root.(3).(0)"},
		{ANCIENT_TAG_FORCING, "lazy value that is being forced at root.(3).(0)"},
		{ANCIENT_TAG_CONTINUATION, "continuation at root.(3).(0)"},
		{ANCIENT_TAG_ABSTRACT, "abstract value at root.(3).(0)"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		refused(inside(block(&arena, cases[i].tag, 2)), cases[i].text);
}

static void customs_that_are_not_registered(void)
{
	uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 2);

	fields(v)[0] = OPERATIONS(6);
	refused(inside(v), "custom value \"other\" that is not registered at root.(3).(0)");
	fields(v)[0] = 16; /* unknown to the runtime */
	refused(inside(v), "custom value of an unknown type at root.(3).(0)");
}

static void pointers_that_are_none(void)
{
	refused(inside(0), "naked pointer at root.(3).(0)");
	refused(4, "naked pointer at root");
}

static void the_root_itself(void)
{
	refused(block(&arena, ANCIENT_TAG_CLOSURE, 2), "functional value at root");
}

static void a_lazy_behind_a_forward(void)
{
	uint64_t f = block(&arena, ANCIENT_TAG_FORWARD, 1);

	fields(f)[0] = block(&arena, ANCIENT_TAG_LAZY, 1);
	fields(fields(f)[0])[0] = INT(0);
	refused(inside(f), "unforced lazy value at root.(3).(0).(0)");
}

static void the_middle_of_a_long_path_is_counted(void)
{
	uint64_t list = block(&arena, ANCIENT_TAG_CLOSURE, 1);

	for (int i = 0; i < 1000; i++)
		list = pair(&arena, INT(0), list);
	refused(list, "functional value at root.(1).(1).(1).(1).(1).(1).(1).(1).(1).(1).(1).(1)"
		      ".(... 976 more ...)"
		      ".(1).(1).(1).(1).(1).(1).(1).(1).(1).(1).(1).(1)");
}

int main(void)
{
	char path[64];

	fd = new_file(path);
	unlink(path);
	store = attach(fd);
	arena = new_arena(10000);
	share(store, 0, inside(INT(1)));
	tags_that_are_no_data();
	customs_that_are_not_registered();
	pointers_that_are_none();
	the_root_itself();
	a_lazy_behind_a_forward();
	the_middle_of_a_long_path_is_counted();
	ancient_store_detach(store);
	free(arena.words);
	close(fd);
	return 0;
}

/* tests/core: Dynarrays of OCaml 5.3 and later, whose spare room is filled with an object. */
#include "check.h"
#include "heap_ranges.h"

static int fd;
static struct ancient_store *store;
static struct arena arena;

/* object val x = ref (Some self) end, whose table says how many methods it has */
static uint64_t object(uint64_t methods)
{
	uint64_t v = block(&arena, ANCIENT_TAG_OBJECT, 3), table = block(&arena, 0, 3);
	uint64_t some = block(&arena, 0, 1), reference = block(&arena, 0, 1);

	fields(table)[0] = INT(methods);
	fields(table)[1] = fields(table)[2] = INT(-1);
	fields(some)[0] = v;
	fields(reference)[0] = some;
	fields(v)[0] = table;
	fields(v)[1] = INT(7);
	fields(v)[2] = reference;
	return v;
}

/* Elements are pairs (i, i), and integers where i is even. */
static uint64_t dynarray(uint64_t length, uint64_t room, uint64_t dummy)
{
	uint64_t record = block(&arena, 0, 3), array = block(&arena, 0, room);

	for (uint64_t i = 0; i < room; i++)
		fields(array)[i] = i >= length ? dummy
				   : i % 2     ? pair(&arena, INT(i), INT(i))
					       : INT(i);
	fields(record)[0] = INT(length);
	fields(record)[1] = array;
	fields(record)[2] = dummy;
	return record;
}

static void has(uint64_t record, uint64_t length)
{
	uint64_t array = fields(record)[1], dummy = fields(record)[2];

	EQUAL(fields(record)[0], INT(length));
	EQUAL(header(array), ANCIENT_HEADER(length, 0));
	EQUAL(header(dummy), ANCIENT_HEADER(1, 0));
	EQUAL(fields(dummy)[0], INT(0));
	for (uint64_t i = 0; i < length; i++) {
		uint64_t element = fields(array)[i];

		CHECK(element != dummy);
		EQUAL(i % 2 ? fields(element)[1] : element, INT(i));
	}
}

static uint64_t shared(uint64_t root, int order)
{
	share_named(store, 1, NULL, root, (enum ancient_order)order);
	return get(store, 1);
}

static void arrays_are_as_long_as_their_dynarray(void)
{
	static const uint64_t lengths[][2] = {{0, 1}, {0, 2}, {0, 40},  {1, 2},   {3, 3},
					      {5, 8}, {7, 8}, {31, 32}, {32, 64}, {100, 4000}};

	for (int order = 0; order <= ANCIENT_ORDER_ELEMENTS_FIRST; order++)
		for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
			has(shared(dynarray(lengths[i][0], lengths[i][1], object(0)), order),
			    lengths[i][0]);
}

/* Copies in memory are made by the same copier, one after the other, and may move. */
static void so_they_are_in_memory(void)
{
	for (int order = 0; order < 2; order++)
		for (uint64_t length = 0; length < 4000; length += length + 1) {
			struct ancient_copied copied;

			OK(ancient_heap_copy(&source, dynarray(length, length * 2 + 1, object(0)),
					     (enum ancient_order)order, &heap_ranges, &copied,
					     &err));
			has(copied.root, length);
			ancient_heap_delete(copied.root, &heap_ranges);
		}
}

static void dynarrays_in_dynarrays_share_their_dummy(void)
{
	for (int order = 0; order < 2; order++) {
		uint64_t dummy = object(0), outer = dynarray(2, 4, dummy), r;
		uint64_t inner = dynarray(3, 8, dummy);

		fields(fields(outer)[1])[0] = inner;
		fields(fields(outer)[1])[1] = inner;
		r = shared(pair(&arena, outer, pair(&arena, dynarray(1, 2, dummy), inner)), order);
		outer = fields(r)[0];
		inner = fields(fields(outer)[1])[0];
		EQUAL(header(fields(outer)[1]), ANCIENT_HEADER(2, 0));
		EQUAL(fields(fields(outer)[1])[1], inner);
		EQUAL(fields(fields(r)[1])[1], inner);
		has(inner, 3);
		has(fields(fields(r)[1])[0], 1);
		EQUAL(fields(outer)[2], fields(inner)[2]);
	}
}

/* Two threads that add and remove at the same time may leave an element in the spare room. */
static void an_array_with_elements_in_its_room_stays_as_long(void)
{
	for (int order = 0; order < 2; order++) {
		uint64_t record = dynarray(2, 8, object(0));

		fields(fields(record)[1])[6] = INT(6);
		record = shared(record, order);
		EQUAL(header(fields(record)[1]), ANCIENT_HEADER(8, 0));
		EQUAL(fields(fields(record)[1])[2], fields(record)[2]);
		EQUAL(fields(fields(record)[1])[6], INT(6));
		EQUAL(fields(fields(record)[1])[7], fields(record)[2]);
	}
}

static void a_dummy_elsewhere_is_a_block(void)
{
	for (int order = 0; order < 2; order++) {
		uint64_t dummy = object(0), r = shared(pair(&arena, dummy, dummy), order);

		EQUAL(header(fields(r)[0]), ANCIENT_HEADER(1, 0));
		EQUAL(fields(r)[0], fields(r)[1]);
	}
}

static void other_objects_are_refused(void)
{
	uint64_t cases[3] = {object(1), object(0), object(0)};

	fields(fields(cases[1])[2])[0] = INT(0);                         /* ref None */
	fields(fields(fields(cases[2])[2])[0])[0] = fields(cases[0])[2]; /* another one */
	for (size_t i = 0; i < 3; i++) {
		struct ancient_commit *commit = NULL;

		OK(ancient_commit_begin(store, &commit, &err));
		GIVES(ancient_commit_put(commit, 1, NULL, &source, dynarray(1, 2, cases[i]),
					 ANCIENT_ORDER_DEPTH_FIRST, NULL, &err),
		      ANCIENT_E_UNSHAREABLE);
		ancient_commit_abort(commit);
		CHECK(strcmp(last_error.message, "object at root.(1).(1)") == 0);
	}
}

int main(void)
{
	char path[64];

	fd = new_file(path);
	unlink(path);
	store = attach(fd);
	arena = new_arena(90000);
	arrays_are_as_long_as_their_dynarray();
	so_they_are_in_memory();
	dynarrays_in_dynarrays_share_their_dummy();
	an_array_with_elements_in_its_room_stays_as_long();
	a_dummy_elsewhere_is_a_block();
	other_objects_are_refused();
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	free(arena.words);
	close(fd);
	return 0;
}

/* ocaml/stubs: the table of the address ranges that hold ancient values, which is_ancient asks, and
 * which is copied into the runtime's page table where there is one.
 *
 * A program may mark large values by the hundred thousand (small ones share ranges), so the table
 * is sorted and searched by bisection. A mutex guards it, because domains of OCaml 5 run in
 * parallel.
 */
#include "ranges.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <caml/address_class.h>

#include <ancient/format.h>

struct range {
	uint64_t start;
	uint64_t end;
	unsigned count;
	bool memory; /* values in it may have been deleted */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct range *ranges;
static size_t range_count;
static size_t range_room;

#ifdef ANCIENT_ML_PAGE_TABLE

/* Ranges begin and end on pages of their own, so nothing else is in these entries. */
static bool page_table_add(uint64_t start, uint64_t end)
{
	return start == end || caml_page_table_add(In_static_data, (void *)start, (void *)end) == 0;
}

static void page_table_remove(uint64_t start, uint64_t end)
{
	if (start != end)
		caml_page_table_remove(In_static_data, (void *)start, (void *)end);
}

#else

static bool page_table_add(uint64_t start, uint64_t end)
{
	(void)start, (void)end;
	return true;
}

static void page_table_remove(uint64_t start, uint64_t end)
{
	(void)start, (void)end;
}

#endif

/* The number of ranges that begin at or before `address`. */
static size_t ranges_up_to(uint64_t address)
{
	size_t low = 0, high = range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The range that begins at `start`, or NULL. */
static struct range *range_at(uint64_t start)
{
	size_t n = ranges_up_to(start);

	return n > 0 && ranges[n - 1].start == start ? &ranges[n - 1] : NULL;
}

static bool room_for_one(void)
{
	size_t room = range_room == 0 ? 16 : range_room * 2;
	struct range *grown;

	if (range_count < range_room)
		return true;
	grown = realloc(ranges, room * sizeof *ranges);
	if (grown == NULL)
		return false;
	ranges = grown;
	range_room = room;
	return true;
}

static bool extend(struct range *range, uint64_t end)
{
	if (end <= range->end)
		return true;
	if (!page_table_add(range->end, end))
		return false;
	range->end = end;
	return true;
}

static bool insert(uint64_t start, uint64_t end, bool memory)
{
	size_t place = ranges_up_to(start);

	if (!room_for_one())
		return false;
	if (!page_table_add(start, end)) {
		page_table_remove(start, end); /* what was entered before memory failed */
		return false;
	}
	memmove(ranges + place + 1, ranges + place, (range_count - place) * sizeof *ranges);
	ranges[place] = (struct range){.start = start, .end = end, .count = 1, .memory = memory};
	range_count++;
	return true;
}

static bool add(uint64_t start, uint64_t end, bool memory)
{
	struct range *range;
	bool done;

	pthread_mutex_lock(&lock);
	range = range_at(start);
	if (range == NULL) {
		done = insert(start, end, memory);
	} else {
		done = extend(range, end);
		if (done)
			range->count++;
	}
	pthread_mutex_unlock(&lock);
	return done;
}

bool ancient_ml_range_add(uint64_t start, uint64_t end)
{
	return add(start, end, false);
}

bool ancient_ml_range_add_memory(uint64_t start, uint64_t end)
{
	return add(start, end, true);
}

bool ancient_ml_range_extend(uint64_t start, uint64_t end)
{
	struct range *range;
	bool done;

	pthread_mutex_lock(&lock);
	range = range_at(start);
	done = range != NULL && extend(range, end);
	pthread_mutex_unlock(&lock);
	return done;
}

void ancient_ml_range_drop(uint64_t start)
{
	struct range *range;

	pthread_mutex_lock(&lock);
	range = range_at(start);
	if (range != NULL && --range->count == 0) {
		size_t place = (size_t)(range - ranges);
		page_table_remove(range->start, range->end);
		range_count--;
		memmove(range, range + 1, (range_count - place) * sizeof *ranges);
	}
	pthread_mutex_unlock(&lock);
}

bool ancient_ml_range_holds(uint64_t address)
{
	bool held;
	size_t n;

	pthread_mutex_lock(&lock);
	n = ranges_up_to(address);
	held = n > 0 && address < ranges[n - 1].end &&
	       !(ranges[n - 1].memory && Hd_val((value)address) == ANCIENT_FILLER);
	pthread_mutex_unlock(&lock);
	return held;
}

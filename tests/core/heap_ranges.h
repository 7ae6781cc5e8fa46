/* tests/core: a user of copies in memory, who keeps the ranges that he is told of. */
#ifndef HEAP_RANGES_H
#define HEAP_RANGES_H

#include <pthread.h>

#include "check.h"

static struct {
	uint64_t start, end;
} heap_range[8192];
static size_t heap_range_count;
static pthread_mutex_t heap_range_mutex = PTHREAD_MUTEX_INITIALIZER;

static bool heap_range_add(uint64_t start, uint64_t end)
{
	bool room;

	CHECK(start < end && start % 4096 == 0 && end % 4096 == 0);
	pthread_mutex_lock(&heap_range_mutex);
	room = heap_range_count < sizeof heap_range / sizeof *heap_range;
	for (size_t i = 0; i < heap_range_count; i++)
		CHECK(end <= heap_range[i].start || heap_range[i].end <= start);
	if (room) {
		heap_range[heap_range_count].start = start;
		heap_range[heap_range_count++].end = end;
	}
	pthread_mutex_unlock(&heap_range_mutex);
	return room;
}

static void heap_range_drop(uint64_t start)
{
	size_t i = 0;

	pthread_mutex_lock(&heap_range_mutex);
	while (i < heap_range_count && heap_range[i].start != start)
		i++;
	CHECK(i < heap_range_count);
	heap_range[i] = heap_range[--heap_range_count];
	pthread_mutex_unlock(&heap_range_mutex);
}

/* Whether a range holds `address`. */
static inline bool heap_range_holds(uint64_t address)
{
	bool held = false;

	pthread_mutex_lock(&heap_range_mutex);
	for (size_t i = 0; i < heap_range_count; i++)
		held = held ||
		       address - heap_range[i].start < heap_range[i].end - heap_range[i].start;
	pthread_mutex_unlock(&heap_range_mutex);
	return held;
}

static const struct ancient_heap_ranges heap_ranges = {heap_range_add, heap_range_drop};

#endif

/* core/memory: a sorted list of address ranges, searched by bisection.
 *
 * Addresses that drop out of the list because memory is out are never used again, which is safe.
 */
#include "memory/address_ranges.h"

#include <stdlib.h>
#include <string.h>

size_t ancient_core_ranges_find(const struct core_ranges *ranges, uint64_t address)
{
	size_t low = 0, high = ranges->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges->items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool insert(struct core_ranges *ranges, size_t i, struct core_range range)
{
	if (ranges->count == ranges->capacity) {
		size_t capacity = ranges->capacity ? ranges->capacity * 2 : 64;
		struct core_range *grown = realloc(ranges->items, capacity * sizeof *grown);

		if (!grown)
			return false;
		ranges->items = grown;
		ranges->capacity = capacity;
	}
	memmove(ranges->items + i + 1, ranges->items + i,
		(ranges->count - i) * sizeof *ranges->items);
	ranges->items[i] = range;
	ranges->count++;
	return true;
}

static void erase(struct core_ranges *ranges, size_t i, size_t count)
{
	ranges->count -= count;
	memmove(ranges->items + i, ranges->items + i + count,
		(ranges->count - i) * sizeof *ranges->items);
}

static bool alike(const struct core_range *a, const struct core_range *b)
{
	return a->from == b->from && a->in_trial == b->in_trial;
}

void ancient_core_ranges_add(struct core_ranges *ranges, struct core_range range)
{
	size_t i = ancient_core_ranges_find(ranges, range.start);
	struct core_range *behind = i < ranges->count ? &ranges->items[i] : NULL;
	struct core_range *before = i > 0 ? &ranges->items[i - 1] : NULL;
	bool joins_behind = behind && behind->start == range.end && alike(behind, &range);
	bool joins_before = before && before->end == range.start && alike(before, &range);

	if (joins_before && joins_behind) {
		before->end = behind->end;
		erase(ranges, i, 1);
	} else if (joins_before) {
		before->end = range.end;
	} else if (joins_behind) {
		behind->start = range.start;
	} else if (!insert(ranges, i, range)) {
		return;
	}
	ranges->bytes += range.end - range.start;
}

void ancient_core_ranges_remove(struct core_ranges *ranges, uint64_t start, uint64_t end)
{
	size_t i = ancient_core_ranges_find(ranges, start), last;

	if (i == ranges->count || ranges->items[i].start >= end)
		return;
	if (ranges->items[i].start < start) {
		struct core_range rest = ranges->items[i];

		ranges->items[i].end = start;
		ranges->bytes -= rest.end - start;
		i++;
		rest.start = end;
		if (rest.end > end) {
			if (insert(ranges, i, rest))
				ranges->bytes += rest.end - end;
			return;
		}
	}
	for (last = i; last < ranges->count && ranges->items[last].end <= end; last++)
		ranges->bytes -= ranges->items[last].end - ranges->items[last].start;
	erase(ranges, i, last - i);
	if (i < ranges->count && ranges->items[i].start < end) {
		ranges->bytes -= end - ranges->items[i].start;
		ranges->items[i].start = end;
	}
}

bool ancient_core_ranges_cover(const struct core_ranges *ranges, uint64_t start, uint64_t end)
{
	for (size_t i = ancient_core_ranges_find(ranges, start); start < end; i++) {
		if (i == ranges->count || ranges->items[i].start > start)
			return false;
		start = ranges->items[i].end;
	}
	return true;
}

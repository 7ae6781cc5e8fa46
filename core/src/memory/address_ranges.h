/* core/memory: a sorted list of address ranges.  Used by memory/quarantine.c. */
#ifndef CORE_ADDRESS_RANGES_H
#define CORE_ADDRESS_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core_range {
	uint64_t start, end;
	unsigned from; /* what the user of the list says of it */
	bool in_trial; /* the same; ranges that differ in these two are not merged */
};

/* Sorted by address; no two overlap. */
struct core_ranges {
	struct core_range *items;
	size_t count, capacity;
	uint64_t bytes;
};

/* The index of the first range that ends behind `address`, or `count`. */
size_t ancient_core_ranges_find(const struct core_ranges *ranges, uint64_t address);

/* Adds a range that overlaps none, merged with its neighbours.  Where memory is out it is not
 * recorded. */
void ancient_core_ranges_add(struct core_ranges *ranges, struct core_range range);

/* Takes [start, end) out of all ranges.  Where memory is out, what lies behind it in the same range
 * is not recorded any more. */
void ancient_core_ranges_remove(struct core_ranges *ranges, uint64_t start, uint64_t end);

/* Whether ranges cover [start, end). */
bool ancient_core_ranges_cover(const struct core_ranges *ranges, uint64_t start, uint64_t end);

#endif

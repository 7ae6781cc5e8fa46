/* core/memory: addresses that were let go, and which files they were of. */
#include "memory/quarantine.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory/address_ranges.h"
#include "memory/tombstone.h"

struct detached {
	struct core_detached_file file;
	uint64_t base, end;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct core_ranges held;
static uint64_t settled_bytes;    /* of `held`, when the last trial had ended */
static uint64_t fresh_files;      /* given since */
static struct detached *detached; /* sorted by base; no two overlap */
static size_t detached_count, detached_capacity;

/* ---- Ranges --------------------------------------------------------------------- */

/* Nothing that a trial has seen holds for pages that are laid anew. */
static void cancel_trial(void)
{
	for (size_t i = 0; i < held.count; i++)
		held.items[i].in_trial = false;
}

static void give(uint64_t start, uint64_t end, enum core_quarantine_from from)
{
	struct core_range range = {.start = start, .end = end, .from = from};

	ancient_core_ranges_add(&held, range);
	if (ancient_core_tombstone_grow(held.bytes)) {
		cancel_trial();
		for (size_t i = 0; i < held.count; i++)
			ancient_core_tombstone_lay(held.items[i].start, held.items[i].end);
	}
	ancient_core_tombstone_lay(start, end);
}

void ancient_core_quarantine_give(void *start, uint64_t bytes)
{
	uint64_t address = (uint64_t)(uintptr_t)start;

	if (bytes == 0)
		return;
	pthread_mutex_lock(&mutex);
	give(address, address + bytes, CORE_QUARANTINE_COPIES);
	pthread_mutex_unlock(&mutex);
}

struct core_ranges *ancient_core_quarantine_ranges(void)
{
	return &held;
}

struct core_quarantine_load ancient_core_quarantine_load(void)
{
	struct core_quarantine_load load = {.files = fresh_files};

	load.bytes = held.bytes > settled_bytes ? held.bytes - settled_bytes : 0;
	return load;
}

void ancient_core_quarantine_settle(void)
{
	cancel_trial();
	settled_bytes = 0;
	for (size_t i = 0; i < held.count; i++)
		settled_bytes += held.items[i].end - held.items[i].start;
	fresh_files = 0;
}

/* ---- Files ---------------------------------------------------------------------- */

/* The index of the first file that ends behind `address`, or detached_count. */
static size_t find_detached(uint64_t address)
{
	size_t low = 0, high = detached_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (detached[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void forget(size_t i, size_t count)
{
	detached_count -= count;
	memmove(detached + i, detached + i + count, (detached_count - i) * sizeof *detached);
}

/* If memory is out, a later attach of the file cannot have these addresses, and relocates it. */
static void remember(const struct detached *file)
{
	size_t i = find_detached(file->base);

	if (detached_count == detached_capacity) {
		size_t capacity = detached_capacity ? detached_capacity * 2 : 16;
		struct detached *grown = realloc(detached, capacity * sizeof *grown);

		if (!grown)
			return;
		detached = grown;
		detached_capacity = capacity;
	}
	memmove(detached + i + 1, detached + i, (detached_count - i) * sizeof *detached);
	detached[i] = *file;
	detached_count++;
}

void ancient_core_quarantine_give_file(const struct core_detached_file *file, void *base,
				       uint64_t bytes)
{
	struct detached gone = {.file = *file, .base = (uint64_t)(uintptr_t)base};

	if (bytes == 0)
		return;
	gone.end = gone.base + bytes;
	pthread_mutex_lock(&mutex);
	give(gone.base, gone.end, CORE_QUARANTINE_FILES);
	fresh_files++;
	remember(&gone);
	pthread_mutex_unlock(&mutex);
}

static struct detached *file_at(const uint8_t uuid[16], uint64_t base)
{
	size_t i = find_detached(base);

	return i < detached_count && detached[i].base == base &&
			       memcmp(detached[i].file.uuid, uuid, 16) == 0
		       ? &detached[i]
		       : NULL;
}

bool ancient_core_quarantine_find_file(const uint8_t uuid[16], uint64_t base,
				       struct core_detached_file *ret)
{
	const struct detached *found;

	pthread_mutex_lock(&mutex);
	found = file_at(uuid, base);
	if (found)
		*ret = found->file;
	pthread_mutex_unlock(&mutex);
	return found != NULL;
}

bool ancient_core_quarantine_claim_file(const uint8_t uuid[16], uint64_t base, uint64_t *ret_bytes)
{
	struct detached *found;
	bool whole = false;

	pthread_mutex_lock(&mutex);
	found = file_at(uuid, base);
	if (found)
		whole = ancient_core_ranges_cover(&held, base, found->end);
	if (whole) {
		*ret_bytes = found->end - base;
		ancient_core_ranges_remove(&held, base, found->end);
		forget((size_t)(found - detached), 1);
	}
	pthread_mutex_unlock(&mutex);
	return whole;
}

void ancient_core_quarantine_each_file(void (*each)(void *context, uint64_t start, uint64_t end),
				       void *context)
{
	for (size_t i = 0; i < detached_count; i++)
		each(context, detached[i].base, detached[i].end);
}

void ancient_core_quarantine_free(uint64_t start, uint64_t end)
{
	size_t i = find_detached(start);

	ancient_core_ranges_remove(&held, start, end);
	if (i < detached_count && detached[i].base < end)
		forget(i, 1);
}

/* ---- Forks ---------------------------------------------------------------------- */

void ancient_core_quarantine_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void ancient_core_quarantine_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

void ancient_core_quarantine_forked(void)
{
	cancel_trial();
	ancient_core_tombstone_unpin();
}

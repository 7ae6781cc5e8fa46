/* core/memory: trials: which of the addresses in quarantine no collector can meet any more.
 *
 * What is found is kept by pages: a set bit means that something leads there, or did a moment ago.
 * Pages whose bit is not set are free.
 */
#include "memory/trial.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ancient/quarantine.h>

#include "memory/address_ranges.h"
#include "memory/copy_space.h"
#include "memory/custom_windows.h"
#include "memory/file_mapping.h"
#include "memory/quarantine.h"
#include "memory/tombstone.h"

#define LEAST_BYTES ((uint64_t)8 << 20) /* in quarantine, before a trial is worth while */
#define LEAST_FILES 8u
#define FILE_BYTES ((uint64_t)128 << 10) /* of heap, for which one file more may wait */
#define MOST_FILES 512u
#define GRAVE 4u       /* times as much */
#define AREA_SHIFT 26u /* ancient_trial_meet looks first whether anything is within 64 MiB */
#define AREAS (1u << 16)
#define PAGES 4096u                         /* looked at in one step */
#define PAGEMAP_TOUCHED ((uint64_t)3 << 62) /* in memory, or swapped out */

static enum ancient_proof proof;
static bool page_table;

/* What is tried, sorted by address, and a bit for each page: ANCIENT_PROOF_WALK. */
struct tried {
	uint64_t start, end;
	uint64_t first_bit;
	bool window;
};

static struct {
	bool running;
	uint64_t begun;
	struct tried *items;
	size_t count, capacity;
	bool failed; /* memory was out */
	uint8_t *bits;
	uint64_t bit_count;
	uint8_t areas[AREAS / 8];
} trial;

/* Where a proof was found: freed when the lock is not held any more. */
struct found {
	int pagemap;
	struct core_range *items;
	size_t count, capacity;
};

bool ancient_core_trial_page_table(void)
{
	return page_table;
}

void ancient_quarantine_init(enum ancient_proof how, bool has_page_table)
{
	proof = how;
	page_table = has_page_table;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static enum ancient_quarantine_due due_for(struct core_quarantine_load load, uint64_t heap_bytes)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	uint64_t bytes = heap_bytes / 8 > LEAST_BYTES ? heap_bytes / 8 : LEAST_BYTES;
	uint64_t files = least_of(LEAST_FILES + heap_bytes / FILE_BYTES, MOST_FILES);

	getrlimit(RLIMIT_AS, &limit);
	bytes = least_of(bytes, limit.rlim_cur / 8 / GRAVE);
	if (load.bytes >= GRAVE * bytes || load.files >= GRAVE * files)
		return ANCIENT_QUARANTINE_GRAVE;
	return load.bytes >= bytes || load.files >= files ? ANCIENT_QUARANTINE_DUE
							  : ANCIENT_QUARANTINE_FINE;
}

enum ancient_quarantine_due ancient_quarantine_due(uint64_t heap_bytes)
{
	static struct core_quarantine_load fine; /* the last that was, with the lock */
	enum ancient_quarantine_due due = ANCIENT_QUARANTINE_FINE;
	struct core_quarantine_load load;

	if (proof == ANCIENT_PROOF_NEVER)
		return due;
	ancient_core_quarantine_lock();
	load = ancient_core_quarantine_load();
	if (load.bytes != fine.bytes || load.files != fine.files)
		due = due_for(load, heap_bytes);
	if (due == ANCIENT_QUARANTINE_FINE)
		fine = load;
	ancient_core_quarantine_unlock();
	return due;
}

/* ---- What is tried ---------------------------------------------------------------- */

static void try_range(uint64_t start, uint64_t end, bool window)
{
	if (trial.count == trial.capacity) {
		size_t capacity = trial.capacity ? trial.capacity * 2 : 64;
		struct tried *grown = realloc(trial.items, capacity * sizeof *grown);

		if (!grown) {
			trial.failed = true;
			return;
		}
		trial.items = grown;
		trial.capacity = capacity;
	}
	trial.items[trial.count++] = (struct tried){start, end, 0, window};
}

static void try_window(void *context, uint64_t start, uint64_t end)
{
	(void)context;
	try_range(start, end, true);
}

static int by_address(const void *a, const void *b)
{
	const struct tried *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void mark_area(uint64_t address)
{
	uint64_t area = (address >> AREA_SHIFT) % AREAS;

	trial.areas[area / 8] |= (uint8_t)(1u << area % 8);
}

/* Lists what is in quarantine, and the windows that no file has. */
static bool prepare_walk(void)
{
	struct core_ranges *held = ancient_core_quarantine_ranges();
	uint64_t page = ancient_core_mapping_page();

	for (size_t i = 0; i < held->count; i++)
		try_range(held->items[i].start, held->items[i].end, false);
	ancient_core_windows_each_unused(try_window, NULL);
	if (trial.failed)
		return false;
	qsort(trial.items, trial.count, sizeof *trial.items, by_address);
	memset(trial.areas, 0, sizeof trial.areas);
	for (size_t i = 0; i < trial.count; i++) {
		struct tried *t = &trial.items[i];

		t->first_bit = trial.bit_count;
		trial.bit_count += (t->end - t->start) / page;
		for (uint64_t at = t->start; at < t->end; at += (uint64_t)1 << AREA_SHIFT)
			mark_area(at);
		mark_area(t->end - 1);
	}
	trial.bits = calloc(trial.bit_count / 8 + 1, 1);
	return trial.bits != NULL;
}

/* Lays all tombstones anew: none of their pages is in the page tables then. */
static bool prepare_pages(void)
{
	struct core_ranges *held = ancient_core_quarantine_ranges();

	if (access("/proc/self/pagemap", R_OK) != 0 || !ancient_core_tombstone_pin(held->bytes))
		return false;
	for (size_t i = 0; i < held->count; i++)
		if (!ancient_core_tombstone_lay(held->items[i].start, held->items[i].end))
			return false;
	return true;
}

static void trial_done(void)
{
	free(trial.items);
	free(trial.bits);
	memset(&trial, 0, sizeof trial);
}

bool ancient_trial_begin(uint64_t (*now)(void))
{
	struct core_ranges *held = ancient_core_quarantine_ranges();
	bool begun = false;

	ancient_core_quarantine_lock();
	if (!trial.running && proof != ANCIENT_PROOF_NEVER) {
		begun = proof == ANCIENT_PROOF_WALK ? prepare_walk() : prepare_pages();
		for (size_t i = 0; begun && i < held->count; i++)
			held->items[i].in_trial = true;
		trial.running = begun;
		trial.begun = begun && now ? now() : 0;
		if (!begun) { /* the next one after as much again */
			trial_done();
			ancient_core_quarantine_settle();
		}
	}
	ancient_core_quarantine_unlock();
	return begun;
}

bool ancient_trial_running(uint64_t *ret_begun)
{
	bool running;

	ancient_core_quarantine_lock();
	running = trial.running;
	if (running)
		*ret_begun = trial.begun;
	ancient_core_quarantine_unlock();
	return running;
}

/* ---- What a walk meets ------------------------------------------------------------ */

/* What is tried at `address`, or NULL. */
static const struct tried *tried_at(uint64_t address)
{
	size_t low = 0, high = trial.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (trial.items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < trial.count && trial.items[low].start <= address ? &trial.items[low] : NULL;
}

static uint64_t bit_of(const struct tried *tried, uint64_t address)
{
	return tried->first_bit + (address - tried->start) / ancient_core_mapping_page();
}

static void set_bit(uint64_t address)
{
	const struct tried *tried = tried_at(address);

	if (tried) {
		uint64_t bit = bit_of(tried, address);

		trial.bits[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}

void ancient_trial_meet(uint64_t word)
{
	uint64_t area = (word >> AREA_SHIFT) % AREAS;

	/* A block and its header may lie in different pages. */
	if ((trial.areas[area / 8] >> area % 8 & 1) == 0)
		return;
	set_bit(word);
	set_bit(word - 8);
}

/* ---- The end ---------------------------------------------------------------------- */

/* Fills in which of `count` pages from `start` on something leads to. */
static bool look(int pagemap, uint64_t start, size_t count, bool *ret)
{
	static uint64_t words[PAGES];
	uint64_t page = ancient_core_mapping_page();
	const struct tried *tried = tried_at(start);

	if (proof == ANCIENT_PROOF_WALK) {
		for (size_t i = 0; tried && i < count; i++) {
			uint64_t bit = bit_of(tried, start + i * page);

			ret[i] = trial.bits[bit / 8] >> bit % 8 & 1;
		}
		return tried != NULL;
	}
	if (pread(pagemap, words, count * 8, (off_t)(start / page * 8)) != (ssize_t)(count * 8))
		return false;
	for (size_t i = 0; i < count; i++)
		ret[i] = words[i] & PAGEMAP_TOUCHED;
	return true;
}

static void add_found(struct found *found, uint64_t start, uint64_t end, unsigned from)
{
	struct core_range range = {.start = start, .end = end, .from = from};

	if (start == end)
		return;
	if (found->count == found->capacity) {
		size_t capacity = found->capacity ? found->capacity * 2 : 64;
		struct core_range *grown = realloc(found->items, capacity * sizeof *grown);

		if (!grown)
			return; /* waits for the next trial */
		found->items = grown;
		found->capacity = capacity;
	}
	found->items[found->count++] = range;
}

/* Adds the runs of pages in [start, end) that nothing leads to. */
static void find_pages(struct found *found, uint64_t start, uint64_t end)
{
	static bool met[PAGES];
	uint64_t page = ancient_core_mapping_page(), free_from = start;

	for (uint64_t at = start; at < end;) {
		size_t count = least_of((end - at) / page, PAGES);

		if (!look(found->pagemap, at, count, met))
			break;
		for (size_t i = 0; i < count; i++, at += page) {
			if (!met[i])
				continue;
			add_found(found, free_from, at, CORE_QUARANTINE_COPIES);
			free_from = at + page;
		}
		if (at == end)
			add_found(found, free_from, end, CORE_QUARANTINE_COPIES);
	}
}

/* Adds the file in [start, end) if nothing leads there. */
static void find_file(void *context, uint64_t start, uint64_t end)
{
	static bool met[PAGES];
	struct found *found = context;
	const struct core_ranges *held = ancient_core_quarantine_ranges();
	uint64_t page = ancient_core_mapping_page();

	for (size_t i = ancient_core_ranges_find(held, start);
	     i < held->count && held->items[i].start < end; i++)
		if (!held->items[i].in_trial)
			return;
	for (uint64_t at = start; at < end;) {
		size_t count = least_of((end - at) / page, PAGES);

		if (!look(found->pagemap, at, count, met))
			return;
		for (size_t i = 0; i < count; i++, at += page)
			if (met[i])
				return;
	}
	add_found(found, start, end, CORE_QUARANTINE_FILES);
}

static void find_all(struct found *found)
{
	const struct core_ranges *held = ancient_core_quarantine_ranges();
	static bool met[1];

	for (size_t i = 0; i < held->count; i++)
		if (held->items[i].in_trial && held->items[i].from == CORE_QUARANTINE_COPIES)
			find_pages(found, held->items[i].start, held->items[i].end);
	ancient_core_quarantine_each_file(find_file, found);
	for (size_t i = 0; i < trial.count; i++) {
		const struct tried *tried = &trial.items[i];
		bool used = !tried->window;

		for (uint64_t at = tried->start; !used && at < tried->end;
		     at += ancient_core_mapping_page())
			used = !look(-1, at, 1, met) || met[0];
		if (!used)
			ancient_core_window_free(tried->start);
	}
}

static void free_range(const struct core_range *range)
{
	uint8_t *start = (uint8_t *)(uintptr_t)range->start;

	if (range->from == CORE_QUARANTINE_COPIES)
		ancient_core_copy_space_recycle(start, range->end - range->start);
	else
		munmap(start, range->end - range->start);
}

void ancient_trial_end(uint64_t begun)
{
	struct found found = {.pagemap = -1};

	if (proof == ANCIENT_PROOF_PAGES)
		found.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ancient_core_quarantine_lock();
	if (trial.running && trial.begun == begun) {
		find_all(&found);
		for (size_t i = 0; i < found.count; i++)
			ancient_core_quarantine_free(found.items[i].start, found.items[i].end);
		ancient_core_quarantine_settle();
		trial_done();
	}
	ancient_core_quarantine_unlock();
	if (found.pagemap >= 0)
		close(found.pagemap);
	for (size_t i = 0; i < found.count; i++)
		free_range(&found.items[i]);
	free(found.items);
}

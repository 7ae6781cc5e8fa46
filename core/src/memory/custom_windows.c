/* core/memory: the custom windows that this process has mapped, sorted by base.
 *
 * A file is mapped at its own base, so a process that attaches many, one after the other, would
 * collect windows.  Successive files of one name have bases out of a small cycle
 * (store/base_address.c); for others there is a bound, past which they are mapped where others
 * were.
 */
#include "memory/custom_windows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <ancient/format.h>

#include "memory/quarantine.h"

#define WINDOWS_MOST 512u
#define ENTERED_MOST ((uint64_t)8 << 30) /* 64 to 128 MB of page table */

typedef char identifier_text[ANCIENT_CUSTOM_ID_MAX + 1];

struct window {
	uint64_t base;
	uint64_t kept;    /* bytes that are mapped while no file is there */
	uint64_t entered; /* most bytes of a file that were mapped behind it */
	bool taken;       /* by a file */
	uint32_t slots;
	identifier_text *identifiers;
};

static struct window *windows;
static size_t window_count, window_capacity;
static uint64_t entered_bytes;

/* The index of the first window of base `base` or a higher one. */
static size_t place_of(uint64_t base)
{
	size_t low = 0, high = window_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (windows[middle].base < base)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct window *find(uint64_t base)
{
	size_t i = place_of(base);

	return i < window_count && windows[i].base == base ? &windows[i] : NULL;
}

/* NULL if memory is out: then the window is not known, and never unmapped. */
static struct window *add(uint64_t base)
{
	size_t i = place_of(base);

	if (window_count == window_capacity) {
		size_t capacity = window_capacity ? window_capacity * 2 : 16;
		struct window *grown = realloc(windows, capacity * sizeof *grown);

		if (!grown)
			return NULL;
		windows = grown;
		window_capacity = capacity;
	}
	memmove(windows + i + 1, windows + i, (window_count - i) * sizeof *windows);
	windows[i] = (struct window){.base = base};
	window_count++;
	return &windows[i];
}

static void drop(struct window *window)
{
	size_t i = (size_t)(window - windows);

	free(window->identifiers);
	window_count--;
	memmove(windows + i, windows + i + 1, (window_count - i) * sizeof *windows);
}

bool ancient_core_window_enter(uint64_t base, uint64_t *ret_kept)
{
	struct window *window;
	bool is_free;

	ancient_core_quarantine_lock();
	window = find(base);
	is_free = !window || !window->taken;
	if (!window)
		window = add(base);
	if (is_free)
		*ret_kept = window ? window->kept : 0;
	if (is_free && window)
		window->taken = true;
	ancient_core_quarantine_unlock();
	return is_free;
}

void ancient_core_window_leave(uint64_t base, uint64_t keep, uint64_t used)
{
	struct window *window;

	ancient_core_quarantine_lock();
	window = find(base);
	if (window) {
		window->taken = false;
		window->kept = keep;
		if (used > window->entered) {
			entered_bytes += used - window->entered;
			window->entered = used;
		}
		if (keep == 0 && window->entered == 0)
			drop(window);
	}
	ancient_core_quarantine_unlock();
}

static bool set_slot(struct window *window, uint32_t slot, const char *identifier)
{
	identifier_text *grown;

	errno = EEXIST;
	if (slot < window->slots && window->identifiers[slot][0])
		return strncmp(window->identifiers[slot], identifier, sizeof *grown) == 0;
	if (slot < window->slots) {
		strncpy(window->identifiers[slot], identifier, sizeof *grown - 1);
		return true;
	}
	grown = realloc(window->identifiers, (slot + 1) * sizeof *grown);
	if (!grown)
		return false; /* errno is ENOMEM */
	memset(grown + window->slots, 0, (slot + 1 - window->slots) * sizeof *grown);
	strncpy(grown[slot], identifier, sizeof *grown - 1);
	window->identifiers = grown;
	window->slots = slot + 1;
	return true;
}

bool ancient_core_window_slot(uint64_t base, uint32_t slot, const char *identifier)
{
	struct window *window;
	bool done;

	ancient_core_quarantine_lock();
	window = find(base);
	done = !window || set_slot(window, slot, identifier);
	ancient_core_quarantine_unlock();
	return done;
}

bool ancient_core_window_identifier(uint64_t base, uint32_t slot, char ret[56])
{
	const struct window *window;
	bool known;

	ancient_core_quarantine_lock();
	window = find(base);
	known = window && slot < window->slots && window->identifiers[slot][0];
	if (known)
		memcpy(ret, window->identifiers[slot], sizeof *window->identifiers);
	ancient_core_quarantine_unlock();
	return known;
}

bool ancient_core_window_is_one_too_many(uint64_t base, uint64_t bytes, bool entered)
{
	bool many;

	ancient_core_quarantine_lock();
	many = !find(base) && (window_count >= WINDOWS_MOST ||
			       (entered && entered_bytes >= bytes &&
				entered_bytes > ENTERED_MOST - (bytes < ENTERED_MOST ? bytes : 0)));
	ancient_core_quarantine_unlock();
	return many;
}

void ancient_core_windows_each_unused(void (*each)(void *context, uint64_t start, uint64_t end),
				      void *context)
{
	for (size_t i = 0; i < window_count; i++) {
		uint64_t start = windows[i].base - ANCIENT_CUSTOM_WINDOW;

		if (!windows[i].taken && windows[i].kept)
			each(context, start, start + windows[i].kept);
	}
}

void ancient_core_window_free(uint64_t start)
{
	struct window *window = find(start + ANCIENT_CUSTOM_WINDOW);

	if (!window || window->taken || !window->kept)
		return;
	munmap((void *)(uintptr_t)start, window->kept);
	window->kept = 0;
	window->slots = 0;
	if (window->entered == 0)
		drop(window);
}

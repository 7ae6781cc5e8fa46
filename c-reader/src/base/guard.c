/* c-reader/base: the guard against files that are truncated while they are mapped.  File opening
 * adds a mapping to it; every function that reads a mapping asks it afterwards.
 *
 * A load from a page behind the end of its file raises SIGBUS.  The handler (bus_handler.c) looks
 * the address up here among the guarded mappings, where read-only zeros are mapped over the mapping
 * from that page on, and it is marked as torn; the interrupted load then goes on and reads 0.
 * Every function of the library tests that mark before it returns a result (reader_settle).
 *
 * What the handler calls takes no lock and allocates nothing: ranges are kept in slots that are
 * never freed, only used again, and are claimed by compare-and-swap.  So a fork at any moment
 * leaves nothing locked.
 */

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bus_handler.h"
#include "base/can_load.h"
#include "base/error.h"
#include "base/guard.h"

struct reader_guard {
	atomic_bool taken;
	atomic_bool torn;
	/* `start` is written last and cleared first, and `use` counts the ranges the slot has
	 * held: a handler that reads both before and after `length` and sees the same, start
	 * not 0, has read a pair that belongs together.  The range of a thread that faults in
	 * it does not change meanwhile. */
	atomic_uint use;
	_Atomic(uintptr_t) start;
	_Atomic(size_t) length;
	struct reader_guard *next; /* set before the slot is seen, then constant */
};

static _Atomic(struct reader_guard *) guards;
static _Atomic(uintptr_t) page_bytes;

static struct reader_guard *claim(void)
{
	struct reader_guard *guard;

	for (guard = atomic_load(&guards); guard != NULL; guard = guard->next) {
		bool expected = false;
		if (atomic_compare_exchange_strong(&guard->taken, &expected, true))
			return guard;
	}
	guard = calloc(1, sizeof(*guard));
	if (guard == NULL)
		return NULL;
	atomic_store(&guard->taken, true);
	guard->next = atomic_load(&guards);
	while (!atomic_compare_exchange_weak(&guards, &guard->next, guard))
		;
	return guard;
}

/* Covers the guarded range that holds `address` from its page on.  Signal-safe. */
static bool cover(uintptr_t address)
{
	uintptr_t page = address & ~(atomic_load(&page_bytes) - 1);

	for (struct reader_guard *guard = atomic_load(&guards); guard != NULL;
	     guard = guard->next) {
		unsigned use = atomic_load(&guard->use);
		uintptr_t start = atomic_load(&guard->start);
		size_t length = atomic_load(&guard->length);
		if (start == 0 || atomic_load(&guard->start) != start ||
		    atomic_load(&guard->use) != use || address < start || address - start >= length)
			continue;
		/* To the end of the range: all of it is lost, and a walk that goes on does not
		 * fault at each page. */
		atomic_store(&guard->torn, true);
		return mmap((void *)page, length - (page - start), PROT_READ,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
			    0) != MAP_FAILED;
	}
	return false;
}

/* Whether the end of a guarded range is gone, and not yet covered.  Signal-safe: the kernel
 * tries the load. */
static bool is_any_lost(void)
{
	for (struct reader_guard *guard = atomic_load(&guards); guard != NULL;
	     guard = guard->next) {
		uintptr_t start = atomic_load(&guard->start);
		size_t length = atomic_load(&guard->length);

		if (start != 0 && !reader_can_load((const char *)start + length - 1))
			return true;
	}
	return false;
}

enum ancient_code ancient_reader_guard_add(const void *start, size_t length, const char *name,
					   struct reader_guard **ret_guard,
					   struct ancient_error *err)
{
	static const struct reader_bus_hooks hooks = {cover, is_any_lost};
	struct reader_guard *guard;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	enum ancient_code code;

	atomic_store(&page_bytes, page);
	code = ancient_reader_bus_handler_install(&hooks, name, err);
	if (code != ANCIENT_OK)
		return code;
	guard = claim();
	if (guard == NULL)
		return ancient_reader_refuse(name, err, ANCIENT_E_MEMORY, "guard");
	atomic_store(&guard->torn, false);
	atomic_fetch_add(&guard->use, 1);
	/* Whole pages: the last one is mapped to its end. */
	atomic_store(&guard->length, (length + page - 1) & ~(page - 1));
	atomic_store(&guard->start, (uintptr_t)start);
	*ret_guard = guard;
	return ANCIENT_OK;
}

void ancient_reader_guard_remove(struct reader_guard *guard)
{
	if (guard == NULL)
		return;
	atomic_store(&guard->start, 0);
	atomic_store(&guard->taken, false);
}

const atomic_bool *ancient_reader_guard_torn(const struct reader_guard *guard)
{
	static const atomic_bool never;

	return guard == NULL ? &never : &guard->torn;
}

void ancient_reader_torn(const struct ancient_file *file, struct ancient_error *err)
{
	ancient_reader_refuse(file->name, err, ANCIENT_E_TORN_AWAY,
			      "expected %llu bytes in the mapping, found a page that is gone",
			      (unsigned long long)file->super.used);
}

enum ancient_code ancient_file_stands(const struct ancient_file *file, struct ancient_error *err)
{
	return reader_settle(file, ANCIENT_OK, err);
}

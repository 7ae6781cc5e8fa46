/* c-reader/file: reads a file into memory before it is used (ancient_file_prefetch).  Services call
 * it before they answer from a new snapshot. */
#include <errno.h>
#include <sys/mman.h>

#include "base/budget.h"
#include "base/error.h"
#include "base/guard.h"
#include "base/words.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* Read at once; after each the program is asked whether to go on. */
#define PIECE (UINT64_C(4) << 20)
/* No larger than the page of any machine. */
#define SMALLEST_PAGE 4096u

static void *address(const struct ancient_file *file, uint64_t offset)
{
	return (void *)(uintptr_t)(file->map + offset);
}

/* By the reader's own loads, one a page: what kernels can that have nothing better, and what
 * tells the guard of a page that is gone. */
static void touch(const struct ancient_file *file, uint64_t from, uint64_t to)
{
	for (uint64_t at = from; at < to && reader_stands(file); at += SMALLEST_PAGE)
		(void)reader_word(file, at);
}

/* Brings [from, to) into memory and into the page tables of this process. */
static enum ancient_code populate(const struct ancient_file *file, uint64_t from, uint64_t to,
				  struct ancient_error *err)
{
	if (madvise(address(file, from), to - from, MADV_POPULATE_READ) == 0)
		return ANCIENT_OK;
	if (errno == EFAULT && file->guard == NULL) { /* touching it would raise SIGBUS */
		ancient_reader_torn(file, err);
		return ANCIENT_E_TORN_AWAY;
	}
	if (errno != EFAULT && errno != EINVAL) /* EINVAL: a kernel before 5.14 */
		return ancient_reader_fail_system(file->name, err, errno, "madvise");
	touch(file, from, to);
	return reader_settle(file, ANCIENT_OK, err);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Has the kernel begin to read a piece, and does not wait for it.  Whether it does is not needed
 * for what follows. */
static void begin(const struct ancient_file *file, uint64_t from, uint64_t used)
{
	if (from < used)
		madvise(address(file, from), least(PIECE, used - from), MADV_WILLNEED);
}

enum ancient_code ancient_file_prefetch(const struct ancient_file *file, struct ancient_error *err)
{
	const struct ancient_options *options = &file->options;
	const uint64_t used = file->super.used;
	enum ancient_code code = ancient_reader_refuse_sparse(file, "prefetch", err);

	if (code != ANCIENT_OK)
		return code;
	begin(file, 0, used);
	for (uint64_t at = 0; at < used && code == ANCIENT_OK; at += PIECE) {
		/* The disk works on the next piece while this one is mapped. */
		begin(file, at + PIECE, used);
		code = populate(file, at, least(at + PIECE, used), err);
		if (code == ANCIENT_OK && options->interrupted != NULL &&
		    options->interrupted(options->context))
			code = ancient_reader_refuse(file->name, err, ANCIENT_E_INTERRUPTED,
						     "prefetch");
	}
	return reader_settle(file, code, err);
}

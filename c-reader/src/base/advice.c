/* c-reader/base: what the kernel is told of the use of a file (advice.h).  It is a hint: whether
 * the kernel takes it changes nothing but the time. */
#include "base/advice.h"

#include <sys/mman.h>

static void tell(const struct ancient_file *file, int advice)
{
	madvise((void *)(uintptr_t)file->map, file->mapped, advice);
}

void ancient_reader_advise(const struct ancient_file *file)
{
	static const int advice[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
				     MADV_NORMAL};
	const int wanted = file->options.advice;

	if (wanted <= 0 || wanted >= (int)(sizeof(advice) / sizeof(advice[0])))
		return;
	atomic_store(&file->cells->advised, READER_ADVISED);
	tell(file, advice[wanted]);
}

void ancient_reader_advise_lookups(const struct ancient_file *file)
{
	unsigned before = READER_UNADVISED;

	if (atomic_compare_exchange_strong(&file->cells->advised, &before, READER_LOOKED_UP))
		tell(file, MADV_RANDOM);
}

void ancient_reader_advise_scans(const struct ancient_file *file)
{
	if (atomic_exchange(&file->cells->advised, READER_ADVISED) == READER_LOOKED_UP)
		tell(file, MADV_NORMAL);
}

/* c-reader/base: what the kernel is told of the use of a file, so that of a cold one no more is
 * read than is needed.  At first nothing: it reads ahead.  From the first lookup of a key on: that
 * pages are read here and there.  Once much of the file is read in a row, for good: nothing again.
 * A program that opens with options.advice decides by itself. */
#ifndef ANCIENT_READER_ADVICE_H
#define ANCIENT_READER_ADVICE_H

#include "base/reader.h"

enum reader_advised { READER_UNADVISED, READER_LOOKED_UP, READER_ADVISED };

/* Tells the kernel options.advice, where it is not 0; of a new file. */
void ancient_reader_advise(const struct ancient_file *file);

void ancient_reader_advise_lookups(const struct ancient_file *file) READER_COLD;
void ancient_reader_advise_scans(const struct ancient_file *file) READER_COLD;

/* A key is to be found. */
static inline void reader_looks_up(const struct ancient_file *file)
{
	if (!READER_LIKELY(atomic_load_explicit(&file->cells->advised, memory_order_relaxed) !=
			   READER_UNADVISED))
		ancient_reader_advise_lookups(file);
}

/* Many values are to be read, one after the other. */
static inline void reader_scans(const struct ancient_file *file)
{
	if (!READER_LIKELY(atomic_load_explicit(&file->cells->advised, memory_order_relaxed) ==
			   READER_ADVISED))
		ancient_reader_advise_scans(file);
}

#endif

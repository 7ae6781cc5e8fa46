/* c-reader/base: the guard against files that are truncated while they are mapped.  File opening
 * adds a range; every function that reads a mapping asks afterwards whether it was torn. */
#ifndef ANCIENT_READER_GUARD_H
#define ANCIENT_READER_GUARD_H

#include "base/reader.h"

/* Guards a mapping.  Errors: MEMORY, SYSTEM. */
enum ancient_code ancient_reader_guard_add(const void *start, size_t length, const char *name,
					   struct reader_guard **ret_guard,
					   struct ancient_error *err);
/* Before the range is unmapped.  NULL allowed. */
void ancient_reader_guard_remove(struct reader_guard *guard);
/* Whether the range is torn; of NULL: never.  Lives as long as the process. */
const atomic_bool *ancient_reader_guard_torn(const struct reader_guard *guard);

/* Whether the mapping still holds the file's bytes.  What is read after the file was truncated is
 * zeros, so every function that has read the mapping tests this, mostly by reader_settle, before
 * it returns a result. */
void ancient_reader_torn(const struct ancient_file *file, struct ancient_error *err) READER_COLD;
static inline bool reader_stands(const struct ancient_file *file)
{
	return READER_LIKELY(!atomic_load_explicit(file->torn, memory_order_relaxed));
}
/* The code, or TORN_AWAY where the file was truncated meanwhile. */
static inline enum ancient_code reader_settle(const struct ancient_file *file,
					      enum ancient_code code, struct ancient_error *err)
{
	if (reader_stands(file))
		return code;
	ancient_reader_torn(file, err);
	return ANCIENT_E_TORN_AWAY;
}

#endif

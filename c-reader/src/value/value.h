/* c-reader/value: a value opened as the kind that an accessor wants. */
#ifndef ANCIENT_READER_VALUE_H
#define ANCIENT_READER_VALUE_H

#include "value/gate.h"

/* The gate, and then the kind.  Errors: those of the gate, WRONG_KIND. */
enum ancient_code ancient_reader_open(const struct ancient_file *file, struct ancient_value value,
				      enum ancient_kind wanted, struct reader_block *ret_block,
				      struct ancient_error *err);
/* WRONG_KIND. */
enum ancient_code ancient_reader_wrong_kind(const struct ancient_file *file,
					    enum ancient_kind wanted, enum ancient_kind found,
					    struct ancient_error *err);
enum ancient_kind ancient_reader_block_kind(const struct ancient_file *file,
					    const struct reader_block *block);

#endif

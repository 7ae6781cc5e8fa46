/* c-reader/scan: absent_field.c, which says what fields there are. */
#ifndef ANCIENT_READER_SCAN_ABSENT_FIELD_H
#define ANCIENT_READER_SCAN_ABSENT_FIELD_H

#include "schema/schema.h"

/* "column PATH: TYPE has no field NAME, only a, b": fills `err` in and returns NO_FIELD.
 *
 * label       stands for the file or schema in the message
 * fields      those that there are; parts of tuples have no names, and are called _0, _1, ... */
enum ancient_code ancient_reader_absent_field(const char *label, const char *path,
					      const struct ancient_type *type,
					      const struct ancient_field *fields, uint32_t count,
					      const char *name, size_t length,
					      struct ancient_error *err);

#endif

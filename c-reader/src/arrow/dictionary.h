/* c-reader/arrow: the values of a dictionary: the names of a variant's constructors. */
#ifndef ANCIENT_READER_ARROW_DICTIONARY_H
#define ANCIENT_READER_ARROW_DICTIONARY_H

#include "arrow/arrow_types.h"

/* The constructors of a type, one reference; NULL: no memory. */
struct arrow_dictionary *ancient_reader_arrow_dictionary_new(const struct ancient_type *type);
void ancient_reader_arrow_dictionary_drop(struct arrow_dictionary *dictionary);

/* How many constructors a type has, and the name of one: result has Ok and Error. */
uint32_t ancient_reader_arrow_constructors(const struct ancient_type *type);
const char *ancient_reader_arrow_constructor_name(const struct ancient_type *type, uint32_t index);

/* The values as an array, with a reference of its own. */
void ancient_reader_arrow_dictionary_array(struct arrow_dictionary *dictionary,
					   struct ArrowArray *ret_array);

#endif

/* c-reader/typed: which bindings of a long bucket are hidden by newer ones, and where a key is in
 * it, found out once for the whole bucket: for ancient_reader_typed_bucket_hides, which compares
 * pairs in the first cells alone, and for lookup/lookup_hashtbl.c. */
#ifndef ANCIENT_READER_BUCKET_INDEX_H
#define ANCIENT_READER_BUCKET_INDEX_H

#include "base/budget.h"
#include "typed/bucket.h"
#include "value/operand.h"

/* Whether the binding in the cell `word` is hidden, in the bucket that begins with the word
 * `first`.  What is found out on the way to that cell is kept with the file, for the next question
 * about the bucket: so all questions about one bucket cost its cells and the words of its keys.
 * Where the bucket does not come to `word`, nothing hides it.
 *
 * Errors: those of ancient_reader_fingerprint and ancient_reader_typed_bucket_fail. */
enum ancient_code ancient_reader_typed_bucket_index_hides(struct reader_budget *budget,
							  const struct ancient_type *type,
							  uint64_t first, uint64_t word,
							  bool *ret_hidden,
							  struct ancient_error *err);

/* The cell of the newest binding of a key; 1: there is none.  Errors: as above, and BAD_SHAPE where
 * the bucket leads back to itself. */
enum ancient_code ancient_reader_typed_bucket_index_find(struct reader_budget *budget,
							 const struct ancient_type *type,
							 uint64_t first, struct lookup_item key,
							 uint64_t *ret_word,
							 struct ancient_error *err);

#endif

/* c-reader/value: which of many values equal one: for searches that compare a key with every key of
 * a bucket or container.  Compares directly at first; where that becomes long, by fingerprints, so
 * that all comparisons of a call together cost the words of what is compared. */
#ifndef ANCIENT_READER_EQUALITY_H
#define ANCIENT_READER_EQUALITY_H

#include "value/fingerprint.h"

struct lookup_equality {
	struct reader_budget budget; /* of the whole call */
	struct reader_fingerprints prints;
	struct reader_fingerprint print; /* of the key */
	bool printed;                    /* it is known */
};

/* Begins with a key that each value is compared with. */
static inline void lookup_equality_init(struct lookup_equality *equality,
					const struct ancient_file *file)
{
	ancient_reader_budget_init(&equality->budget, file);
	equality->prints = (struct reader_fingerprints){0};
	equality->printed = false;
}
/* Goes on with another key, and a budget of its own. */
void ancient_reader_lookup_equality_renew(struct lookup_equality *equality);
void ancient_reader_lookup_equality_done(struct lookup_equality *equality);

/* Whether a value equals the key, as OCaml's compare has it.  The key is the same in each call.
 * Errors: those of ancient_reader_lookup_compare. */
enum ancient_code ancient_reader_lookup_equal(struct lookup_equality *equality, uint64_t word,
					      struct lookup_item key, bool *ret_equal,
					      struct ancient_error *err);

#endif

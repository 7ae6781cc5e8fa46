/* c-reader/value: which of many values equal one (equality.h). */
#include "value/equality.h"

#include "value/ocaml_compare.h"

#define DIRECT 4096u /* steps of comparing before fingerprints are made */

void ancient_reader_lookup_equality_renew(struct lookup_equality *equality)
{
	const uint64_t held = equality->budget.held;

	ancient_reader_budget_done(&equality->budget);
	ancient_reader_budget_init(&equality->budget, equality->budget.file);
	equality->budget.held = held; /* by the fingerprints */
	equality->printed = false;
}

void ancient_reader_lookup_equality_done(struct lookup_equality *equality)
{
	ancient_reader_fingerprints_done(&equality->prints, &equality->budget);
	ancient_reader_budget_done(&equality->budget);
}

static enum ancient_code equal_directly(struct lookup_equality *equality, uint64_t word,
					struct lookup_item key, bool *ret_equal,
					struct ancient_error *err)
{
	int order = 1;
	enum ancient_code code = ancient_reader_lookup_compare(&equality->budget, lookup_word(word),
							       key, &order, err);

	*ret_equal = order == 0;
	return code;
}

/* By fingerprints; *ret_told false where a value contains itself, so that it has none. */
static enum ancient_code equal_prints(struct lookup_equality *equality, uint64_t word,
				      struct lookup_item key, bool *ret_told, bool *ret_equal,
				      struct ancient_error *err)
{
	struct reader_budget *budget = &equality->budget;
	struct reader_fingerprint print = {{0, 0}};
	enum ancient_code code = ANCIENT_OK;

	if (!equality->printed)
		code = ancient_reader_fingerprint(&equality->prints, budget, key, &equality->print,
						  err);
	if (code == ANCIENT_OK) {
		equality->printed = true;
		code = ancient_reader_fingerprint(&equality->prints, budget, lookup_word(word),
						  &print, err);
	}
	*ret_told = code == ANCIENT_OK;
	*ret_equal = print.word[0] == equality->print.word[0] &&
		     print.word[1] == equality->print.word[1];
	/* The budget has its own code where it is spent. */
	return code == ANCIENT_E_TOO_LARGE && budget->code == ANCIENT_OK ? ANCIENT_OK : code;
}

enum ancient_code ancient_reader_lookup_equal(struct lookup_equality *equality, uint64_t word,
					      struct lookup_item key, bool *ret_equal,
					      struct ancient_error *err)
{
	bool told = false;
	enum ancient_code code;

	if (reader_budget_taken(&equality->budget) < DIRECT)
		return equal_directly(equality, word, key, ret_equal, err);
	code = equal_prints(equality, word, key, &told, ret_equal, err);
	/* Equal ones are compared, which also refuses what has no order. */
	if (code == ANCIENT_OK && (!told || *ret_equal))
		code = equal_directly(equality, word, key, ret_equal, err);
	return code;
}

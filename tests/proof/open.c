/* tests/proof: what of an open file is computed once, and every proof assumes (model/file.h):
 * c-reader/src/file/file.c, base/budget.c. */
#include <unistd.h>

/* The kernel: an offset of data, or of a hole, from there on; or an error. */
static off_t proof_lseek(off_t offset, int whence)
{
	off_t at = (off_t)nondet_u64();

	CHECK(offset >= 0);
	ASSUME(at == -1 || (at >= offset && at < INT64_MAX));
	return at;
}
#define lseek(fd, offset, whence) proof_lseek(offset, whence)
#include "base/budget.c"
#undef lseek
#include "file/file.c"

#include "file.h"

static struct ancient_file file;

/* set_bounds: the words from the first field on, which the gate compares with.
 * mutant: file/file.c: s/\? \(file->super.used - READER_FIRST_FIELD\)/? file->super.used/
 * mutant: file/file.c: s/file->super.used > READER_FIRST_FIELD$/true/ */
void prove_set_bounds(void)
{
	struct ancient_file file;

	ASSUME(proof_super_holds(&file.super)); /* superblock/super_tests */
	set_bounds(&file);
	CHECK(file.first == file.super.base + READER_FIRST_FIELD);
	CHECK(file.words == (file.super.used > READER_FIRST_FIELD
				     ? (file.super.used - READER_FIRST_FIELD) / ANCIENT_WORD
				     : 0));
}

/* ancient_reader_present: at most the length, whatever the kernel says; each piece goes on.
 * loop: base/budget.c: ancient_reader_present: while (at < length)
 * assigns: at, present
 * invariant: present <= at && at <= length
 * decreases: length - at
 * mutant: base/budget.c: s/\(uint64_t\)hole < length \?/true ?/
 * mutant: base/budget.c: s/if \(hole <= data\)/if (hole < 0)/ */
void prove_present(void)
{
	uint64_t length = nondet_u64();

	ASSUME(length <= ANCIENT_ADDRESS_LIMIT); /* used: superblock/super_tests */
	CHECK(ancient_reader_present(3, length) <= length);
}

/* ancient_reader_budget_init, _resume, _look, _hold, _earn: steps and bytes neither wrap nor grow.
 * mutant: base/budget.c: s/if \(steps >= left\)/if (false)/
 * mutant: base/budget.c: s/bytes > budget->bytes - budget->held/bytes > budget->bytes/ */
void prove_budget(void)
{
	struct reader_budget budget;
	uint64_t steps = nondet_u64(), bytes = nondet_u64(), left;

	proof_file(&file);
	ancient_reader_budget_resume(&budget, nondet_bool() ? &file : NULL, nondet_u64());
	left = budget.now + budget.later;
	CHECK(left <= budget.steps && budget.steps < 1ull << 50 && budget.bytes < 1ull << 52);
	if (reader_budget_take(&budget, steps))
		CHECK(budget.now + budget.later == left - steps);
	CHECK(budget.now + budget.later <= left && budget.now <= READER_BUDGET_LOOK);
	if (!ancient_reader_budget_hold(&budget, bytes))
		return;
	ancient_reader_budget_hold(&budget, nondet_u64());
	CHECK(budget.held <= budget.bytes);
	ancient_reader_budget_release(&budget, bytes);
}

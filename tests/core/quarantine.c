/* tests/core: the quarantine of addresses that were let go, with more of them than a test could
 * make by detaching files; trials, by what a caller meets and by the pages that were read.
 */
#include <sys/mman.h>
#include <sys/uio.h>

#include <ancient/quarantine.h>

#include "../../core/src/memory/quarantine.h"
#include "check.h"

#define GIB ((uint64_t)1 << 30)

static const struct core_detached_file file = {.uuid = "a file that goes"};
static uint8_t *space;
static uint64_t space_bytes;

static void reserve(uint64_t bytes)
{
	space = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(space != MAP_FAILED);
	space_bytes = bytes;
}

static unsigned mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned count = 0;
	int c;

	CHECK(maps);
	while ((c = getc(maps)) != EOF)
		count += c == '\n';
	fclose(maps);
	return count;
}

static void reads_empty(uint64_t at)
{
	CHECK(at < space_bytes);
	EQUAL(*(uint64_t *)(void *)(space + at), ANCIENT_FILLER);
}

static void give(uint64_t at, uint64_t bytes)
{
	CHECK(at + bytes <= space_bytes);
	ancient_core_quarantine_give(space + at, bytes);
}

static void give_file(uint64_t at, uint64_t bytes)
{
	CHECK(at + bytes <= space_bytes);
	ancient_core_quarantine_give_file(&file, space + at, bytes);
}

static void write_at(uint64_t at, uint64_t bytes, int byte)
{
	CHECK(mmap(space + at, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == space + at);
	memset(space + at, byte, 4096);
	memset(space + at + bytes - 4096, byte, 4096);
}

/* As a file comes back where it was. */
static void come_back(uint64_t at, uint64_t bytes, int byte)
{
	uint64_t base = (uint64_t)(uintptr_t)space + at, claimed = 0;
	static const uint8_t other[16] = "another file";

	CHECK(!ancient_core_quarantine_claim_file(other, base, &claimed));
	CHECK(!ancient_core_quarantine_claim_file(file.uuid, base + 4096, &claimed));
	CHECK(ancient_core_quarantine_claim_file(file.uuid, base, &claimed));
	EQUAL(claimed, bytes);
	CHECK(!ancient_core_quarantine_claim_file(file.uuid, base, &claimed));
	write_at(at, bytes, byte);
}

static void is_there(uint64_t at, uint64_t bytes, int byte)
{
	for (uint64_t i = 0; i < 4096; i++)
		CHECK(space[at + i] == byte && space[at + bytes - 1 - i] == byte);
}

/* Side by side, and of no particular size. */
static void mappings_are_few_however_much_is_laid(void)
{
	const uint64_t step = space_bytes / 85 / 4096 * 4096 + 12 * 4096, some = 64 * 4096;
	const unsigned before = mappings();
	const uint64_t middle = step / 8192 * 4096;
	uint64_t used = 0;

	/* What has come back is left alone, at the start, in the middle, at the end. */
	give_file(0, some);
	give(some, middle - some);
	give_file(middle, some);
	give(middle + some, step - 2 * some - middle);
	give_file(step - some, some);
	come_back(0, some, 'a');
	come_back(middle, some, 'b');
	come_back(step - some, some, 'c');
	for (used = step; used + step <= space_bytes; used += step) {
		give(used, step);
		if (used / step % 8 == 0)
			CHECK(mappings() < before + 8192 + 20);
	}
	is_there(0, some, 'a');
	is_there(middle, some, 'b');
	is_there(step - some, some, 'c');
	for (uint64_t at = step; at < used; at += used / 1000 / 8 * 8 + 8)
		reads_empty(at);
	reads_empty(some);
	reads_empty(middle - 8);
	reads_empty(middle + some);
	reads_empty(step - some - 8);
	reads_empty(used - 8);
	/* It goes again, and is one with its neighbours. */
	give(0, some);
	give(middle, some);
	give(step - some, some);
	for (uint64_t at = 0; at + 8 < step; at += 8191 * 8)
		reads_empty(at);
	CHECK(mappings() < before + 8192 + 5);
}

static uint64_t address(uint64_t at)
{
	return (uint64_t)(uintptr_t)space + at;
}

/* Whether the page at `at` can be read: a tombstone; what was freed cannot.  The kernel tries. */
static bool is_kept(uint64_t at)
{
	uint64_t word;
	const struct iovec here = {&word, sizeof word}, there = {space + at, sizeof word};
	bool kept = process_vm_readv(getpid(), &here, 1, &there, 1, 0) == sizeof word;

	if (kept)
		reads_empty(at);
	return kept;
}

static uint64_t moment(void)
{
	return 41;
}

#define PIECE ((uint64_t)1 << 20)
#define PIECES 64u

static const unsigned met[] = {0, 3, 4, 17, 40, 62};

static bool is_met(unsigned piece)
{
	for (size_t i = 0; i < sizeof met / sizeof *met; i++)
		if (met[i] == piece)
			return true;
	return false;
}

/* What something leads to waits, a tombstone, for the next trial. */
static void a_trial_frees_what_nothing_leads_to(enum ancient_proof proof, void (*meet)(uint64_t at),
						void (*let_go)(uint64_t at, uint64_t bytes))
{
	uint64_t begun = 0;

	reserve(PIECES * PIECE);
	ancient_quarantine_init(proof, false);
	EQUAL(ancient_quarantine_due(0), ANCIENT_QUARANTINE_FINE);
	for (unsigned i = 0; i < PIECES - 1; i++)
		let_go(i * PIECE, PIECE);
	EQUAL(ancient_quarantine_due((uint64_t)1 << 40), ANCIENT_QUARANTINE_FINE);
	let_go(63 * PIECE, PIECE / 2);
	EQUAL(ancient_quarantine_due(0), ANCIENT_QUARANTINE_GRAVE);
	CHECK(ancient_trial_begin(moment));
	CHECK(!ancient_trial_begin(moment));
	CHECK(ancient_trial_running(&begun));
	EQUAL(begun, 41);
	for (size_t i = 0; i < sizeof met / sizeof *met; i++)
		meet(met[i] * PIECE + PIECE / 4 + 24);
	let_go(63 * PIECE + PIECE / 2, PIECE / 2); /* is not tried: may have been looked at */
	ancient_trial_end(40);
	CHECK(ancient_trial_running(&begun));
	ancient_trial_end(41);
	CHECK(!ancient_trial_running(&begun));
	for (unsigned i = 0; i < PIECES - 1; i++)
		EQUAL(is_kept(i * PIECE + PIECE / 4), is_met(i));
	for (uint64_t at = 63 * PIECE + PIECE / 2; at < space_bytes; at += 4096)
		CHECK(is_kept(at));
	EQUAL(ancient_quarantine_due(0), ANCIENT_QUARANTINE_FINE);
	/* Nothing leads there any more. */
	CHECK(ancient_trial_begin(moment));
	ancient_trial_end(41);
	for (uint64_t at = 0; at < space_bytes; at += 4096)
		CHECK(!is_kept(at));
}

static void by_a_walk(uint64_t at)
{
	ancient_trial_meet(address(at));
	ancient_trial_meet(address(at) + ((uint64_t)1 << 46)); /* elsewhere */
}

static void by_reading(uint64_t at)
{
	reads_empty(at - 8);
}

/* Pages of copies are freed one by one, but for what the kernel maps around one that is read; a
 * block at the start of a page has its header in the page before. */
static void a_copy_is_freed_by_pages(void)
{
	reserve(256 * 4096);
	ancient_quarantine_init(ANCIENT_PROOF_WALK, true);
	give(0, 256 * 4096);
	CHECK(ancient_trial_begin(NULL));
	ancient_trial_meet(address(5 * 4096));
	ancient_trial_meet(address(255 * 4096 + 16));
	ancient_trial_end(0);
	for (uint64_t page = 0; page < 256; page++)
		EQUAL(is_kept(page * 4096), page == 4 || page == 5 || page == 255);
	CHECK(ancient_trial_begin(NULL));
	ancient_trial_end(0);
}

/* What comes and goes again during a trial is another matter than what was tried. */
static void what_was_claimed_during_a_trial_is_not_freed(void)
{
	reserve(3 * PIECE);
	ancient_quarantine_init(ANCIENT_PROOF_PAGES, false);
	give(0, PIECE);
	give_file(PIECE, PIECE);
	give(2 * PIECE, PIECE);
	CHECK(ancient_trial_begin(moment));
	come_back(PIECE, PIECE, 'x');
	give_file(PIECE, PIECE);
	ancient_trial_end(41);
	CHECK(!is_kept(0) && is_kept(PIECE) && !is_kept(2 * PIECE));
	come_back(PIECE, PIECE, 'y');
	is_there(PIECE, PIECE, 'y');
	give_file(PIECE, PIECE);
	CHECK(ancient_trial_begin(moment));
	ancient_trial_end(41);
	CHECK(!is_kept(PIECE));
}

/* A file is freed whole or not at all, so that it can come back. */
static void a_file_is_freed_whole_or_not_at_all(void)
{
	uint64_t claimed;

	reserve(3 * PIECE);
	ancient_quarantine_init(ANCIENT_PROOF_WALK, false);
	give_file(0, PIECE);
	give_file(PIECE, PIECE);
	give_file(2 * PIECE, PIECE);
	CHECK(ancient_trial_begin(NULL));
	ancient_trial_meet(address(2 * PIECE - 16));
	ancient_trial_end(0);
	for (uint64_t at = 0; at < 3 * PIECE; at += 4096)
		EQUAL(is_kept(at), at / PIECE == 1);
	CHECK(!ancient_core_quarantine_claim_file(file.uuid, address(0), &claimed));
	come_back(PIECE, PIECE, 'z');
	is_there(PIECE, PIECE, 'z');
	give_file(PIECE, PIECE);
	CHECK(ancient_trial_begin(NULL));
	ancient_trial_end(0);
	CHECK(!is_kept(PIECE));
}

/* A child inherits no evidence: what its parent's trial has not seen may have been read. */
static void a_child_of_fork_begins_its_own_trial(void)
{
	pid_t child;
	int status;

	reserve(PIECE);
	ancient_quarantine_init(ANCIENT_PROOF_PAGES, false);
	give(0, PIECE);
	CHECK(ancient_trial_begin(moment));
	reads_empty(PIECE / 2);
	ancient_core_quarantine_lock();
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		ancient_core_quarantine_forked();
	ancient_core_quarantine_unlock();
	if (child == 0) {
		ancient_trial_end(41);
		CHECK(is_kept(PIECE / 2));
		CHECK(ancient_trial_begin(moment));
		ancient_trial_end(41);
		CHECK(!is_kept(PIECE / 2));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	ancient_trial_end(41);
	CHECK(is_kept(PIECE / 2) && !is_kept(PIECE - 4096));
	CHECK(ancient_trial_begin(moment));
	ancient_trial_end(41);
}

int main(void)
{
	a_trial_frees_what_nothing_leads_to(ANCIENT_PROOF_WALK, by_a_walk, give);
	a_trial_frees_what_nothing_leads_to(ANCIENT_PROOF_PAGES, by_reading, give);
	a_trial_frees_what_nothing_leads_to(ANCIENT_PROOF_WALK, by_a_walk, give_file);
	a_trial_frees_what_nothing_leads_to(ANCIENT_PROOF_PAGES, by_reading, give_file);
	a_copy_is_freed_by_pages();
	what_was_claimed_during_a_trial_is_not_freed();
	a_file_is_freed_whole_or_not_at_all();
	a_child_of_fork_begins_its_own_trial();
	ancient_quarantine_init(ANCIENT_PROOF_NEVER, false);
	reserve(small_run() ? 1 * GIB : 256 * GIB);
	mappings_are_few_however_much_is_laid();
	return 0;
}

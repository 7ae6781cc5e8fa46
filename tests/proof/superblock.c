/* tests/proof: the choice of the superblock in force (c-reader/src/file/superblock.c). */
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "file.h"

/* The kernel: a file of any length, and any lock, or an error. */
static int proof_fstat(struct stat *status)
{
	status->st_size = (off_t)nondet_u64();
	ASSUME(status->st_size >= 0);
	return nondet_bool() ? 0 : -1;
}
#define fstat(fd, status) proof_fstat(status)
#define fcntl(fd, command, lock) ((lock)->l_type = nondet_int(), nondet_bool() ? 0 : -1)
#define sched_yield() ((void)0)
#include "file/superblock.c"

/* run_tests: what it lets through is what every proof assumes of an open file.
 * mutant: file/superblock.c: s/s->used > s->reserve \|\|//
 * mutant: file/superblock.c: s/s->used % ANCIENT_WORD != 0/false/
 * mutant: file/superblock.c: s/s->base < ANCIENT_BASE_MIN \|\|//
 * mutant: file/superblock.c: s/s->reserve > ANCIENT_ADDRESS_LIMIT - s->base/s->reserve > ANCIENT_ADDRESS_LIMIT/
 * mutant: file/superblock.c: s/s->custom_slots > ANCIENT_CUSTOM_SLOTS_MAX/s->custom_slots > 2 * ANCIENT_CUSTOM_SLOTS_MAX/ */
void prove_super_tests(void)
{
	struct slot slot;

	ASSUME(slot.start <= ANCIENT_SUPERBLOCK_SLOT);
	slot.failed = run_tests(&slot);
	CHECK(slot.failed <= T_VALID);
	CHECK(slot.failed != T_VALID || proof_super_holds(&slot.super));
}

/* ancient_reader_superblock_check: an error for each test that an image in a record may fail.
 * flags: --unwind 9
 * mutant: file/superblock.c: s/slot.failed == T_VALID \? ANCIENT_OK : refuse_slot/refuse_slot/
 * mutant: file/superblock.c: s/char expected_text\[25\], found_text\[25\]/char expected_text[24], found_text[24]/ */
void prove_super_check(void)
{
	struct ancient_superblock super;
	uint64_t offset = nondet_u64();

	ASSUME(offset >= ANCIENT_FIRST_EXTENT && offset < ANCIENT_ADDRESS_LIMIT); /* of a record */
	ancient_reader_superblock_check("file", &super, offset, proof_error());
}

/* Slots as they are read: where all tests were passed, the fields hold. */
static void proof_slots(struct slot slots[2])
{
	for (unsigned i = 0; i < 2; i++) {
		struct slot slot;

		slot.start = i * ANCIENT_SUPERBLOCK_SLOT;
		slot.what = "field";
		ASSUME((unsigned)slot.failed <= T_VALID && slot.offset <= ANCIENT_FIRST_EXTENT);
		ASSUME(slot.failed != T_VALID || proof_super_holds(&slot.super)); /* super_tests */
		slots[i] = slot;
	}
}

/* choose, judge: what is taken was tested, and its bytes are in the file, of whatever length.
 * contract: commit_behind
 * havoc: hex
 * flags: --unwind 3
 * mutant: file/superblock.c: s/\(uint64_t\)status.st_size < held->super.used/(uint64_t)status.st_size < held->super.used - 8/
 * mutant: file/superblock.c: s/if \(held->failed != T_VALID\)/if (false)/ */
void prove_super_judge(void)
{
	struct slot slots[2];
	const struct slot *held;
	struct reader_superblocks found;

	proof_slots(slots);
	held = choose(slots);
	if (held == NULL)
		return;
	CHECK(counts(held));
	/* By each by itself, as a solver has it easier with what a pointer is than with what it may
	 * be. */
	if (held == &slots[0] ? judge(3, "file", slots, &slots[0], nondet_bool(), &found,
				      proof_error()) != ANCIENT_OK
			      : judge(3, "file", slots, &slots[1], nondet_bool(), &found,
				      proof_error()) != ANCIENT_OK)
		return;
	CHECK(proof_super_holds(&found.held));
	CHECK(found.held.used <= found.length);
	CHECK(found.damaged_slot >= -1 && found.damaged_slot <= 1);
}

/* refuse: an error is made of the bytes that were read, however few.
 * flags: --unwind 9
 * loop: file/superblock.c: refuse: while (zeros < head->got && head->bytes[zeros] == 0)
 * assigns: zeros
 * invariant: zeros <= head->got
 * decreases: head->got - zeros
 * loop: file/superblock.c: hex: for (size_t i = 0; i < count; i++)
 * assigns: i, __CPROVER_object_whole(text)
 * invariant: i <= count
 * decreases: count - i
 * mutant: file/superblock.c: s/zeros < head->got &&/zeros <= head->got \&\&/
 * mutant: file/superblock.c: s/magic = head->got < sizeof\(magic_bytes\) \? head->got : sizeof\(magic_bytes\)/magic = head->got/ */
void prove_super_refuse(void)
{
	struct slot slots[2];
	struct head head;

	proof_slots(slots);
	ASSUME(head.got <= sizeof(head.bytes)); /* read_at/read_at */
	ASSUME(!counts(&slots[0]) && !counts(&slots[1]));
	refuse("file", &head, slots, proof_error());
}

/* read_slots, read_head: the bytes that are compared were read, however few there are.
 * contract: read_at
 * havoc: run_tests
 * mutant: file/superblock.c: s/have < sizeof\(there\) \? have : sizeof\(there\)/have/
 * mutant: file/superblock.c: s/head->got > slot->start \?/true ?/ */
void prove_super_read(void)
{
	struct slot slots[ANCIENT_SUPERBLOCKS];
	const struct slot *held = NULL;
	struct head head;
	bool again;

	read_slots(3, slots, &held, &head, &again);
}

/* c-reader/file: which superblock holds (FORMAT 3.2): the tests of its table in its order, whether
 * the other slot is damaged, and the error where no slot counts.  Called when a file is opened, and
 * again when a program asks for what is newest. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/error.h"
#include "base/read_at.h"
#include "file/commit_record.h"
#include "file/superblock.h"

/* Slots that change, or do not fit each other, are read again: a writer may be at work.  They are
 * judged as they are once as many looks as STEADY in a row have found the same bytes and no writer
 * holds the lock, who may have been stopped in the middle of a write; or after ATTEMPTS looks. */
#define STEADY 64u
#define ATTEMPTS 1024u

/* The rows of the table in 3.2; a slot that fails row n has passed n tests.  One that has passed
 * the first three counts. */
enum test { T_MAGIC, T_ORDER, T_CHECKSUM, T_VERSION, T_FLAGS, T_DIALECT, T_FIELDS, T_VALID };

static const unsigned char magic_bytes[8] = ANCIENT_MAGIC_BYTES;
static const char legacy_bytes[8] = "mmalloc";

struct slot {
	struct ancient_superblock super; /* the one copy that is tested */
	uint64_t start;                  /* offset of the slot */
	enum test failed;
	uint64_t offset, expected, found; /* of the fault, where there is one */
	const char *what;                 /* a field at fault in words; NULL: by number */
};

/* The first bytes of a file that has no valid superblock. */
struct head {
	unsigned char bytes[ANCIENT_FIRST_EXTENT];
	size_t got;
	uint64_t length; /* of the file, before the bytes were read */
};

/* ---- Tests ----------------------------------------------------------------------- */

static bool fault(struct slot *slot, uint64_t offset, uint64_t expected, uint64_t found,
		  const char *what)
{
	slot->offset = slot->start + offset;
	slot->expected = expected;
	slot->found = found;
	slot->what = what;
	return false;
}

#define FAULT(slot, field, expected, what)                                                         \
	fault(slot, offsetof(struct ancient_superblock, field), expected, (slot)->super.field, what)

static bool test_dialect(struct slot *slot)
{
	const struct ancient_superblock *s = &slot->super;

	if (s->word_size != ANCIENT_DIALECT_WORD_SIZE)
		return FAULT(slot, word_size, ANCIENT_DIALECT_WORD_SIZE, "bytes in a word");
	if (s->header_layout != ANCIENT_DIALECT_HEADER_LAYOUT)
		return FAULT(slot, header_layout, ANCIENT_DIALECT_HEADER_LAYOUT, "header layout");
	if (s->flat_float_array != ANCIENT_DIALECT_FLAT_FLOAT_ARRAY)
		return FAULT(slot, flat_float_array, ANCIENT_DIALECT_FLAT_FLOAT_ARRAY,
			     "flat float arrays");
	return true;
}

static bool test_space(struct slot *slot)
{
	const struct ancient_superblock *s = &slot->super;

	if (s->base % ANCIENT_BASE_ALIGN != 0 || s->base < ANCIENT_BASE_MIN ||
	    s->base >= ANCIENT_ADDRESS_LIMIT)
		return FAULT(slot, base, ANCIENT_BASE_MIN,
			     "base, a multiple of 65536 from 2^28 on");
	if (s->reserve % ANCIENT_COMMIT_ALIGN != 0 || s->reserve < ANCIENT_FIRST_EXTENT ||
	    s->reserve > ANCIENT_ADDRESS_LIMIT - s->base)
		return FAULT(slot, reserve, ANCIENT_ADDRESS_LIMIT - s->base,
			     "reserve, a multiple of 4096 with base + reserve at most 2^47");
	return true;
}

static bool test_directories(struct slot *slot)
{
	const struct ancient_superblock *s = &slot->super;

	if ((s->key_count > 0) != (s->keys != 0))
		return FAULT(slot, key_count, s->keys != 0, "key_count, 0 where there are no keys");
	if ((s->name_count > 0) != (s->names != 0))
		return FAULT(slot, name_count, s->names != 0,
			     "name_count, 0 where there are no names");
	if (s->name_count > s->key_count)
		return FAULT(slot, name_count, s->key_count, "name_count, at most key_count");
	return true;
}

/* Those since 1.2; where they are void they say nothing. */
static bool test_new_fields(struct slot *slot)
{
	const struct ancient_superblock *s = &slot->super;

	if (!ancient_superblock_holds(s))
		return true;
	if (s->durable_used < ANCIENT_FIRST_EXTENT || s->durable_used > s->used)
		return FAULT(slot, durable_used, s->used, "durable_used, from 8192 to used");
	if (s->record % ANCIENT_EXTENT_ALIGN != 0 || s->record >= s->used ||
	    (s->record != 0 && s->record < ANCIENT_FIRST_EXTENT))
		return FAULT(slot, record, 0, "record, a multiple of 64 from 8192 to used");
	if (s->previous % ANCIENT_EXTENT_ALIGN != 0 ||
	    (s->previous != 0 && s->previous >= s->record) ||
	    (s->previous != 0 && s->previous < ANCIENT_FIRST_EXTENT))
		return FAULT(slot, previous, 0, "previous, a multiple of 64 from 8192 to record");
	return true;
}

static bool test_fields(struct slot *slot)
{
	const struct ancient_superblock *s = &slot->super;

	if (!test_space(slot))
		return false;
	if ((s->generation < 1 && s->state != ANCIENT_STATE_FILLING) ||
	    s->generation % ANCIENT_SUPERBLOCKS != slot->start / ANCIENT_SUPERBLOCK_SLOT)
		return FAULT(slot, generation, slot->start / ANCIENT_SUPERBLOCK_SLOT,
			     "generation, odd in slot 1 and even in slot 0");
	if (s->used < ANCIENT_FIRST_EXTENT || s->used > s->reserve || s->used % ANCIENT_WORD != 0)
		return FAULT(slot, used, s->reserve, "used, a multiple of 8 up to reserve");
	if (s->state < ANCIENT_STATE_CURRENT || s->state > ANCIENT_STATE_FILLING)
		return FAULT(slot, state, ANCIENT_STATE_CURRENT, "state, 1, 2 or 3");
	if (s->custom_slots < ANCIENT_CUSTOM_WELL_KNOWN ||
	    s->custom_slots > ANCIENT_CUSTOM_SLOTS_MAX)
		return FAULT(slot, custom_slots, ANCIENT_CUSTOM_WELL_KNOWN,
			     "custom_slots, 5 to 8192");
	if ((s->customs != 0) != (s->custom_slots > ANCIENT_CUSTOM_WELL_KNOWN))
		return FAULT(slot, customs, 0, "customs, 0 where custom_slots is 5");
	return test_directories(slot) && test_new_fields(slot);
}

static enum test run_tests(struct slot *slot)
{
	const struct ancient_superblock *s = &slot->super;
	uint64_t sum;

	slot->offset = slot->start;
	if (memcmp(s->magic, magic_bytes, sizeof(magic_bytes)) != 0)
		return T_MAGIC;
	if (s->byte_order != ANCIENT_BYTE_ORDER)
		return FAULT(slot, byte_order, ANCIENT_BYTE_ORDER, NULL), T_ORDER;
	sum = XXH3_64bits(s, offsetof(struct ancient_superblock, checksum));
	if (s->checksum != sum)
		return FAULT(slot, checksum, sum, NULL), T_CHECKSUM;
	if (s->version >> 16 != ANCIENT_VERSION_MAJOR)
		return FAULT(slot, version, ANCIENT_VERSION, NULL), T_VERSION;
	if ((s->incompat_flags & ~ANCIENT_INCOMPAT_KNOWN) != 0)
		return FAULT(slot, incompat_flags, ANCIENT_INCOMPAT_KNOWN, NULL), T_FLAGS;
	if (!test_dialect(slot))
		return T_DIALECT;
	return test_fields(slot) ? T_VALID : T_FIELDS;
}

static bool counts(const struct slot *slot)
{
	return slot->failed > T_CHECKSUM;
}

/* ---- Reading --------------------------------------------------------------------- */

static bool read_slot(int fd, unsigned number, struct slot *slot)
{
	size_t got;

	*slot = (struct slot){.start = number * ANCIENT_SUPERBLOCK_SLOT};
	if (!ancient_reader_read_at(fd, slot->start, &slot->super, sizeof(slot->super), &got))
		return false;
	slot->failed = run_tests(slot);
	return true;
}

/* ---- Errors ---------------------------------------------------------------------- */

static void hex(char *text, const unsigned char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		snprintf(text + 3 * i, 4, "%02x ", bytes[i]);
	text[count == 0 ? 0 : 3 * count - 1] = '\0';
}

static uint64_t as_word(const unsigned char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return word;
}

static enum ancient_code refuse_magic(const char *name, uint64_t offset, const unsigned char *found,
				      size_t count, struct ancient_error *err)
{
	const struct reader_fault what = {ANCIENT_E_FOREIGN, 0, offset, as_word(magic_bytes),
					  as_word(found)};
	char expected_text[25], found_text[25];

	hex(expected_text, magic_bytes, sizeof(magic_bytes));
	hex(found_text, found, count);
	return ancient_reader_fail(name, err, &what, "expected magic %s, found %s", expected_text,
				   found_text);
}

static enum ancient_code refuse_slot(const char *name, const struct slot *slot,
				     struct ancient_error *err)
{
	static const enum ancient_code codes[] = {
		[T_ORDER] = ANCIENT_E_BYTE_ORDER,
		[T_VERSION] = ANCIENT_E_VERSION,
		[T_CHECKSUM] = ANCIENT_E_BAD_SUPERBLOCK,
		[T_DIALECT] = ANCIENT_E_DIALECT,
		[T_FLAGS] = ANCIENT_E_FLAGS,
		[T_FIELDS] = ANCIENT_E_BAD_SUPERBLOCK,
	};
	struct reader_fault what = {0, 0, slot->offset, slot->expected, slot->found};

	if (slot->failed == T_MAGIC)
		return refuse_magic(name, slot->start, slot->super.magic, 8, err);
	what.code = codes[slot->failed];
	switch (slot->failed) {
	case T_ORDER:
		return ancient_reader_fail(name, err, &what,
					   "expected %#x (little-endian), found %#x",
					   ANCIENT_BYTE_ORDER, slot->super.byte_order);
	case T_VERSION:
		return ancient_reader_fail(name, err, &what,
					   "expected format %u.x, found format %u.%u",
					   ANCIENT_VERSION_MAJOR, slot->super.version >> 16,
					   slot->super.version & 0xFFFF);
	case T_CHECKSUM:
		what.rule = READER_S(1);
		return ancient_reader_fail(name, err, &what, "expected checksum %#llx, found %#llx",
					   (unsigned long long)what.expected,
					   (unsigned long long)what.found);
	case T_FLAGS:
		return ancient_reader_fail(
			name, err, &what, "expected incompatible flags in %#llx, found %#llx",
			(unsigned long long)what.expected, (unsigned long long)what.found);
	case T_FIELDS:
		what.rule = READER_S(2);
		return ancient_reader_fail(name, err, &what, "expected %s, found %#llx", slot->what,
					   (unsigned long long)what.found);
	default:
		return ancient_reader_fail(name, err, &what, "%s: expected %llu, found %llu",
					   slot->what, (unsigned long long)what.expected,
					   (unsigned long long)what.found);
	}
}

/* The error for a file in which neither slot counts. */
static enum ancient_code refuse(const char *name, const struct head *head,
				const struct slot slots[2], struct ancient_error *err)
{
	struct reader_fault what = {ANCIENT_E_EMPTY, 0, 0, 0, 0};
	size_t zeros = 0, magic;

	if (head->got >= sizeof(legacy_bytes) &&
	    memcmp(head->bytes, legacy_bytes, sizeof(legacy_bytes)) == 0) {
		what.code = ANCIENT_E_LEGACY;
		return ancient_reader_fail(name, err, &what, "found \"mmalloc\"");
	}
	while (zeros < head->got && head->bytes[zeros] == 0)
		zeros++;
	if (zeros == head->got && head->length <= ANCIENT_FIRST_EXTENT) {
		what.expected = ANCIENT_FIRST_EXTENT;
		what.found = head->length;
		return ancient_reader_fail(
			name, err, &what, "expected a superblock, found %s (%llu bytes in all)",
			head->got == 0 ? "nothing" : "zeros", (unsigned long long)head->length);
	}
	magic = head->got < sizeof(magic_bytes) ? head->got : sizeof(magic_bytes);
	if (head->got < ANCIENT_FIRST_EXTENT && memcmp(head->bytes, magic_bytes, magic) != 0)
		return refuse_magic(name, 0, head->bytes, magic, err);
	if (head->got < ANCIENT_FIRST_EXTENT) {
		what = (struct reader_fault){ANCIENT_E_SHORT, 0, 0, ANCIENT_FIRST_EXTENT,
					     head->got};
		return ancient_reader_fail(name, err, &what,
					   "expected at least %u bytes, found %llu",
					   ANCIENT_FIRST_EXTENT, (unsigned long long)head->got);
	}
	return refuse_slot(name, &slots[slots[1].failed > slots[0].failed], err);
}

static enum ancient_code refuse_truncated(const char *name, const struct slot *slot,
					  uint64_t length, struct ancient_error *err)
{
	const struct reader_fault what = {ANCIENT_E_TRUNCATED, READER_S(3),
					  slot->start + offsetof(struct ancient_superblock, used),
					  slot->super.used, length};
	return ancient_reader_fail(
		name, err, &what, "expected %llu bytes in use, as the superblock says, found %llu",
		(unsigned long long)slot->super.used, (unsigned long long)length);
}

/* Made, and nothing published: EMPTY, unless what was published cannot be seen. */
static enum ancient_code refuse_filling(const char *name, const struct reader_superblocks *found,
					struct ancient_error *err)
{
	struct reader_fault what = {ANCIENT_E_EMPTY, 0, 0, 0, 0};

	if (found->hidden == 0)
		return ancient_reader_fail(name, err, &what,
					   "expected a commit, found a file that was made "
					   "and nothing published in it");
	what.code = ANCIENT_E_UNRECOVERED;
	what.offset = (uint64_t)found->damaged_slot * ANCIENT_SUPERBLOCK_SLOT;
	return ancient_reader_fail(
		name, err, &what,
		"expected a superblock in slot %d, found damage, and generation %llu behind it",
		found->damaged_slot, (unsigned long long)found->hidden);
}

/* ---- Choice ---------------------------------------------------------------------- */

static const struct slot *choose(const struct slot slots[2])
{
	if (!counts(&slots[0]) && !counts(&slots[1]))
		return NULL;
	if (!counts(&slots[0]))
		return &slots[1];
	if (!counts(&slots[1]))
		return &slots[0];
	return &slots[slots[1].super.generation > slots[0].super.generation];
}

/* Whether a slot may have been read in the middle of a write: other faults stay. */
static bool may_be_torn(const struct slot *slot)
{
	return slot->failed > T_MAGIC && slot->failed <= T_CHECKSUM;
}

/* Whether the other slot is what the superblock that holds leaves there (FORMAT 3.2). */
static bool in_order(const struct slot *held, const struct slot *other)
{
	return !ancient_superblock_holds(&held->super) ||
	       (counts(other) && other->super.generation + 1 == held->super.generation);
}

/* Whether the slot still has the bytes that were tested. */
static bool agrees(const struct head *head, const struct slot *slot)
{
	size_t have = head->got > slot->start ? head->got - slot->start : 0;
	struct ancient_superblock there = {0};

	memcpy(&there, head->bytes + slot->start, have < sizeof(there) ? have : sizeof(there));
	return memcmp(&there, &slot->super, sizeof(there)) == 0;
}

/* Reads the bytes that say what a file without a valid superblock is.  *ret_again: they are not the
 * bytes that were tested, so the file is being created.  The length is read first, since a file
 * grows past its superblocks only when it has one. */
static bool read_head(int fd, const struct slot slots[2], struct head *head, bool *ret_again)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return false;
	head->length = (uint64_t)status.st_size;
	if (!ancient_reader_read_at(fd, 0, head->bytes, sizeof(head->bytes), &head->got))
		return false;
	*ret_again = may_be_torn(&slots[0]) || may_be_torn(&slots[1]) || !agrees(head, &slots[0]) ||
		     !agrees(head, &slots[1]);
	return true;
}

/* Reads both slots, *ret_held NULL where neither counts.  *ret_again where a writer may just have
 * been at work: slot 0 is read first, so that a commit, or two, may lie between the copies, or a
 * slot be copied in the middle of its write.  A slot that stays as it is, is damaged. */
static bool read_slots(int fd, struct slot slots[2], const struct slot **ret_held,
		       struct head *head, bool *ret_again)
{
	*ret_again = false;
	if (!read_slot(fd, 0, &slots[0]) || !read_slot(fd, 1, &slots[1]))
		return false;
	*ret_held = choose(slots);
	if (*ret_held == NULL)
		return read_head(fd, slots, head, ret_again);
	*ret_again = !in_order(*ret_held, &slots[*ret_held == &slots[0]]) ||
		     may_be_torn(&slots[*ret_held == &slots[0]]);
	return true;
}

/* Offset of what the slots of a file share, and these two do not; 0: nothing. */
static uint64_t difference(const struct ancient_superblock *held, const struct slot *other)
{
	const struct ancient_superblock *s = &other->super;

	if (!counts(other))
		return 0;
	if (memcmp(held->uuid, s->uuid, sizeof(s->uuid)) != 0)
		return other->start + offsetof(struct ancient_superblock, uuid);
	if (held->base != s->base)
		return other->start + offsetof(struct ancient_superblock, base);
	if (held->reserve != s->reserve)
		return other->start + offsetof(struct ancient_superblock, reserve);
	return 0;
}

static enum ancient_code judge(int fd, const char *name, const struct slot slots[2],
			       const struct slot *held, bool moving, struct reader_superblocks *ret,
			       struct ancient_error *err)
{
	const struct slot *other = &slots[held == &slots[0]];
	struct stat status;

	if (held->failed != T_VALID)
		return refuse_slot(name, held, err);
	/* After the superblocks: the file grows before they say so. */
	if (fstat(fd, &status) != 0)
		return ancient_reader_fail_system(name, err, errno, "fstat");
	if ((uint64_t)status.st_size < held->super.used)
		return refuse_truncated(name, held, (uint64_t)status.st_size, err);
	*ret = (struct reader_superblocks){
		.held = held->super, .length = (uint64_t)status.st_size, .damaged_slot = -1};
	ret->differs = difference(&held->super, other);
	if (!in_order(held, other) && !moving) {
		ret->damaged_slot = (int)(other->start / ANCIENT_SUPERBLOCK_SLOT);
		if (!ancient_reader_commit_behind(fd, &held->super, &ret->hidden))
			return ancient_reader_fail_system(name, err, errno, "read");
	}
	return held->super.state == ANCIENT_STATE_FILLING ? refuse_filling(name, ret, err)
							  : ANCIENT_OK;
}

/* Whether a writer holds the lock (FORMAT 11.1).  Takes none. */
static bool writer_at_work(int fd)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* Looks until there is nothing to wait for.  *ret_moving: the slots did not come to rest, so that
 * what does not fit is no damage: two looks that find the same bytes have seen them together, two
 * that do not may have seen the halves of a commit. */
static bool watch(int fd, struct slot slots[2], const struct slot **ret_held, struct head *head,
		  bool *ret_moving)
{
	struct ancient_superblock before[ANCIENT_SUPERBLOCKS];
	unsigned steady = 0;
	bool again = true;

	for (unsigned i = 0; i < ATTEMPTS && again; i++) {
		if (steady >= STEADY && !writer_at_work(fd))
			break;
		if (i > 0)
			sched_yield();
		if (!read_slots(fd, slots, ret_held, head, &again))
			return false;
		if (i > 0 && memcmp(&before[0], &slots[0].super, sizeof(before[0])) == 0 &&
		    memcmp(&before[1], &slots[1].super, sizeof(before[1])) == 0)
			steady++;
		else
			steady = 0;
		before[0] = slots[0].super;
		before[1] = slots[1].super;
	}
	*ret_moving = again && steady < STEADY;
	return true;
}

enum ancient_code ancient_reader_superblock_choose(int fd, const char *name,
						   struct reader_superblocks *ret_found,
						   struct ancient_error *err)
{
	struct slot slots[ANCIENT_SUPERBLOCKS];
	struct reader_superblocks found;
	const struct slot *held = NULL;
	struct head head;
	bool moving;
	enum ancient_code code;

	if (!watch(fd, slots, &held, &head, &moving))
		return ancient_reader_fail_system(name, err, errno, "read");
	if (held == NULL)
		return refuse(name, &head, slots, err);
	code = judge(fd, name, slots, held, moving, &found, err);
	if (code == ANCIENT_OK)
		*ret_found = found;
	return code;
}

enum ancient_code ancient_reader_superblock_check(const char *name,
						  const struct ancient_superblock *super,
						  uint64_t offset, struct ancient_error *err)
{
	struct slot slot = {.super = *super,
			    .start = super->generation % ANCIENT_SUPERBLOCKS *
				     ANCIENT_SUPERBLOCK_SLOT};

	slot.failed = run_tests(&slot);
	slot.offset += offset - slot.start;
	return slot.failed == T_VALID ? ANCIENT_OK : refuse_slot(name, &slot, err);
}

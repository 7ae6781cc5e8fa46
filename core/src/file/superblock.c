/* core/file: superblocks (FORMAT 3): tests both slots, chooses the one in force, writes one.
 *
 * The reader has its own copy of these tests on purpose: writer and reader share constants and
 * texts, never code, so that tests can catch them disagreeing.
 */
#include "file/superblock.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/fail.h"
#include "file/commit_walk.h"

static const uint8_t magic[8] = ANCIENT_MAGIC_BYTES;

/* The result of the tests of one slot. */
struct verdict {
	unsigned passed; /* number of tests passed; ALL_TESTS: the superblock is good */
	struct core_fault fault;
	const char *what; /* of the fault */
};

#define ALL_TESTS 7u
#define TESTS_THAT_COUNT 3u /* magic, byte order, checksum */

/* How often both slots are read while a writer keeps changing them. */
#define READ_ATTEMPTS 64

bool ancient_core_superblock_base_fits(uint64_t base, uint64_t reserve)
{
	return base % ANCIENT_BASE_ALIGN == 0 && base >= ANCIENT_BASE_MIN &&
	       base < ANCIENT_ADDRESS_LIMIT && reserve % 4096 == 0 &&
	       reserve >= ANCIENT_FIRST_EXTENT && reserve <= ANCIENT_ADDRESS_LIMIT - base;
}

static struct verdict refuse(unsigned passed, enum ancient_code code, unsigned rule, size_t field,
			     uint64_t expected, uint64_t found, const char *what)
{
	struct verdict v = {passed, {code, rule, field, expected, found}, what};

	return v;
}

#define FIELD(name) offsetof(struct ancient_superblock, name)
#define OUT_OF_RANGE(name, expected, text)                                                         \
	refuse(6, ANCIENT_E_BAD_SUPERBLOCK, 102, FIELD(name), expected, sb->name, text)

/* The fields since 1.2 (FORMAT 3.2, last row); void ones say nothing. */
static struct verdict test_new_ranges(const struct ancient_superblock *sb)
{
	if (ancient_superblock_holds(sb)) {
		if (sb->durable_used < ANCIENT_FIRST_EXTENT || sb->durable_used > sb->used)
			return OUT_OF_RANGE(durable_used, sb->used, "durable_used out of range");
		if (sb->record && (sb->record % ANCIENT_EXTENT_ALIGN || sb->record >= sb->used ||
				   sb->record < ANCIENT_FIRST_EXTENT))
			return OUT_OF_RANGE(record, sb->used, "record out of range");
		if (sb->previous &&
		    (sb->previous % ANCIENT_EXTENT_ALIGN || sb->previous >= sb->record ||
		     sb->previous < ANCIENT_FIRST_EXTENT))
			return OUT_OF_RANGE(previous, sb->record, "previous out of range");
	}
	return refuse(ALL_TESTS, ANCIENT_OK, 0, 0, 0, 0, "");
}

/* FORMAT 3.2, last row, in the order of 3.1.  Whether `customs`, `keys` and `names` lead to
 * something is not tested here: that is rule C1 and D1. */
static struct verdict test_ranges(const struct ancient_superblock *sb, unsigned slot)
{
	if (!ancient_core_superblock_base_fits(sb->base, ANCIENT_FIRST_EXTENT))
		return OUT_OF_RANGE(base, ANCIENT_BASE_ALIGN, "base out of range");
	if (!ancient_core_superblock_base_fits(sb->base, sb->reserve))
		return OUT_OF_RANGE(reserve, 4096, "reserve out of range");
	if ((sb->generation < 1 && sb->state != ANCIENT_STATE_FILLING) ||
	    sb->generation % 2 != slot)
		return OUT_OF_RANGE(generation, slot, "generation of the other slot");
	if (sb->used < ANCIENT_FIRST_EXTENT || sb->used > sb->reserve || sb->used % 8)
		return OUT_OF_RANGE(used, ANCIENT_FIRST_EXTENT, "used length out of range");
	if (sb->state < ANCIENT_STATE_CURRENT || sb->state > ANCIENT_STATE_FILLING)
		return OUT_OF_RANGE(state, ANCIENT_STATE_CURRENT, "unknown state");
	if (sb->custom_slots < ANCIENT_CUSTOM_WELL_KNOWN ||
	    sb->custom_slots > ANCIENT_CUSTOM_SLOTS_MAX)
		return OUT_OF_RANGE(custom_slots, ANCIENT_CUSTOM_WELL_KNOWN,
				    "custom_slots out of range");
	if ((sb->customs != 0) != (sb->custom_slots > ANCIENT_CUSTOM_WELL_KNOWN))
		return OUT_OF_RANGE(customs, 0, "customs contradicts custom_slots");
	if ((sb->key_count > 0) != (sb->keys != 0))
		return OUT_OF_RANGE(key_count, sb->keys != 0, "key_count contradicts keys");
	if ((sb->name_count > 0) != (sb->names != 0))
		return OUT_OF_RANGE(name_count, sb->names != 0, "name_count contradicts names");
	if (sb->name_count > sb->key_count)
		return OUT_OF_RANGE(name_count, sb->key_count, "more names than keys");
	return test_new_ranges(sb);
}

static struct verdict test_dialect(const struct ancient_superblock *sb)
{
	if (sb->word_size != ANCIENT_DIALECT_WORD_SIZE)
		return refuse(5, ANCIENT_E_DIALECT, 0, FIELD(word_size), ANCIENT_DIALECT_WORD_SIZE,
			      sb->word_size, "another word size");
	if (sb->header_layout != ANCIENT_DIALECT_HEADER_LAYOUT)
		return refuse(5, ANCIENT_E_DIALECT, 0, FIELD(header_layout),
			      ANCIENT_DIALECT_HEADER_LAYOUT, sb->header_layout,
			      "another layout of block headers");
	return refuse(5, ANCIENT_E_DIALECT, 0, FIELD(flat_float_array),
		      ANCIENT_DIALECT_FLAT_FLOAT_ARRAY, sb->flat_float_array,
		      "another layout of float arrays");
}

static uint64_t word_at(const void *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof word);
	return word;
}

/* The tests of FORMAT 3.2 in their order; the first that fails is the result. */
static struct verdict test(const struct ancient_superblock *sb, unsigned slot)
{
	uint64_t checksum = XXH3_64bits(sb, FIELD(checksum));

	if (memcmp(sb->magic, magic, sizeof magic) != 0)
		return refuse(0, ANCIENT_E_FOREIGN, 0, FIELD(magic), word_at(magic),
			      word_at(sb->magic), "not an ancient file");
	if (sb->byte_order != ANCIENT_BYTE_ORDER)
		return refuse(1, ANCIENT_E_BYTE_ORDER, 0, FIELD(byte_order), ANCIENT_BYTE_ORDER,
			      sb->byte_order, "written on a machine of another byte order");
	if (sb->checksum != checksum)
		return refuse(2, ANCIENT_E_BAD_SUPERBLOCK, 101, FIELD(checksum), checksum,
			      sb->checksum, "damaged superblock: checksum does not match");
	if (sb->version >> 16 != ANCIENT_VERSION_MAJOR)
		return refuse(3, ANCIENT_E_VERSION, 0, FIELD(version), ANCIENT_VERSION, sb->version,
			      "of a format that this library does not read");
	if (sb->incompat_flags & ~ANCIENT_INCOMPAT_KNOWN)
		return refuse(4, ANCIENT_E_FLAGS, 0, FIELD(incompat_flags), ANCIENT_INCOMPAT_KNOWN,
			      sb->incompat_flags, "uses a feature this library does not know");
	if (sb->word_size != ANCIENT_DIALECT_WORD_SIZE ||
	    sb->header_layout != ANCIENT_DIALECT_HEADER_LAYOUT ||
	    sb->flat_float_array != ANCIENT_DIALECT_FLAT_FLOAT_ARRAY)
		return test_dialect(sb);
	return test_ranges(sb, slot);
}

static enum ancient_code fail_magic(struct ancient_error *err, const char *name, uint64_t offset,
				    const uint8_t *found)
{
	struct core_fault fault = {ANCIENT_E_FOREIGN, 0, offset, word_at(magic), word_at(found)};

	return ancient_core_fail_fault(
		err, fault,
		"%s: not an ancient file: expected magic 89 41 4e 43 49 45 4e 54, "
		"found %02x %02x %02x %02x %02x %02x %02x %02x at offset %llu",
		name, found[0], found[1], found[2], found[3], found[4], found[5], found[6],
		found[7], (unsigned long long)offset);
}

static enum ancient_code fail_verdict(struct ancient_error *err, const char *name, unsigned slot,
				      const struct ancient_superblock *sb, struct verdict v)
{
	v.fault.offset += slot * ANCIENT_SUPERBLOCK_SLOT;
	if (v.fault.code == ANCIENT_E_FOREIGN)
		return fail_magic(err, name, v.fault.offset, sb->magic);
	return ancient_core_fail_fault(
		err, v.fault, "%s: %s: expected 0x%llx, found 0x%llx at offset %llu", name, v.what,
		(unsigned long long)v.fault.expected, (unsigned long long)v.fault.found,
		(unsigned long long)v.fault.offset);
}

static bool all_zero(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (bytes[i])
			return false;
	return true;
}

/* The first bytes of a file that has no valid superblock. */
struct head {
	uint8_t bytes[ANCIENT_FIRST_EXTENT];
	size_t got;
	uint64_t length; /* of the file, before the bytes were read */
};

/* The exceptions of FORMAT 3.2, for a file with no valid superblock.  ANCIENT_OK: none applies. */
static enum ancient_code fail_exception(const char *name, const struct head *head,
					struct ancient_error *err)
{
	struct core_fault small = {ANCIENT_E_SHORT, 0, 0, ANCIENT_FIRST_EXTENT, head->got};
	struct core_fault empty = {ANCIENT_E_EMPTY, 0, 0, ANCIENT_FIRST_EXTENT, head->length};
	struct core_fault legacy = {ANCIENT_E_LEGACY, 0, 0, 0, 0};

	if (head->length <= ANCIENT_FIRST_EXTENT && all_zero(head->bytes, head->got))
		return ancient_core_fail_fault(
			err, empty, "%s: the file is empty: nothing has been published in it",
			name);
	if (head->got >= 8 && memcmp(head->bytes, "mmalloc", 8) == 0)
		return ancient_core_fail_fault(
			err, legacy,
			"%s: a file of ocaml-ancient 0.x: publish its values again with "
			"this library",
			name);
	if (head->got == sizeof head->bytes)
		return ANCIENT_OK;
	if (memcmp(head->bytes, magic, head->got < 8 ? head->got : 8) != 0)
		return fail_magic(err, name, 0, head->bytes);
	return ancient_core_fail_fault(
		err, small,
		"%s: too short to be an ancient file: expected at least %u bytes, "
		"found %llu",
		name, ANCIENT_FIRST_EXTENT, (unsigned long long)head->got);
}

static enum ancient_code check_length(const char *name, unsigned slot, uint64_t size,
				      const struct ancient_superblock *sb,
				      struct ancient_error *err)
{
	struct core_fault fault = {ANCIENT_E_TRUNCATED, 103,
				   slot * ANCIENT_SUPERBLOCK_SLOT + FIELD(used), sb->used, size};

	if (size >= sb->used)
		return ANCIENT_OK;
	return ancient_core_fail_fault(
		err, fault,
		"%s: the file is shorter than its superblock says: expected %llu "
		"bytes, found %llu",
		name, (unsigned long long)sb->used, (unsigned long long)size);
}

/* Reads the file's status, after its superblock, and checks that it is as long as the superblock
 * says. */
static enum ancient_code measure(int fd, const char *name, const struct ancient_superblock *sb,
				 struct core_file_status *ret_status, struct ancient_error *err)
{
	struct core_file_status status;
	enum ancient_code code;

	if (!ancient_core_file_status(fd, &status))
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status",
						name);
	code = check_length(name, sb->generation % 2, status.size, sb, err);
	if (code == ANCIENT_OK)
		*ret_status = status;
	return code;
}

/* What was read from both slots. */
struct slots {
	struct ancient_superblock super[ANCIENT_SUPERBLOCKS];
	struct verdict verdict[ANCIENT_SUPERBLOCKS];
	unsigned best;    /* the slot in force; if none is good, the one that passed more tests */
	struct head head; /* filled in only if no superblock is good */
};

static bool read_slot(int fd, unsigned slot, struct ancient_superblock *ret)
{
	size_t got;

	memset(ret, 0, sizeof *ret);
	return ancient_core_file_read(fd, ret, sizeof *ret, slot * ANCIENT_SUPERBLOCK_SLOT, &got);
}

/* Whether the slot may have been read in the middle of a write.  A slot that fails a later test has
 * a good checksum, so reading it again will not help. */
static bool may_be_torn(const struct verdict *v)
{
	return v->passed > 0 && v->passed < TESTS_THAT_COUNT;
}

static bool counts(const struct verdict *v)
{
	return v->passed >= TESTS_THAT_COUNT;
}

/* Whether the other slot is as the superblock that holds leaves it (FORMAT 3.2). */
static bool in_order(const struct slots *slots)
{
	const struct ancient_superblock *held = &slots->super[slots->best];
	unsigned other = !slots->best;

	return !ancient_superblock_holds(held) ||
	       (counts(&slots->verdict[other]) &&
		slots->super[other].generation + 1 == held->generation);
}

/* Reads the bytes by which a file without a superblock is judged.  *ret_again: they are not those
 * that were tested, so the file is being created.  The length is read first, because a file gets
 * longer than its superblocks only when it has one. */
static bool read_head(int fd, struct slots *slots, bool *ret_again)
{
	struct head *head = &slots->head;
	struct core_file_status status;

	if (!ancient_core_file_status(fd, &status))
		return false;
	head->length = status.size;
	memset(head->bytes, 0, sizeof head->bytes);
	if (!ancient_core_file_read(fd, head->bytes, sizeof head->bytes, 0, &head->got))
		return false;
	for (unsigned i = 0; i < ANCIENT_SUPERBLOCKS; i++)
		*ret_again |= may_be_torn(&slots->verdict[i]) ||
			      memcmp(head->bytes + i * ANCIENT_SUPERBLOCK_SLOT, &slots->super[i],
				     sizeof slots->super[i]) != 0;
	return true;
}

/* Reads and tests both slots once.  *ret_again: a writer may have been at work, and another attempt
 * could find more. */
static bool read_slots(int fd, struct slots *slots, bool *ret_again)
{
	const struct ancient_superblock *super = slots->super;
	const struct verdict *v = slots->verdict;

	*ret_again = false;
	for (unsigned i = 0; i < ANCIENT_SUPERBLOCKS; i++) {
		if (!read_slot(fd, i, &slots->super[i]))
			return false;
		slots->verdict[i] = test(&super[i], i);
	}
	if (counts(&v[0]) && counts(&v[1]))
		slots->best = super[1].generation > super[0].generation;
	else
		slots->best = v[1].passed > v[0].passed;
	if (!counts(&v[slots->best]))
		return read_head(fd, slots, ret_again);
	/* Slot 0 was read first: a commit, or two, may lie between the copies, or one of them in
	 * the middle of a write.  A slot that stays as it is, is damaged. */
	*ret_again = !in_order(slots) || may_be_torn(&v[!slots->best]);
	return true;
}

enum ancient_code ancient_core_superblock_test(const char *name,
					       const struct ancient_superblock *superblock,
					       struct ancient_error *err)
{
	unsigned slot = superblock->generation % ANCIENT_SUPERBLOCKS;
	struct verdict v = test(superblock, slot);

	return v.passed == ALL_TESTS ? ANCIENT_OK : fail_verdict(err, name, slot, superblock, v);
}

enum ancient_code ancient_core_superblock_load(int fd, const char *name,
					       struct ancient_superblock *ret,
					       struct core_superblock_observed *ret_observed,
					       struct ancient_error *err)
{
	struct slots slots;
	struct core_superblock_observed observed;
	enum ancient_code code;
	bool again = true;
	unsigned best;

	/* One attempt may coincide with a commit, or fall between two; that cannot go on for long
	 * (FORMAT 9, duty 1). */
	for (int tries = 0; tries < READ_ATTEMPTS && again; tries++) {
		if (tries > 0)
			sched_yield();
		if (!read_slots(fd, &slots, &again))
			return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
							"%s: cannot be read", name);
	}
	best = slots.best;
	if (slots.verdict[best].passed != ALL_TESTS) {
		code = counts(&slots.verdict[best]) ? ANCIENT_OK
						    : fail_exception(name, &slots.head, err);
		return code != ANCIENT_OK ? code
					  : fail_verdict(err, name, best, &slots.super[best],
							 slots.verdict[best]);
	}
	/* After the superblocks are read: a commit makes the file longer before its superblock says
	 * so. */
	code = measure(fd, name, &slots.super[best], &observed.status, err);
	if (code != ANCIENT_OK)
		return code;
	observed.other = slots.super[!best];
	observed.other_counts = counts(&slots.verdict[!best]);
	observed.damaged = !in_order(&slots);
	observed.hidden = 0;
	if (observed.damaged &&
	    !ancient_core_commit_follows(fd, &slots.super[best], &observed.hidden))
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: cannot be read",
						name);
	*ret = slots.super[best];
	if (ret_observed)
		*ret_observed = observed;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_superblock_reload(int fd, const char *name,
						 struct ancient_superblock *superblock,
						 struct core_superblock_observed *observed,
						 const struct core_file_status *status,
						 struct ancient_error *err)
{
	struct ancient_superblock now;
	enum ancient_code code;

	/* Only the superblock before this one identifies the file and its generation.  A slot that
	 * was empty or damaged may look the same in any file. */
	if (!observed->other_counts || observed->other.generation != superblock->generation - 1 ||
	    !read_slot(fd, observed->other.generation % 2, &now) ||
	    memcmp(&now, &observed->other, sizeof now) != 0)
		return ancient_core_superblock_load(fd, name, superblock, observed, err);
	if (!status)
		return measure(fd, name, superblock, &observed->status, err);
	code = check_length(name, superblock->generation % 2, status->size, superblock, err);
	if (code == ANCIENT_OK)
		observed->status = *status;
	return code;
}

void ancient_core_superblock_init(struct ancient_superblock *sb)
{
	memset(sb, 0, sizeof *sb);
	memcpy(sb->magic, magic, sizeof magic);
	sb->byte_order = ANCIENT_BYTE_ORDER;
	sb->version = ANCIENT_VERSION;
	sb->word_size = ANCIENT_DIALECT_WORD_SIZE;
	sb->header_layout = ANCIENT_DIALECT_HEADER_LAYOUT;
	sb->flat_float_array = ANCIENT_DIALECT_FLAT_FLOAT_ARRAY;
	sb->generation = 1;
	sb->used = ANCIENT_FIRST_EXTENT;
	sb->state = ANCIENT_STATE_FILLING;
	sb->custom_slots = ANCIENT_CUSTOM_WELL_KNOWN;
	sb->fields_generation = 1;
	sb->durable_used = ANCIENT_FIRST_EXTENT;
}

void ancient_core_superblock_seal(struct ancient_superblock *sb)
{
	sb->checksum = XXH3_64bits(sb, FIELD(checksum));
}

enum ancient_code ancient_core_superblock_write_empty(int fd, const char *name,
						      struct ancient_superblock *sb,
						      struct ancient_error *err)
{
	struct ancient_superblock before = *sb;
	static uint8_t rest[ANCIENT_SUPERBLOCK_SLOT - sizeof before]; /* zeros */
	struct ancient_superblock *in_slot[ANCIENT_SUPERBLOCKS];
	struct iovec parts[3] = {{NULL, sizeof before}, {rest, sizeof rest}, {NULL, sizeof before}};

	before.generation = before.fields_generation = sb->generation - 1;
	ancient_core_superblock_seal(&before);
	ancient_core_superblock_seal(sb);
	in_slot[sb->generation % 2] = sb;
	in_slot[before.generation % 2] = &before;
	parts[0].iov_base = in_slot[0];
	parts[2].iov_base = in_slot[1];
	if (!ancient_core_file_write(fd, parts, 3, 0))
		return ancient_core_fail_system(err, ancient_core_fail_code(errno), errno,
						"%s: the superblocks cannot be written", name);
	return ANCIENT_OK;
}

enum ancient_code ancient_core_superblock_write(int fd, const char *name,
						const struct ancient_superblock *sb,
						struct ancient_error *err)
{
	struct iovec part = {(void *)(uintptr_t)sb, sizeof *sb};

	if (!ancient_core_file_write(fd, &part, 1, sb->generation % 2 * ANCIENT_SUPERBLOCK_SLOT))
		return ancient_core_fail_system(err, ancient_core_fail_code(errno), errno,
						"%s: the superblock cannot be written", name);
	return ANCIENT_OK;
}

void ancient_core_superblock_put_back(int fd, const char *name,
				      const struct core_superblock_observed *observed,
				      uint64_t generation)
{
	const struct ancient_superblock *other = &observed->other;

	if (observed->other_counts &&
	    other->generation % ANCIENT_SUPERBLOCKS == generation % ANCIENT_SUPERBLOCKS)
		ancient_core_superblock_write(fd, name, other, NULL);
}

bool ancient_core_superblock_is_written(int fd, const struct ancient_superblock *sb)
{
	struct ancient_superblock there;
	size_t got;

	return ancient_core_file_read(fd, &there, sizeof there,
				      sb->generation % 2 * ANCIENT_SUPERBLOCK_SLOT, &got) &&
	       got == sizeof there && memcmp(&there, sb, sizeof there) == 0;
}

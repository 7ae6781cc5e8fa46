/* tests/c-reader/hostile: one call (call.h) with each of its allocations and calls of the system
 * failing, one after the other, until it makes no more of them.
 *
 *   - it fails with MEMORY, ADDRESS_SPACE or SYSTEM, or ends as it does without a failure: the same
 *     code, the same results;
 *   - when all is closed, nothing is left of any of them (main.c). */
#include "call.h"

#include "../../core/intercept.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif

#define KEPT 4u
#define OTHERS 8u

bool failures;

static struct {
	void *state;
	size_t bytes;
	unsigned char copy[8192];
} kept[KEPT];
static unsigned kept_count;

static uint64_t number; /* of the next failure */
static bool none_left;

/* How the call ended in spite of one. */
static bool succeeded;
static union outs results;
static enum ancient_code others[OTHERS];
static unsigned other_count;

void keep(void *state, size_t bytes)
{
	if (!failures)
		return;
	if (kept_count == KEPT || bytes > sizeof(kept[0].copy))
		fail("no room for its state");
	kept[kept_count].state = state;
	kept[kept_count].bytes = bytes;
	memcpy(kept[kept_count++].copy, state, bytes);
}

static void restore(void)
{
	for (unsigned i = 0; i < kept_count; i++)
		memcpy(kept[i].state, kept[i].copy, kept[i].bytes);
	begin_again();
}

static void arm(void)
{
	intercept_start();
	intercept.fail = CALL_ANY;
	intercept.fail_at = number++;
}

bool next_failure(void)
{
	if (!failures)
		return false;
	if (number > 0)
		restore();
	if (none_left)
		return false;
	arm();
	return true;
}

#define IS_SET(member) (memcmp(&out.as.member, &before.as.member, sizeof(out.as.member)) != 0)
#define FORGET(member) memset(&out.as.member, 0xA5, sizeof(out.as.member))

/* Gives back what the results own, or forgets it where it is not `mine`: it has other addresses
 * each time. */
static void take_back(bool mine)
{
	if (mine && IS_SET(file))
		ancient_file_close(out.as.file);
	if (mine && IS_SET(schema))
		ancient_schema_close(out.as.schema);
	if (mine && IS_SET(literal))
		ancient_literal_free(out.as.literal);
	if (mine && IS_SET(decimal))
		free(out.as.decimal);
	if (mine && IS_SET(bind))
		ancient_bind_close(&out.as.bind);
	if (mine && IS_SET(stream))
		out.as.stream.release(&out.as.stream);
	if (mine && IS_SET(type))
		out.as.type.release(&out.as.type);
	if (mine && IS_SET(array))
		out.as.array.release(&out.as.array);
	FORGET(file);
	FORGET(schema);
	FORGET(literal);
	FORGET(decimal);
	FORGET(bind);
	FORGET(stream);
	FORGET(type);
	FORGET(array);
}

static bool is_no_surprise(enum ancient_code code)
{
	return code == ANCIENT_E_MEMORY || code == ANCIENT_E_ADDRESS_SPACE ||
	       code == ANCIENT_E_SYSTEM;
}

/* Whether they are what `results` are.  Not asked with sanitizers, where what lies between the
 * members of structs differs from call to call. */
static bool are_the_same(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(SANITIZED)
	return true;
#else
	return memcmp(&results, &out, sizeof(out)) == 0;
#endif
}

void end_failure(enum ancient_code code)
{
	intercept.armed = false;
	none_left = !intercept.failed;
	check_steps();
	if (code != ANCIENT_OK) {
		check_failure(code);
		if (!is_no_surprise(code) && other_count < OTHERS)
			others[other_count++] = code;
		return;
	}
	take_back(true);
	if (succeeded && !are_the_same())
		fail("it gives something else where something fails");
	succeeded = true;
	results = out;
}

void check_failures(enum ancient_code code)
{
	const union outs plain = out;

	take_back(false);
	if (succeeded && (code != ANCIENT_OK || !are_the_same()))
		fail("it gives something else where something fails");
	out = plain;
	for (unsigned i = 0; i < other_count; i++)
		if (others[i] != code)
			fail(ancient_code_name(others[i]));
	kept_count = other_count = 0;
	number = 0;
	none_left = succeeded = false;
}

void drain_with_failures(struct ancient_typed typed, const struct ancient_arrow_options *options)
{
	struct ancient_file *mine = (struct ancient_file *)(uintptr_t)file;
	struct ArrowArrayStream stream;

	for (number = 0; !none_left;) {
		if (ancient_arrow_stream(mine, schema, typed, options, &stream, &err) != ANCIENT_OK)
			fail("no stream any more");
		arm();
		if (!drain(&stream) && stream.get_last_error(&stream) == NULL)
			fail("no error of the stream");
		intercept.armed = false;
		none_left = !intercept.failed;
		stream.release(&stream);
	}
	number = 0;
	none_left = false;
}

/* tests/c-reader/hostile: one call of a public function (call.h). */
#include "call.h"

#include <unistd.h>

/* The bounds of a call: so many for each word and byte that is present, and so many besides. */
#define STEPS_A_WORD 16u
#define STEPS ((1u << 20) + 65536)
#define BYTES_A_BYTE 16u
#define BYTES (1u << 24)

union outs out, before;
struct ancient_error err;
const struct ancient_file *file;
struct ancient_schema *schema;
const char *path;
uint64_t words;

static const char *function = "main";
static const char *called[200];
static unsigned called_count;
static unsigned long calls;
static uint64_t steps, printed;

_Noreturn void fail(const char *what)
{
	fprintf(stderr, "%s: %s: %s\nthe last error: %.*s\n", path, function, what,
		(int)strnlen(err.message, sizeof(err.message)), err.message);
	exit(1);
}

void too_long(int signal)
{
	(void)signal;
	if (write(STDERR_FILENO, function, strlen(function)) < 0 ||
	    write(STDERR_FILENO, ": takes too long\n", 17) < 0)
		_exit(2);
	_exit(1);
}

static uint64_t steps_of(void)
{
	uint64_t taken = 0, bytes = 0;

	if (file == NULL)
		return 0;
	ancient_file_work(file, &taken, &bytes);
	if (bytes > BYTES_A_BYTE * 8 * words + BYTES)
		fail("more memory than its bound");
	return taken;
}

static void note(const char *name)
{
	for (unsigned i = 0; i < called_count; i++)
		if (called[i] == name || strcmp(called[i], name) == 0)
			return;
	if (called_count == sizeof(called) / sizeof(called[0]))
		fail("more functions than there is room for");
	called[called_count++] = name;
}

void begin_again(void)
{
	memset(&out, 0xA5, sizeof(out));
	memset(&before, 0xA5, sizeof(before));
	memset(&err, 0xA5, sizeof(err));
	printed = 0;
	steps = steps_of();
}

void begin(const char *name)
{
	note(name);
	function = name;
	calls++;
	begin_again();
}

void check_steps(void)
{
	if (steps_of() - steps > STEPS_A_WORD * words + STEPS + printed)
		fail("more steps than its bound");
}

void check_failure(enum ancient_code code)
{
	if (err.code != code)
		fail("its error has another code than it returned");
	if (memchr(err.message, 0, sizeof(err.message)) == NULL || err.message[0] == '\0' ||
	    strchr(err.message, '\n') != NULL)
		fail("its error has no line of text");
	if (memcmp(&out, &before, sizeof(out)) != 0)
		fail("it failed and changed a result");
}

bool end(enum ancient_code code)
{
	check_steps();
	check_failures(code);
	if (code == ANCIENT_OK)
		return true;
	check_failure(code);
	return false;
}

void touch(const void *bytes, size_t length)
{
	const volatile unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		(void)at[i];
}

static bool print(void *context, const char *text, size_t length)
{
	(void)context;
	touch(text, length);
	printed += length;
	return true;
}

bool go_on(void *context, uint64_t done, uint64_t total)
{
	(void)context;
	return done > total && total == UINT64_MAX;
}

const struct ancient_dump_options dump_options = {.write = print, .progress = go_on, .limit = TEXT};

void print_calls(void)
{
	for (unsigned i = 0; i < called_count; i++)
		puts(called[i]);
	printf("%lu\n", calls);
}

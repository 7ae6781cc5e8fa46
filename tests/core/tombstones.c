/* tests/core: the table of tombstones, with more of them than a test could make by detaching files.
 */
#include <sys/mman.h>

#include "../../core/src/memory/tombstone.h"
#include "check.h"

#define GIB ((uint64_t)1 << 30)

static const struct core_tombstone_file file = {.uuid = "a file that goes"};
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

/* As a file comes back where it was: its window stays, its values are mapped anew. */
static void come_back(uint64_t at, uint64_t bytes, int byte)
{
	uint64_t start = (uint64_t)(uintptr_t)space + at - ANCIENT_CUSTOM_WINDOW, claimed = 0;

	core_tombstone_remember(&file, start, ANCIENT_CUSTOM_WINDOW + bytes);
	CHECK(core_tombstone_claim(file.uuid, start, &claimed));
	EQUAL(claimed, ANCIENT_CUSTOM_WINDOW + bytes);
	CHECK(!core_tombstone_claim(file.uuid, start, &claimed));
	CHECK(mmap(space + at, bytes, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == space + at);
	memset(space + at, byte, 4096);
	memset(space + at + bytes - 4096, byte, 4096);
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
	uint64_t used = 0;

	/* What has come back is left alone, at the start, in the middle, at the end. */
	core_tombstone_lay(space, step);
	come_back(0, some, 'a');
	come_back(step / 8192 * 4096, some, 'b');
	come_back(step - some, some, 'c');
	for (used = step; used + step <= space_bytes; used += step) {
		core_tombstone_lay(space + used, step);
		if (used / step % 8 == 0)
			CHECK(mappings() < before + 8192 + 20);
	}
	is_there(0, some, 'a');
	is_there(step / 8192 * 4096, some, 'b');
	is_there(step - some, some, 'c');
	for (uint64_t at = step; at < used; at += used / 1000 / 8 * 8 + 8)
		reads_empty(at);
	reads_empty(some);
	reads_empty(step / 8192 * 4096 - 8);
	reads_empty(step / 8192 * 4096 + some);
	reads_empty(step - some - 8);
	reads_empty(used - 8);
	/* It goes again, and is one with its neighbours. */
	core_tombstone_lay(space, some);
	core_tombstone_lay(space + step / 8192 * 4096, some);
	core_tombstone_lay(space + step - some, some);
	for (uint64_t at = 0; at + 8 < step; at += 8191 * 8)
		reads_empty(at);
	CHECK(mappings() < before + 8192 + 5);
}

int main(void)
{
	reserve(small_run() ? 1 * GIB : 256 * GIB);
	mappings_are_few_however_much_is_laid();
	return 0;
}

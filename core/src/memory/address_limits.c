/* core/memory: the limits of a process's address space: RLIMIT_AS, RLIMIT_DATA, vm.max_map_count.
 */
#include "memory/address_limits.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ancient/format.h>

#include "memory/file_mapping.h"

#define READER_MORE ((uint64_t)1 << 20)
#define NEAR 64u /* mappings: so few are left where the limit was met */

/* The first number in a file of /proc; 0 if there is none. */
static uint64_t number_in(const char *path)
{
	char text[32] = {0};
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof text - 1) < 0)
		text[0] = 0;
	close(fd);
	return strtoull(text, NULL, 10);
}

/* Bytes that RLIMIT_AS still allows; UINT64_MAX: any. */
static uint64_t left(void)
{
	struct rlimit limit;
	uint64_t taken;

	if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return UINT64_MAX;
	taken = number_in("/proc/self/statm") * ancient_core_mapping_page();
	return limit.rlim_cur > taken ? limit.rlim_cur - taken : 0;
}

uint64_t ancient_core_limits_reserve(uint64_t want, uint64_t used, bool writer)
{
	uint64_t most = left();

	if (most == UINT64_MAX)
		return want;
	most = most / 4 > ANCIENT_CUSTOM_WINDOW ? most / 4 - ANCIENT_CUSTOM_WINDOW : 0;
	if (!writer)
		most = used + used / 8 + READER_MORE;
	if (most < used)
		most = used;
	return most < want ? ancient_core_mapping_round(most) : want;
}

static uint64_t count_mappings(void)
{
	char text[16384];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	uint64_t count = 0;
	ssize_t got;

	if (fd < 0)
		return 0;
	while ((got = read(fd, text, sizeof text)) > 0)
		for (ssize_t i = 0; i < got; i++)
			count += text[i] == '\n';
	close(fd);
	return count;
}

/* VmData of /proc/self/status. */
static bool data_taken(uint64_t *ret)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	const char *line;

	if (fd >= 0)
		close(fd);
	if (got < 0)
		return false;
	text[got] = 0;
	line = strstr(text, "VmData:");
	*ret = line ? strtoull(line + strlen("VmData:"), NULL, 10) * 1024 : 0;
	return line != NULL;
}

/* RLIMIT_DATA; false: there is none. */
static bool data_limit(uint64_t *ret)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return false;
	*ret = limit.rlim_cur;
	return true;
}

/* Where /proc does not say how many there are, `unknown`. */
static bool is_beyond_data(uint64_t writable, uint64_t most, bool unknown)
{
	uint64_t taken;

	return writable > 0 && (data_taken(&taken) ? taken + writable > most : unknown);
}

bool ancient_core_limits_allow(uint64_t writable)
{
	uint64_t most;

	return !data_limit(&most) || !is_beyond_data(writable, most, false);
}

void ancient_core_limits_say(char *text, size_t bytes, uint64_t writable)
{
	uint64_t most = number_in("/proc/sys/vm/max_map_count"), count = count_mappings();
	struct rlimit limit;
	uint64_t data;

	if (most && count + NEAR >= most)
		snprintf(text, bytes,
			 "the process has %llu mappings, and vm.max_map_count allows %llu",
			 (unsigned long long)count, (unsigned long long)most);
	else if (data_limit(&data) && is_beyond_data(writable, data, true))
		snprintf(text, bytes,
			 "RLIMIT_DATA (ulimit -d) allows %llu bytes of memory that can be written: "
			 "raise it, or attach with protection, which takes next to none",
			 (unsigned long long)data);
	else if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		snprintf(text, bytes, "RLIMIT_AS (ulimit -v) allows %llu bytes",
			 (unsigned long long)limit.rlim_cur);
	else
		snprintf(text, bytes, "vm.overcommit_memory, or addresses, allow no more");
}

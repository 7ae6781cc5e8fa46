/* tests/bench: where callgrind begins and ends to count.  A library of its own because a Python
 * program loads it too (count_python.py).
 */
#include "count_marks.h"

#include <stdio.h>

#include <valgrind/callgrind.h>

void count_start(void)
{
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
}

void count_stop(const char *path, unsigned times)
{
	char name[64];
	snprintf(name, sizeof(name), "%s %u", path, times);
	CALLGRIND_DUMP_STATS_AT(name);
	CALLGRIND_STOP_INSTRUMENTATION;
}

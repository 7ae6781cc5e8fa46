/* core/base: the time of a commit (FORMAT 8.2), for its record. */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

#define SECOND 1000000000ull

uint64_t ancient_core_clock_now(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	struct timespec now;
	char *end;

	if (fixed && fixed[0] >= '0' && fixed[0] <= '9') {
		unsigned long long seconds = strtoull(fixed, &end, 10);

		if (*end == 0 && seconds <= UINT64_MAX / SECOND)
			return seconds * SECOND;
	}
	if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < 0)
		return 0;
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

/* c-reader/tool: when a commit was made (time_text.h).  A file may claim any time; all 64 bits of
 * nanoseconds lie before the year 2555. */
#include "time_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND 1000000000u

uint64_t time_text_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

const char *time_text_iso(uint64_t time, char text[TIME_TEXT])
{
	time_t seconds = (time_t)(time / SECOND);
	struct tm fields;

	if (time == 0 || gmtime_r(&seconds, &fields) == NULL ||
	    strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0)
		strcpy(text, "-");
	return text;
}

const char *time_text_age(uint64_t time, uint64_t now, char text[TIME_TEXT])
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = {{365 * 86400, "y"}, {86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	uint64_t age = now > time ? (now - time) / SECOND : 0;
	unsigned unit = 0;

	if (time == 0 || time > now)
		return strcpy(text, time == 0 ? "-" : "future");
	while (age < units[unit].seconds && units[unit].seconds > 1)
		unit++;
	snprintf(text, TIME_TEXT, "%" PRIu64 " %s", age / units[unit].seconds, units[unit].name);
	return text;
}

void time_text_members(struct reader_json *json, uint64_t time, uint64_t now)
{
	char text[TIME_TEXT];
	double age = now > time ? (double)(now - time) : -(double)(time - now);

	ancient_reader_json_key(json, "time");
	if (time == 0)
		ancient_reader_json_null(json);
	else
		ancient_reader_json_string(json, time_text_iso(time, text));
	ancient_reader_json_key(json, "age_seconds");
	if (time == 0)
		ancient_reader_json_null(json);
	else
		ancient_reader_json_decimal(json, age / SECOND, 3);
}

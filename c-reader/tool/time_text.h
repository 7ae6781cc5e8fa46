/* c-reader/tool: when a commit was made, as info and log show it. */
#ifndef ANCIENT_TOOL_TIME_TEXT_H
#define ANCIENT_TOOL_TIME_TEXT_H

#include <stdint.h>

#include "base/json.h"

#define TIME_TEXT 32

/* Nanoseconds since 1970-01-01 UTC, as those of a commit. */
uint64_t time_text_now(void);

/* ISO 8601, UTC, whole seconds: "2026-11-29T23:10:40Z"; "-" for 0, unknown; returns `text`. */
const char *time_text_iso(uint64_t time, char text[TIME_TEXT]);

/* How long before `now`, in the largest unit that fits: "59 min"; "future" where it is later, and
 * "-" for 0; returns `text`.  At most 6 columns up to 999 years. */
const char *time_text_age(uint64_t time, uint64_t now, char text[TIME_TEXT]);

/* The members `time` (ISO 8601) and `age_seconds` (below 0 for the future); null for 0. */
void time_text_members(struct reader_json *json, uint64_t time, uint64_t now);

#endif

/* c-reader/tool: what helps where the file has no such key (absent_key.h). */
#include "absent_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

#define LOOKED_AT 64
#define SHOWN 6
#define LETTERS 64u /* of names that are compared */

/* How many letters of one have to be put in, taken out or replaced to get the other. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[LETTERS + 1];

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 0; i < a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b_length; j++) {
			size_t best = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (diagonal + 1 < best)
				best = diagonal + 1;
			row[j + 1] = best;
		}
	}
	return row[b_length];
}

struct nearest {
	const char *wanted;
	size_t length, distance;
	char name[LETTERS + 1]; /* empty: none is like it */
};

/* Not more than a third of the letters may be others. */
static void look(struct nearest *nearest, const struct ancient_entry *entry)
{
	size_t found;

	if (entry->name == NULL || entry->name_length > LETTERS || nearest->length > LETTERS)
		return;
	found = distance(nearest->wanted, nearest->length, entry->name, entry->name_length);
	if (found > nearest->length / 3 + 1 || found >= nearest->length ||
	    (nearest->name[0] != 0 && found >= nearest->distance))
		return;
	nearest->distance = found;
	snprintf(nearest->name, sizeof(nearest->name), "%.*s", (int)entry->name_length,
		 entry->name);
}

void absent_key_hint(const struct ancient_file *file, const char *wanted)
{
	struct nearest nearest = {.wanted = wanted, .length = strlen(wanted)};
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	char listed[SHOWN * 48] = "";
	size_t at = 0;
	int count = 0;

	ancient_cursor_init(file, 0, &cursor);
	for (; count < LOOKED_AT && ancient_cursor_next(&cursor, &entry, NULL) == ANCIENT_OK;
	     count++) {
		look(&nearest, &entry);
		if (count < SHOWN && entry.name != NULL)
			at += (size_t)snprintf(
				listed + at, sizeof(listed) - at, "%s%.*s", count == 0 ? "" : ", ",
				(int)(entry.name_length < 40 ? entry.name_length : 40), entry.name);
		else if (count < SHOWN)
			at += (size_t)snprintf(listed + at, sizeof(listed) - at, "%s%" PRIu64,
					       count == 0 ? "" : ", ", entry.key);
	}
	if (count == 0)
		output_hint("the file has no keys");
	else if (nearest.name[0] != 0)
		output_hint("did you mean %s? 'ancientctl keys FILE' lists the keys: %s%s",
			    nearest.name, listed, count > SHOWN ? ", ..." : "");
	else
		output_hint("'ancientctl keys FILE' lists the keys and their names: %s%s", listed,
			    count > SHOWN ? ", ..." : "");
}

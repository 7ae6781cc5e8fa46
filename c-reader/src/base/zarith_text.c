/* c-reader/base: large integers in decimal, for dumps and typed values.  By repeated division, so
 * the time is the square of the length: callers limit it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/zarith_text.h"

#define CHUNK 10000000000000000000ull /* 10^19, the largest power of ten in a word */
#define CHUNK_DIGITS 19u

/* Divides in place, the most significant limb first; returns the remainder. */
static uint64_t divide(uint64_t *limbs, uint64_t count)
{
	unsigned __int128 rest = 0;

	for (uint64_t i = count; i-- > 0;) {
		rest = rest << 64 | limbs[i];
		limbs[i] = (uint64_t)(rest / CHUNK);
		rest %= CHUNK;
	}
	return (uint64_t)rest;
}

char *ancient_reader_limbs_text(uint64_t *limbs, uint64_t count, bool negative)
{
	/* 64 bits are less than 20 digits; a sign and the end. */
	size_t capacity = count * 20 + CHUNK_DIGITS + 2, at = capacity - 1, first;
	char *text = malloc(capacity);

	if (text == NULL)
		return NULL;
	text[at] = '\0';
	while (count > 0 && limbs[count - 1] == 0)
		count--;
	negative = negative && count > 0;
	do {
		uint64_t chunk = divide(limbs, count);
		for (unsigned i = 0; i < CHUNK_DIGITS && at > 1; i++, chunk /= 10)
			text[--at] = (char)('0' + chunk % 10);
		while (count > 0 && limbs[count - 1] == 0)
			count--;
	} while (count > 0);
	for (first = at; text[first] == '0' && text[first + 1] != '\0'; first++)
		;
	if (negative)
		text[--first] = '-';
	memmove(text, text + first, capacity - first);
	return text;
}

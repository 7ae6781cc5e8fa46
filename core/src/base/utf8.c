/* core/base: UTF-8 validation.  Overlong forms, surrogates and code points past U+10FFFF are
 * invalid. */
#include "base/utf8.h"

/* The length of the UTF-8 sequence at `s`; 0 if it is invalid. */
static size_t sequence(const uint8_t *s, size_t left)
{
	size_t n = s[0] < 0x80   ? 1
		   : s[0] < 0xC2 ? 0
		   : s[0] < 0xE0 ? 2
		   : s[0] < 0xF0 ? 3
		   : s[0] < 0xF5 ? 4
				 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
	    (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
		return 0;
	return n;
}

size_t ancient_core_utf8_valid(const uint8_t *bytes, size_t length)
{
	size_t at = 0, step;

	while (at < length && (step = sequence(bytes + at, length - at)) != 0)
		at += step;
	return at;
}

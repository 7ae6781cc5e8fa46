/* core/base: fills in struct ancient_error.
 *
 * All messages are formatted here, so that each is one line of UTF-8 whatever bytes a file name or
 * a custom identifier holds.
 */
#include "base/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Replaces control characters: a file name may contain a newline. */
static void one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7F)
			*text = '?';
}

/* Removes an incomplete UTF-8 sequence at the end, left where snprintf truncated the message. */
static void cut_at_character(char *text)
{
	size_t length = strlen(text), back = 0;

	while (back < length && back < 3 && ((unsigned char)text[length - back - 1] & 0xC0) == 0x80)
		back++;
	if (back < length && (unsigned char)text[length - back - 1] >= 0xC0) {
		unsigned char lead = (unsigned char)text[length - back - 1];
		size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;

		if (back < need)
			text[length - back - 1] = 0;
	}
}

static void fill(struct ancient_error *err, struct core_fault fault, int system, const char *format,
		 va_list arguments)
{
	size_t length;

	err->code = fault.code;
	err->system = system;
	err->rule = fault.rule;
	err->offset = fault.offset;
	err->expected = fault.expected;
	err->found = fault.found;
	vsnprintf(err->message, sizeof err->message, format, arguments);
	length = strlen(err->message);
	if (system)
		snprintf(err->message + length, sizeof err->message - length, ": %s",
			 strerror(system));
	one_line(err->message);
	cut_at_character(err->message);
}

enum ancient_code ancient_core_fail(struct ancient_error *err, enum ancient_code code,
				    const char *format, ...)
{
	struct core_fault fault = {.code = code, .offset = ANCIENT_NO_OFFSET};
	va_list arguments;

	if (!err)
		return code;
	va_start(arguments, format);
	fill(err, fault, 0, format, arguments);
	va_end(arguments);
	return code;
}

enum ancient_code ancient_core_fail_system(struct ancient_error *err, enum ancient_code code,
					   int system, const char *format, ...)
{
	struct core_fault fault = {.code = code, .offset = ANCIENT_NO_OFFSET};
	va_list arguments;

	if (!err)
		return code;
	va_start(arguments, format);
	fill(err, fault, system, format, arguments);
	va_end(arguments);
	return code;
}

enum ancient_code ancient_core_fail_code(int system)
{
	return system == ENOSPC || system == EDQUOT || system == EFBIG ? ANCIENT_E_DISK_FULL
								       : ANCIENT_E_SYSTEM;
}

enum ancient_code ancient_core_fail_fault(struct ancient_error *err, struct core_fault fault,
					  const char *format, ...)
{
	va_list arguments;

	if (!err)
		return fault.code;
	va_start(arguments, format);
	fill(err, fault, 0, format, arguments);
	va_end(arguments);
	return fault.code;
}

enum ancient_code ancient_core_fail_memory(struct ancient_error *err, const char *name)
{
	return ancient_core_fail(err, ANCIENT_E_MEMORY, "%s: out of memory", name);
}

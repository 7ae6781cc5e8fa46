/* c-reader/base: error codes, their names and texts, and the messages of all errors of the library.
 *
 * A message says, in this order: the file, what is wrong, what was expected and found, the rule of
 * the format, the offset, and what to do.  It is one line of UTF-8, though a file's name may hold
 * any bytes. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/utf8.h"

#define NAME_SHOWN 200u /* bytes of a name that a message shows, from its end */

const char *ancient_code_text(enum ancient_code code)
{
	switch (code) {
	case ANCIENT_OK:
		return "success";
#define ANCIENT_ERROR(name, number, class, python, text)                                           \
	case ANCIENT_E_##name:                                                                     \
		return text;
#include "errors.def"
#undef ANCIENT_ERROR
	}
	return "unknown error";
}

const char *ancient_code_name(enum ancient_code code)
{
	switch (code) {
	case ANCIENT_OK:
		return "OK";
#define ANCIENT_ERROR(name, number, class, python, text)                                           \
	case ANCIENT_E_##name:                                                                     \
		return #name;
#include "errors.def"
#undef ANCIENT_ERROR
	}
	return "UNKNOWN";
}

const char *ancient_rule_name(unsigned rule)
{
	static const char names[][3] = {
		"S1", "S2", "S3", "S4", "S5", "S6", "S7", "",   "",   /* letters by 9 numbers */
		"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8", "",   /**/
		"V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", /**/
		"C1", "C2", "",   "",   "",   "",   "",   "",   "",   /**/
		"D1", "D2", "D3", "D4", "D5", "D6", "",   "",   "",
	};
	unsigned letter = rule / 100, number = rule % 100;

	if (letter < 1 || letter > 5 || number < 1 || number > 9)
		return "";
	return names[(letter - 1) * 9 + number - 1];
}

enum error_class { SYSTEM, CALLER, ABSENT, FORMAT, CORRUPT, REFUSED };

static enum error_class code_class(enum ancient_code code)
{
	switch (code) {
	case ANCIENT_OK:
		break;
#define ANCIENT_ERROR(name, number, class, python, text)                                           \
	case ANCIENT_E_##name:                                                                     \
		return class;
#include "errors.def"
#undef ANCIENT_ERROR
	}
	return SYSTEM;
}

/* What the user can do about an error, where the text of its code does not say it. */
static const char *error_hint(const struct ancient_error *err)
{
	enum ancient_code code = err->code;

	if (err->rule == READER_S(5))
		return ": run `ancientctl recover`";
	if (code == ANCIENT_E_TRUNCATED || code == ANCIENT_E_SHORT)
		return ": copy it again";
	if (code == ANCIENT_E_TORN_AWAY)
		return ": open it again";
	if (code_class(code) == CORRUPT)
		return ": copy or publish it again";
	return "";
}

/* Appends `length` bytes of `text` as far as they fit: control characters and bytes that
 * are no UTF-8 become '?', and nothing is cut inside a character. */
static size_t append(char *message, size_t at, size_t capacity, const char *text, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)text;

	while (length > 0) {
		size_t size = ancient_reader_utf8_size(bytes, length);
		size_t step = size == 0 ? 1 : size;
		unsigned control;
		bool shown = size != 0 && !ancient_reader_utf8_is_control(bytes, size, &control);

		if ((shown ? size : 1) >= capacity - at)
			break;
		if (shown)
			memcpy(message + at, bytes, size);
		else
			message[at] = '?';
		at += shown ? size : 1;
		bytes += step;
		length -= step;
	}
	message[at] = '\0';
	return at;
}

static size_t append_text(char *message, size_t at, size_t capacity, const char *text)
{
	return append(message, at, capacity, text, strlen(text));
}

/* The name; of a long one its end, which says more. */
static size_t append_name(char *message, size_t at, size_t capacity, const char *name)
{
	size_t length = strlen(name);

	if (length > NAME_SHOWN) {
		at = append_text(message, at, capacity, "...");
		name += length - NAME_SHOWN;
		length = NAME_SHOWN;
		while (length > 0 && ((unsigned char)*name & 0xC0) == 0x80) {
			name++;
			length--;
		}
	}
	return append(message, at, capacity, name, length);
}

static void make_message(const char *name, struct ancient_error *err, const char *detail)
{
	char *message = err->message;
	const size_t capacity = sizeof(err->message);
	const char *rule = ancient_rule_name(err->rule);
	char where[64] = "";
	size_t at = append_name(message, 0, capacity, name);

	at = append_text(message, at, capacity, ": ");
	at = append_text(message, at, capacity, ancient_code_text(err->code));
	if (detail[0] != '\0') {
		at = append_text(message, at, capacity, ": ");
		at = append_text(message, at, capacity, detail);
	}
	if (rule[0] != '\0' && err->offset != ANCIENT_NO_OFFSET)
		snprintf(where, sizeof(where), " (rule %s, offset %llu)", rule,
			 (unsigned long long)err->offset);
	else if (rule[0] != '\0')
		snprintf(where, sizeof(where), " (rule %s)", rule);
	else if (err->offset != ANCIENT_NO_OFFSET)
		snprintf(where, sizeof(where), " at offset %llu", (unsigned long long)err->offset);
	at = append_text(message, at, capacity, where);
	append_text(message, at, capacity, error_hint(err));
}

static void fill(const char *name, struct ancient_error *err, const struct reader_fault *fault,
		 const char *format, va_list arguments)
{
	char detail[256];

	*err = (struct ancient_error){.code = fault->code,
				      .rule = fault->rule,
				      .offset = fault->offset,
				      .expected = fault->expected,
				      .found = fault->found};
	vsnprintf(detail, sizeof(detail), format, arguments);
	make_message(name, err, detail);
}

enum ancient_code ancient_reader_fail(const char *name, struct ancient_error *err,
				      const struct reader_fault *fault, const char *format, ...)
{
	if (err != NULL) {
		va_list arguments;
		va_start(arguments, format);
		fill(name, err, fault, format, arguments);
		va_end(arguments);
	}
	return fault->code;
}

enum ancient_code ancient_reader_refuse(const char *name, struct ancient_error *err,
					enum ancient_code code, const char *format, ...)
{
	const struct reader_fault fault = {.code = code, .offset = ANCIENT_NO_OFFSET};

	if (err != NULL) {
		va_list arguments;
		va_start(arguments, format);
		fill(name, err, &fault, format, arguments);
		va_end(arguments);
	}
	return code;
}

static enum ancient_code system_code(int number)
{
	switch (number) {
	case ENOENT:
		return ANCIENT_E_MISSING;
	case EACCES:
	case EPERM:
		return ANCIENT_E_DENIED;
	case EISDIR:
		return ANCIENT_E_DIRECTORY;
	case ENOMEM:
		return ANCIENT_E_MEMORY;
	default:
		return ANCIENT_E_SYSTEM;
	}
}

enum ancient_code ancient_reader_fail_system(const char *name, struct ancient_error *err,
					     int number, const char *what)
{
	enum ancient_code code = system_code(number);
	char buffer[128];

	/* The GNU strerror_r: the text may be in `buffer` or in read-only memory. */
	if (code == ANCIENT_E_SYSTEM)
		ancient_reader_refuse(name, err, code, "%s: %s", what,
				      strerror_r(number, buffer, sizeof(buffer)));
	else
		ancient_reader_refuse(name, err, code, "%s", ""); /* the code says it all */
	if (err != NULL)
		err->system = number;
	return code;
}

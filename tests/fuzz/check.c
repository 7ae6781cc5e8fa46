/* tests/fuzz: reports a property that does not hold, and checks what holds for every error. */
#include "fuzz.h"

struct ancient_error fuzz_err;

_Noreturn void fuzz_fail(const char *file, int line, const char *function, const char *condition)
{
	fprintf(stderr, "%s:%d: %s: not so: %s\nthe last error: %s\n", file, line, function,
		condition, fuzz_err.message);
	abort();
}

enum fuzz_class fuzz_class_of(enum ancient_code code)
{
	switch (code) {
#define ANCIENT_ERROR(code, number, class, python, text)                                           \
	case ANCIENT_E_##code:                                                                     \
		return FUZZ_##class;
#include "errors.def"
#undef ANCIENT_ERROR
	case ANCIENT_OK:
		break;
	}
	fuzz_fail(__FILE__, __LINE__, __func__, "a code of errors.def");
}

bool fuzz_ok(enum ancient_code code)
{
	const char *message = fuzz_err.message;
	size_t length;

	if (code == ANCIENT_OK)
		return true;
	FUZZ_CHECK(code == fuzz_err.code);
	FUZZ_CHECK(memchr(message, 0, sizeof(fuzz_err.message)) != NULL);
	length = strlen(message);
	FUZZ_CHECK(length > 0);
	FUZZ_CHECK(strchr(message, '\n') == NULL);
	FUZZ_CHECK(fuzz_is_utf8(message, length));
	/* Rings of lazies and of buckets break no rule, and are BAD_BLOCK to who follows them. */
	if (fuzz_class_of(code) == FUZZ_CORRUPT && code != ANCIENT_E_BAD_BLOCK)
		FUZZ_CHECK(ancient_rule_name(fuzz_err.rule)[0] != '\0');
	return false;
}

/* RFC 3629: shortest forms, no surrogates, up to U+10FFFF. */
bool fuzz_is_utf8(const char *bytes, size_t length)
{
	const uint8_t *at = (const uint8_t *)bytes, *end = at + length;

	while (at < end) {
		unsigned first = *at++, more = first < 0x80   ? 0
					       : first < 0xC2 ? 4
					       : first < 0xE0 ? 1
					       : first < 0xF0 ? 2
					       : first < 0xF5 ? 3
							      : 4;
		uint32_t point = first & (0x7Fu >> more);
		if (more == 4 || more > (size_t)(end - at))
			return false;
		for (unsigned i = 0; i < more; i++) {
			if ((*at & 0xC0) != 0x80)
				return false;
			point = point << 6 | (*at++ & 0x3Fu);
		}
		if ((more == 2 && (point < 0x800 || (point >= 0xD800 && point < 0xE000))) ||
		    (more == 3 && (point < 0x10000 || point > 0x10FFFF)))
			return false;
	}
	return true;
}

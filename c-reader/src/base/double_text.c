/* c-reader/base: the shortest decimal that reads back as the same double, for the JSON writer.
 *
 * It is the same in every locale: the digits are those of printf's "%e", whose decimal point is
 * left out, and they are read back by strtod in the same locale. */
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/double_text.h"

#define DIGITS_MAX 17 /* enough for any double */

struct decimal {
	char digits[DIGITS_MAX + 1]; /* the first is not 0, but for 0 itself */
	int exponent;                /* of the first digit: 1.5 is 15 and 0 */
};

/* `value` > 0 to `count` digits, correctly rounded; the text stays in `printed`. */
static void round_to(double value, int count, char printed[48], struct decimal *ret)
{
	const char *exponent; /* a sign, two digits or more */
	uint64_t power;
	int filled = 0;

	snprintf(printed, 48, "%.*e", count - 1, value);
	for (const char *p = printed; *p != 'e' && filled < count; p++)
		if (*p >= '0' && *p <= '9')
			ret->digits[filled++] = *p;
	ret->digits[filled] = '\0';
	exponent = strchr(printed, 'e') + 1;
	ancient_reader_decimal(exponent + 1, INT_MAX, &power);
	ret->exponent = *exponent == '-' ? -(int)power : (int)power;
}

/* The decimal one unit in the last place above; false where it needs a digit more. */
static bool next_above(char printed[48], struct decimal *decimal)
{
	char *p = strchr(printed, 'e');
	size_t at = strlen(decimal->digits);

	while (at > 0) {
		p--;
		if (*p < '0' || *p > '9')
			continue;
		at--;
		if (*p != '9') {
			*p = (char)(*p + 1);
			decimal->digits[at] = *p;
			return true;
		}
		*p = '0';
		decimal->digits[at] = '0';
	}
	return false;
}

static bool reads_back(double value, int count, struct decimal *ret)
{
	char printed[48];
	int exponent;

	round_to(value, count, printed, ret);
	if (strtod(printed, NULL) == value)
		return true;
	/* Below a power of two doubles lie twice as close as above it, so a decimal above
	 * may read back where the nearest one, below, does not. */
	if (frexp(value, &exponent) != 0.5)
		return false;
	return next_above(printed, ret) && strtod(printed, NULL) == value;
}

static void strip(struct decimal *decimal)
{
	size_t length = strlen(decimal->digits);

	while (length > 1 && decimal->digits[length - 1] == '0')
		decimal->digits[--length] = '\0';
}

static void shortest(double value, struct decimal *ret)
{
	/* Fifteen digits or fewer survive a double, so where 15 read back, those without
	 * their zeros are the shortest; subnormals have fewer digits than that. */
	int count = value < 2.2250738585072014e-308 ? 1 : 15;

	while (count < DIGITS_MAX && !reads_back(value, count, ret))
		count++;
	if (count == DIGITS_MAX) {
		char printed[48];
		round_to(value, count, printed, ret);
	}
	strip(ret);
}

/* 1e+16, 1.5e-07: an exponent of at least two digits. */
static void write_scientific(const struct decimal *decimal, char *out)
{
	const char *rest = decimal->digits + 1;

	sprintf(out, "%c%s%se%c%02d", decimal->digits[0], *rest == '\0' ? "" : ".", rest,
		decimal->exponent < 0 ? '-' : '+', abs(decimal->exponent));
}

/* 0.0001, 12.5, 300.0: always with a point, so that a float is seen to be one. */
static void write_plain(const struct decimal *decimal, char *out)
{
	int length = (int)strlen(decimal->digits), whole = decimal->exponent + 1;
	const char *digits = decimal->digits;

	if (whole <= 0)
		sprintf(out, "0.%.*s%s", -whole, "0000", digits);
	else if (length <= whole)
		sprintf(out, "%s%.*s.0", digits, whole - length, "0000000000000000");
	else
		sprintf(out, "%.*s.%s", whole, digits, digits + whole);
}

void ancient_reader_double_text(double value, char *out)
{
	struct decimal decimal = {"0", 0};

	if (signbit(value)) {
		*out++ = '-';
		value = -value;
	}
	if (value != 0)
		shortest(value, &decimal);
	if (decimal.exponent >= -4 && decimal.exponent < 16)
		write_plain(&decimal, out);
	else
		write_scientific(&decimal, out);
}

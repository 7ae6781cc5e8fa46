/* c-reader/base: UTF-8, one character at a time (The Unicode Standard, table 3-7). */
#include "base/utf8.h"

static bool between(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

static bool tails(const unsigned char *bytes, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (!between(bytes[i], 0x80, 0xBF))
			return false;
	return true;
}

size_t ancient_reader_utf8_size(const unsigned char *bytes, size_t length)
{
	unsigned char first = bytes[0], low = 0x80, high = 0xBF;
	size_t size;

	if (first < 0x80)
		return 1;
	if (between(first, 0xC2, 0xDF))
		size = 2;
	else if (between(first, 0xE0, 0xEF))
		size = 3;
	else if (between(first, 0xF0, 0xF4))
		size = 4;
	else
		return 0;
	/* The second byte's range shuts out overlong forms, surrogates and the rest. */
	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	if (length < size || !between(bytes[1], low, high) || !tails(bytes, 2, size))
		return 0;
	return size;
}

size_t ancient_reader_utf8_decode(const unsigned char *bytes, size_t length,
				  uint32_t *ret_code_point)
{
	/* The bits of the number in the first byte, by the size of the character. */
	static const uint32_t first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	size_t size = ancient_reader_utf8_size(bytes, length);
	uint32_t code_point;

	if (size == 0)
		return 0;
	code_point = bytes[0] & first_bits[size];
	for (size_t i = 1; i < size; i++)
		code_point = code_point << 6 | (bytes[i] & 0x3Fu);
	*ret_code_point = code_point;
	return size;
}

bool ancient_reader_utf8_is_control(const unsigned char *bytes, size_t size,
				    unsigned *ret_code_point)
{
	if (size == 1 && (bytes[0] < 0x20 || bytes[0] == 0x7F))
		*ret_code_point = bytes[0];
	else if (size == 2 && bytes[0] == 0xC2 && bytes[1] < 0xA0)
		*ret_code_point = bytes[1];
	else if (size == 3 && bytes[0] == 0xE2 && bytes[1] == 0x80 && between(bytes[2], 0xA8, 0xA9))
		*ret_code_point = 0x2000u | (bytes[2] & 0x3Fu);
	else
		return false;
	return true;
}

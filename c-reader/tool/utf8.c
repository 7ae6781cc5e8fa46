/* c-reader/tool: UTF-8, one character at a time.  What is well-formed the library decides. */
#include "utf8.h"

#include "../src/base/utf8.h"

size_t utf8_decode(const char *bytes, size_t length, uint32_t *ret_code_point)
{
	/* What the first byte adds, by the size of the character. */
	static const uint32_t first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	const unsigned char *in = (const unsigned char *)bytes;
	size_t size = reader_utf8_size(in, length);
	uint32_t code_point;

	if (size == 0)
		return 0;
	code_point = in[0] & first_bits[size];
	for (size_t i = 1; i < size; i++)
		code_point = code_point << 6 | (in[i] & 0x3Fu);
	*ret_code_point = code_point;
	return size;
}

/* tests/support: whether an array keeps the rules of the Arrow C data interface and is what its
 * schema says: lengths, buffers, offsets, null counts, UTF-8, indices.  Reads every byte that the
 * array claims to have, for sanitizers.  Written from Arrow's specification alone. */
#ifndef ARROW_RULES_H
#define ARROW_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ancient_arrow.h>

#define ARROW_RULE(condition)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return #condition;                                                         \
	} while (0)

static volatile uint8_t arrow_sum;

static inline void arrow_touch(const void *bytes, uint64_t length)
{
	uint8_t sum = 0;

	for (uint64_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + ((const uint8_t *)bytes)[i]);
	arrow_sum = sum;
}

static inline bool arrow_bit(const void *bits, int64_t i)
{
	return (((const uint8_t *)bits)[i / 8] >> (i & 7) & 1) != 0;
}

static inline bool arrow_valid(const struct ArrowArray *array, int64_t i)
{
	return array->buffers[0] == NULL || arrow_bit(array->buffers[0], i);
}

static inline bool arrow_utf8(const uint8_t *s, int64_t length)
{
	for (int64_t i = 0; i < length;) {
		uint32_t c = s[i];
		int more = c < 0x80 ? 0 : c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : 1;
		if ((c >= 0x80 && c < 0xC2) || c > 0xF4 || more >= length - i)
			return false;
		c &= more == 0 ? 0x7Fu : more == 1 ? 0x1Fu : more == 2 ? 0x0Fu : 7u;
		for (int j = 1; j <= more; j++) {
			if ((s[i + j] & 0xC0) != 0x80)
				return false;
			c = c << 6 | (s[i + j] & 0x3Fu);
		}
		if ((more == 2 && c < 0x800) || (more == 3 && c < 0x10000) || c > 0x10FFFF ||
		    (c >= 0xD800 && c < 0xE000))
			return false;
		i += more + 1;
	}
	return true;
}

static inline int64_t arrow_offset(const struct ArrowArray *array, int64_t i, bool wide)
{
	return wide ? ((const int64_t *)array->buffers[1])[i]
		    : ((const int32_t *)array->buffers[1])[i];
}

/* Where the bytes of row `i` of text are. */
static inline const uint8_t *arrow_text(const struct ArrowSchema *schema,
					const struct ArrowArray *array, int64_t i,
					int64_t *ret_length)
{
	const uint8_t *view;
	const bool wide = schema->format[0] == 'U' || schema->format[0] == 'Z';
	int32_t numbers[4];

	if (schema->format[0] != 'v') {
		int64_t from = arrow_offset(array, i, wide);
		*ret_length = arrow_offset(array, i + 1, wide) - from;
		return (const uint8_t *)array->buffers[2] + from;
	}
	view = (const uint8_t *)array->buffers[1] + 16 * i;
	memcpy(numbers, view, sizeof(numbers));
	*ret_length = numbers[0];
	return numbers[0] <= 12 ? view + 4
				: (const uint8_t *)array->buffers[2 + numbers[2]] + numbers[3];
}

static inline const char *arrow_check_text(const struct ArrowSchema *schema,
					   const struct ArrowArray *array)
{
	const bool text = strchr(schema->format, 'u') != NULL || schema->format[0] == 'U';
	const bool view = schema->format[0] == 'v';
	const bool wide = schema->format[0] == 'U' || schema->format[0] == 'Z';

	ARROW_RULE(view ? array->n_buffers >= 3 : array->n_buffers == 3);
	ARROW_RULE(array->buffers[1] != NULL);
	ARROW_RULE(view || arrow_offset(array, 0, wide) == 0);
	for (int64_t i = 0; i < array->length; i++) {
		int64_t length;
		const uint8_t *bytes;
		ARROW_RULE(view ||
			   arrow_offset(array, i + 1, wide) >= arrow_offset(array, i, wide));
		bytes = arrow_text(schema, array, i, &length);
		if (view && length > 12) {
			const uint8_t *at = (const uint8_t *)array->buffers[1] + 16 * i;
			const int64_t *sizes = array->buffers[array->n_buffers - 1];
			int32_t numbers[4];
			memcpy(numbers, at, sizeof(numbers));
			ARROW_RULE(numbers[2] >= 0 && numbers[2] < array->n_buffers - 3);
			ARROW_RULE(numbers[3] >= 0 && numbers[3] + length <= sizes[numbers[2]]);
			ARROW_RULE(memcmp(at + 4, bytes, 4) == 0);
		}
		arrow_touch(bytes, (uint64_t)length);
		ARROW_RULE(!text || arrow_utf8(bytes, length));
	}
	return NULL;
}

static inline const char *arrow_check_index(const struct ArrowSchema *schema,
					    const struct ArrowArray *array)
{
	static const char widths[] = "cCsSiIlL";
	const char *at = strchr(widths, schema->format[0]);
	size_t width;

	ARROW_RULE(array->dictionary != NULL && at != NULL && schema->format[1] == '\0');
	width = (size_t)1 << ((at - widths) / 2);
	for (int64_t i = 0; i < array->length; i++) {
		int64_t index = 0;
		memcpy(&index, (const uint8_t *)array->buffers[1] + (size_t)i * width, width);
		ARROW_RULE(!arrow_valid(array, i) ||
			   (index >= 0 && index < array->dictionary->length) ||
			   array->dictionary->length == 0);
	}
	return NULL;
}

static inline const char *arrow_check(const struct ArrowSchema *schema,
				      const struct ArrowArray *array);

static inline const char *arrow_check_children(const struct ArrowSchema *schema,
					       const struct ArrowArray *array)
{
	const char *f = schema->format;
	const char *broken = NULL;

	ARROW_RULE(array->n_buffers == (f[1] == 'l' || f[1] == 'm' ? 2 : 1));
	for (int64_t i = 0; i < array->n_children && broken == NULL; i++)
		broken = arrow_check(schema->children[i], array->children[i]);
	if (broken != NULL)
		return broken;
	if (f[1] == 's')
		for (int64_t i = 0; i < array->n_children; i++)
			ARROW_RULE(array->children[i]->length == array->length);
	if (f[1] == 'w')
		ARROW_RULE(array->n_children == 1 &&
			   array->children[0]->length == atoll(f + 3) * array->length);
	if (f[1] != 'l' && f[1] != 'm')
		return NULL;
	ARROW_RULE(array->n_children == 1);
	ARROW_RULE(array->buffers[1] != NULL && arrow_offset(array, 0, false) == 0);
	for (int64_t i = 0; i < array->length; i++)
		ARROW_RULE(arrow_offset(array, i + 1, false) >= arrow_offset(array, i, false));
	ARROW_RULE(arrow_offset(array, array->length, false) == array->children[0]->length);
	if (f[1] == 'm') {
		ARROW_RULE(strcmp(schema->children[0]->format, "+s") == 0);
		ARROW_RULE(schema->children[0]->n_children == 2);
		ARROW_RULE((schema->children[0]->flags & ARROW_FLAG_NULLABLE) == 0);
		ARROW_RULE((schema->children[0]->children[0]->flags & ARROW_FLAG_NULLABLE) == 0);
		ARROW_RULE(array->children[0]->null_count == 0);
		ARROW_RULE(array->children[0]->children[0]->null_count == 0);
	}
	return NULL;
}

static inline const char *arrow_check_fixed(const struct ArrowSchema *schema,
					    const struct ArrowArray *array)
{
	static const struct {
		const char *format;
		unsigned width;
	} widths[] = {{"c", 1}, {"C", 1}, {"s", 2}, {"S", 2}, {"i", 4}, {"I", 4},
		      {"l", 8}, {"L", 8}, {"e", 2}, {"f", 4}, {"g", 8}, {"d:38,0", 16}};

	ARROW_RULE(array->n_buffers == 2 && array->buffers[1] != NULL);
	if (strcmp(schema->format, "b") == 0) {
		arrow_touch(array->buffers[1], ((uint64_t)array->length + 7) / 8);
		return NULL;
	}
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		if (strcmp(widths[i].format, schema->format) != 0)
			continue;
		ARROW_RULE((uintptr_t)array->buffers[1] %
				   (widths[i].width > 8 ? 8 : widths[i].width) ==
			   0);
		arrow_touch(array->buffers[1], (uint64_t)array->length * widths[i].width);
		return NULL;
	}
	return "a format that is known";
}

/* The rule that is broken; NULL: none. */
static inline const char *arrow_check(const struct ArrowSchema *schema,
				      const struct ArrowArray *array)
{
	int64_t nulls = 0;
	const char *broken;

	ARROW_RULE(array->release != NULL && schema->release != NULL);
	ARROW_RULE(array->length >= 0 && array->offset == 0);
	ARROW_RULE(array->n_children == schema->n_children);
	ARROW_RULE((array->dictionary != NULL) == (schema->dictionary != NULL));
	ARROW_RULE(schema->name != NULL);
	if (strcmp(schema->format, "n") == 0) {
		ARROW_RULE(array->n_buffers == 0 && array->null_count == array->length);
		return NULL;
	}
	ARROW_RULE(array->n_buffers >= 1 && array->buffers != NULL);
	for (int64_t i = 0; i < array->length; i++)
		nulls += !arrow_valid(array, i);
	ARROW_RULE(array->null_count == nulls);
	ARROW_RULE(nulls == 0 || (schema->flags & ARROW_FLAG_NULLABLE) != 0);
	if (array->dictionary != NULL) {
		broken = arrow_check_index(schema, array);
		return broken != NULL ? broken : arrow_check(schema->dictionary, array->dictionary);
	}
	if (schema->format[0] == '+')
		return arrow_check_children(schema, array);
	if (strchr("uUzZv", schema->format[0]) != NULL)
		return arrow_check_text(schema, array);
	return arrow_check_fixed(schema, array);
}

#endif

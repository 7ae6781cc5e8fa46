/* tests/c-reader: a file with one value, opened with the type that a test gives, and values that
 * tests of types are made of. */
#ifndef TYPED_FILE_H
#define TYPED_FILE_H

#include "build_file.h"

#include <ancient_schema.h>

static struct image f;
static struct ancient_file *file;
static struct ancient_schema *schema;
static struct ancient_typed root;
static struct ancient_error err;

static void open_with(uint64_t word, const char *text, const struct ancient_options *options)
{
	struct ancient_value value;
	char path[64];
	image_key(&f, 0, word, NULL);
	image_finish(&f);
	test_path(path, "value");
	image_write(&f, path);
	CHECK(ancient_file_open(path, options, &file, &err) == ANCIENT_OK);
	CHECK(ancient_file_get(file, 0, &value, &err) == ANCIENT_OK);
	CHECK(ancient_schema_parse(text, strlen(text), "text", &schema, &err) == ANCIENT_OK);
	root = ancient_typed_root(schema, value);
}

static inline void open_as(uint64_t word, const char *text)
{
	open_with(word, text, NULL);
}

static void close_all(void)
{
	ancient_schema_close(schema);
	ancient_file_close(file);
	image_done(&f);
}

static inline uint64_t list_of(const uint64_t *words, size_t count)
{
	uint64_t list = IMAGE_INT(0);
	while (count-- > 0)
		list = image_block(&f, 0, 2, words[count], list);
	return list;
}

static inline uint64_t some(uint64_t word)
{
	return image_block(&f, 0, 1, word);
}

static inline uint64_t one_double(double number)
{
	return image_doubles(&f, ANCIENT_TAG_DOUBLE, 1, &number);
}

#endif

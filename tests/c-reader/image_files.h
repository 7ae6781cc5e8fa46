/* tests/c-reader: files of images, and what lies below their keys. */
#ifndef IMAGE_FILES_H
#define IMAGE_FILES_H

#include "build_file.h"

static struct ancient_error err;

static inline struct ancient_file *open_image(struct image *f, const char *name)
{
	struct ancient_file *file;
	char path[64];
	image_finish(f);
	test_path(path, name);
	image_write(f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_OK);
	return file;
}

static inline struct ancient_file *open_damaged(struct image *f)
{
	struct ancient_file *file;
	char path[64];
	image_seal(f);
	test_path(path, "damaged");
	image_write(f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	return file;
}

static inline struct ancient_value root(const struct ancient_file *file, uint64_t key)
{
	struct ancient_value value;
	CHECK(ancient_file_get(file, key, &value, &err) == ANCIENT_OK);
	return value;
}

#endif

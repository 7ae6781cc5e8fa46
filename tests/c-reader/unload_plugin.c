/* tests/c-reader: a plugin with a copy of the reader inside, for test_unload.c. */
#include <ancient_reader.h>

#define SEEN __attribute__((visibility("default")))

SEEN enum ancient_code plugin_file_open(const char *path, const struct ancient_options *options,
					struct ancient_file **ret_file, struct ancient_error *err);
SEEN enum ancient_code plugin_file_get(const struct ancient_file *file, uint64_t key,
				       struct ancient_value *ret_value, struct ancient_error *err);
SEEN void plugin_file_close(struct ancient_file *file);

enum ancient_code plugin_file_open(const char *path, const struct ancient_options *options,
				   struct ancient_file **ret_file, struct ancient_error *err)
{
	return ancient_file_open(path, options, ret_file, err);
}

enum ancient_code plugin_file_get(const struct ancient_file *file, uint64_t key,
				  struct ancient_value *ret_value, struct ancient_error *err)
{
	return ancient_file_get(file, key, ret_value, err);
}

void plugin_file_close(struct ancient_file *file)
{
	ancient_file_close(file);
}

/* tests/fuzz: paths.
 *
 * Input: a path, a 0 byte, a schema, a 0 byte, a file.  A path leads to a value, always the
 * same, that can be dumped as JSON or fails its check; or to an error of the manual of
 * ancient_path_get, which changes nothing. */
#include "typed.h"

static void follow(const struct ancient_file *file, const struct ancient_schema *schema,
		   struct ancient_typed root, void *context)
{
	const char *path = context;
	struct ancient_typed found = {{42}, 43, 44}, again;
	enum ancient_code code = ancient_path_get(file, schema, root, path, &found, &fuzz_err);

	if (!fuzz_typed_ok(code)) {
		FUZZ_CHECK(found.value.word == 42 && found.type == 43 && found.flat == 44);
		return;
	}
	FUZZ_CHECK(ancient_schema_type(schema, found.type) != NULL);
	FUZZ_CHECK(ancient_path_get(file, schema, root, path, &again, NULL) == ANCIENT_OK);
	FUZZ_CHECK(again.value.word == found.value.word && again.type == found.type);
	fuzz_typed_dump(file, schema, found);
}

static void run(const uint8_t *data, size_t size)
{
	if (fuzz_file_start(data, size, 2) < size)
		fuzz_each_root(data, size, 2, follow, (void *)(uintptr_t)data);
}

const struct fuzz_target fuzz_path = {"path", run, 2, false};

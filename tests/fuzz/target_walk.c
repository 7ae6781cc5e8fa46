/* tests/fuzz: raw values.
 *
 * Every accessor answers on every value of any file: on its own kinds with what lies inside
 * the mapping (every byte of it can be read) or with what is wrong with the bytes, on all
 * others with WRONG_KIND; the kinds agree with each other and stay what they are.  So do they
 * on words that are in no file. */
#include "fuzz.h"

/* Words from the input, as values and as blocks that nobody got from a file. */
static void use_strangers(const struct ancient_file *file, const uint8_t *data, size_t size)
{
	struct ancient_value value, forced;
	struct ancient_info info;

	ancient_file_info(file, &info);
	for (size_t at = size % 8; at + 8 <= size && at < 256; at += 8) {
		memcpy(&value.word, data + at, 8);
		fuzz_value(file, value);
		value.word = info.base + value.word % (2 * info.used);
		fuzz_value(file, value);
		if (ancient_value_force(file, value, &forced, &fuzz_err) == ANCIENT_OK)
			fuzz_value(file, forced);
	}
}

static void walk(struct ancient_file *older, size_t size)
{
	(void)size;
	fuzz_each_value(older, NULL, NULL);
}

static void run(const uint8_t *data, size_t size)
{
	struct ancient_file *file = fuzz_file(data, size);

	if (file == NULL)
		return;
	fuzz_each_value(file, NULL, NULL);
	use_strangers(file, data, size);
	fuzz_each_generation(file, fuzz_descriptor(data, size), walk, size);
	ancient_file_close(file);
}

const struct fuzz_target fuzz_walk = {"walk", run, 0, false};

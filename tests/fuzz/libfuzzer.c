/* tests/fuzz: libFuzzer's entries for one target (FUZZ_TARGET, set by Meson).
 *
 * The mutator changes the file in an input by its structure and makes its checksums right
 * again, mostly; libFuzzer's own changes come first some of the time, and are all there is for
 * texts. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FUZZ_TARGET.run(data, size);
	return 0;
}

/* Changes `size` bytes at `part` and leaves what follows them, `rest` bytes, behind them. */
static size_t mutate_text(uint8_t *part, size_t size, size_t rest, size_t room)
{
	uint8_t *behind = malloc(rest + 1);
	size_t changed;

	if (behind == NULL)
		abort();
	memcpy(behind, part + size, rest);
	changed = LLVMFuzzerMutate(part, size, room - rest);
	for (uint8_t *zero; changed > 0 && (zero = memchr(part, 0, changed)) != NULL;)
		*zero = ' '; /* would end the text */
	memcpy(part + changed, behind, rest);
	free(behind);
	return changed + rest;
}

static size_t mutate_file(uint8_t *data, size_t size, size_t room, uint64_t *state)
{
	if (fuzz_random(state) % 4 == 0) {
		size_t skip = size > ANCIENT_FIRST_EXTENT && fuzz_random(state) % 4 != 0
				      ? ANCIENT_FIRST_EXTENT
				      : 0;
		size = skip + LLVMFuzzerMutate(data + skip, size - skip, room - skip);
		if (fuzz_random(state) % 8 != 0)
			fuzz_seal(data, size);
		return size;
	}
	return fuzz_mutate(data, size, room, state);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed)
{
	uint64_t state = seed;
	size_t start = fuzz_file_start(data, size, FUZZ_TARGET.texts);

	if (FUZZ_TARGET.only_text)
		return LLVMFuzzerMutate(data, size, room);
	if (start > 0 && fuzz_random(&state) % 2 == 0) {
		unsigned text = (unsigned)(fuzz_random(&state) % FUZZ_TARGET.texts);
		size_t from = fuzz_file_start(data, size, text);
		size_t to = fuzz_file_start(data, size, text + 1);
		if (to > from)
			return from +
			       mutate_text(data + from, to - 1 - from, size - to + 1, room - from);
	}
	return start + mutate_file(data + start, size - start, room - start, &state);
}

/* tests/fuzz: the profile that `ancientctl profile` prints: of any bytes it is made, or refused; of
 * a file that verifies it is made, and has each byte of the file once. */
#include "fuzz.h"
#include "profile/profile.h"
#include "tool.h"

/* What its main file has: no signal comes. */
volatile sig_atomic_t tool_signal;

static bool verifies(const struct ancient_file *file)
{
	return fuzz_ok(ancient_file_verify(file, NULL, NULL, &fuzz_err));
}

static void check_sums(const struct profile *profile, uint64_t size)
{
	uint64_t bytes = 0, of_paths = 0;

	for (unsigned part = 0; part < PROFILE_PARTS; part++) {
		FUZZ_CHECK(profile->part[part] <= size);
		bytes += profile->part[part];
	}
	for (uint32_t path = 0; path < profile->places.paths.count; path++)
		of_paths += profile_bytes(&profile->path[path]);
	FUZZ_CHECK(bytes == size);
	FUZZ_CHECK(of_paths == profile->part[PROFILE_OWN] + profile->part[PROFILE_SHARED] +
				       profile->part[PROFILE_OWN_PAYLOADS] +
				       profile->part[PROFILE_SHARED_PAYLOADS]);
}

static void check(const struct ancient_file *file, uint64_t size, bool raw, bool sound)
{
	struct profile *profile = calloc(1, sizeof *profile);
	enum ancient_code code;

	FUZZ_CHECK(profile != NULL);
	*profile = (struct profile){.file = file, .err = &fuzz_err, .raw = raw, .samples = !raw};
	code = profile_make(profile, NULL);
	if (fuzz_ok(code) && sound)
		check_sums(profile, size);
	if (code != ANCIENT_OK)
		FUZZ_CHECK(code == ANCIENT_E_TOO_LARGE || code == ANCIENT_E_MEMORY ||
			   (!sound && fuzz_class_of(code) == FUZZ_CORRUPT));
	profile_done(profile);
	free(profile);
}

static void run(const uint8_t *data, size_t size)
{
	struct ancient_file *file = fuzz_file(data, size);
	bool sound;

	if (file == NULL)
		return;
	sound = verifies(file);
	check(file, size, true, sound);
	check(file, size, false, sound);
	ancient_file_close(file);
}

const struct fuzz_target fuzz_profile = {"profile", run, 0, false};

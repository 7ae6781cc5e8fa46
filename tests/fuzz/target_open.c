/* tests/fuzz: opening.
 *
 * Any bytes give a file or an error that the manual of ancient_file_open lists, and always the
 * same.  What is opened lies inside its file, reports only what a superblock may hold, and is
 * current; opening it again gives the same snapshot. */
#include "fuzz.h"

static const enum ancient_code allowed[] = {
	ANCIENT_E_EMPTY,   ANCIENT_E_SHORT,          ANCIENT_E_FOREIGN,   ANCIENT_E_LEGACY,
	ANCIENT_E_VERSION, ANCIENT_E_BYTE_ORDER,     ANCIENT_E_DIALECT,   ANCIENT_E_FLAGS,
	ANCIENT_E_MEMORY,  ANCIENT_E_BAD_SUPERBLOCK, ANCIENT_E_TRUNCATED, ANCIENT_E_UNRECOVERED,
};

static void check_refusal(enum ancient_code code, const struct ancient_file *file, size_t size)
{
	bool known = false;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		known |= code == allowed[i];
	FUZZ_CHECK(known);
	FUZZ_CHECK(file == NULL);
	FUZZ_CHECK(fuzz_err.offset == ANCIENT_NO_OFFSET || fuzz_err.offset <= size);
}

static void check_info(const struct ancient_info *info, size_t size)
{
	FUZZ_CHECK(info->file_bytes == size);
	FUZZ_CHECK(info->used >= ANCIENT_FIRST_EXTENT && info->used <= size);
	FUZZ_CHECK(info->used % 8 == 0 && info->used <= info->reserve);
	FUZZ_CHECK(info->base >= ANCIENT_BASE_MIN && info->base % ANCIENT_BASE_ALIGN == 0);
	FUZZ_CHECK(info->reserve <= ANCIENT_ADDRESS_LIMIT &&
		   info->base <= ANCIENT_ADDRESS_LIMIT - info->reserve);
	FUZZ_CHECK(info->generation >= 1);
	FUZZ_CHECK(info->name_count <= info->key_count);
	FUZZ_CHECK(info->custom_slots >= ANCIENT_CUSTOM_WELL_KNOWN &&
		   info->custom_slots <= ANCIENT_CUSTOM_SLOTS_MAX);
	FUZZ_CHECK(info->version >> 16 == ANCIENT_VERSION_MAJOR);
	FUZZ_CHECK(strcmp(info->name, "fuzz") == 0);
	FUZZ_CHECK(info->newest_generation >= info->generation && info->durable_used <= info->used);
	FUZZ_CHECK(info->damaged_slot >= -1 && info->damaged_slot < 2);
	FUZZ_CHECK(info->hidden_generation == 0 ||
		   (info->damaged_slot >= 0 &&
		    info->hidden_generation == info->newest_generation + 1));
}

static void check_older(struct ancient_file *older, size_t size)
{
	struct ancient_file *again = NULL;
	struct ancient_info info;

	ancient_file_info(older, &info);
	check_info(&info, size);
	FUZZ_CHECK(ancient_file_reopen(older, &again, &fuzz_err) == ANCIENT_OK && again == older);
	ancient_file_close(again);
}

static void run(const uint8_t *data, size_t size)
{
	int fd = fuzz_descriptor(data, size);
	struct ancient_file *file = NULL, *again = NULL;
	struct ancient_info info;
	bool current = false;
	enum ancient_code code = ancient_file_open_fd(fd, "fuzz", NULL, &file, &fuzz_err);

	if (!fuzz_ok(code)) {
		check_refusal(code, file, size);
		FUZZ_CHECK(ancient_file_open_fd(fd, NULL, NULL, &file, NULL) == code);
		return;
	}
	ancient_file_info(file, &info);
	check_info(&info, size);
	FUZZ_CHECK(ancient_file_check(file, &current, &fuzz_err) == ANCIENT_OK && current);
	FUZZ_CHECK(ancient_file_reopen(file, &again, &fuzz_err) == ANCIENT_OK && again == file);
	ancient_file_close(again);
	fuzz_each_generation(file, fd, check_older, size);
	ancient_file_close(file);
}

const struct fuzz_target fuzz_open = {"open", run, 0, false};

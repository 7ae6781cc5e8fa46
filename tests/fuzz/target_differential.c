/* tests/fuzz: the reader's verification and the writer's, which share no code, say the same of any
 * bytes: nothing, or code, rule and offset (FORMAT 10 gives the order). */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include <ancient/store.h>

static struct ancient_error by_reader(int fd)
{
	struct ancient_file *file = NULL;

	if (fuzz_ok(ancient_file_open_fd(fd, "fuzz", NULL, &file, &fuzz_err)) &&
	    fuzz_ok(ancient_file_verify(file, NULL, NULL, &fuzz_err)))
		fuzz_err = (struct ancient_error){.code = ANCIENT_OK};
	ancient_file_close(file);
	return fuzz_err;
}

static struct ancient_error by_writer(int fd, bool *ret_attached)
{
	const struct ancient_store_options options = {.read_only = true};
	struct ancient_store *store = NULL;

	*ret_attached = fuzz_ok(ancient_store_attach(fd, "fuzz", &options, &store, &fuzz_err));
	if (!*ret_attached)
		return fuzz_err;
	if (fuzz_ok(ancient_store_verify(store, &fuzz_err)))
		fuzz_err = (struct ancient_error){.code = ANCIENT_OK};
	ancient_store_discard(store);
	return fuzz_err;
}

static void run(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct ancient_error reader, writer;
	bool attached;

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	reader = by_reader(fd);
	writer = by_writer(fd, &attached);
	close(fd);
	if (writer.code != ANCIENT_OK && fuzz_class_of(writer.code) == FUZZ_SYSTEM)
		return; /* addresses that this process does not have */
	FUZZ_CHECK((reader.code == ANCIENT_OK) == (writer.code == ANCIENT_OK));
	if (!attached && writer.code == ANCIENT_E_BAD_CUSTOM)
		return; /* the writer has to read them first */
	if (reader.code != writer.code || reader.rule != writer.rule ||
	    reader.offset != writer.offset)
		fprintf(stderr, "the reader: %s\nthe writer: %s\n", reader.message, writer.message);
	FUZZ_CHECK(reader.code == writer.code);
	FUZZ_CHECK(reader.rule == writer.rule && reader.offset == writer.offset);
}

const struct fuzz_target fuzz_differential = {"differential", run, .texts = 0};

/* c-reader/tool: a commit to a file (writer.h), by the writer in core. */
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "store.h"

/* As the reader sees the file: it refuses one that is empty, where the writer would make it one of
 * ours, and says what is damaged.  *ret_ocaml: the version that commits go on recording. */
static enum tool_status look(const struct tool_request *request, uint32_t *ret_ocaml)
{
	struct ancient_file *file;
	struct ancient_info info;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	ancient_file_info(file, &info);
	*ret_ocaml = info.ocaml_version;
	ancient_file_close(file);
	return TOOL_GOOD;
}

enum tool_status writer_begin(const struct tool_request *request, struct writer *ret_writer)
{
	struct writer *writer = ret_writer;
	struct ancient_store_options options = {.path = request->file};
	struct ancient_error err;
	enum ancient_code code;
	enum tool_status status;

	*writer = (struct writer){.name = request->file, .fd = -1};
	status = look(request, &options.ocaml_version);
	if (status != TOOL_GOOD)
		return status;
	writer->fd = open(request->file, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (writer->fd < 0) {
		output_error("%s: cannot be opened to write: %s", request->file, strerror(errno));
		return TOOL_UNREADABLE;
	}
	code = ancient_store_attach(writer->fd, request->file, &options, &writer->store, &err);
	if (code != ANCIENT_OK)
		return store_failed(&err);
	do /* a signal that does not end the tool does not end its wait for a writer */
		code = ancient_commit_begin(writer->store, &writer->commit, &err);
	while (code == ANCIENT_E_INTERRUPTED && tool_signal == 0);
	return code == ANCIENT_OK ? TOOL_GOOD : store_failed(&err);
}

uint64_t writer_generation(const struct writer *writer)
{
	return ancient_store_generation(writer->store);
}

/* The keys of a generation, as its record says; another process may have committed since. */
static uint64_t keys_of(const struct writer *writer, uint64_t generation)
{
	struct ancient_store_commit commit;
	uint64_t next = ANCIENT_LOG_NEWEST;

	while (ancient_store_log_next(writer->store, &next, &commit, NULL) == ANCIENT_OK)
		if (commit.generation <= generation)
			return commit.keys;
	return 0;
}

enum tool_status writer_commit(struct writer *writer, struct written *ret_written)
{
	uint64_t before = writer_generation(writer), after;
	struct ancient_commit *commit = writer->commit;
	struct ancient_error err;
	enum ancient_code code;

	writer->commit = NULL;
	code = ancient_commit_finish(commit, true, &err);
	after = writer_generation(writer);
	if (code != ANCIENT_OK) {
		enum tool_status status = store_failed(&err);

		if (after != before)
			output_hint("%s: generation %" PRIu64
				    " is there, but may not be on the disk yet",
				    writer->name, after);
		return status;
	}
	*ret_written = (struct written){after, keys_of(writer, after)};
	return TOOL_GOOD;
}

void writer_end(struct writer *writer)
{
	if (writer->commit != NULL)
		ancient_commit_abort(writer->commit);
	if (writer->store != NULL)
		ancient_store_discard(writer->store);
	if (writer->fd >= 0)
		close(writer->fd);
}

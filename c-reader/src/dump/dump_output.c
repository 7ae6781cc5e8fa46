/* c-reader/dump: where the text of a dump goes (dump_output.h). */
#include "dump/dump_output.h"

#include "base/error.h"
#include "base/guard.h"
#include "base/version.h"

/* No text is handed out that may have been read after the file was torn away. */
static bool on_write(void *context, const char *bytes, size_t length)
{
	struct dump_output *out = context;

	ancient_reader_dump_output_note(out, reader_settle(out->file, ANCIENT_OK, out->err));
	if (out->code != ANCIENT_OK)
		return false;
	return out->options->write(out->options->context, bytes, length);
}

void ancient_reader_dump_output_init(struct dump_output *out, const struct ancient_file *file,
				     const struct ancient_dump_options *options,
				     struct ancient_error *err)
{
	ancient_reader_json_init(&out->json,
				 options->indent ? READER_JSON_INDENTED : READER_JSON_SPACED,
				 on_write, out);
	out->json.limit = options->limit;
	out->file = file;
	out->options = options;
	out->err = err == NULL ? NULL : &out->last;
	out->callers = err;
	out->code = ANCIENT_OK;
	ancient_reader_dump_output_note(
		out, READER_CHECK_RESERVED(file->name, "ancient_dump_options", options, err));
}

void ancient_reader_dump_output_note(struct dump_output *out, enum ancient_code code)
{
	if (code == ANCIENT_OK || !dump_output_good(out))
		return;
	out->code = code;
	if (out->callers != NULL)
		*out->callers = out->last;
	out->json.state = READER_JSON_FAILED;
}

void ancient_reader_dump_output_no_memory(struct dump_output *out)
{
	ancient_reader_dump_output_note(
		out, ancient_reader_refuse(out->file->name, out->err, ANCIENT_E_MEMORY, "dump"));
}

enum ancient_code ancient_reader_dump_output_step(struct dump_output *out, uint64_t done)
{
	const struct ancient_dump_options *options = out->options;

	if (options->progress != NULL &&
	    options->progress(options->context, done, out->file->super.block_count))
		return ancient_reader_refuse(out->file->name, out->err, ANCIENT_E_INTERRUPTED,
					     "dump");
	return reader_settle(out->file, ANCIENT_OK, out->err);
}

enum ancient_code ancient_reader_dump_output_finish(struct dump_output *out)
{
	const char *name = out->file->name;

	if (dump_output_good(out))
		ancient_reader_json_flush(&out->json);
	if (out->code == ANCIENT_OK && out->json.state == READER_JSON_FULL)
		out->code = ancient_reader_refuse(name, out->callers, ANCIENT_E_TOO_LARGE,
						  "the text passes %llu bytes",
						  (unsigned long long)out->options->limit);
	else if (out->code == ANCIENT_OK && out->json.state == READER_JSON_FAILED)
		out->code =
			ancient_reader_refuse(name, out->callers, ANCIENT_E_INTERRUPTED, "dump");
	return reader_settle(out->file, out->code, out->callers);
}

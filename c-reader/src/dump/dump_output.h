/* c-reader/dump: where the text of a dump goes: a JSON writer, and the first error that ended it.
 * For the dumps of values without types (dump.c) and with types (typed_dump.c). */
#ifndef ANCIENT_READER_DUMP_OUTPUT_H
#define ANCIENT_READER_DUMP_OUTPUT_H

#include "base/json.h"
#include "base/reader.h"

struct dump_output {
	struct reader_json json;
	const struct ancient_file *file;
	const struct ancient_dump_options *options;
	/* Where each step of the dump puts its error; NULL where the caller wants none.  The first
	 * that ends the dump goes to the caller's. */
	struct ancient_error *err;
	struct ancient_error last, *callers;
	enum ancient_code code; /* of what was not the writer's fault; ANCIENT_OK: nothing */
};

void ancient_reader_dump_output_init(struct dump_output *out, const struct ancient_file *file,
				     const struct ancient_dump_options *options,
				     struct ancient_error *err);

/* Takes the code of what was just done: the first that is not ANCIENT_OK ends the dump.  Text
 * after that is dropped, so that a dump need not ask after each piece. */
void ancient_reader_dump_output_note(struct dump_output *out, enum ancient_code code);
void ancient_reader_dump_output_no_memory(struct dump_output *out);

/* Whether the dump is to go on. */
static inline bool dump_output_good(const struct dump_output *out)
{
	return out->json.state == READER_JSON_GOOD;
}

/* Calls the caller's progress after `done` of about `block_count` values, and looks whether the
 * file was torn away. */
enum ancient_code ancient_reader_dump_output_step(struct dump_output *out, uint64_t done);

/* Hands out the rest of the text.  The result of the dump: the first error, TOO_LARGE where the
 * limit was met, INTERRUPTED where the caller took no more text. */
enum ancient_code ancient_reader_dump_output_finish(struct dump_output *out);

#endif

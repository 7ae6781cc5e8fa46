/* c-reader/dump: ancient_file_live_bytes: the size of a file of nothing but what the keys lead to,
 * for `ancientctl info --reclaimable`.
 *
 * The sum follows section 4 of FORMAT.md and is exact for a file that compaction makes of this
 * one: every block that is reached is counted once, with an extent for each kind of content. */
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "dump/marks.h"
#include "dump/reach.h"
#include "value/gate_bigarray.h"
#include "value/gate_custom.h"

#define STEP_EVERY 65536u /* blocks and keys */

struct live {
	const struct ancient_file *file;
	const struct ancient_verify_options *options; /* NULL: none */
	struct ancient_error *err;
	struct reader_budget budget;
	struct reader_bits seen; /* blocks, and the texts of schemas */
	struct reader_reach reach;
	uint64_t steps;
	uint64_t values, payloads, records; /* bytes */
	uint64_t keys, names, name_records, schemas, customs;
	bool empty[ANCIENT_TAG_LAST_PLAIN + 1]; /* a block of no fields, of this tag */
	bool custom[ANCIENT_CUSTOM_SLOTS_MAX];
};

/* Progress, interruption, torn files. */
static enum ancient_code step(struct live *live)
{
	const struct ancient_file *file = live->file;

	if (++live->steps % STEP_EVERY != 0)
		return ANCIENT_OK;
	if (live->options != NULL && live->options->progress != NULL &&
	    live->options->progress(live->options->context, live->values, file->super.value_bytes))
		return ancient_reader_refuse(file->name, live->err, ANCIENT_E_INTERRUPTED,
					     "stopped");
	return reader_settle(file, ANCIENT_OK, live->err);
}

/* Whether a block or text is reached for the first time. */
static enum ancient_code look(struct live *live, uint64_t offset, bool *ret_new)
{
	*ret_new = !reader_bits_get(&live->seen, offset);
	return !*ret_new || reader_bits_set(&live->seen, offset, &live->budget)
		       ? ANCIENT_OK
		       : ancient_reader_reach_exceeded(&live->reach, offset);
}

static void count_custom(struct live *live, const struct reader_block *block,
			 const struct reader_bigarray *array)
{
	uint32_t slot;

	if (array->tested) {
		if (array->bytes != 0)
			live->payloads = reader_round_up(live->payloads, ANCIENT_EXTENT_ALIGN) +
					 array->bytes;
		return;
	}
	if (!ancient_reader_custom_slot(live->file, reader_field(live->file, block, 0), &slot))
		return; /* the gate has tested another word: somebody writes to the file */
	if (slot >= ANCIENT_CUSTOM_WELL_KNOWN && !live->custom[slot]) {
		live->custom[slot] = true;
		live->customs++;
	}
}

/* Counts the block that `word` points to, if it does, and is reached for the first time. */
static enum ancient_code visit(void *context, uint64_t word, uint32_t state, uint32_t index)
{
	struct live *live = context;
	struct reader_bigarray array;
	struct reader_block block;
	enum ancient_code code;
	bool fresh;

	(void)state;
	(void)index;
	if (!reader_is_pointer(word))
		return ANCIENT_OK;
	array.tested = false;
	code = reader_gate_array(live->file, word, &block, &array, live->err);
	if (code != ANCIENT_OK)
		return code;
	if (block.wosize == 0) {
		unsigned tag = block.tag <= ANCIENT_TAG_LAST_PLAIN ? block.tag : 0;
		live->values += live->empty[tag] ? 0 : ANCIENT_WORD;
		live->empty[tag] = true;
		return ANCIENT_OK;
	}
	code = look(live, block.offset, &fresh);
	if (code != ANCIENT_OK || !fresh)
		return code;
	live->values += (block.wosize + 1) * ANCIENT_WORD;
	code = step(live);
	if (code == ANCIENT_OK && block.tag == ANCIENT_TAG_CUSTOM)
		count_custom(live, &block, &array);
	return code == ANCIENT_OK && reader_has_values(block.tag)
		       ? ancient_reader_reach_push(&live->reach, &block, 0)
		       : code;
}

static enum ancient_code count_entry(struct live *live, const struct ancient_entry *entry)
{
	enum ancient_code code = step(live);
	bool fresh = false;

	live->keys++;
	if (entry->name != NULL) {
		live->names++;
		live->name_records += ANCIENT_NAME_RECORD_BYTES(entry->name_length);
	}
	if (code == ANCIENT_OK && entry->schema != NULL)
		code = look(live,
			    (uint64_t)((const unsigned char *)entry->schema - live->file->map),
			    &fresh);
	if (fresh) {
		live->schemas++;
		live->records += ANCIENT_SCHEMA_RECORD_BYTES(entry->schema_length);
	}
	return code == ANCIENT_OK
		       ? reader_reach_walk(&live->reach, visit, live, entry->root.word, 0)
		       : code;
}

static enum ancient_code count_all(struct live *live)
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	enum ancient_code code;

	ancient_cursor_init(live->file, 0, &cursor);
	while ((code = ancient_cursor_next(&cursor, &entry, live->err)) == ANCIENT_OK) {
		code = count_entry(live, &entry);
		if (code != ANCIENT_OK)
			return code;
	}
	return code == ANCIENT_E_NO_KEY ? ANCIENT_OK : code;
}

/* An extent of so much content, if there is any, before the commit record. */
static uint64_t extent(uint64_t content)
{
	uint64_t header = sizeof(struct ancient_extent);

	return content == 0 ? 0 : reader_round_up(header + content, ANCIENT_EXTENT_ALIGN);
}

static uint64_t branches(uint64_t leaves)
{
	return leaves == 0 ? 0 : (leaves - 1) * sizeof(struct ancient_branch);
}

/* FORMAT 4: one commit of all that was counted. */
static uint64_t size_of(const struct live *live)
{
	uint64_t directory = live->keys * sizeof(struct ancient_entry_record) +
			     live->names * sizeof(struct ancient_name_leaf) + live->name_records +
			     branches(live->keys) + branches(live->names) + branches(live->schemas);
	uint64_t values = live->values == 0 ? 0 : live->values + ANCIENT_WORD;
	uint64_t waypoints = values == 0 ? 0 : ANCIENT_WAYPOINTS(values);

	return ANCIENT_FIRST_EXTENT + extent(values) +
	       extent(reader_round_up(live->payloads, ANCIENT_WORD)) +
	       extent(waypoints * ANCIENT_WORD) + extent(live->records) +
	       extent(live->customs * sizeof(struct ancient_custom_record)) + extent(directory) +
	       ANCIENT_RECORD_BYTES;
}

enum ancient_code ancient_file_live_bytes(const struct ancient_file *file,
					  const struct ancient_verify_options *options,
					  uint64_t *ret_bytes, struct ancient_error *err)
{
	struct live *live;
	enum ancient_code code = ANCIENT_OK;

	if (options != NULL)
		code = READER_CHECK_RESERVED(file->name, "ancient_verify_options", options, err);
	if (code != ANCIENT_OK)
		return code;
	live = calloc(1, sizeof(*live));
	if (live == NULL)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY, "what is live");
	ancient_reader_budget_init(&live->budget, file);
	live->file = file;
	live->options = options;
	live->err = err;
	live->reach =
		(struct reader_reach){.budget = &live->budget, .what = "what is live", .err = err};
	code = reader_settle(file, count_all(live), err);
	if (code == ANCIENT_OK)
		*ret_bytes = size_of(live);
	ancient_reader_reach_done(&live->reach);
	ancient_reader_bits_done(&live->seen);
	ancient_reader_budget_done(&live->budget);
	free(live);
	return code;
}

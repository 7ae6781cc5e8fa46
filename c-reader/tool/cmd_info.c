/* c-reader/tool: `ancientctl info`: what a file is.  It reads the superblock alone and takes the
 * same time for any size; only --reclaimable walks the values. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "progress.h"
#include "store.h"

#define UUID_TEXT 37

/* 8-4-4-4-12 hexadecimal digits. */
static const char *uuid_text(const uint8_t uuid[16], char text[UUID_TEXT])
{
	char *to = text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		to += sprintf(to, "%02x", uuid[i]);
	}
	return text;
}

/* 41301 is 4.13.1. */
static const char *ocaml_text(uint32_t version, char text[OUTPUT_NUMBER])
{
	if (version == 0)
		return strcpy(text, "unknown");
	snprintf(text, OUTPUT_NUMBER, "%" PRIu32 ".%02" PRIu32 ".%" PRIu32, version / 10000,
		 version / 100 % 100, version % 100);
	return text;
}

/* *ret_bytes: what compaction would free. */
static enum tool_status reclaimable(const struct tool_request *request,
				    const struct ancient_file *file,
				    const struct ancient_info *info, uint64_t *ret_bytes)
{
	struct progress progress;
	const struct ancient_verify_options options = {.progress = progress_step,
						       .context = &progress};
	struct ancient_error err;
	enum ancient_code code;
	uint64_t live = 0;

	progress_begin(&progress, request, PROGRESS_BYTES, false, 0);
	code = ancient_file_live_bytes(file, &options, &live, &err);
	progress_end(&progress);
	if (code != ANCIENT_OK)
		return store_failed(&err);
	*ret_bytes = live < info->used ? info->used - live : 0;
	return TOOL_GOOD;
}

static void print_text(const struct ancient_info *info, const uint64_t *garbage)
{
	char uuid[UUID_TEXT], number[OUTPUT_NUMBER], other[OUTPUT_NUMBER];

	output_text(stdout, info->name, strlen(info->name));
	printf(": ancient file, format %" PRIu32 ".%" PRIu32 "\n", info->version >> 16,
	       info->version & 0xFFFF);
	output_row("uuid", "%s", uuid_text(info->uuid, uuid));
	output_row("state", "%s",
		   info->superseded ? "superseded: a compacted file takes its place" : "current");
	output_row("generation", "%s", output_count(info->generation, number));
	output_row("written by", "OCaml %s", ocaml_text(info->ocaml_version, number));
	output_row("keys", "%s, %s named", output_count(info->key_count, number),
		   output_count(info->name_count, other));
	output_row("blocks", "%s", output_count(info->block_count, number));
	output_row_size("values", info->value_bytes);
	output_row_size("used", info->used);
	if (garbage != NULL)
		output_row_size("reclaimable", *garbage);
	output_row_size("file", info->file_bytes);
	output_row_size("may grow to", info->reserve);
	output_row("base", "0x%" PRIx64, info->base);
	output_row("customs", "%" PRIu32 " slots", info->custom_slots);
}

static void print_json(const struct ancient_info *info, const uint64_t *garbage)
{
	struct reader_json json;
	char uuid[UUID_TEXT], text[OUTPUT_NUMBER];

	output_json_begin(&json);
	reader_json_string_member(&json, "file", info->name);
	reader_json_key(&json, "format");
	snprintf(text, sizeof text, "%" PRIu32 ".%" PRIu32, info->version >> 16,
		 info->version & 0xFFFF);
	reader_json_string(&json, text);
	reader_json_string_member(&json, "uuid", uuid_text(info->uuid, uuid));
	reader_json_string_member(&json, "state", info->superseded ? "superseded" : "current");
	reader_json_unsigned_member(&json, "generation", info->generation);
	reader_json_key(&json, "ocaml_version");
	if (info->ocaml_version == 0)
		reader_json_null(&json);
	else
		reader_json_string(&json, ocaml_text(info->ocaml_version, text));
	reader_json_unsigned_member(&json, "keys", info->key_count);
	reader_json_unsigned_member(&json, "names", info->name_count);
	reader_json_unsigned_member(&json, "blocks", info->block_count);
	reader_json_unsigned_member(&json, "value_bytes", info->value_bytes);
	reader_json_unsigned_member(&json, "used_bytes", info->used);
	if (garbage != NULL)
		reader_json_unsigned_member(&json, "reclaimable_bytes", *garbage);
	reader_json_unsigned_member(&json, "file_bytes", info->file_bytes);
	reader_json_unsigned_member(&json, "reserve_bytes", info->reserve);
	reader_json_unsigned_member(&json, "base", info->base);
	reader_json_unsigned_member(&json, "custom_slots", info->custom_slots);
	output_json_end(&json);
}

enum tool_status cmd_info(const struct tool_request *request)
{
	struct ancient_file *file;
	struct ancient_info info;
	uint64_t bytes = 0;
	const uint64_t *garbage = request->reclaimable ? &bytes : NULL;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	ancient_file_info(file, &info);
	if (request->reclaimable)
		status = reclaimable(request, file, &info, &bytes);
	if (status == TOOL_GOOD && request->json)
		print_json(&info, garbage);
	else if (status == TOOL_GOOD)
		print_text(&info, garbage);
	ancient_file_close(file);
	return status;
}

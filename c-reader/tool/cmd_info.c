/* c-reader/tool: `ancientctl info`: what a file is.  It reads the superblock alone and takes the
 * same time for any size; only --reclaimable walks the values. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "reclaimable.h"
#include "store.h"
#include "time_text.h"

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

/* What a commit of format 1.2 says beside; nothing of an older one. */
static void print_commit(const struct ancient_info *info)
{
	char iso[TIME_TEXT], age[TIME_TEXT];
	uint64_t now = time_text_now();

	if (info->time > now)
		output_row("time", "%s (in the future)", time_text_iso(info->time, iso));
	else if (info->time != 0)
		output_row("time", "%s (%s ago)", time_text_iso(info->time, iso),
			   time_text_age(info->time, now, age));
	if (info->history != 0)
		output_row("history", "%016" PRIx64, info->history);
}

static void print_damage(const struct ancient_info *info)
{
	if (info->hidden_generation != 0)
		output_row("damaged", "superblock %d, which hides generation %" PRIu64,
			   info->damaged_slot, info->hidden_generation);
	else if (info->damaged_slot >= 0)
		output_row("damaged", "superblock %d", info->damaged_slot);
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
	print_damage(info);
	if (info->generation == info->newest_generation)
		output_row("generation", "%s", output_count(info->generation, number));
	else
		output_row("generation", "%s of %s", output_count(info->generation, number),
			   output_count(info->newest_generation, other));
	print_commit(info);
	output_row("written by", "OCaml %s", ocaml_text(info->ocaml_version, number));
	output_row("keys", "%s, %s named", output_count(info->key_count, number),
		   output_count(info->name_count, other));
	output_row("blocks", "%s", output_count(info->block_count, number));
	output_row_size("values", info->value_bytes);
	output_row_size("used", info->used);
	if (info->durable_used != 0)
		output_row_size("durable", info->durable_used);
	if (garbage != NULL)
		output_row_size("reclaimable", *garbage);
	output_row_size("file", info->file_bytes);
	output_row_size("may grow to", info->reserve);
	output_row("base", "0x%" PRIx64, info->base);
	output_row("customs", "%" PRIu32 " slots", info->custom_slots);
}

/* null where it is not known. */
static void optional_member(struct reader_json *json, const char *name, uint64_t number, bool known)
{
	ancient_reader_json_key(json, name);
	if (known)
		ancient_reader_json_unsigned(json, number);
	else
		ancient_reader_json_null(json);
}

static void commit_members(struct reader_json *json, const struct ancient_info *info)
{
	char text[OUTPUT_NUMBER];

	ancient_reader_json_unsigned_member(json, "newest_generation", info->newest_generation);
	time_text_members(json, info->time, time_text_now());
	ancient_reader_json_key(json, "history");
	snprintf(text, sizeof text, "%016" PRIx64, info->history);
	if (info->history != 0)
		ancient_reader_json_string(json, text);
	else
		ancient_reader_json_null(json);
	optional_member(json, "durable_bytes", info->durable_used, info->durable_used != 0);
	optional_member(json, "damaged_superblock", (uint64_t)info->damaged_slot,
			info->damaged_slot >= 0);
	optional_member(json, "hidden_generation", info->hidden_generation,
			info->hidden_generation != 0);
}

static void print_json(const struct ancient_info *info, const uint64_t *garbage)
{
	struct reader_json json;
	char uuid[UUID_TEXT], text[OUTPUT_NUMBER];

	output_json_begin(&json);
	ancient_reader_json_string_member(&json, "file", info->name);
	ancient_reader_json_key(&json, "format");
	snprintf(text, sizeof text, "%" PRIu32 ".%" PRIu32, info->version >> 16,
		 info->version & 0xFFFF);
	ancient_reader_json_string(&json, text);
	ancient_reader_json_string_member(&json, "uuid", uuid_text(info->uuid, uuid));
	ancient_reader_json_string_member(&json, "state",
					  info->superseded ? "superseded" : "current");
	ancient_reader_json_unsigned_member(&json, "generation", info->generation);
	commit_members(&json, info);
	ancient_reader_json_key(&json, "ocaml_version");
	if (info->ocaml_version == 0)
		ancient_reader_json_null(&json);
	else
		ancient_reader_json_string(&json, ocaml_text(info->ocaml_version, text));
	ancient_reader_json_unsigned_member(&json, "keys", info->key_count);
	ancient_reader_json_unsigned_member(&json, "names", info->name_count);
	ancient_reader_json_unsigned_member(&json, "blocks", info->block_count);
	ancient_reader_json_unsigned_member(&json, "value_bytes", info->value_bytes);
	ancient_reader_json_unsigned_member(&json, "used_bytes", info->used);
	if (garbage != NULL)
		ancient_reader_json_unsigned_member(&json, "reclaimable_bytes", *garbage);
	ancient_reader_json_unsigned_member(&json, "file_bytes", info->file_bytes);
	ancient_reader_json_unsigned_member(&json, "reserve_bytes", info->reserve);
	ancient_reader_json_unsigned_member(&json, "base", info->base);
	ancient_reader_json_unsigned_member(&json, "custom_slots", info->custom_slots);
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
		status = reclaimable_bytes(request, file, &info, &bytes);
	if (status == TOOL_GOOD && request->json)
		print_json(&info, garbage);
	else if (status == TOOL_GOOD)
		print_text(&info, garbage);
	ancient_file_close(file);
	return status;
}

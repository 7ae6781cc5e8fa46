/* c-reader/tool: `ancientctl remove`: one commit that takes keys out.  All of them or, where one is
 * not there, none. */
#include "tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "store.h"
#include "writer.h"

struct keys {
	uint64_t *key;
	size_t count;
};

/* The key that one word of the command line names, in the generation below the commit. */
static enum tool_status resolve(const struct tool_request *request, const struct writer *writer,
				const char *word, uint64_t *ret_key)
{
	struct ancient_store_entry entry;
	struct ancient_error err;
	enum ancient_code code;
	bool named;
	uint64_t key = 0;
	enum tool_status status = store_parse_key(request, word, &named, &key);

	if (status != TOOL_GOOD)
		return status;
	code = named ? ancient_store_entry_named(writer->store, NULL, word, &entry, &err)
		     : ancient_store_entry(writer->store, NULL, key, &entry, &err);
	if (code != ANCIENT_OK)
		return store_failed(&err);
	*ret_key = entry.key;
	return TOOL_GOOD;
}

static void add(struct keys *keys, uint64_t key)
{
	for (size_t i = 0; i < keys->count; i++)
		if (keys->key[i] == key)
			return; /* by its number and by its name */
	keys->key[keys->count++] = key;
}

static enum tool_status remove_all(const struct tool_request *request, struct writer *writer,
				   struct keys *keys)
{
	struct ancient_error err;

	for (size_t i = 0; i < request->more_count; i++) {
		uint64_t key = 0;
		enum tool_status status = resolve(request, writer, request->more[i], &key);

		if (status != TOOL_GOOD)
			return status;
		add(keys, key);
	}
	for (size_t i = 0; i < keys->count; i++)
		if (ancient_commit_remove(writer->commit, keys->key[i], &err) != ANCIENT_OK)
			return store_failed(&err);
	return TOOL_GOOD;
}

static void print(const struct tool_request *request, const struct keys *keys,
		  const struct written *written)
{
	struct reader_json json;
	char one[OUTPUT_NUMBER], two[OUTPUT_NUMBER], three[OUTPUT_NUMBER];

	if (request->json) {
		output_json_begin(&json);
		ancient_reader_json_string_member(&json, "file", request->file);
		ancient_reader_json_key(&json, "removed");
		ancient_reader_json_begin(&json, '[');
		for (size_t i = 0; i < keys->count; i++)
			ancient_reader_json_unsigned(&json, keys->key[i]);
		ancient_reader_json_end(&json, ']');
		ancient_reader_json_unsigned_member(&json, "generation", written->generation);
		ancient_reader_json_unsigned_member(&json, "keys", written->keys);
		output_json_end(&json);
		return;
	}
	output_text(stdout, request->file, strlen(request->file));
	printf(": %s key%s removed in generation %s, which has %s\n",
	       output_count(keys->count, one), keys->count == 1 ? "" : "s",
	       output_count(written->generation, two),
	       written->keys == 0 ? "none" : output_count(written->keys, three));
}

enum tool_status cmd_remove(const struct tool_request *request)
{
	struct keys keys = {.key = malloc(request->more_count * sizeof *keys.key)};
	struct written written;
	struct writer writer;
	enum tool_status status;

	if (keys.key == NULL) {
		output_error("out of memory");
		return TOOL_UNREADABLE;
	}
	status = writer_begin(request, &writer);
	if (status == TOOL_GOOD)
		status = remove_all(request, &writer, &keys);
	if (status == TOOL_GOOD)
		status = writer_commit(&writer, &written);
	writer_end(&writer);
	if (status == TOOL_GOOD)
		print(request, &keys, &written);
	free(keys.key);
	return status;
}

/* c-reader/tool: what every command does first: opens the file and finds the key.  And what it does
 * on an error of the library: prints it and makes it an exit status. */
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ancient/format.h>

#include "absent_key.h"
#include "output.h"

/* By class (core/errors.def), but for what is wrong with the file where the class says that it
 * cannot be written. */
enum tool_status store_status(enum ancient_code code)
{
	enum class {
		SYSTEM = TOOL_UNREADABLE,
		CALLER = TOOL_USAGE,
		ABSENT = TOOL_ABSENT,
		FORMAT = TOOL_BAD_FILE,
		CORRUPT = TOOL_BAD_FILE,
		REFUSED = TOOL_USAGE,
	};

	switch (code) {
	case ANCIENT_E_UNRECOVERED:
	case ANCIENT_E_UNDURABLE:
		return TOOL_BAD_FILE;
	case ANCIENT_E_RELOCATED:
	case ANCIENT_E_SUPERSEDED:
	case ANCIENT_E_NO_ROOM:
		return TOOL_UNREADABLE;
	default:
		break;
	}
	switch (code) {
	case ANCIENT_OK:
		return TOOL_GOOD;
#define ANCIENT_ERROR(code, number, class, python, text)                                           \
	case ANCIENT_E_##code:                                                                     \
		return (enum tool_status)(class);
#include "errors.def"
#undef ANCIENT_ERROR
	}
	return TOOL_UNREADABLE;
}

enum tool_status store_failed(const struct ancient_error *err)
{
	if (err->code != ANCIENT_E_INTERRUPTED)
		output_failure(err);
	/* The writer's verification, which compact begins with, does not say it. */
	if (strcmp(ancient_rule_name(err->rule), "S5") == 0 &&
	    strstr(err->message, "ancientctl recover") == NULL)
		output_hint("'ancientctl recover FILE' makes the superblock good again");
	if (err->code == ANCIENT_E_NO_KEY)
		output_hint("'ancientctl keys FILE' lists the keys and their names");
	if (err->code == ANCIENT_E_NO_GENERATION)
		output_hint("'ancientctl log FILE' lists the generations");
	return store_status(err->code);
}

enum ancient_code store_try_open(const struct tool_request *request, int advice,
				 struct ancient_file **ret_file, struct ancient_error *err)
{
	const struct ancient_options options = {
		.guard = true, .advice = advice, .generation = request->generation};

	return ancient_file_open(request->file, &options, ret_file, err);
}

void store_warn(const struct ancient_file *file)
{
	struct ancient_info info;

	ancient_file_info(file, &info);
	if (info.damaged_slot < 0)
		return;
	if (info.hidden_generation != 0)
		output_hint("%s: warning: superblock %d is damaged and hides generation %" PRIu64
			    ": 'ancientctl recover %s' brings it back",
			    info.name, info.damaged_slot, info.hidden_generation, info.name);
	else
		output_hint("%s: warning: superblock %d is damaged: 'ancientctl recover %s' "
			    "makes it good again",
			    info.name, info.damaged_slot, info.name);
}

enum tool_status store_open(const struct tool_request *request, int advice,
			    struct ancient_file **ret_file)
{
	struct ancient_error err;

	if (store_try_open(request, advice, ret_file, &err) != ANCIENT_OK)
		return store_failed(&err);
	store_warn(*ret_file);
	return TOOL_GOOD;
}

/* Whether KEY is a number: digits only, or it would shadow names like "2026-11". */
static bool is_number(const char *text)
{
	return *text != 0 && text[strspn(text, "0123456789")] == 0;
}

enum tool_status store_parse_key(const struct tool_request *request, const char *text,
				 bool *ret_named, uint64_t *ret_key)
{
	unsigned long long key = 0;
	bool named = request->by_name || !is_number(text);
	size_t length = strlen(text);

	errno = 0;
	if (named && (length == 0 || length > ANCIENT_NAME_MAX)) {
		output_error("a name has 1 to %u bytes, found %zu", ANCIENT_NAME_MAX, length);
		return TOOL_USAGE;
	}
	if (!named)
		key = strtoull(text, NULL, 10);
	if (errno != 0 || key > ANCIENT_KEY_MAX) {
		output_error("keys are numbers from 0 to %llu, found %s",
			     (unsigned long long)ANCIENT_KEY_MAX, text);
		return TOOL_USAGE;
	}
	*ret_named = named;
	*ret_key = key;
	return TOOL_GOOD;
}

enum tool_status store_entry(const struct ancient_file *file, const struct tool_request *request,
			     struct ancient_entry *ret_entry)
{
	struct ancient_error err;
	enum ancient_code code;
	bool named;
	uint64_t key;
	enum tool_status status = store_parse_key(request, request->key, &named, &key);

	if (status != TOOL_GOOD)
		return status;
	code = named ? ancient_file_entry_named(file, request->key, strlen(request->key), ret_entry,
						&err)
		     : ancient_file_entry(file, key, ret_entry, &err);
	if (code != ANCIENT_E_NO_KEY)
		return code == ANCIENT_OK ? TOOL_GOOD : store_failed(&err);
	output_failure(&err);
	absent_key_hint(file, request->key);
	return TOOL_ABSENT;
}

struct ancient_schema *store_schema(const struct ancient_file *file,
				    const struct tool_request *request,
				    const struct ancient_entry *entry)
{
	struct ancient_schema *schema = NULL;
	struct ancient_error err;
	struct ancient_info info;

	if (request->raw || entry->schema == NULL)
		return NULL;
	ancient_file_info(file, &info);
	if (ancient_schema_parse(entry->schema, entry->schema_length, info.name, &schema, &err) !=
	    ANCIENT_OK)
		output_hint("%s; the value is shown without its types", err.message);
	return schema;
}

enum tool_status store_failed_typed(const struct ancient_error *err)
{
	enum tool_status status;

	if (err->code == ANCIENT_E_NO_KEY) { /* of a table, not of the file */
		output_failure(err);
		return TOOL_ABSENT;
	}
	status = store_failed(err);
	if (err->code == ANCIENT_E_BAD_SHAPE)
		return TOOL_BAD_FILE;
	return err->code == ANCIENT_E_WRONG_KIND ? TOOL_ABSENT : status;
}

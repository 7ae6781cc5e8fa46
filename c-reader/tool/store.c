/* c-reader/tool: what every command does first: opens the file and finds the key.  And what it does
 * on an error of the library: prints it and makes it an exit status. */
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ancient/format.h>

#include "output.h"

enum tool_status store_status(enum ancient_code code)
{
	/* By class; see core/errors.def. */
	enum class {
		SYSTEM = TOOL_UNREADABLE,
		CALLER = TOOL_USAGE,
		ABSENT = TOOL_ABSENT,
		FORMAT = TOOL_BAD_FILE,
		CORRUPT = TOOL_BAD_FILE,
		REFUSED = TOOL_USAGE,
	};

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
		output_error("%s", err->message);
	return store_status(err->code);
}

enum ancient_code store_try_open(const char *path, int advice, struct ancient_file **ret_file,
				 struct ancient_error *err)
{
	const struct ancient_options options = {.guard = true, .advice = advice};

	return ancient_file_open(path, &options, ret_file, err);
}

enum tool_status store_open(const struct tool_request *request, int advice,
			    struct ancient_file **ret_file)
{
	struct ancient_error err;

	if (store_try_open(request->file, advice, ret_file, &err) != ANCIENT_OK)
		return store_failed(&err);
	return TOOL_GOOD;
}

/* Whether KEY is a number: digits only, or it would shadow names like "2026-11". */
static bool is_number(const char *text)
{
	return *text != 0 && text[strspn(text, "0123456789")] == 0;
}

enum tool_status store_entry(const struct ancient_file *file, const struct tool_request *request,
			     struct ancient_entry *ret_entry)
{
	struct ancient_error err;
	enum ancient_code code;
	unsigned long long key;

	if (request->by_name || !is_number(request->key)) {
		size_t length = strlen(request->key);

		if (length == 0 || length > ANCIENT_NAME_MAX) {
			output_error("a name has 1 to %u bytes, found %zu", ANCIENT_NAME_MAX,
				     length);
			return TOOL_USAGE;
		}
		code = ancient_file_entry_named(file, request->key, length, ret_entry, &err);
	} else {
		errno = 0;
		key = strtoull(request->key, NULL, 10);
		if (errno != 0 || key > ANCIENT_KEY_MAX) {
			output_error("keys are numbers from 0 to %llu, found %s",
				     (unsigned long long)ANCIENT_KEY_MAX, request->key);
			return TOOL_USAGE;
		}
		code = ancient_file_entry(file, key, ret_entry, &err);
	}
	if (code == ANCIENT_OK)
		return TOOL_GOOD;
	store_failed(&err);
	if (code == ANCIENT_E_NO_KEY)
		output_hint("'ancientctl keys FILE' lists the keys and their names");
	return store_status(code);
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
	enum tool_status status = store_failed(err);

	if (err->code == ANCIENT_E_BAD_SHAPE)
		return TOOL_BAD_FILE;
	return err->code == ANCIENT_E_WRONG_KIND ? TOOL_ABSENT : status;
}

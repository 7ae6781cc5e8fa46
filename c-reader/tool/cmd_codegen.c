/* c-reader/tool: `ancientctl codegen`: code that knows the types of a key, for C or Python. */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "codegen/codegen.h"
#include "output.h"
#include "store.h"

#define TEXT_MAX ((size_t)1 << 20) /* bytes of a schema (FORMAT 12.2) */
#define PREFIX_MAX 64u

/* ---- Options ---------------------------------------------------------------------------- */

/* An identifier that nothing else owns: not C's, C++'s or this library's. */
static bool good_prefix(const char *prefix)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char others[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t length = strlen(prefix);

	return length > 0 && length <= PREFIX_MAX && strchr(letters, *prefix) != NULL &&
	       prefix[strspn(prefix, others)] == 0 && prefix[length - 1] != '_' &&
	       strstr(prefix, "__") == NULL && strcasecmp(prefix, "ancient") != 0 &&
	       strncasecmp(prefix, "ancient_", 8) != 0;
}

static bool good_request(const struct tool_request *request, bool *ret_python)
{
	const char *lang = request->lang != NULL ? request->lang : "c";

	*ret_python = strcmp(lang, "pyi") == 0;
	if (!*ret_python && strcmp(lang, "c") != 0) {
		output_error("--lang: expected c or pyi, found '%s'", lang);
		return false;
	}
	if (request->schema != NULL ? request->file != NULL : request->key == NULL) {
		output_error("'codegen' takes FILE KEY, or --schema TEXTFILE alone");
		return false;
	}
	if (request->prefix == NULL && !*ret_python) {
		output_error("'codegen' needs --prefix NAME, with which all names in C begin");
		return false;
	}
	if (request->prefix != NULL && !good_prefix(request->prefix)) {
		output_error("--prefix: expected a name such as idx: letters, digits and single _ "
			     "between them, not ancient; found '%s'",
			     request->prefix);
		return false;
	}
	return true;
}

/* ---- The schema --------------------------------------------------------------------------- */

/* At most TEXT_MAX bytes and one more, which the parser refuses. */
static enum tool_status read_text(const char *path, char **ret_text, size_t *ret_length)
{
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text = malloc(TEXT_MAX + 1);
	size_t length;

	if (in == NULL || text == NULL) {
		output_error("%s: %s", path, strerror(errno));
	} else {
		length = fread(text, 1, TEXT_MAX + 1, in);
		if (!ferror(in)) {
			if (in != stdin)
				fclose(in);
			*ret_text = text;
			*ret_length = length;
			return TOOL_GOOD;
		}
		output_error("%s: %s", path, strerror(errno));
	}
	if (in != NULL && in != stdin)
		fclose(in);
	free(text);
	return TOOL_UNREADABLE;
}

static enum tool_status schema_of_text(const struct tool_request *request,
				       struct ancient_schema **ret_schema)
{
	struct ancient_error err;
	enum tool_status status;
	size_t length;
	char *text;

	status = read_text(request->schema, &text, &length);
	if (status != TOOL_GOOD)
		return status;
	if (ancient_schema_parse(text, length, request->schema, ret_schema, &err) != ANCIENT_OK)
		status = store_failed(&err);
	free(text);
	return status;
}

static enum tool_status schema_of_key(const struct tool_request *request,
				      struct ancient_schema **ret_schema)
{
	struct ancient_entry entry;
	struct ancient_error err;
	struct ancient_file *file;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	status = store_entry(file, request, &entry);
	if (status == TOOL_GOOD && entry.schema == NULL) {
		output_error("%s: the value was shared without types", request->file);
		output_hint("give them as a text, OCaml declarations and 'val root : TYPE', by "
			    "--schema TEXTFILE");
		status = TOOL_ABSENT;
	}
	if (status == TOOL_GOOD &&
	    ancient_schema_parse(entry.schema, entry.schema_length, request->file, ret_schema,
				 &err) != ANCIENT_OK) {
		store_failed(&err);
		status = TOOL_BAD_FILE;
	}
	ancient_file_close(file);
	return status;
}

/* ---- The output --------------------------------------------------------------------------- */

static enum tool_status generate(const struct ancient_schema *schema,
				 const struct tool_request *request, bool python)
{
	struct codegen codegen;
	enum tool_status status = TOOL_UNREADABLE;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool good = false;

	if (out != NULL) {
		good = codegen_init(&codegen, schema, request->prefix, out);
		codegen.drop_modules = request->drop_modules;
		good = good && (python ? codegen_pyi(&codegen) : codegen_c(&codegen));
		codegen_done(&codegen);
		good = fclose(out) == 0 && good;
	}
	if (!good)
		output_error("out of memory");
	else if (request->output != NULL)
		status = output_file(request->output, text, length);
	else
		status = fwrite(text, 1, length, stdout) == length ? TOOL_GOOD : TOOL_UNREADABLE;
	free(text);
	return status;
}

enum tool_status cmd_codegen(const struct tool_request *request)
{
	struct ancient_schema *schema = NULL;
	enum tool_status status;
	bool python;

	if (!good_request(request, &python))
		return TOOL_USAGE;
	status = request->schema != NULL ? schema_of_text(request, &schema)
					 : schema_of_key(request, &schema);
	if (status == TOOL_GOOD)
		status = generate(schema, request, python);
	ancient_schema_close(schema);
	return status;
}

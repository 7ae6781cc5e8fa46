/* examples/debian-index: answers one request with JSON.  Texts are written directly from the
 * mapped file; an answer has a largest size, whatever the file holds. */
#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tables.h"

#define BODY_MAX 1000000 /* bytes after which a list is cut off */

static const char help[] = "ancient-demo-service: Debian's package index, from one mapped file\n"
			   "\n"
			   "  /package/NAME   version, section, size, summary, dependencies\n"
			   "  /search?q=WORD  packages whose description has the word: how many,\n"
			   "                  and the 20 that say it in name or summary most\n"
			   "                  (several words: all of them; a + in a word is %2B)\n"
			   "  /status         what is served, and since which generation\n";

/* A JSON answer while it is being written. */
struct draft {
	FILE *out;
	struct reader_json json;
	char *body;
	size_t length;
};

static bool write_out(void *context, const char *bytes, size_t length)
{
	FILE *out = context;

	return fwrite(bytes, 1, length, out) == length;
}

static bool draft_begin(struct draft *draft)
{
	draft->body = NULL;
	draft->out = open_memstream(&draft->body, &draft->length);
	ancient_reader_json_init(&draft->json, READER_JSON_COMPACT, write_out, draft->out);
	return draft->out != NULL;
}

static void draft_drop(struct draft *draft)
{
	fclose(draft->out);
	free(draft->body);
}

static void draft_finish(struct draft *draft, unsigned status, struct answer *ret_answer)
{
	bool failed;

	ancient_reader_json_flush(&draft->json);
	fputc('\n', draft->out);
	failed = ferror(draft->out) != 0;
	if (fclose(draft->out) != 0 || failed) {
		free(draft->body);
		draft->body = NULL;
	}
	*ret_answer = (struct answer){status, "application/json", draft->body, draft->length};
}

static void text_member(struct reader_json *json, const char *key, struct text text)
{
	ancient_reader_json_key(json, key);
	ancient_reader_json_text(json, text.bytes, text.length);
}

static void refuse(unsigned status, const char *message, const char *key, struct text value,
		   struct answer *ret_answer)
{
	struct draft draft;

	*ret_answer = (struct answer){.status = status};
	if (!draft_begin(&draft))
		return;
	ancient_reader_json_begin(&draft.json, '{');
	ancient_reader_json_string_member(&draft.json, "error", message);
	if (key != NULL)
		text_member(&draft.json, key, value);
	ancient_reader_json_end(&draft.json, '}');
	draft_finish(&draft, status, ret_answer);
}

void answer_error(unsigned status, const char *message, struct answer *ret_answer)
{
	refuse(status, message, NULL, (struct text){0}, ret_answer);
}

/* 500 where the file is damaged or of other types; 503 where it was truncated during the request.
 */
static void answer_failure(const struct ancient_error *err, struct answer *ret_answer)
{
	answer_error(err->code == ANCIENT_E_TORN_AWAY ? 503 : 500, err->message, ret_answer);
}

/* ---- /package/NAME ------------------------------------------------------------- */

static void write_item(void *context, struct text item)
{
	struct draft *draft = context;

	if (draft->json.written < BODY_MAX)
		ancient_reader_json_text(&draft->json, item.bytes, item.length);
}

static enum ancient_code write_package(const struct tables *tables, const struct package *package,
				       struct draft *draft, struct ancient_error *err)
{
	struct reader_json *json = &draft->json;
	uint64_t rdepends;
	enum ancient_code code;

	ancient_reader_json_begin(json, '{');
	text_member(json, "name", package->name);
	text_member(json, "version", package->version);
	text_member(json, "section", package->section);
	ancient_reader_json_key(json, "installed_size");
	ancient_reader_json_int(json, package->installed_size);
	text_member(json, "summary", package->summary);
	ancient_reader_json_key(json, "depends");
	ancient_reader_json_begin(json, '[');
	code = tables_list(tables, package->depends, write_item, draft, err);
	ancient_reader_json_end(json, ']');
	if (code == ANCIENT_OK)
		code = tables_rdepends(tables, package->name, &rdepends, err);
	if (code != ANCIENT_OK)
		return code;
	ancient_reader_json_unsigned_member(json, "rdepends", rdepends);
	ancient_reader_json_end(json, '}');
	return ANCIENT_OK;
}

static void answer_package(const struct tables *tables, struct text name, struct answer *ret_answer)
{
	struct package package;
	struct ancient_error err;
	struct draft draft;
	enum ancient_code code;

	if (name.length == 0) {
		answer_error(400, "expected /package/NAME", ret_answer);
		return;
	}
	code = tables_package(tables, name, &package, &err);
	if (code == ANCIENT_E_NO_KEY) {
		refuse(404, "no such package", "package", name, ret_answer);
		return;
	}
	if (code != ANCIENT_OK) {
		answer_failure(&err, ret_answer);
		return;
	}
	if (!draft_begin(&draft))
		return;
	if (write_package(tables, &package, &draft, &err) != ANCIENT_OK) {
		draft_drop(&draft);
		answer_failure(&err, ret_answer);
		return;
	}
	draft_finish(&draft, 200, ret_answer);
}

/* ---- /search?q=WORD ------------------------------------------------------------ */

/* Splits at blanks, in place, in lower case as the index is; one more than
 * TABLES_WORDS_MAX where there are more. */
static unsigned split(char *query, struct text words[TABLES_WORDS_MAX])
{
	unsigned count = 0;

	for (char *at = query; *at != 0;) {
		size_t length = strcspn(at, " \t\r\n");

		if (length == 0) {
			at++;
			continue;
		}
		if (count == TABLES_WORDS_MAX)
			return count + 1;
		for (size_t i = 0; i < length; i++)
			if (at[i] >= 'A' && at[i] <= 'Z')
				at[i] = (char)(at[i] - 'A' + 'a');
		words[count++] = (struct text){at, length};
		at += length;
	}
	return count;
}

static enum ancient_code write_hits(const struct tables *tables, const struct hits *hits,
				    struct reader_json *json, struct ancient_error *err)
{
	ancient_reader_json_unsigned_member(json, "count", hits->count);
	ancient_reader_json_unsigned_member(json, "shown", hits->shown);
	ancient_reader_json_key(json, "packages");
	ancient_reader_json_begin(json, '[');
	for (unsigned i = 0; i < hits->shown; i++) {
		struct package package;
		enum ancient_code code = tables_package(tables, hits->name[i], &package, err);

		if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
			return code;
		ancient_reader_json_begin(json, '{');
		text_member(json, "name", hits->name[i]);
		if (code == ANCIENT_OK)
			text_member(json, "summary", package.summary);
		ancient_reader_json_end(json, '}');
	}
	ancient_reader_json_end(json, ']');
	return ANCIENT_OK;
}

static void search(const struct tables *tables, char *query, struct answer *ret_answer)
{
	struct text words[TABLES_WORDS_MAX];
	unsigned count = split(query, words);
	struct ancient_error err;
	struct draft draft;
	struct hits hits;
	enum ancient_code code;

	if (count == 0 || count > TABLES_WORDS_MAX) {
		answer_error(400, "expected /search?q=WORD, 1 to 8 words", ret_answer);
		return;
	}
	if (!draft_begin(&draft))
		return;
	ancient_reader_json_begin(&draft.json, '{');
	ancient_reader_json_key(&draft.json, "query");
	ancient_reader_json_begin(&draft.json, '[');
	for (unsigned i = 0; i < count; i++)
		ancient_reader_json_text(&draft.json, words[i].bytes, words[i].length);
	ancient_reader_json_end(&draft.json, ']');
	code = tables_search(tables, words, count, &hits, &err);
	if (code == ANCIENT_OK)
		code = write_hits(tables, &hits, &draft.json, &err);
	if (code != ANCIENT_OK) {
		draft_drop(&draft);
		answer_failure(&err, ret_answer);
		return;
	}
	ancient_reader_json_end(&draft.json, '}');
	draft_finish(&draft, 200, ret_answer);
}

static void answer_search(const struct tables *tables, const char *query, struct answer *ret_answer)
{
	char *copy = strdup(query != NULL ? query : "");

	if (copy == NULL)
		return;
	search(tables, copy, ret_answer);
	free(copy);
}

/* ---- /status ------------------------------------------------------------------- */

static void answer_status(struct snapshots *snapshots, const struct tables *tables,
			  struct answer *ret_answer)
{
	char warning[512];
	struct ancient_error err;
	struct ancient_info info;
	struct meta meta;
	struct draft draft;
	uint64_t opened;

	snapshots_report(snapshots, &opened, warning, sizeof warning);
	ancient_file_info(tables->file, &info);
	if (!draft_begin(&draft))
		return;
	ancient_reader_json_begin(&draft.json, '{');
	ancient_reader_json_string_member(&draft.json, "file", info.name);
	ancient_reader_json_unsigned_member(&draft.json, "generation", info.generation);
	ancient_reader_json_unsigned_member(&draft.json, "keys", info.key_count);
	ancient_reader_json_unsigned_member(&draft.json, "bytes", info.used);
	if (tables_meta(tables, &meta, &err) == ANCIENT_OK) {
		text_member(&draft.json, "source", meta.source);
		ancient_reader_json_key(&draft.json, "packages");
		ancient_reader_json_int(&draft.json, meta.packages);
		ancient_reader_json_key(&draft.json, "words");
		ancient_reader_json_int(&draft.json, meta.words);
	}
	ancient_reader_json_unsigned_member(&draft.json, "snapshots", opened);
	ancient_reader_json_key(&draft.json, "warning");
	if (*warning != 0)
		ancient_reader_json_string(&draft.json, warning);
	else
		ancient_reader_json_null(&draft.json);
	ancient_reader_json_end(&draft.json, '}');
	draft_finish(&draft, 200, ret_answer);
}

/* ---- All ----------------------------------------------------------------------- */

void answer_request(struct snapshots *snapshots, const char *path, const char *query,
		    struct answer *ret_answer)
{
	static const char package[] = "/package/";
	struct snapshot *snapshot = snapshots_take(snapshots);
	const struct tables *tables = &snapshot->tables;

	*ret_answer = (struct answer){.status = 500};
	if (strncmp(path, package, sizeof package - 1) == 0) {
		const char *name = path + sizeof package - 1;

		answer_package(tables, (struct text){name, strlen(name)}, ret_answer);
	} else if (strcmp(path, "/search") == 0) {
		answer_search(tables, query, ret_answer);
	} else if (strcmp(path, "/status") == 0) {
		answer_status(snapshots, tables, ret_answer);
	} else if (strcmp(path, "/") == 0) {
		*ret_answer = (struct answer){200, "text/plain; charset=utf-8", strdup(help),
					      sizeof help - 1};
	} else {
		refuse(404, "no such page: / lists what there is", "path",
		       (struct text){path, strlen(path)}, ret_answer);
	}
	snapshots_give(snapshots, snapshot);
}

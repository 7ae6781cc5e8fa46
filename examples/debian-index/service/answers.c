/* examples/debian-index: answers one request with JSON (answers.h).  Texts are written directly
 * from the mapped file; an answer has a largest size, whatever the file holds. */
#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "tables.h"

#define BODY_MAX 1000000 /* bytes after which a list is cut off */

static const char help[] =
	"ancient-demo-service: Debian's package index, from one mapped file\n"
	"\n"
	"  /package/NAME   version, section, size, summary, dependencies\n"
	"  /search?q=WORD  packages whose description has the word: how many,\n"
	"                  and the 20 that say it in name or summary most\n"
	"                  (several words: all of them; a + in a word is %2B)\n"
	"  /status         which snapshot is served, and what is in it\n"
	"  /health         200, or 503 where the snapshot was torn away\n"
	"\n"
	"The header Ancient-Snapshot says which snapshot an answer comes from: it\n"
	"counts up when something newer is served. ETag names what was published.\n";

static void finish(struct json *json, unsigned status, struct answer *ret_answer)
{
	ret_answer->status = status;
	ret_answer->type = "application/json";
	ret_answer->body = json_take(json, &ret_answer->length);
}

static void text_member(struct json *json, const char *key, struct text text)
{
	json_key(json, key);
	json_text(json, text.bytes, text.length);
}

static void string_member(struct json *json, const char *key, const char *string)
{
	json_key(json, key);
	json_string(json, string);
}

static void unsigned_member(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	json_unsigned(json, number);
}

static void int_member(struct json *json, const char *key, int64_t number)
{
	json_key(json, key);
	json_int(json, number);
}

static void refuse(unsigned status, const char *message, const char *key, struct text value,
		   struct answer *ret_answer)
{
	struct json json;

	json_init(&json);
	json_begin(&json, '{');
	string_member(&json, "error", message);
	if (key != NULL)
		text_member(&json, key, value);
	json_end(&json, '}');
	finish(&json, status, ret_answer);
}

static void fail(unsigned status, const char *message, struct answer *ret_answer)
{
	refuse(status, message, NULL, (struct text){0}, ret_answer);
}

void answer_error(unsigned status, const char *message, struct answer *ret_answer)
{
	*ret_answer = (struct answer){.status = status};
	fail(status, message, ret_answer);
}

/* 500 where the file is damaged or of other types; 503 where it was truncated during the request.
 */
static void answer_failure(const struct ancient_error *err, struct answer *ret_answer)
{
	fail(err->code == ANCIENT_E_TORN_AWAY ? 503 : 500, err->message, ret_answer);
}

/* ---- /package/NAME ------------------------------------------------------------- */

static void write_item(void *context, struct text item)
{
	struct json *json = context;

	if (json->length < BODY_MAX)
		json_text(json, item.bytes, item.length);
}

static enum ancient_code write_package(const struct tables *tables, const struct package *package,
				       struct json *json, struct ancient_error *err)
{
	uint64_t rdepends;
	enum ancient_code code;

	json_begin(json, '{');
	text_member(json, "name", package->name);
	text_member(json, "version", package->version);
	text_member(json, "section", package->section);
	int_member(json, "installed_size", package->installed_size);
	text_member(json, "summary", package->summary);
	json_key(json, "depends");
	json_begin(json, '[');
	code = tables_list(tables, package->depends, write_item, json, err);
	json_end(json, ']');
	if (code == ANCIENT_OK)
		code = tables_rdepends(tables, package->name, &rdepends, err);
	if (code != ANCIENT_OK)
		return code;
	unsigned_member(json, "rdepends", rdepends);
	json_end(json, '}');
	return ANCIENT_OK;
}

static void answer_package(const struct tables *tables, struct text name, struct answer *ret_answer)
{
	struct package package;
	struct ancient_error err;
	struct json json;
	enum ancient_code code;

	if (name.length == 0) {
		fail(400, "expected /package/NAME", ret_answer);
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
	json_init(&json);
	if (write_package(tables, &package, &json, &err) != ANCIENT_OK) {
		json_done(&json);
		answer_failure(&err, ret_answer);
		return;
	}
	finish(&json, 200, ret_answer);
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
				    struct json *json, struct ancient_error *err)
{
	unsigned_member(json, "count", hits->count);
	unsigned_member(json, "shown", hits->shown);
	json_key(json, "packages");
	json_begin(json, '[');
	for (unsigned i = 0; i < hits->shown; i++) {
		struct package package;
		enum ancient_code code = tables_package(tables, hits->name[i], &package, err);

		if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
			return code;
		json_begin(json, '{');
		text_member(json, "name", hits->name[i]);
		if (code == ANCIENT_OK)
			text_member(json, "summary", package.summary);
		json_end(json, '}');
	}
	json_end(json, ']');
	return ANCIENT_OK;
}

static void search(const struct tables *tables, char *query, struct answer *ret_answer)
{
	struct text words[TABLES_WORDS_MAX];
	unsigned count = split(query, words);
	struct ancient_error err;
	struct json json;
	struct hits hits;
	enum ancient_code code;

	if (count == 0 || count > TABLES_WORDS_MAX) {
		fail(400, "expected /search?q=WORD, 1 to 8 words", ret_answer);
		return;
	}
	json_init(&json);
	json_begin(&json, '{');
	json_key(&json, "query");
	json_begin(&json, '[');
	for (unsigned i = 0; i < count; i++)
		json_text(&json, words[i].bytes, words[i].length);
	json_end(&json, ']');
	code = tables_search(tables, words, count, &hits, &err);
	if (code == ANCIENT_OK)
		code = write_hits(tables, &hits, &json, &err);
	if (code != ANCIENT_OK) {
		json_done(&json);
		answer_failure(&err, ret_answer);
		return;
	}
	json_end(&json, '}');
	finish(&json, 200, ret_answer);
}

static void answer_search(const struct tables *tables, const char *query, struct answer *ret_answer)
{
	char *copy = strdup(query != NULL ? query : "");

	if (copy == NULL)
		return;
	search(tables, copy, ret_answer);
	free(copy);
}

/* ---- /status, /health ------------------------------------------------------------ */

/* null where the file does not say when. */
static void time_member(struct json *json, const char *key, uint64_t nanoseconds)
{
	time_t seconds = (time_t)(nanoseconds / 1000000000);
	struct tm parts;
	char text[32];

	json_key(json, key);
	if (nanoseconds != 0 && gmtime_r(&seconds, &parts) != NULL &&
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) != 0)
		json_string(json, text);
	else
		json_null(json);
}

static void answer_status(struct snapshots *snapshots, const struct snapshot *snapshot,
			  struct answer *ret_answer)
{
	const struct ancient_info *info = &snapshot->info;
	char warning[sizeof snapshots->warning];
	struct ancient_error err;
	struct meta meta;
	struct json json;

	snapshots_warning(snapshots, warning, sizeof warning);
	json_init(&json);
	json_begin(&json, '{');
	string_member(&json, "file", info->name);
	unsigned_member(&json, "snapshot", snapshot->number);
	string_member(&json, "identity", snapshot->identity);
	unsigned_member(&json, "generation", info->generation);
	time_member(&json, "published", info->time);
	unsigned_member(&json, "keys", info->key_count);
	unsigned_member(&json, "bytes", info->used);
	if (tables_meta(&snapshot->tables, &meta, &err) == ANCIENT_OK) {
		text_member(&json, "source", meta.source);
		int_member(&json, "packages", meta.packages);
		int_member(&json, "words", meta.words);
	}
	json_key(&json, "warning");
	if (*warning != 0)
		json_string(&json, warning);
	else
		json_null(&json);
	json_end(&json, '}');
	finish(&json, 200, ret_answer);
}

/* For a load balancer. */
static void answer_health(const struct snapshot *snapshot, struct answer *ret_answer)
{
	struct json json;

	json_init(&json);
	json_begin(&json, '{');
	string_member(&json, "status", "ok");
	unsigned_member(&json, "snapshot", snapshot->number);
	json_end(&json, '}');
	finish(&json, 200, ret_answer);
}

/* ---- All ----------------------------------------------------------------------- */

/* For one address, the same tag means the same answer, of whichever process that serves the file.
 */
static void set_tag(const struct snapshot *snapshot, const struct request *request,
		    struct answer *answer)
{
	snprintf(answer->tag, sizeof answer->tag, "\"%s\"", snapshot->identity);
	if (request->cached == NULL || strstr(request->cached, answer->tag) == NULL)
		return;
	answer->status = 304;
	answer->length = 0;
}

static void answer_from(struct snapshots *snapshots, const struct snapshot *snapshot,
			const struct request *request, struct answer *ret_answer)
{
	static const char package[] = "/package/";
	const struct tables *tables = &snapshot->tables;
	const char *path = request->path;

	if (strncmp(path, package, sizeof package - 1) == 0) {
		const char *name = path + sizeof package - 1;

		answer_package(tables, (struct text){name, strlen(name)}, ret_answer);
	} else if (strcmp(path, "/search") == 0) {
		answer_search(tables, request->query, ret_answer);
	} else if (strcmp(path, "/status") == 0) {
		answer_status(snapshots, snapshot, ret_answer);
		return;
	} else if (strcmp(path, "/health") == 0) {
		answer_health(snapshot, ret_answer);
		return;
	} else if (strcmp(path, "/") == 0) {
		*ret_answer = (struct answer){
			200, "text/plain; charset=utf-8", strdup(help), sizeof help - 1, 0, ""};
	} else {
		refuse(404, "no such page: / lists what there is", "path",
		       (struct text){path, strlen(path)}, ret_answer);
	}
	if (ret_answer->status == 200)
		set_tag(snapshot, request, ret_answer);
}

void answer_request(struct snapshots *snapshots, const struct request *request,
		    struct answer *ret_answer)
{
	struct snapshot *snapshot = snapshots_take(snapshots);
	struct ancient_error err;

	*ret_answer = (struct answer){.status = 500};
	answer_from(snapshots, snapshot, request, ret_answer);
	/* Texts were read from the mapping after the library had found them: had the file been
	 * truncated meanwhile, they would have been read as zeros.  So ask once more. */
	if (strcmp(request->path, "/status") != 0 &&
	    ancient_file_stands(snapshot->file, &err) != ANCIENT_OK) {
		free(ret_answer->body);
		*ret_answer = (struct answer){.status = 503};
		answer_failure(&err, ret_answer);
	}
	ret_answer->snapshot = snapshot->number;
	snapshots_give(snapshots, snapshot);
}

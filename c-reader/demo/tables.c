/* c-reader/demo: the tables that the demo's OCaml pipeline publishes, read where they lie. */
#include "tables.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { KEY_PACKAGES, KEY_WORDS, KEY_RDEPENDS, KEY_META };

static enum ancient_code fail(struct ancient_error *err, enum ancient_code code, const char *what)
{
	*err = (struct ancient_error){.code = code, .offset = ANCIENT_NO_OFFSET};
	snprintf(err->message, sizeof err->message, "%s: %s", what, ancient_code_text(code));
	return code;
}

static enum ancient_code get_text(const struct ancient_file *file, struct ancient_value value,
				  struct text *ret_text, struct ancient_error *err)
{
	struct text text;
	enum ancient_code code = ancient_string_get(file, value, &text.bytes, &text.length, err);

	if (code != ANCIENT_OK)
		return code;
	if (text.length > TABLES_TEXT_MAX)
		return fail(err, ANCIENT_E_TOO_LARGE, "a text of the file");
	*ret_text = text;
	return ANCIENT_OK;
}

/* A record: a block of tag 0 with so many fields. */
static enum ancient_code get_record(const struct ancient_file *file, struct ancient_value value,
				    uint64_t fields, struct ancient_block *ret_block,
				    struct ancient_error *err)
{
	enum ancient_code code = ancient_block_get(file, value, ret_block, err);

	if (code == ANCIENT_OK && (ret_block->tag != 0 || ret_block->size != fields))
		return fail(err, ANCIENT_E_WRONG_KIND, "a record of the file");
	return code;
}

static enum ancient_code field_text(const struct ancient_file *file,
				    const struct ancient_block *block, uint64_t index,
				    struct text *ret_text, struct ancient_error *err)
{
	struct ancient_value value;
	enum ancient_code code = ancient_block_field(file, block, index, &value, err);

	return code != ANCIENT_OK ? code : get_text(file, value, ret_text, err);
}

static enum ancient_code field_int(const struct ancient_file *file,
				   const struct ancient_block *block, uint64_t index,
				   int64_t *ret_int, struct ancient_error *err)
{
	struct ancient_value value;
	enum ancient_code code = ancient_block_field(file, block, index, &value, err);

	if (code != ANCIENT_OK)
		return code;
	if (!ancient_value_is_int(value))
		return fail(err, ANCIENT_E_WRONG_KIND, "an integer of the file");
	*ret_int = ancient_value_to_int(value);
	return ANCIENT_OK;
}

/* What a table has under `text`; NO_KEY where it has nothing, but a file without the table
 * is of the wrong kind. */
static enum ancient_code find(const struct ancient_file *file, uint64_t key, struct text text,
			      struct ancient_value *ret_value, struct ancient_error *err)
{
	struct ancient_value table;
	enum ancient_code code = ancient_file_get(file, key, &table, err);

	if (code == ANCIENT_E_NO_KEY)
		return fail(err, ANCIENT_E_WRONG_KIND, "the file lacks a table of the demo");
	if (code != ANCIENT_OK)
		return code;
	return ancient_hashtbl_find_string(file, table, text.bytes, text.length, ret_value, err);
}

enum ancient_code tables_package(const struct ancient_file *file, struct text name,
				 struct package *ret_package, struct ancient_error *err)
{
	struct ancient_value value;
	struct ancient_block block;
	struct package package;
	enum ancient_code code = find(file, KEY_PACKAGES, name, &value, err);

	if (code != ANCIENT_OK || (code = get_record(file, value, 6, &block, err)) != ANCIENT_OK ||
	    (code = field_text(file, &block, 0, &package.name, err)) != ANCIENT_OK ||
	    (code = field_text(file, &block, 1, &package.version, err)) != ANCIENT_OK ||
	    (code = field_text(file, &block, 2, &package.section, err)) != ANCIENT_OK ||
	    (code = field_int(file, &block, 3, &package.installed_size, err)) != ANCIENT_OK ||
	    (code = field_text(file, &block, 4, &package.summary, err)) != ANCIENT_OK ||
	    (code = ancient_block_field(file, &block, 5, &package.depends, err)) != ANCIENT_OK)
		return code;
	*ret_package = package;
	return ANCIENT_OK;
}

/* One step along a list: the head, and in *list the tail.  NO_INDEX at the end. */
static enum ancient_code list_step(const struct ancient_file *file, struct ancient_value *list,
				   struct ancient_value *ret_head, struct ancient_error *err)
{
	struct ancient_block cell;
	enum ancient_code code;

	if (ancient_value_is_int(*list))
		return ANCIENT_E_NO_INDEX;
	code = get_record(file, *list, 2, &cell, err);
	if (code == ANCIENT_OK)
		code = ancient_block_field(file, &cell, 0, ret_head, err);
	if (code == ANCIENT_OK)
		code = ancient_block_field(file, &cell, 1, list, err);
	return code;
}

enum ancient_code tables_list(const struct ancient_file *file, struct ancient_value list,
			      void (*each)(void *context, struct text item), void *context,
			      struct ancient_error *err)
{
	for (unsigned i = 0; i < TABLES_LIST_MAX; i++) {
		struct ancient_value head;
		struct text item;
		enum ancient_code code = list_step(file, &list, &head, err);

		if (code == ANCIENT_E_NO_INDEX)
			return ANCIENT_OK;
		if (code == ANCIENT_OK)
			code = get_text(file, head, &item, err);
		if (code != ANCIENT_OK)
			return code;
		each(context, item);
	}
	return fail(err, ANCIENT_E_TOO_LARGE, "a list of the file");
}

enum ancient_code tables_rdepends(const struct ancient_file *file, struct text name,
				  uint64_t *ret_count, struct ancient_error *err)
{
	struct ancient_value list, head;
	struct ancient_info info;
	uint64_t count = 0;
	enum ancient_code code = find(file, KEY_RDEPENDS, name, &list, err);

	if (code == ANCIENT_OK) {
		ancient_file_info(file, &info);
		/* A cell takes three words: more cells than that are a cycle. */
		while ((code = list_step(file, &list, &head, err)) == ANCIENT_OK)
			if (++count > info.used / 24)
				return fail(err, ANCIENT_E_CYCLE, "a list of the file");
		if (code != ANCIENT_E_NO_INDEX)
			return code;
	} else if (code != ANCIENT_E_NO_KEY) {
		return code;
	}
	*ret_count = count;
	return ANCIENT_OK;
}

/* ---- Search -------------------------------------------------------------------- */

/* OCaml's order of strings. */
static int compare(struct text a, struct text b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = shorter == 0 ? 0 : memcmp(a.bytes, b.bytes, shorter);

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static enum ancient_code contains(const struct ancient_file *file,
				  const struct ancient_block *sorted, struct text name,
				  bool *ret_contains, struct ancient_error *err)
{
	uint64_t low = 0, high = sorted->size;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct text text;
		enum ancient_code code = field_text(file, sorted, middle, &text, err);
		int order;

		if (code != ANCIENT_OK)
			return code;
		order = compare(name, text);
		if (order == 0) {
			*ret_contains = true;
			return ANCIENT_OK;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*ret_contains = false;
	return ANCIENT_OK;
}

/* Whether all the other arrays have the name too. */
static enum ancient_code all_contain(const struct ancient_file *file,
				     const struct ancient_block *arrays, unsigned count,
				     unsigned but, struct text name, bool *ret_all,
				     struct ancient_error *err)
{
	bool all = true;

	for (unsigned i = 0; i < count && all; i++) {
		enum ancient_code code;

		if (i == but)
			continue;
		code = contains(file, &arrays[i], name, &all, err);
		if (code != ANCIENT_OK)
			return code;
	}
	*ret_all = all;
	return ANCIENT_OK;
}

/* Whether the text has the word, which is in lower case. */
static bool holds(struct text text, struct text word)
{
	for (size_t from = 0; from + word.length <= text.length; from++) {
		size_t same = 0;

		while (same < word.length) {
			char c = text.bytes[from + same];

			if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != word.bytes[same])
				break;
			same++;
		}
		if (same == word.length)
			return true;
	}
	return false;
}

/* How much a package is about the words: 2 for each in its name, 1 for each in its summary
 * only.  What is in neither is somewhere in the long description. */
static enum ancient_code score(const struct ancient_file *file, struct text name,
			       const struct text *words, unsigned count, unsigned *ret_score,
			       struct ancient_error *err)
{
	struct package package = {.summary = {"", 0}};
	enum ancient_code code = tables_package(file, name, &package, err);
	unsigned sum = 0;

	if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
		return code;
	for (unsigned i = 0; i < count; i++)
		sum += holds(name, words[i]) ? 2 : holds(package.summary, words[i]);
	*ret_score = sum;
	return ANCIENT_OK;
}

/* Behind those of the same score, so that equals stay in the order of their names. */
static void keep(struct hits *hits, struct text name, unsigned sum)
{
	unsigned at = hits->shown;

	while (at > 0 && hits->score[at - 1] < sum)
		at--;
	if (at == TABLES_HITS_MAX)
		return;
	if (hits->shown < TABLES_HITS_MAX)
		hits->shown++;
	for (unsigned i = hits->shown - 1; i > at; i--) {
		hits->name[i] = hits->name[i - 1];
		hits->score[i] = hits->score[i - 1];
	}
	hits->name[at] = name;
	hits->score[at] = sum;
}

/* Each name of the shortest array is looked up in the others. */
static enum ancient_code intersect(const struct ancient_file *file,
				   const struct ancient_block *arrays, const struct text *words,
				   unsigned count, struct hits *hits, struct ancient_error *err)
{
	unsigned shortest = 0;

	for (unsigned i = 1; i < count; i++)
		if (arrays[i].size < arrays[shortest].size)
			shortest = i;
	for (uint64_t i = 0; i < arrays[shortest].size; i++) {
		struct text name;
		unsigned sum = 0;
		bool all = false;
		enum ancient_code code = field_text(file, &arrays[shortest], i, &name, err);

		if (code == ANCIENT_OK)
			code = all_contain(file, arrays, count, shortest, name, &all, err);
		if (code == ANCIENT_OK && all)
			code = score(file, name, words, count, &sum, err);
		if (code != ANCIENT_OK)
			return code;
		if (all)
			keep(hits, name, sum);
		hits->count += all;
	}
	return ANCIENT_OK;
}

enum ancient_code tables_search(const struct ancient_file *file, const struct text *words,
				unsigned count, struct hits *ret_hits, struct ancient_error *err)
{
	struct ancient_block arrays[TABLES_WORDS_MAX] = {{0}};
	struct hits hits = {.count = 0};
	enum ancient_code code = ANCIENT_OK;

	for (unsigned i = 0; i < count && code == ANCIENT_OK; i++) {
		struct ancient_value value;

		code = find(file, KEY_WORDS, words[i], &value, err);
		if (code == ANCIENT_OK)
			code = ancient_block_get(file, value, &arrays[i], err);
	}
	if (code == ANCIENT_OK)
		code = intersect(file, arrays, words, count, &hits, err);
	if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
		return code;
	*ret_hits = hits;
	return ANCIENT_OK;
}

enum ancient_code tables_meta(const struct ancient_file *file, struct meta *ret_meta,
			      struct ancient_error *err)
{
	struct ancient_value value;
	struct ancient_block block;
	struct meta meta;
	enum ancient_code code = ancient_file_get(file, KEY_META, &value, err);

	if (code != ANCIENT_OK || (code = get_record(file, value, 3, &block, err)) != ANCIENT_OK ||
	    (code = field_text(file, &block, 0, &meta.source, err)) != ANCIENT_OK ||
	    (code = field_int(file, &block, 1, &meta.packages, err)) != ANCIENT_OK ||
	    (code = field_int(file, &block, 2, &meta.words, err)) != ANCIENT_OK)
		return code;
	*ret_meta = meta;
	return ANCIENT_OK;
}

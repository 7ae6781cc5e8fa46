/* examples/debian-index: reads the published tables in place, by generated accessors; see
 * tables.h. */
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

/* ---- Binding ------------------------------------------------------------------- */

/* Keeps the error of a table that could not be bound.  NO_KEY becomes WRONG_KIND, because
 * tables_package() and its like return NO_KEY for a name that a table lacks. */
static void set_result(struct tables *tables, unsigned key, enum ancient_code code)
{
	static const char *const names[] = {"packages", "words", "rdepends", "meta"};
	struct ancient_error *err = &tables->error[key];
	char text[64];

	if (code == ANCIENT_OK) {
		err->code = ANCIENT_OK;
	} else if (code == ANCIENT_E_NO_KEY) {
		snprintf(text, sizeof text, "the file lacks the table '%s', key %u", names[key],
			 key);
		fail(err, ANCIENT_E_WRONG_KIND, text);
	}
}

void tables_init(const struct ancient_file *file, struct tables *ret_tables)
{
	struct tables *t = ret_tables;
	enum ancient_code code;

	*t = (struct tables){.file = file};
#define BIND(table, key)                                                                           \
	code = table##_bind_key(file, key, &t->table, &t->error[key]);                             \
	if (code == ANCIENT_OK)                                                                    \
		code = table##_root(&t->table, &t->table##_root, &t->error[key]);                  \
	set_result(t, key, code)
	BIND(packages, KEY_PACKAGES);
	BIND(words, KEY_WORDS);
	BIND(rdepends, KEY_RDEPENDS);
	BIND(meta, KEY_META);
#undef BIND
}

/* What was not bound is all zeros, which unbind takes. */
void tables_done(struct tables *tables)
{
	packages_unbind(&tables->packages);
	words_unbind(&tables->words);
	rdepends_unbind(&tables->rdepends);
	meta_unbind(&tables->meta);
}

static enum ancient_code bound(const struct tables *tables, unsigned key, struct ancient_error *err)
{
	if (tables->error[key].code != ANCIENT_OK)
		*err = tables->error[key];
	return tables->error[key].code;
}

enum ancient_code tables_check(const struct tables *tables, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	for (unsigned key = KEY_PACKAGES; key <= KEY_META && code == ANCIENT_OK; key++)
		code = bound(tables, key, err);
	return code;
}

/* ---- Packages ------------------------------------------------------------------ */

/* TOO_LARGE for a text that is longer than the service shows; passes other codes on. */
static enum ancient_code short_enough(enum ancient_code code, const struct text *text,
				      struct ancient_error *err)
{
	if (code == ANCIENT_OK && text->length > TABLES_TEXT_MAX)
		return fail(err, ANCIENT_E_TOO_LARGE, "a text of the file");
	return code;
}

enum ancient_code tables_package(const struct tables *tables, struct text name,
				 struct package *ret_package, struct ancient_error *err)
{
	const struct packages_bind *b = &tables->packages;
	struct packages_package found;
	struct package p;
	enum ancient_code code = bound(tables, KEY_PACKAGES, err);

	if (code == ANCIENT_OK)
		code = packages_string_package_table_find(b, tables->packages_root, name.bytes,
							  name.length, &found, err);
#define TEXT(field)                                                                                \
	if (code == ANCIENT_OK)                                                                    \
	code = short_enough(                                                                       \
		packages_package_##field(b, found, &p.field.bytes, &p.field.length, err),          \
		&p.field, err)
	TEXT(name);
	TEXT(version);
	TEXT(section);
	TEXT(summary);
#undef TEXT
	if (code == ANCIENT_OK)
		code = packages_package_installed_size(b, found, &p.installed_size, err);
	if (code == ANCIENT_OK)
		code = packages_package_depends(b, found, &p.depends, err);
	if (code == ANCIENT_OK)
		*ret_package = p;
	return code;
}

enum ancient_code tables_list(const struct tables *tables, struct packages_string_list list,
			      void (*each)(void *context, struct text item), void *context,
			      struct ancient_error *err)
{
	struct packages_string_list_iterator it;
	enum ancient_code code = packages_string_list_iterate(&tables->packages, list, &it, err);

	for (unsigned i = 0; i < TABLES_LIST_MAX && code == ANCIENT_OK; i++) {
		struct text item;

		code = packages_string_list_next(&tables->packages, &it, &item.bytes, &item.length,
						 err);
		if (code == ANCIENT_E_NO_INDEX)
			return ANCIENT_OK;
		code = short_enough(code, &item, err);
		if (code == ANCIENT_OK)
			each(context, item);
	}
	return code != ANCIENT_OK ? code : fail(err, ANCIENT_E_TOO_LARGE, "a list of the file");
}

enum ancient_code tables_rdepends(const struct tables *tables, struct text name,
				  uint64_t *ret_count, struct ancient_error *err)
{
	const struct rdepends_bind *b = &tables->rdepends;
	struct rdepends_string_list list;
	uint64_t count = 0;
	enum ancient_code code = bound(tables, KEY_RDEPENDS, err);

	if (code == ANCIENT_OK)
		code = rdepends_string_string_list_table_find(b, tables->rdepends_root, name.bytes,
							      name.length, &list, err);
	if (code == ANCIENT_OK)
		code = rdepends_string_list_length(b, list, &count, err);
	if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
		return code;
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

/* The names that have a word. */
struct names {
	struct words_string_array array;
	uint64_t size;
};

static enum ancient_code get_name(const struct tables *tables, const struct names *names,
				  uint64_t index, struct text *ret_name, struct ancient_error *err)
{
	return short_enough(words_string_array_item(&tables->words, names->array, index,
						    &ret_name->bytes, &ret_name->length, err),
			    ret_name, err);
}

static enum ancient_code contains(const struct tables *tables, const struct names *sorted,
				  struct text name, bool *ret_contains, struct ancient_error *err)
{
	uint64_t low = 0, high = sorted->size;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct text text;
		enum ancient_code code = get_name(tables, sorted, middle, &text, err);
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
static enum ancient_code all_contain(const struct tables *tables, const struct names *arrays,
				     unsigned count, unsigned but, struct text name, bool *ret_all,
				     struct ancient_error *err)
{
	bool all = true;

	for (unsigned i = 0; i < count && all; i++) {
		enum ancient_code code;

		if (i == but)
			continue;
		code = contains(tables, &arrays[i], name, &all, err);
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

/* How well a package fits the words: 2 for each that its name has, 1 for each that only its
 * summary has, 0 for one that stands in the long description. */
static enum ancient_code score(const struct tables *tables, struct text name,
			       const struct text *words, unsigned count, unsigned *ret_score,
			       struct ancient_error *err)
{
	struct package package = {.summary = {"", 0}};
	enum ancient_code code = tables_package(tables, name, &package, err);
	unsigned sum = 0;

	if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
		return code;
	for (unsigned i = 0; i < count; i++)
		sum += holds(name, words[i]) ? 2 : holds(package.summary, words[i]);
	*ret_score = sum;
	return ANCIENT_OK;
}

/* Inserts a hit behind those of the same score, so that equals stay in the order of their
 * names. */
static void insert_hit(struct hits *hits, struct text name, unsigned sum)
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
static enum ancient_code intersect(const struct tables *tables, const struct names *arrays,
				   const struct text *words, unsigned count, struct hits *hits,
				   struct ancient_error *err)
{
	unsigned shortest = 0;

	for (unsigned i = 1; i < count; i++)
		if (arrays[i].size < arrays[shortest].size)
			shortest = i;
	for (uint64_t i = 0; i < arrays[shortest].size; i++) {
		struct text name;
		unsigned sum = 0;
		bool all = false;
		enum ancient_code code = get_name(tables, &arrays[shortest], i, &name, err);

		if (code == ANCIENT_OK)
			code = all_contain(tables, arrays, count, shortest, name, &all, err);
		if (code == ANCIENT_OK && all)
			code = score(tables, name, words, count, &sum, err);
		if (code != ANCIENT_OK)
			return code;
		if (all)
			insert_hit(hits, name, sum);
		hits->count += all;
	}
	return ANCIENT_OK;
}

static enum ancient_code find_word(const struct tables *tables, struct text word,
				   struct names *ret_names, struct ancient_error *err)
{
	const struct words_bind *b = &tables->words;
	enum ancient_code code = words_string_string_array_table_find(
		b, tables->words_root, word.bytes, word.length, &ret_names->array, err);

	if (code == ANCIENT_OK)
		code = words_string_array_length(b, ret_names->array, &ret_names->size, err);
	return code;
}

enum ancient_code tables_search(const struct tables *tables, const struct text *words,
				unsigned count, struct hits *ret_hits, struct ancient_error *err)
{
	struct names arrays[TABLES_WORDS_MAX] = {0};
	struct hits hits = {.count = 0};
	enum ancient_code code = bound(tables, KEY_WORDS, err);

	for (unsigned i = 0; i < count && code == ANCIENT_OK; i++)
		code = find_word(tables, words[i], &arrays[i], err);
	if (code == ANCIENT_OK)
		code = intersect(tables, arrays, words, count, &hits, err);
	if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
		return code;
	*ret_hits = hits;
	return ANCIENT_OK;
}

enum ancient_code tables_meta(const struct tables *tables, struct meta *ret_meta,
			      struct ancient_error *err)
{
	const struct meta_bind *b = &tables->meta;
	struct meta m;
	enum ancient_code code = bound(tables, KEY_META, err);

	if (code == ANCIENT_OK)
		code = short_enough(meta_meta_source(b, tables->meta_root, &m.source.bytes,
						     &m.source.length, err),
				    &m.source, err);
	if (code == ANCIENT_OK)
		code = meta_meta_packages(b, tables->meta_root, &m.packages, err);
	if (code == ANCIENT_OK)
		code = meta_meta_words(b, tables->meta_root, &m.words, err);
	if (code == ANCIENT_OK)
		*ret_meta = m;
	return code;
}

/* examples/debian-index: reads in place the tables that ancient-demo-publish wrote.
 *
 *     key 0  packages.types   (string, package) Hashtbl.t
 *     key 1  words.types      (string, string array) Hashtbl.t    word -> sorted names
 *     key 2  rdepends.types   (string, string list) Hashtbl.t     name -> names that need it
 *     key 3  meta.types       { source : string; packages : int; words : int }
 *
 * The .types are what this program expects, in OCaml's own words; the headers that ancientctl
 * codegen makes of them at build time find the fields by name in the types of the file.
 *
 * Texts point into the mapping and live as long as the reference to the file.  A file that
 * holds something else under these keys gives an error, and every walk and text has a largest
 * length, whatever the file holds. */
#ifndef ANCIENT_DEMO_TABLES_H
#define ANCIENT_DEMO_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include <ancient_reader.h>

#include "meta_types.h"
#include "packages_types.h"
#include "rdepends_types.h"
#include "words_types.h"

#define TABLES_TEXT_MAX 65536u /* bytes of one text */
#define TABLES_LIST_MAX 4096u  /* items of a list that is shown */
#define TABLES_WORDS_MAX 8u
#define TABLES_HITS_MAX 20u

struct text {
	const char *bytes;
	size_t length;
};

struct package {
	struct text name, version, section, summary;
	int64_t installed_size; /* KiB */
	struct packages_string_list depends;
};

/* The tables of one file.  A table that cannot be bound gives its error to each call that needs
 * it. */
struct tables {
	const struct ancient_file *file;
	struct ancient_error error[4]; /* by key; its code is OK where it is bound */
	struct packages_bind packages;
	struct packages_string_package_table packages_root;
	struct words_bind words;
	struct words_string_string_array_table words_root;
	struct rdepends_bind rdepends;
	struct rdepends_string_string_list_table rdepends_root;
	struct meta_bind meta;
	struct meta_meta meta_root;
};

/* Binds them, once for each file; the file must stay open. */
void tables_init(const struct ancient_file *file, struct tables *ret_tables);
void tables_done(struct tables *tables);

/* The error of the first table that could not be bound. */
enum ancient_code tables_check(const struct tables *tables, struct ancient_error *err);

/* All of these return the errors of the reader, TOO_LARGE for a text or list that is too long,
 * and where the table could not be bound NO_FIELD, BAD_SHAPE or BAD_SCHEMA, or WRONG_KIND where
 * the file lacks it. */

/* NO_KEY where there is no such package. */
enum ancient_code tables_package(const struct tables *tables, struct text name,
				 struct package *ret_package, struct ancient_error *err);

/* How many packages depend on this one. */
enum ancient_code tables_rdepends(const struct tables *tables, struct text name,
				  uint64_t *ret_count, struct ancient_error *err);

/* Calls `each` for the items of a string list in turn. */
enum ancient_code tables_list(const struct tables *tables, struct packages_string_list list,
			      void (*each)(void *context, struct text item), void *context,
			      struct ancient_error *err);

struct hits {
	uint64_t count;                    /* of packages with all the words */
	unsigned shown;                    /* of them, below: */
	struct text name[TABLES_HITS_MAX]; /* by score, then by name */
	unsigned score[TABLES_HITS_MAX];
};

/* words   `count` of them, 1 to TABLES_WORDS_MAX, in lower case */
enum ancient_code tables_search(const struct tables *tables, const struct text *words,
				unsigned count, struct hits *ret_hits, struct ancient_error *err);

struct meta {
	struct text source;
	int64_t packages, words;
};

enum ancient_code tables_meta(const struct tables *tables, struct meta *ret_meta,
			      struct ancient_error *err);

#endif

/* c-reader/demo: the tables that the demo's OCaml pipeline publishes, read where they lie.
 *
 *     key 0  (string, package) Hashtbl.t
 *     key 1  (string, string array) Hashtbl.t     word -> sorted names
 *     key 2  (string, string list) Hashtbl.t      name -> names that depend on it
 *     key 3  { source : string; packages : int; words : int }
 *
 * where package is { name; version; section : string; installed_size : int;
 * summary : string; depends : string list }.
 *
 * Texts point into the mapping and live as long as the reference to the file.  A file that
 * holds something else under these keys gives an error, and no walk or text is longer than
 * a demo needs, whatever the file says. */
#ifndef ANCIENT_DEMO_TABLES_H
#define ANCIENT_DEMO_TABLES_H

#include <stddef.h>
#include <stdint.h>

#include <ancient_reader.h>

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
	struct ancient_value depends;
};

/* Errors of all: those of the reader; WRONG_KIND where the layout is another, TOO_LARGE. */

/* NO_KEY where there is no such package. */
enum ancient_code tables_package(const struct ancient_file *file, struct text name,
				 struct package *ret_package, struct ancient_error *err);

/* How many packages depend on this one. */
enum ancient_code tables_rdepends(const struct ancient_file *file, struct text name,
				  uint64_t *ret_count, struct ancient_error *err);

/* Calls `each` for the items of a string list in turn. */
enum ancient_code tables_list(const struct ancient_file *file, struct ancient_value list,
			      void (*each)(void *context, struct text item), void *context,
			      struct ancient_error *err);

struct hits {
	uint64_t count;                    /* packages with all the words */
	unsigned shown;                    /* of them, below: */
	struct text name[TABLES_HITS_MAX]; /* those most about the words first, then by name */
	unsigned score[TABLES_HITS_MAX];
};

/* words   `count` of them, 1 to TABLES_WORDS_MAX, in lower case */
enum ancient_code tables_search(const struct ancient_file *file, const struct text *words,
				unsigned count, struct hits *ret_hits, struct ancient_error *err);

struct meta {
	struct text source;
	int64_t packages, words;
};

enum ancient_code tables_meta(const struct ancient_file *file, struct meta *ret_meta,
			      struct ancient_error *err);

#endif

/* tests/bench: the interface of a key lookup, which an ancient file and each peer (LMDB, cdb,
 * SQLite) implements; bench_find.c runs them.
 *
 * Each is a `struct finder`.  All of them hold the same records, look for the same keys
 * and read one attribute of each record found; that the sums agree shows that they did.
 */
#ifndef BENCH_FIND_H
#define BENCH_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys in the order in which they are looked for. */
struct key {
	const char *bytes;
	size_t length;
};

/* A record of input.mli. */
struct record {
	struct key name, version, section, summary;
	struct key depends; /* names, with commas between */
	int64_t installed_size;
	double weight;
};

/* The bytes of a record where a store keeps bytes: what is of fixed size first, so that an
 * attribute is read with one load. */
struct packed {
	int64_t installed_size;
	double weight;
	uint32_t version, section, summary, depends; /* lengths of the texts that follow */
};

struct finder {
	const char *name;
	/* Makes the store at `path` from records in ascending order of their names; NULL for
	 * the one that they come from. */
	void (*make)(const char *path, const struct record *records, size_t count);
	void (*open)(const char *path);
	/* The sum of the installed sizes of `count` records; a key that is absent ends the
	 * program. */
	int64_t (*find)(const struct key *keys, size_t count);
};

/* The file is not in memory: each opens it as one that is read here and there. */
extern bool find_here_and_there;

extern const struct finder find_typed, find_many, find_raw, find_lmdb, find_cdb, find_sqlite;

/* Every record of the typed file at `path`, in ascending order of their names; they are the
 * process's until it ends. */
struct record *find_records(const char *path, size_t *ret_count);

/* The packed form of a record; the result is good until the next call. */
struct key find_pack(const struct record *record);

#endif

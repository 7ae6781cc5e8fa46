/* tests/bench: looking keys up in SQLite: a prepared query by primary key.  See find.h. */
#include "find.h"

#include <sqlite3.h>

#include "serve.h"

static sqlite3 *db;
static sqlite3_stmt *query;

static void must(int status)
{
	if (status != SQLITE_OK && status != SQLITE_DONE && status != SQLITE_ROW)
		die("sqlite", sqlite3_errmsg(db));
}

static void bind_text(sqlite3_stmt *insert, int column, struct key text)
{
	must(sqlite3_bind_text(insert, column, text.bytes, (int)text.length, SQLITE_STATIC));
}

static void make(const char *path, const struct record *records, size_t count)
{
	sqlite3_stmt *insert;
	must(sqlite3_open(path, &db));
	must(sqlite3_exec(db,
			  "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
			  "CREATE TABLE package (name TEXT PRIMARY KEY, version TEXT, section TEXT,"
			  " installed_size INTEGER, weight REAL, summary TEXT, depends TEXT)"
			  " WITHOUT ROWID;"
			  "BEGIN",
			  NULL, NULL, NULL));
	must(sqlite3_prepare_v2(db, "INSERT INTO package VALUES (?, ?, ?, ?, ?, ?, ?)", -1, &insert,
				NULL));
	for (size_t i = 0; i < count; i++) {
		bind_text(insert, 1, records[i].name);
		bind_text(insert, 2, records[i].version);
		bind_text(insert, 3, records[i].section);
		must(sqlite3_bind_int64(insert, 4, records[i].installed_size));
		must(sqlite3_bind_double(insert, 5, records[i].weight));
		bind_text(insert, 6, records[i].summary);
		bind_text(insert, 7, records[i].depends);
		must(sqlite3_step(insert));
		must(sqlite3_reset(insert));
	}
	must(sqlite3_finalize(insert));
	must(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL));
	must(sqlite3_close(db));
}

/* Mapped, so that it reads as the others do; where its pages are read here and there, by read(2),
 * which reads no further. */
static void open_reader(const char *path)
{
	must(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL));
	must(sqlite3_exec(db,
			  find_here_and_there ? "PRAGMA mmap_size = 0; BEGIN"
					      : "PRAGMA mmap_size = 68719476736; BEGIN",
			  NULL, NULL, NULL));
	must(sqlite3_prepare_v2(db, "SELECT installed_size FROM package WHERE name = ?", -1, &query,
				NULL));
}

static int64_t find(const struct key *keys, size_t count)
{
	int64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		bind_text(query, 1, keys[i]);
		if (sqlite3_step(query) != SQLITE_ROW)
			die("sqlite", "a key is absent");
		sum += sqlite3_column_int64(query, 0);
		must(sqlite3_reset(query));
	}
	return sum;
}

const struct finder find_sqlite = {"sqlite", make, open_reader, find};

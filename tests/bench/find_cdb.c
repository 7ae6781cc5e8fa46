/* tests/bench: looking keys up in a constant database, by tinycdb: cdb_find.  See find.h. */
#include "find.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cdb.h>

#include "serve.h"

static struct cdb cdb;

static void make(const char *path, const struct record *records, size_t count)
{
	struct cdb_make maker;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || cdb_make_start(&maker, fd) != 0)
		die(path, strerror(errno));
	for (size_t i = 0; i < count; i++) {
		struct key bytes = find_pack(&records[i]);
		if (cdb_make_add(&maker, records[i].name.bytes, (unsigned)records[i].name.length,
				 bytes.bytes, (unsigned)bytes.length) != 0)
			die(path, strerror(errno));
	}
	if (cdb_make_finish(&maker) != 0 || close(fd) != 0)
		die(path, strerror(errno));
}

static void open_reader(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || cdb_init(&cdb, fd) != 0)
		die(path, strerror(errno));
}

static int64_t find(const struct key *keys, size_t count)
{
	int64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		int64_t size;
		if (cdb_find(&cdb, keys[i].bytes, (unsigned)keys[i].length) <= 0)
			die("cdb_find", "a key is absent");
		memcpy(&size, cdb_getdata(&cdb), sizeof(size));
		sum += size;
	}
	return sum;
}

const struct finder find_cdb = {"cdb", make, open_reader, find};

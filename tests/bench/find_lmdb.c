/* tests/bench: looking keys up in LMDB: mdb_get in one reading transaction.  See find.h. */
#include "find.h"

#include <string.h>
#include <sys/stat.h>

#include <lmdb.h>

#include "serve.h"

#define MAP_BYTES ((size_t)1 << 36) /* of address space */

static MDB_env *env;
static MDB_txn *txn;
static MDB_dbi dbi;

static void must(int status, const char *what)
{
	if (status != MDB_SUCCESS)
		die(what, mdb_strerror(status));
}

static void open_env(const char *path, unsigned env_flags, unsigned txn_flags)
{
	must(mdb_env_create(&env), path);
	must(mdb_env_set_mapsize(env, MAP_BYTES), path);
	must(mdb_env_open(env, path, MDB_NOSUBDIR | env_flags, 0644), path);
	must(mdb_txn_begin(env, NULL, txn_flags, &txn), path);
	must(mdb_dbi_open(txn, NULL, 0, &dbi), path);
}

static void make(const char *path, const struct record *records, size_t count)
{
	open_env(path, MDB_NOSYNC, 0);
	for (size_t i = 0; i < count; i++) {
		struct key bytes = find_pack(&records[i]);
		MDB_val key = {records[i].name.length, (void *)records[i].name.bytes};
		MDB_val value = {bytes.length, (void *)bytes.bytes};
		must(mdb_put(txn, dbi, &key, &value, MDB_APPEND), "mdb_put");
	}
	must(mdb_txn_commit(txn), "mdb_txn_commit");
	mdb_env_close(env);
}

static void open_reader(const char *path)
{
	open_env(path, MDB_RDONLY | (find_here_and_there ? MDB_NORDAHEAD : 0), MDB_RDONLY);
}

static int64_t find(const struct key *keys, size_t count)
{
	int64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		MDB_val key = {keys[i].length, (void *)keys[i].bytes}, value;
		int64_t size;
		must(mdb_get(txn, dbi, &key, &value), "mdb_get");
		memcpy(&size, value.mv_data, sizeof(size)); /* LMDB aligns to 2 bytes only */
		sum += size;
	}
	return sum;
}

const struct finder find_lmdb = {"lmdb", make, open_reader, find};

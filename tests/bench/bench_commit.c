/* tests/bench: small commits into LMDB, beside bench_commit_ocaml.ml; asked the same:
 *
 *   make PATH KEYS        a database with so many keys, 0 and up; it stays open
 *   commit PATH COUNT     COUNT times: a small value under one of its keys, in a transaction of
 *                         its own, with MDB_NOSYNC; "seconds" for all
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lmdb.h>

#include "serve.h"

#define MAP_BYTES ((size_t)1 << 36) /* of address space */
#define MAX_STORES 8

struct store {
	char *path;
	MDB_env *env;
	MDB_dbi dbi;
	size_t keys, next;
};

static struct store stores[MAX_STORES];
static size_t store_count;

static void must(int status, const char *what)
{
	if (status != MDB_SUCCESS)
		die(what, mdb_strerror(status));
}

static void put(MDB_txn *txn, MDB_dbi dbi, size_t number, unsigned flags)
{
	struct {
		size_t id;
		double weight;
		char name[32];
	} small = {number, (double)number, ""};
	int length = snprintf(small.name, sizeof(small.name), "value %zu", number);
	MDB_val key = {sizeof(number), &number};
	MDB_val value = {offsetof(__typeof__(small), name) + (size_t)length, &small};
	must(mdb_put(txn, dbi, &key, &value, flags), "mdb_put");
}

static void answer_make(char **words)
{
	if (store_count == MAX_STORES)
		die(words[0], "too many stores");
	struct store *store = &stores[store_count++];
	MDB_txn *txn;
	store->path = strdup(words[0]);
	store->keys = parse_number(words[1]);
	store->next = 1;
	must(mdb_env_create(&store->env), words[0]);
	must(mdb_env_set_mapsize(store->env, MAP_BYTES), words[0]);
	must(mdb_env_open(store->env, words[0], MDB_NOSUBDIR | MDB_NOSYNC, 0644), words[0]);
	must(mdb_txn_begin(store->env, NULL, 0, &txn), words[0]);
	must(mdb_dbi_open(txn, NULL, MDB_INTEGERKEY, &store->dbi), words[0]);
	for (size_t key = 0; key < store->keys; key++)
		put(txn, store->dbi, key, MDB_APPEND);
	must(mdb_txn_commit(txn), words[0]);
	puts("{}");
}

static void commit(struct store *store)
{
	MDB_txn *txn;
	must(mdb_txn_begin(store->env, NULL, 0, &txn), "mdb_txn_begin");
	put(txn, store->dbi, store->next++ * 7919 % store->keys, 0);
	must(mdb_txn_commit(txn), "mdb_txn_commit");
}

static void answer_commit(char **words)
{
	struct store *store = stores;
	while (store < stores + store_count && strcmp(store->path, words[0]) != 0)
		store++;
	if (store == stores + store_count)
		die(words[0], "was not made");
	size_t count = parse_number(words[1]);
	double start = clock_seconds();
	for (size_t i = 0; i < count; i++)
		commit(store);
	printf("{\"seconds\": %.9f}\n", clock_seconds() - start);
}

int main(void)
{
	static const struct command commands[] = {{"make", 2, answer_make},
						  {"commit", 2, answer_commit}};
	serve_commands(commands, sizeof(commands) / sizeof(commands[0]));
	return 0;
}

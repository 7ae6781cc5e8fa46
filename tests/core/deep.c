/* tests/core: graphs of any depth are copied with a stack of bounded size. */
#include "check.h"

#define CELLS (small_run() ? 100000u : 10000000u)
#define DEPTH (small_run() ? 100000u : 1000000u)

static void a_list_of_ten_million_cells(struct ancient_store *store)
{
	struct arena arena = new_arena((size_t)CELLS * 3);
	uint64_t list = INT(0), r, count = 0;

	for (uint64_t i = CELLS; i > 0; i--)
		list = pair(&arena, INT(i), list);
	EQUAL(share(store, 0, list).blocks, CELLS);
	free(arena.words);
	for (r = get(store, 0); !(r & 1); r = fields(r)[1])
		CHECK(fields(r)[0] == INT(++count));
	EQUAL(count, CELLS);
}

/* Deep in the first field, so that every level stays on the copy's own stack. */
static void a_tree_a_million_deep(struct ancient_store *store)
{
	struct arena arena = new_arena((size_t)DEPTH * 3);
	uint64_t tree = INT(0), r, depth = 0;

	for (uint64_t i = 0; i < DEPTH; i++)
		tree = pair(&arena, tree, INT(i));
	EQUAL(share(store, 1, tree).blocks, DEPTH);
	share_named(store, 2, NULL, tree, ANCIENT_ORDER_BREADTH_FIRST);
	free(arena.words);
	for (r = get(store, 1); !(r & 1); r = fields(r)[0])
		depth++;
	EQUAL(depth, DEPTH);
	for (r = get(store, 2); !(r & 1); r = fields(r)[0])
		depth--;
	EQUAL(depth, 0);
}

int main(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	a_tree_a_million_deep(store);
	close(fd); /* the store has a descriptor of its own ... */
	ancient_store_detach(store);
	unlink(path);
	fd = new_file(path);
	store = attach(fd);
	a_list_of_ten_million_cells(store);
	OK(ancient_store_verify(store, &err));
	unlink(path);
	ancient_store_detach(store);
	close(fd);
	return 0;
}

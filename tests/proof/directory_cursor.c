/* tests/proof: the entries in ascending order (c-reader/src/file/directory_cursor.c). */
#include <stddef.h>
#include <stdint.h>

/* Stands for any place in a path. */
static unsigned one;

/* What walk_down has read of a branch: it lies in the file, and its bit is one of a key. */
#define PROOF_BRANCH(file, path, i)                                                                \
	((path)->bit[i] < ANCIENT_KEY_BITS && ((path)->link[i].word & ~1ull) % 8 == 0 &&           \
	 ((path)->link[i].word & ~1ull) >= ANCIENT_FIRST_EXTENT &&                                 \
	 ((path)->link[i].word & ~1ull) <= (file)->super.used &&                                   \
	 (file)->super.used - ((path)->link[i].word & ~1ull) >= sizeof(struct ancient_branch))

#ifdef STUB_walk_down
#include "base/error.h"
#include "file/directory_node.h"

struct path;
static enum ancient_code walk_down(const struct ancient_file *file, const struct reader_bits *bits,
				   struct path *path, struct ancient_error *err);
#endif

#include "file/directory_cursor.c"

#include "directory.h"

static struct ancient_file file;

/* walk_down: the path that is remembered has room for each walk.
 * with: file/directory_node.c
 * loop: file/directory_cursor.c: walk_down: while (!reader_link_is_leaf(link))
 * assigns: link, bit, *path, __CPROVER_object_whole(err)
 * invariant: bit == READER_NO_BIT ? path->depth == 0 : bit < ANCIENT_KEY_BITS && path->depth <= bit + 1
 * invariant: one >= path->depth || PROOF_BRANCH(file, path, one)
 * decreases: bit == READER_NO_BIT ? ANCIENT_KEY_BITS : ANCIENT_KEY_BITS - 1 - bit
 * mutant: file/directory_node.c: s/next <= \*bit/next < *bit/
 * mutant: file/directory_cursor.c: s/ANCIENT_KEY_BITS, &bit, err/ANCIENT_KEY_BITS + 1, \&bit, err/ */
void prove_walk_down(void)
{
	static struct ancient_error err;
	const struct reader_bits bits = {.key = nondet_u64()};
	struct path path;

	proof_file(&file);
	one = nondet_unsigned();
	ASSUME(one <= ANCIENT_KEY_BITS);
	if (walk_down(&file, &bits, &path, &err) == ANCIENT_OK) {
		CHECK(path.depth <= ANCIENT_KEY_BITS);
		CHECK(one >= path.depth || PROOF_BRANCH(&file, &path, one));
	}
}

#ifdef STUB_walk_down /* walk_down */
static enum ancient_code walk_down(const struct ancient_file *file, const struct reader_bits *bits,
				   struct path *path, struct ancient_error *err)
{
	struct path any;

	if (nondet_bool())
		return proof_code();
	ASSUME(any.depth <= ANCIENT_KEY_BITS);
	*path = any;
	return ANCIENT_OK;
}
#endif

/* ancient_cursor_next: the next key rises, whatever the caller's struct says of the rest.
 * with: file/directory_node.c file/directory.c
 * stub: file/directory_cursor.c: walk_down
 * havoc: first_from ancient_reader_entry_from
 * mutant: file/directory_cursor.c: s/ret_leaf->key < cursor->next \|\|// */
void prove_cursor_next(void)
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	uint64_t next = cursor.next;

	proof_file(&file);
	cursor.file = &file;
	/* ancient_cursor_init, and below: a cursor at its end is done. */
	ASSUME(cursor.done || next <= ANCIENT_KEY_MAX);
	if (ancient_cursor_next(&cursor, &entry, proof_error()) == ANCIENT_OK)
		CHECK(cursor.done || (cursor.next > next && cursor.next <= ANCIENT_KEY_MAX));
}

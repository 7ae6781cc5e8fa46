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
 * mutant: file/directory_cursor.c: s/link\[ANCIENT_KEY_BITS \+ 1\]/link[ANCIENT_KEY_BITS]/ */
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

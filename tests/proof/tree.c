/* tests/proof: the search in a map or set (c-reader/src/lookup/lookup_tree.c, lookup_path.c). */
#include "lookup/lookup_tree.c"
#include "lookup/lookup_path.c"

#include "file.h"

static struct ancient_file file;
static struct ancient_key given;

static void proof_search(struct lookup_search *search, struct lookup_equality *equality)
{
	static struct ancient_type type;
	static struct ancient_error err;

	proof_file(&file);
	type.kind = nondet_bool() ? ANCIENT_TYPE_MAP : ANCIENT_TYPE_SET;
	type.name = "t";
	given.kind = ANCIENT_KEY_INT;
	given.as.integer = (int64_t)nondet_u64();
	search->file = &file;
	search->err = &err;
	search->shape.type = &type;
	search->equality = equality;
	equality->budget.file = &file;
	lookup_key_init(&search->key, &given);
}

/* ancient_reader_lookup_tree_find: a way down through any words ends, after 128 levels at most. The
 * key is an integer here; how strings are compared: lookup/key_order_string.
 * contract: typed_cell compare
 * havoc: ancient_reader_lookup_path_check
 * loop: lookup/lookup_key.h: lookup_key_order_string: for (uint64_t i = 0; i < words; i++)
 * assigns: i, left, right
 * invariant: i <= words
 * decreases: words - i
 * loop: lookup/lookup_tree.c: ancient_reader_lookup_tree_find: while (place.word != 1)
 * assigns: place, __CPROVER_object_whole(&path), *ret_place, __CPROVER_object_whole(s->err)
 * invariant: path.depth <= LOOKUP_LEVELS
 * decreases: LOOKUP_LEVELS - path.depth
 * mutant: lookup/lookup_tree.c: s/path.depth == LOOKUP_LEVELS/path.depth > LOOKUP_LEVELS/
 * mutant: lookup/lookup_path.h: s/map \? TYPED_MAP_FIELDS : TYPED_SET_FIELDS/map ? 2 : 2/ */
void prove_tree_find(void)
{
	struct lookup_search search;
	struct lookup_equality equality;
	struct lookup_place place;

	proof_search(&search, &equality);
	ancient_reader_lookup_tree_find(&search, &place);
}

/* ancient_reader_lookup_order_short: any two words.
 * loop: lookup/lookup_path.c: ancient_reader_lookup_order_short: for (i = 0; i <= shorter / ANCIENT_WORD; i++)
 * assigns: i, *ret_order
 * invariant: i <= shorter / ANCIENT_WORD + 1
 * decreases: shorter / ANCIENT_WORD + 1 - i
 * mutant: lookup/lookup_path.c: s/left_length < right_length \? left_length : right_length/left_length/
 * mutant: lookup/lookup_path.c: s/i <= shorter \/ ANCIENT_WORD; i/i <= shorter \/ ANCIENT_WORD + 1; i/ */
void prove_order_short(void)
{
	int order;

	proof_file(&file);
	ancient_reader_lookup_order_short(&file, nondet_u64(), nondet_u64(), &order);
}

/* ancient_reader_lookup_path_check: any way.
 * contract: compare
 * havoc: ancient_reader_lookup_order_short
 * loop: lookup/lookup_path.c: ancient_reader_lookup_path_check: for (unsigned i = 0; i < path->depth; i++)
 * assigns: i, low, high, *ret_wrong, __CPROVER_object_whole(err)
 * invariant: i <= path->depth
 * decreases: path->depth - i
 * mutant: lookup/lookup_path.c: s/i < path->depth/i <= path->depth/ */
void prove_path_check(void)
{
	static struct ancient_error err;
	struct reader_budget budget = {.file = &file};
	struct lookup_path path;
	bool wrong;

	proof_file(&file);
	ASSUME(path.depth <= LOOKUP_LEVELS); /* tree/tree_find */
	ancient_reader_lookup_path_check(&budget, &path, &wrong, &err);
}

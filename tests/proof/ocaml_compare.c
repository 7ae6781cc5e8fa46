/* tests/proof: OCaml's compare (c-reader/src/value/ocaml_compare.c): its leaves.  The walk over
 * blocks, and the union-find of those that were compared, are not proved. */
#include "value/ocaml_compare.c"

#include "operand.h"

static struct ancient_file file;

/* compare_strings, compare_arrays, compare_zarith, compare_customs: parts of any two operands.
 * contract: operand
 * with: value/gate_custom.c
 * loop: value/ocaml_compare.c: compare_arrays: for (uint64_t i = 0; i < left->size && order == 0; i++)
 * assigns: i, order
 * invariant: order >= -1 && order <= 1 && i <= left->size && (order != 0 || left->size == right->size)
 * decreases: left->size - i
 * loop: value/ocaml_compare.c: compare_zarith: for (uint64_t i = left->size; i-- > 0 && order == 0;)
 * assigns: i, order
 * invariant: order >= -1 && order <= 1 && i <= left->size && (order != 0 || left->size == right->size)
 * decreases: i
 * mutant: value/ocaml_compare.c: s/left->size < right->size \? left->size : right->size/left->size/
 * mutant: value/ocaml_compare.c: s/int order = sign\(left->size<right->size, left->size> right->size\);/int order = 0;/ */
void prove_compare_leaves(void)
{
	struct comparison c = {.file = &file, .err = proof_error()};
	struct lookup_view left, right;
	int order;

	proof_file(&file);
	proof_view(&file, &left);
	proof_view(&file, &right);
	ASSUME(left.tag == right.tag); /* compare_views */
	if (left.tag == ANCIENT_TAG_STRING)
		compare_strings(&left, &right);
	else if (left.tag == ANCIENT_TAG_DOUBLE_ARRAY)
		compare_arrays(&file, &left, &right);
	else if (left.tag == ANCIENT_TAG_CUSTOM)
		compare_customs(&c, &left, &right, &order);
}

/* tests/proof: operands of hash and compare (c-reader/src/value/operand.c). */
#include "value/operand.c"

#include "operand.h"

static struct ancient_file file;

/* Any key of a caller, whose memory has the parts that it says. */
static void any_key(struct ancient_key *key)
{
	ASSUME(key->count < 1ull << 40);
	switch (key->kind) {
	case ANCIENT_KEY_STRING:
		key->as.bytes = __CPROVER_allocate(key->count, 0);
		break;
	case ANCIENT_KEY_FLOATS:
		key->as.numbers =
			nondet_bool() ? NULL : __CPROVER_allocate(key->count * sizeof(double), 0);
		break;
	case ANCIENT_KEY_BLOCK:
		key->as.fields =
			nondet_bool() ? NULL : __CPROVER_allocate(key->count * sizeof(*key), 0);
		break;
	default:
		break;
	}
}

/* ancient_reader_lookup_open: what a view leads to can be read, be it of a word of the file or a
 * key.
 * contract: gate_any
 * with: value/gate_custom.c
 * mutant: value/operand.c: s/view->size > block->wosize - 2/view->size > block->wosize/
 * mutant: value/operand.c: s/if \(block->wosize < 2\)/if (false)/
 * mutant: value/operand.h: s/key->as.fields == NULL/false/
 * mutant: value/operand.c: s/if \(file == NULL\)/if (false)/ */
void prove_operand_open(void)
{
	struct ancient_key key;
	struct lookup_item item = {nondet_bool() ? &key : NULL, nondet_u64()};
	struct lookup_view view;
	struct ancient_file *from = nondet_bool() ? &file : NULL;

	proof_file(&file);
	any_key(&key);
	if (ancient_reader_lookup_open(from, item, &view, proof_error()) == ANCIENT_OK)
		CHECK(PROOF_VIEW(from, &view));
}

/* ancient_reader_lookup_field, ancient_reader_lookup_float: parts of a view.
 * mutant: value/operand.c: s/&view->fields\[index\]/\&view->fields[index + 1]/
 * mutant: value/operand.c: s/bits = reader_word\(file, view->offset \+ index/bits = reader_word(file, view->offset + 1 + index/ */
void prove_operand_parts(void)
{
	struct lookup_view view;
	struct lookup_item item;
	uint64_t index = nondet_u64();

	proof_file(&file);
	proof_view(&file, &view);
	if (view.tag == LOOKUP_IMMEDIATE || index >= view.size)
		return;
	if (view.tag == ANCIENT_TAG_DOUBLE || view.tag == ANCIENT_TAG_DOUBLE_ARRAY) {
		ancient_reader_lookup_float(&file, &view, index);
	} else if (reader_has_values(view.tag)) {
		item = ancient_reader_lookup_field(&file, &view, index);
		CHECK(item.key == NULL || __CPROVER_r_ok(item.key, sizeof(*item.key)));
	}
}

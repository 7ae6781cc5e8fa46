/* tests/proof: nodes, names and schema records of the directories
 * (c-reader/src/file/directory_node.c, schema_record.c). */
#include "file/directory_node.c"
#include "file/schema_record.c"

#include "directory.h"

static struct ancient_file file;

/* ancient_reader_bit: inside the name, at any position; of a key, at any of its own.
 * mutant: file/directory_node.c: s/position \/ 8 >= bits->length/position \/ 8 > bits->length/ */
void prove_bit(void)
{
	struct reader_bits bits;
	uint64_t position = nondet_u64();

	proof_bits(&bits);
	ASSUME(bits.name != NULL || position < ANCIENT_KEY_BITS);
	CHECK(ancient_reader_bit(&bits, position) <= 1);
}

/* ancient_reader_first_difference: of two names inside both, of two keys below 62 bits.
 * loop: file/directory_node.c: ancient_reader_first_difference: for (size_t i = 0; i < longer; i++)
 * invariant: i <= longer
 * decreases: longer - i
 * mutant: file/directory_node.c: s/at < bits->length/at <= bits->length/ */
void prove_first_difference(void)
{
	struct reader_bits a, b;
	uint64_t at;

	proof_bits(&a);
	proof_bits(&b);
	ASSUME((a.name == NULL) == (b.name == NULL));
	ASSUME(a.key <= ANCIENT_KEY_MAX && b.key <= ANCIENT_KEY_MAX);
	at = ancient_reader_first_difference(&a, &b);
	CHECK(at == UINT64_MAX || at < (a.name == NULL ? ANCIENT_KEY_BITS : ANCIENT_NAME_BITS));
}

/* ancient_reader_branch_bit, ancient_reader_branch_child: any word as a branch; the bit rises.
 * mutant: file/directory_node.c: s/next <= \*bit/next < *bit/
 * mutant: file/directory_node.c: s/offset % ANCIENT_WORD == 0 && reader_inside\(file, offset, bytes\)/reader_inside(file, offset, bytes)/ */
void prove_branch(void)
{
	struct reader_link link;
	uint64_t before = nondet_u64(), bit = before, limit = nondet_u64();

	proof_file(&file);
	if (ancient_reader_branch_bit(&file, link, limit, &bit, proof_error()) != ANCIENT_OK)
		return;
	CHECK(bit < limit && (before == READER_NO_BIT || bit > before));
	ancient_reader_branch_child(&file, link, nondet_bool());
}

/* ancient_reader_leaf_key, ancient_reader_leaf_name: any word as a leaf.
 * mutant: file/directory_node.c: s/node_check\(file, link, sizeof\(\*ret_leaf\), err\)/node_check(file, link, 16, err)/
 * mutant: base/words.h: s/offset <= file->super.used &&/true \&\&/ */
void prove_leaf(void)
{
	struct reader_link link;
	struct ancient_entry_record leaf;
	struct ancient_name_leaf name;

	proof_file(&file);
	ancient_reader_leaf_key(&file, link, &leaf, proof_error());
	ancient_reader_leaf_name(&file, link, &name, proof_error());
}

/* ancient_reader_name_at: the name and its last byte lie in the mapping.
 * mutant: file/directory_node.c: s/length > ANCIENT_NAME_MAX \|\|/false ||/
 * mutant: file/directory_node.c: s/reader_inside\(file, offset, ANCIENT_NAME_RECORD_BYTES\(length\)\)/reader_inside(file, offset, length)/ */
void prove_name_at(void)
{
	const unsigned char *bytes;
	size_t length;

	proof_file(&file);
	if (ancient_reader_name_at(&file, nondet_u64(), nondet_u64(), &bytes, &length,
				   proof_error()) == ANCIENT_OK) {
		CHECK(length >= 1 && length <= ANCIENT_NAME_MAX);
		CHECK(__CPROVER_r_ok(bytes, length + 1));
	}
}

/* ancient_reader_schema_at: the text and its last byte lie in the mapping.
 * mutant: file/schema_record.c: s/record.length > ANCIENT_SCHEMA_MAX \|\|/false ||/
 * mutant: file/schema_record.c: s/!reader_inside\(file, offset, sizeof\(struct ancient_schema_record\)\)/false/ */
void prove_schema_at(void)
{
	struct reader_schema_record record;

	proof_file(&file);
	if (ancient_reader_schema_at(&file, nondet_u64(), nondet_u64(), &record, proof_error()) ==
	    ANCIENT_OK) {
		CHECK(record.length >= 1 && record.length <= ANCIENT_SCHEMA_MAX);
		CHECK(__CPROVER_r_ok(record.text, record.length + 1));
	}
}

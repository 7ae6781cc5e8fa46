/* tests/proof: lookups by key and by name (c-reader/src/file/directory.c). */
#include "file/directory.c"

#include "directory.h"

static struct ancient_file file;

/* ancient_reader_descend: a walk through any words ends at a leaf, or at an error.
 * with: file/directory_node.c
 * loop: file/directory.c: ancient_reader_descend: while (!reader_link_is_leaf(link))
 * invariant: bit == READER_NO_BIT || bit < limit
 * decreases: bit == READER_NO_BIT ? limit : limit - 1 - bit
 * mutant: file/directory_node.c: s/next <= \*bit/next < *bit/
 * mutant: file/directory_node.c: s/next >= limit \|\|/next > limit ||/ */
void prove_descend(void)
{
	struct reader_bits bits;
	struct reader_link link, leaf;

	proof_bits(&bits);
	proof_file(&file);
	if (ancient_reader_descend(&file, link, &bits, &leaf, proof_error()) == ANCIENT_OK)
		CHECK(reader_link_is_leaf(leaf));
}

/* ancient_file_get: any key.
 * with: file/directory_node.c
 * havoc: ancient_reader_descend
 * mutant: file/directory_node.c: s/node_check\(file, link, sizeof\(\*ret_leaf\), err\)/node_check(file, link, 16, err)/ */
void prove_file_get(void)
{
	struct ancient_value value;

	proof_file(&file);
	ancient_file_get(&file, nondet_u64(), &value, proof_error());
}

/* ancient_file_entry: name and schema of an entry lie in the mapping, each with a 0 byte behind it.
 * with: file/directory_node.c file/schema_record.c
 * havoc: ancient_reader_descend
 * mutant: file/directory.c: s/if \(leaf->name != 0\)/if (false)/; s/\.name_length = length/.name_length = leaf->name/
 * mutant: file/directory_node.c: s/length > ANCIENT_NAME_MAX \|\|/false ||/ */
void prove_file_entry(void)
{
	struct ancient_entry entry;

	proof_file(&file);
	if (ancient_file_entry(&file, nondet_u64(), &entry, proof_error()) == ANCIENT_OK) {
		CHECK(entry.name == NULL ? entry.name_length == 0
					 : __CPROVER_r_ok(entry.name, entry.name_length + 1));
		CHECK(entry.schema == NULL ||
		      __CPROVER_r_ok(entry.schema, entry.schema_length + 1));
	}
}

/* ancient_file_entry_named: any name, of any length.
 * with: file/directory_node.c file/schema_record.c
 * havoc: ancient_reader_descend
 * mutant: file/directory.c: s/length != name->length \|\| memcmp\(bytes/memcmp(bytes/ */
void prove_file_entry_named(void)
{
	struct ancient_entry entry;
	uint64_t length;
	char *name;

	ASSUME(length < 1ull << 32); /* an object of the caller's */
	name = __CPROVER_allocate(length, 0);
	proof_file(&file);
	ancient_file_entry_named(&file, name, length, &entry, proof_error());
}

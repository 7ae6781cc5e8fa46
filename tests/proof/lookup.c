/* tests/proof: the search in a Hashtbl by a string, without types
 * (c-reader/src/lookup/lookup_hashtbl.c, lookup_hashtbl.h, lookup_key.h). */
#include "lookup/lookup_hashtbl.c"

#include "file.h"

static struct ancient_file file;
static struct ancient_key given;

/* Any string in the caller's memory. */
static void proof_key(void)
{
	uint64_t length = nondet_u64();
	char *bytes;

	ASSUME(length < 1ull << 40); /* an object of the caller's */
	bytes = __CPROVER_allocate(length, 0);
	given = ancient_key_string(length == 0 && nondet_bool() ? NULL : bytes, length);
}

/* lookup_key_init_string, lookup_key_word: inside the key, of whatever length.
 * flags: --unwind 9
 * mutant: lookup/lookup_key.h: s/key->words > 0/key->words >= 0/
 * mutant: lookup/lookup_key.h: s/i < left/i <= left/ */
void prove_key_string(void)
{
	struct lookup_key key;
	uint64_t index = nondet_u64();

	proof_key();
	lookup_key_init_string(&key, &given);
	if (index < key.words)
		lookup_key_word(&key, index);
}

/* lookup_key_is_word: compares any value with a key of any length, inside both.
 * flags: --unwind 9
 * loop: lookup/lookup_key.h: lookup_key_is_word: for (size_t i = 0; i < key->words && equal; i++)
 * assigns: i, equal
 * invariant: i <= key->words
 * decreases: key->words - i
 * mutant: lookup/lookup_key.h: s/key->words >= file->words - place/key->words > file->words - place/
 * mutant: lookup/lookup_key.h: s/i < key->words && equal/i <= key->words \&\& equal/ */
void prove_key_is_word(void)
{
	struct lookup_key key;
	bool equal;

	proof_file(&file);
	proof_key();
	lookup_key_init_string(&key, &given);
	lookup_key_is_word(&file, &key, nondet_u64(), &equal);
}

/* lookup_key_order_string: a string that the gate has let through, and a key of any length.
 * flags: --unwind 9
 * loop: lookup/lookup_key.h: lookup_key_order_string: for (uint64_t i = 0; i < words; i++)
 * assigns: i, left, right
 * invariant: i <= words
 * decreases: words - i
 * mutant: lookup/lookup_key.h: s/length < count \? length : count/length > count ? length : count/
 * mutant: lookup/lookup_key.h: s/words < key->words \?/words <= key->words ?/ */
void prove_key_order_string(void)
{
	struct lookup_key key;
	uint64_t offset, length;
	int order;

	proof_file(&file);
	proof_key();
	lookup_key_init_string(&key, &given);
	if (reader_gate_string(&file, nondet_u64(), &offset, &length)) {
		order = lookup_key_order_string(&file, &key, offset, length);
		CHECK(order >= -1 && order <= 1);
	}
}

/* lookup_hashtbl_open, lookup_hashtbl_walk: any words as a table, from the record to the binding.
 * contract: gate_any
 * flags: --unwind 9
 * loop: lookup/lookup_key.h: lookup_key_is_word: for (size_t i = 0; i < key->words && equal; i++)
 * assigns: i, equal
 * invariant: i <= key->words
 * decreases: key->words - i
 * loop: lookup/lookup_hashtbl.h: lookup_prefetch: for (uint64_t at = 0; at < bytes; at += LOOKUP_CACHE_LINE)
 * invariant: at < bytes + LOOKUP_CACHE_LINE
 * decreases: at < bytes ? bytes - at : 0
 * loop: lookup/lookup_hashtbl.h: lookup_hashtbl_walk: for (unsigned steps = 0; word != 1 && steps < LOOKUP_HASHTBL_STEPS; steps++)
 * assigns: steps, word, *ret_word
 * invariant: steps <= LOOKUP_HASHTBL_STEPS
 * decreases: LOOKUP_HASHTBL_STEPS - steps
 * mutant: lookup/lookup_hashtbl.h: s/buckets.wosize == 0 \|\|/false ||/
 * mutant: lookup/lookup_hashtbl.h: s/\(buckets.wosize & \(buckets.wosize - 1\)\) != 0/false/; s/buckets.wosize - 1, \(uint32_t\)/buckets.wosize, (uint32_t)/ */
void prove_hashtbl_walk(void)
{
	struct lookup_buckets buckets;
	struct lookup_key key;
	uint64_t word;

	proof_file(&file);
	proof_key();
	lookup_key_init_string(&key, &given);
	if (lookup_hashtbl_open(&file, nondet_u64(), &buckets))
		lookup_hashtbl_walk(&file, &buckets, &key, nondet_u32(), &word);
}

/* find_string: the same with every test, and every error; a bucket that is a ring ends.
 * contract: gate_any hash_string
 * flags: --unwind 9
 * loop: lookup/lookup_key.h: lookup_key_is_word: for (size_t i = 0; i < key->words && equal; i++)
 * assigns: i, equal
 * invariant: i <= key->words
 * decreases: key->words - i
 * loop: lookup/lookup_hashtbl.c: find_string: while (reader_is_pointer(bucket.next))
 * assigns: bucket, step, code, *ret_word, __CPROVER_object_whole(err)
 * invariant: bucket.chain.steps <= bucket.chain.until && bucket.chain.until <= 2 * file->present / 32 + 1
 * decreases: bucket.chain.until > file->present / 32 ? 0 : file->present / 32 + 1 - bucket.chain.until, bucket.chain.until - bucket.chain.steps
 * mutant: value/gate.h: s/\|\| chain->until > most//
 * mutant: lookup/lookup_hashtbl.c: s/data.wosize == 0 \|\|/false ||/ */
void prove_find_string(void)
{
	static struct ancient_error err;
	uint64_t word;

	proof_file(&file);
	proof_key();
	find_string(&file, nondet_u64(), &given, &word, &err);
}

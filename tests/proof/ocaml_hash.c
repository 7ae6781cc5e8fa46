/* tests/proof: OCaml's hash (c-reader/src/value/ocaml_hash.c). */
#include "value/ocaml_hash.c"

#include "operand.h"

static struct ancient_file file;

/* ancient_reader_lookup_hash_string: inside the string, of whatever length.
 * loop: value/ocaml_hash.c: mix_string: for (size_t i = 0; i < left; i++)
 * assigns: i, word
 * invariant: i <= left
 * decreases: left - i
 * loop: value/ocaml_hash.c: mix_string: for (; left >= sizeof(word); left -= sizeof(word), bytes += sizeof(word))
 * assigns: left, bytes, hash, word
 * invariant: left <= length && bytes == __CPROVER_loop_entry(bytes) + (length - left)
 * decreases: left
 * mutant: value/ocaml_hash.c: s/for \(; left >= sizeof\(word\)/for (; left > 0/
 * mutant: value/ocaml_hash.c: s/left > 0 && length >= sizeof\(word\)/left > 0/ */
void prove_hash_string(void)
{
	uint64_t length = nondet_u64();
	char *bytes;

	ASSUME(length < 1ull << 47); /* of a file, or of the caller's memory */
	bytes = __CPROVER_allocate(length, 0);
	CHECK(ancient_reader_lookup_hash_string(nondet_u32(), bytes, length) < 1u << 30);
}

/* mix_item, custom_hash, zarith_hash: parts of any operand; the queue has room.
 * contract: operand
 * havoc: mix_string
 * loop: value/ocaml_hash.c: zarith_hash: for (uint64_t i = 0; i < view->size; i++)
 * assigns: i, hash
 * invariant: i <= view->size
 * decreases: view->size - i
 * loop: value/ocaml_hash.c: mix_item: for (uint64_t i = 0; i < view->size && queue->meaningful > 0; i++)
 * assigns: i, *hash, queue->meaningful
 * invariant: i <= view->size && queue->meaningful >= 0 && queue->meaningful <= MEANINGFUL
 * decreases: view->size - i
 * loop: value/ocaml_hash.c: mix_item: for (uint64_t i = 0; i < view->size && queue->end < QUEUE; i++)
 * assigns: i, queue->end, __CPROVER_object_upto(queue->item, sizeof(queue->item))
 * invariant: i <= view->size && queue->end >= 1 && queue->end <= QUEUE
 * decreases: view->size - i
 * mutant: value/ocaml_hash.c: s/queue->end < QUEUE/queue->end <= QUEUE/
 * mutant: value/ocaml_hash.c: s/uint64_t i = 0; i < view->size; i/uint64_t i = 0; i <= view->size; i/ */
void prove_hash_item(void)
{
	struct queue queue;
	struct lookup_view view;
	uint32_t hash;

	proof_file(&file);
	proof_view(&file, &view);
	ASSUME(queue.first <= queue.end && queue.end >= 1 && queue.end <= QUEUE);
	ASSUME(queue.meaningful >= 1 && queue.meaningful <= MEANINGFUL);
	ASSUME(queue.read <= 100ull << 49); /* of the items before, at most 100 */
	if (mix_item(&file, &queue, &view, &hash, proof_error()) == ANCIENT_OK) {
		CHECK(queue.end >= 1 && queue.end <= QUEUE);
		CHECK(queue.meaningful >= 0 && queue.meaningful <= MEANINGFUL);
	}
}

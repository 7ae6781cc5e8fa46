/* ocaml/stubs: trials of the addresses that were let go: which of them the collector can still
 * meet. Called by mark.c and handles.c.
 *
 * OCaml 4: every word that the collector can meet is looked at, with the runtime held: the roots,
 * as it finds them itself, and the blocks of its heap, where there is no minor heap after a minor
 * collection.  Blocks that are dead and not swept yet count too, since nothing tells them.
 *
 * OCaml 5: its heap cannot be walked, but a cycle of marking reads the header of every block that a
 * live one points to, ephemerons' keys and the stacks of sleeping domains included.  What is made
 * during a cycle points only to what was there when it began.  So after a complete cycle which
 * began after the tombstones were laid anew, those that nothing has read cannot be met; one more is
 * waited for.  Cycles come by themselves, and are only forced where much more was let go.
 */
#include "trials.h"

#include <caml/gc.h>
#include <caml/major_gc.h>
#include <caml/memory.h>
#include <caml/minor_gc.h>
#include <caml/roots.h>

#include <ancient/quarantine.h>

#if OCAML_VERSION < 50000

#ifdef ANCIENT_ML_PAGE_TABLE
#define PAGE_TABLE true
#else
#define PAGE_TABLE false
#endif

#define PROOF ANCIENT_PROOF_WALK

static void meet_root(value v, value *root)
{
	(void)root;
	if (Is_block(v))
		ancient_trial_meet((uint64_t)v);
}

static void meet_words(value block, mlsize_t count)
{
	for (mlsize_t i = 0; i < count; i++)
		if (Is_block(Field(block, i)))
			ancient_trial_meet((uint64_t)Field(block, i));
}

/* Ephemerons are abstract, and a closure's code pointers lead elsewhere. */
static void meet_block(value block, header_t header)
{
	tag_t tag = Tag_hd(header);

	if (tag < No_scan_tag || tag == Abstract_tag)
		meet_words(block, Wosize_hd(header));
	else if (tag == Custom_tag)
		meet_words(block, 1); /* its operations: a file's custom window, maybe */
}

static void meet_chunk(const char *chunk)
{
	const char *end = chunk + Chunk_size(chunk);

	while (chunk < end) {
		header_t header = Hd_hp(chunk);

		if (Color_hd(header) != Caml_blue)
			meet_block(Val_hp(chunk), header);
		chunk += Bhsize_hd(header);
	}
}

void ancient_ml_trials_finish(void)
{
	caml_empty_minor_heap();
	if (!ancient_trial_begin(NULL))
		return;
	caml_do_roots(meet_root, 1);
	for (const char *chunk = caml_heap_start; chunk != NULL; chunk = Chunk_next(chunk))
		meet_chunk(chunk);
	ancient_trial_end(0);
}

void ancient_ml_trials_step(void)
{
	uint64_t heap = Bsize_wsize((uint64_t)Caml_state->stat_heap_wsz);

	if (ancient_quarantine_due(heap) != ANCIENT_QUARANTINE_FINE)
		ancient_ml_trials_finish();
}

#else

#include <caml/shared_heap.h>

#define PAGE_TABLE false
#define PROOF ANCIENT_PROOF_PAGES
#define CYCLES 3 /* the one under way, and two complete ones */

static void finish_cycle(void)
{
#if OCAML_VERSION < 50200
	caml_finish_major_cycle();
#else
	caml_finish_major_cycle(0);
#endif
}

static uint64_t cycles_completed(void)
{
	return __atomic_load_n(&caml_major_cycles_completed, __ATOMIC_ACQUIRE);
}

static void run(bool now)
{
	uint64_t begun;

	if (!ancient_trial_running(&begun))
		return;
	while (now && cycles_completed() - begun < CYCLES)
		finish_cycle();
	if (cycles_completed() - begun >= CYCLES)
		ancient_trial_end(begun);
}

void ancient_ml_trials_step(void)
{
	enum ancient_quarantine_due due =
		ancient_quarantine_due(caml_heap_size(Caml_state->shared_heap));

	if (due != ANCIENT_QUARANTINE_FINE)
		ancient_trial_begin(cycles_completed);
	run(due == ANCIENT_QUARANTINE_GRAVE);
}

/* One that is running has begun too early. */
void ancient_ml_trials_finish(void)
{
	run(true);
	ancient_trial_begin(cycles_completed);
	run(true);
}

#endif

__attribute__((constructor)) static void choose_proof(void)
{
	ancient_quarantine_init(PROOF, PAGE_TABLE);
}

/* core/copy: leaves the spare room of Dynarrays out of the copy.  Called by copy.c.
 *
 * A Dynarray of OCaml 5.3 and later is a record (length, array, dummy).  The fields of the array
 * from `length` on lead to the dummy, an object that means "no element" and is of no other use.  A
 * reader in another language would take them for elements.  The copy of the array gets `length`
 * fields; what was copied behind them becomes a block of its own, which nothing leads to.
 */
#include "copy/spare_room.h"

#include "base/block.h"

enum { LENGTH, ARRAY, DUMMY, RECORD_FIELDS };

/* Whether the copy of a record at `record` is (length, array, ...) with an array that is in the
 * copy and has more than `length` fields.  *ret_array: of its copy; *ret_length. */
static bool has_room(const struct core_copy_target *target, uint64_t record, uint64_t *ret_array,
		     uint64_t *ret_length)
{
	const uint64_t *words = target->words;
	uint64_t length = words[record + LENGTH], array = words[record + ARRAY];

	if (words[record - 1] != ANCIENT_HEADER(RECORD_FIELDS, 0) || (length & 1) == 0 || array & 1)
		return false;
	array = (array - target->address) / 8;
	length >>= 1;
	if (array == 0 || array >= target->used || core_tag(words[array - 1]) != 0 ||
	    length >= core_wosize(words[array - 1]))
		return false;
	*ret_array = array;
	*ret_length = length;
	return true;
}

/* Whether the array's fields from `first` on still hold this word of the source. */
static bool all_are(const struct core_copy_target *target, uint64_t first, uint64_t end,
		    uint64_t word)
{
	for (uint64_t i = first; i < end; i++)
		if (target->words[i] != word)
			return false;
	return true;
}

static void cut(struct core_copier *copier, uint64_t array, uint64_t length)
{
	struct core_copy_target *target = copier->target;
	uint64_t first = array + length, end = array + core_wosize(target->words[array - 1]);

	core_copy_target_set(target, array - 1, ANCIENT_HEADER(length, 0));
	core_copy_target_set(target, first, ANCIENT_HEADER(end - first - 1, 0));
	for (uint64_t i = first + 1; i < end; i++)
		core_copy_target_set(target, i, 1);
	copier->blocks++;
}

void ancient_core_spare_room_cut(struct core_copier *copier, struct core_frame *frame)
{
	const struct core_copy_target *target = copier->target;
	uint64_t dummy = copier->met_dummy - copier->source->shift, record, array, length;

	if (copier->depth == 0 || copier->stack[copier->depth - 1].end <= RECORD_FIELDS)
		return;
	record = copier->stack[copier->depth - 1].end - RECORD_FIELDS;
	if (copier->stack[copier->depth - 1].next != record + DUMMY ||
	    target->words[record + DUMMY] != dummy || !has_room(target, record, &array, &length) ||
	    frame->next - 1 != array + length ||
	    frame->end != array + core_wosize(target->words[array - 1]) ||
	    !all_are(target, frame->next, frame->end, dummy))
		return;
	cut(copier, array, length);
	frame->next = frame->end;
}

void ancient_core_spare_room_cut_below(struct core_copier *copier, uint64_t record, uint64_t dummy)
{
	const struct core_copy_target *target = copier->target;
	uint64_t array, length;

	/* An array from before this record may have been visited. */
	if (!has_room(target, record, &array, &length) || array < record ||
	    target->words[record + DUMMY] != target->address + copier->dummy * 8 ||
	    !all_are(target, array + length, array + core_wosize(target->words[array - 1]),
		     dummy - copier->source->shift))
		return;
	cut(copier, array, length);
}

/* core/copy: what all targets of copies have in common. */
#include "copy/copy_target.h"

#define CHANGED_BYTES_MOST (1u << 20) /* of `changed`: past it the whole piece is written again */

void ancient_core_copy_target_note(struct core_copy_target *target, uint64_t index, uint64_t word)
{
	struct core_changed_word *changed = NULL;

	if (target->changed.used < CHANGED_BYTES_MOST)
		changed = ancient_core_buffer_take(&target->changed, sizeof *changed);
	if (changed)
		*changed = (struct core_changed_word){index, word};
	else
		target->changed_lost = true;
}

void ancient_core_copy_target_patch(struct core_copy_target *target, uint64_t address)
{
	const struct core_patch *patch = (const void *)target->patches.data;
	size_t count = target->patches.used / sizeof *patch;

	for (size_t i = 0; i < count; i++)
		target->words[patch[i].word] = address + patch[i].payload;
}

void ancient_core_copy_target_done(struct core_copy_target *target)
{
	ancient_core_buffer_done(&target->patches);
	ancient_core_buffer_done(&target->changed);
}

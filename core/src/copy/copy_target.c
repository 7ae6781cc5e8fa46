/* core: what every sink of copies has in common. */
#include "copy/copy_target.h"

#define LATE_MOST (1u << 20) /* bytes; where there are more, everything is written again */

void core_sink_late(struct core_sink *sink, uint64_t index, uint64_t word)
{
	struct core_late *late = NULL;

	if (sink->late.used < LATE_MOST)
		late = core_buffer_take(&sink->late, sizeof *late);
	if (late)
		*late = (struct core_late){index, word};
	else
		sink->late_lost = true;
}

void core_sink_patch(struct core_sink *sink, uint64_t address)
{
	const struct core_patch *patch = (const void *)sink->patches.data;
	size_t count = sink->patches.used / sizeof *patch;

	for (size_t i = 0; i < count; i++)
		sink->words[patch[i].word] = address + patch[i].payload;
}

void core_sink_done(struct core_sink *sink)
{
	core_buffer_done(&sink->patches);
	core_buffer_done(&sink->late);
}

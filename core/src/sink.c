/* core: what every sink of copies has in common. */
#include "sink.h"

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
}

/* tests/core: makes all checksums of a file right again after a test has changed its bytes:
 * extents, history, commit records and the superblock in force. */
#ifndef RESEAL_H
#define RESEAL_H

#include <xxhash.h>

#include "check.h"

static inline void reseal_superblock(void *superblock)
{
	struct ancient_superblock *sb = superblock;

	sb->checksum = XXH3_64bits(sb, offsetof(struct ancient_superblock, checksum));
}

static inline void reseal_extent(uint8_t *bytes, uint64_t at)
{
	struct ancient_extent *header = (void *)(bytes + at);

	header->content_checksum = XXH3_64bits(header + 1, header->content);
	header->header_checksum =
		XXH3_64bits(header, offsetof(struct ancient_extent, header_checksum));
}

/* Folds the checksums of a commit's extents into the history. */
static inline uint64_t folded(uint64_t history, uint64_t *sums, unsigned *count)
{
	sums[0] = history;
	history = XXH3_64bits(sums, (1 + *count) * sizeof *sums);
	*count = 0;
	return history;
}

static inline uint64_t next_extent(const uint8_t *bytes, uint64_t at)
{
	struct ancient_extent header;
	uint64_t align = ANCIENT_EXTENT_ALIGN;

	memcpy(&header, bytes + at, sizeof header);
	CHECK(header.magic == ANCIENT_EXTENT_MAGIC);
	if (header.flags & ANCIENT_EXTENT_LAST)
		align = ANCIENT_COMMIT_ALIGN;
	return (at + header.length + align - 1) & ~(align - 1);
}

/* Lengths and kinds of extents are taken as they are; neither slot was damaged. */
static inline void reseal(uint8_t *bytes)
{
	struct ancient_superblock *slots[] = {(void *)bytes, (void *)(bytes + 4096)};
	struct ancient_superblock *newest = slots[slots[1]->generation > slots[0]->generation];
	uint64_t sums[64], history = 0;
	unsigned count = 0;

	for (uint64_t at = ANCIENT_FIRST_EXTENT; at < newest->used; at = next_extent(bytes, at)) {
		struct ancient_extent *header = (void *)(bytes + at);
		struct ancient_superblock *image = (void *)(header + 1);
		bool record = header->kind == ANCIENT_EXTENT_RECORD;

		if (record) {
			history = folded(history, sums, &count);
			image->history = history;
			reseal_superblock(image);
		}
		reseal_extent(bytes, at);
		if (!record)
			sums[1 + count++] = header->header_checksum;
		if (!record && header->flags & ANCIENT_EXTENT_LAST)
			history = folded(history, sums, &count);
	}
	newest->history = history;
	reseal_superblock(newest);
}

static inline void write_back(int fd, const uint8_t *bytes, uint64_t size)
{
	CHECK(ftruncate(fd, (off_t)size) == 0);
	CHECK(pwrite(fd, bytes, size, 0) == (ssize_t)size);
}

#endif

/* core: the writer's own check of a file (FORMAT 10), for the verifying attach. */
#ifndef CORE_VERIFY_H
#define CORE_VERIFY_H

#include <stdbool.h>

#include "store/store_internal.h"
#include "base/buffer.h"
#include "base/progress.h"

struct core_verify_extent {
	uint64_t start, end; /* of the content */
	uint32_t kind;
};

struct core_verify {
	struct core_pages pages;
	struct ancient_superblock superblock;
	struct core_buffer extents; /* struct core_verify_extent, in the order of the file */
	uint8_t *starts;            /* a bit per word: first fields of blocks */
	uint64_t blocks, bytes;
	struct core_progress *progress;
	struct ancient_error *err;
};

/* Checks every rule for the file mapped at `pages`, whose superblock in force is this one. */
enum ancient_code core_verify_pages(const struct core_pages *pages,
				    const struct ancient_superblock *superblock,
				    struct core_progress *progress, struct ancient_error *err);

/* Of work that core_verify_pages does: an estimate, from what the superblock says. */
uint64_t core_verify_work(const struct ancient_superblock *superblock);

/* Reports a broken rule. */
enum ancient_code core_verify_wrong(struct core_verify *v, enum ancient_code code, unsigned rule,
				    uint64_t offset, uint64_t expected, uint64_t found,
				    const char *what);

/* One word of the file. */
static inline uint64_t core_verify_word(const struct core_verify *v, uint64_t offset)
{
	return __atomic_load_n((const uint64_t *)(const void *)(v->pages.file + offset),
			       __ATOMIC_RELAXED);
}

/* Whether [offset, offset + bytes) lies in the content of one extent of this kind. */
bool core_verify_inside(const struct core_verify *v, uint64_t offset, uint64_t bytes,
			uint32_t kind);

/* Whether the word is an immediate or a pointer to a block. */
bool core_verify_value(const struct core_verify *v, uint64_t word);

/* Rules V2 to V8 of a values extent. */
enum ancient_code core_verify_blocks(struct core_verify *v, uint64_t offset,
				     const struct ancient_extent *extent);
/* Rule V1 and the payloads of V7, for the values extent with this content. */
enum ancient_code core_verify_pointers(struct core_verify *v, uint64_t start, uint64_t end);
/* Rules D1 to D6. */
enum ancient_code core_verify_directories(struct core_verify *v);

#endif

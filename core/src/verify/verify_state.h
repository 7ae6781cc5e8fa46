/* core/verify: the state of one verification, shared by the parts of the verifier. */
#ifndef CORE_VERIFY_STATE_H
#define CORE_VERIFY_STATE_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/buffer.h"
#include "base/progress.h"
#include "file/superblock.h"
#include "index/pages.h"

struct core_verify_extent {
	uint64_t start, end; /* of the content */
	uint32_t kind;
};

struct core_verify {
	struct core_pages pages;
	struct ancient_superblock superblock;
	struct core_buffer extents; /* struct core_verify_extent, in the order of the file */
	const struct core_superblock_observed *observed; /* of the other slot; NULL: unknown */
	bool later;             /* the file is of a later minor version (FORMAT 3.4) */
	uint8_t *starts;        /* one bit per word of the file: a block's first field lies here */
	uint64_t blocks, bytes; /* counted so far, headers included */
	struct core_progress *progress;
	struct ancient_error *err;
};

/* Fills in v->err with a broken rule, and returns `code`.  `rule` is 100 * the letter's index in
 * "?SEVCD" plus the number: 305 is V5. */
enum ancient_code ancient_core_verify_wrong(struct core_verify *v, enum ancient_code code,
					    unsigned rule, uint64_t offset, uint64_t expected,
					    uint64_t found, const char *what);

/* One word of the file.  Each word is loaded once and then used: another process may write to a
 * damaged or hostile file meanwhile. */
static inline uint64_t core_verify_word(const struct core_verify *v, uint64_t offset)
{
	return __atomic_load_n((const uint64_t *)(const void *)(v->pages.file + offset),
			       __ATOMIC_RELAXED);
}

/* Whether [offset, offset + bytes) lies in the content of one extent of this kind. */
bool ancient_core_verify_inside(const struct core_verify *v, uint64_t offset, uint64_t bytes,
				uint32_t kind);

/* Whether the word is an immediate or a pointer to the first field of a block. */
bool ancient_core_verify_value(const struct core_verify *v, uint64_t word);

#endif

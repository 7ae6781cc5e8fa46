/* core: where a copy is written: a file's commit, or anonymous memory. */
#ifndef CORE_COPY_TARGET_H
#define CORE_COPY_TARGET_H

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/buffer.h"

struct core_copy_target {
	uint64_t *words;   /* where word 0 is now; may move in grow() */
	uint64_t used;     /* words written */
	uint64_t capacity; /* words there is room for */
	uint64_t address;  /* of word 0, as pointers to it will say */
	const char *name;  /* for messages */

	/* Words that are on their way to the file while they can still be changed, and those that
	 * were: struct core_changed_word. */
	uint64_t writing_first, writing_words;
	struct core_buffer changed;
	bool changed_lost; /* not all of them are known */

	/* Makes room for `more` words behind `used`. */
	enum ancient_code (*grow)(struct core_copy_target *target, uint64_t more,
				  struct ancient_error *err);
	/* Word 0 of a custom block whose operations are these. */
	enum ancient_code (*custom)(struct core_copy_target *target, uint64_t operations,
				    const char *identifier, uint64_t *ret_word,
				    struct ancient_error *err);

	/* Payloads of bigarrays, each on a multiple of 64, are copied when all blocks are
	 * written; then they get their address. */
	uint64_t payload_bytes;
	uint64_t payload_most;      /* bytes that all of them may have; 0: any */
	struct core_buffer patches; /* struct core_patch, by payload */
};

struct core_patch {
	uint64_t word;    /* index of the word that shall hold the address */
	uint64_t payload; /* offset behind the address of all payloads */
	const uint8_t *from;
	uint64_t bytes;
};

struct core_changed_word {
	uint64_t index, word;
};

void core_copy_target_note(struct core_copy_target *target, uint64_t index, uint64_t word);

/* Changes a word that may be on its way. */
static inline void core_copy_target_set(struct core_copy_target *target, uint64_t index,
					uint64_t word)
{
	target->words[index] = word;
	if (__builtin_expect(index - target->writing_first < target->writing_words, 0))
		core_copy_target_note(target, index, word);
}

/* Fills in the addresses of payloads, which begin at `address`. */
void core_copy_target_patch(struct core_copy_target *target, uint64_t address);

void core_copy_target_done(struct core_copy_target *target);

#endif

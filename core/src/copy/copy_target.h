/* core/copy: the target of a copy: the words that it is written to.  Embedded by
 * commit/extent_writer.h and by mark/memory_copy.c, which implement the callbacks. */
#ifndef CORE_COPY_TARGET_H
#define CORE_COPY_TARGET_H

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/buffer.h"

struct core_copy_target {
	uint64_t *words;   /* where word 0 is now; grow() may move it */
	uint64_t used;     /* words used */
	uint64_t capacity; /* words that may be used before grow() must be called */
	uint64_t address;  /* address of word 0 that pointers into the copy will have */
	const char *name;  /* for messages */

	/* The words [writing_first, writing_first + writing_words) are being written to the file by
	 * another thread.  Words that are changed meanwhile are recorded in `changed`: struct
	 * core_changed_word. */
	uint64_t writing_first, writing_words;
	struct core_buffer changed;
	bool changed_lost; /* not all changed words were recorded */

	/* Makes `capacity` at least used + `more`. */
	enum ancient_code (*grow)(struct core_copy_target *target, uint64_t more,
				  struct ancient_error *err);
	/* Makes `used` less: the blocks behind were never there.  NULL: it cannot be asked for. */
	void (*shrink)(struct core_copy_target *target, uint64_t used);
	/* Gives word 0 of the copy of a custom block with these operations. */
	enum ancient_code (*custom)(struct core_copy_target *target, uint64_t operations,
				    const char *identifier, uint64_t *ret_word,
				    struct ancient_error *err);

	/* Payloads of bigarrays, each at a multiple of 64, are copied when all blocks are written;
	 * only then is their address known, and ancient_core_copy_target_patch stores it. */
	uint64_t payload_bytes;
	uint64_t payload_most;      /* limit of payload_bytes; 0: none */
	struct core_buffer patches; /* struct core_patch, by payload */
};

struct core_patch {
	uint64_t word;    /* index of the word that must hold the address */
	uint64_t payload; /* offset from the address of all payloads */
	const uint8_t *from;
	uint64_t bytes;
};

struct core_changed_word {
	uint64_t index, word;
};

/* Records a word that was changed while its piece is being written. */
void ancient_core_copy_target_note(struct core_copy_target *target, uint64_t index, uint64_t word);

/* Sets a word that may be in a piece being written. */
static inline void core_copy_target_set(struct core_copy_target *target, uint64_t index,
					uint64_t word)
{
	target->words[index] = word;
	if (__builtin_expect(index - target->writing_first < target->writing_words, 0))
		ancient_core_copy_target_note(target, index, word);
}

/* Stores the addresses of payloads, which begin at `address`. */
void ancient_core_copy_target_patch(struct core_copy_target *target, uint64_t address);

void ancient_core_copy_target_done(struct core_copy_target *target);

#endif

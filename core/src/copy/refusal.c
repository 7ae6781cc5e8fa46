/* core/copy: says what in a value cannot be shared, and where.
 *
 * Runs only after a refusal: a second, depth-first walk over the source, with the whole path on its
 * stack.  So the copy itself need not remember parents.
 */
#include "copy/refusal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/block.h"
#include "base/fail.h"
#include "copy/source_block.h"
#include "copy/visited.h"

struct step {
	uint64_t word; /* block whose fields are being visited */
	uint64_t next; /* index of the next of them */
};

struct walk {
	const struct core_copier *copier;
	struct core_visited visited;
	struct step *steps;
	size_t depth, capacity;
};

#define SHOWN 12u /* steps shown at either end of a long path */

static bool push(struct walk *walk, uint64_t word)
{
	if (walk->depth == walk->capacity) {
		size_t capacity = walk->capacity ? walk->capacity * 2 : 64;
		struct step *steps = realloc(walk->steps, capacity * sizeof *steps);

		if (!steps)
			return false;
		walk->steps = steps;
		walk->capacity = capacity;
	}
	walk->steps[walk->depth].word = word;
	walk->steps[walk->depth++].next = 0;
	return true;
}

/* Judges the value `word`, and pushes it if it has fields and was not visited. */
static enum ancient_code enter(struct walk *walk, uint64_t *word, enum core_refusal *ret_refusal)
{
	const struct ancient_source *source = walk->copier->source;
	const struct ancient_source_range *range;
	struct core_visited_page *page;
	uint64_t header;
	unsigned tag;

	*ret_refusal = CORE_FINE;
	if (*word & 1)
		return ANCIENT_OK;
	*word += source->shift;
	if (*word - walk->copier->referenced_start < walk->copier->referenced_bytes)
		return ANCIENT_OK;
	*ret_refusal = CORE_NAKED;
	if (!ancient_core_source_is_block(source, *word, &range))
		return ANCIENT_OK;
	*word = ancient_core_source_forward(source, *word);
	*ret_refusal = CORE_FINE;
	if (*word & 1 || *word - walk->copier->referenced_start < walk->copier->referenced_bytes)
		return ANCIENT_OK;
	*ret_refusal = ancient_core_source_judge(source, *word);
	if (*ret_refusal == CORE_DUMMY)
		*ret_refusal = CORE_FINE;
	header = core_block_word(*word, -1);
	tag = core_tag(header);
	if (*ret_refusal != CORE_FINE || core_wosize(header) == 0 ||
	    (tag > ANCIENT_TAG_LAST_PLAIN && tag != ANCIENT_TAG_FORWARD))
		return ANCIENT_OK;
	page = core_visited_at(&walk->visited, *word);
	if (!page)
		return ANCIENT_E_MEMORY;
	if (core_visited_get(&walk->visited, page, *word))
		return ANCIENT_OK;
	return core_visited_set(&walk->visited, page, *word, 1) && push(walk, *word)
		       ? ANCIENT_OK
		       : ANCIENT_E_MEMORY;
}

/* Writes "root.(3).(0)".  In the middle of a long path the steps are only counted. */
static void write_path(const struct walk *walk, char *text, size_t bytes)
{
	size_t at = (size_t)snprintf(text, bytes, "root");

	for (size_t i = 0; i < walk->depth && at < bytes; i++) {
		if (walk->depth > 2 * SHOWN && i == SHOWN) {
			at += (size_t)snprintf(text + at, bytes - at, ".(... %zu more ...)",
					       walk->depth - 2 * SHOWN);
			i = walk->depth - SHOWN - 1;
			continue;
		}
		at += (size_t)snprintf(text + at, bytes - at, ".(%llu)",
				       (unsigned long long)walk->steps[i].next - 1);
	}
}

static enum ancient_code explain(const struct walk *walk, uint64_t word, enum core_refusal refusal,
				 struct ancient_error *err)
{
	char path[384], kind[128];

	write_path(walk, path, sizeof path);
	return ancient_core_fail(
		err, ANCIENT_E_UNSHAREABLE, "%s at %s",
		ancient_core_source_refusal(walk->copier->source, word, refusal, kind, sizeof kind),
		path);
}

static enum ancient_code go(struct walk *walk, uint64_t root, struct ancient_error *err)
{
	enum core_refusal refusal;
	uint64_t word = root;
	enum ancient_code code = enter(walk, &word, &refusal);

	while (code == ANCIENT_OK && refusal == CORE_FINE && walk->depth > 0) {
		struct step *top = &walk->steps[walk->depth - 1];

		if (top->next == core_wosize(core_block_word(top->word, -1))) {
			walk->depth--;
			continue;
		}
		word = core_block_word(top->word, (int64_t)top->next++);
		code = enter(walk, &word, &refusal);
	}
	if (code != ANCIENT_OK)
		return ancient_core_fail_memory(err, walk->copier->target->name);
	return explain(walk, word, refusal, err);
}

enum ancient_code ancient_core_refusal_explain(const struct core_copier *copier, uint64_t root,
					       struct ancient_error *err)
{
	struct walk walk = {.copier = copier};
	enum ancient_code code;

	if (!ancient_core_visited_init(&walk.visited))
		return ancient_core_fail_memory(err, copier->target->name);
	code = go(&walk, root, err);
	ancient_core_visited_done(&walk.visited);
	free(walk.steps);
	return code;
}

/* c-reader/typed: the hidden bindings of a long bucket (bucket_index.h): the fingerprints of the
 * keys met so far, and for each cell whether its key was among them.
 *
 * An index is kept in one of a few places of the file, and the fingerprints of blocks in another,
 * so that what the keys of several buckets share is read once.  A call takes them out of there and
 * puts them back at its end, so that it works without a lock; a call that comes meanwhile makes its
 * own. */
#include "typed/bucket_index.h"

#include <stdlib.h>

#include "value/fingerprint.h"

struct index {
	struct reader_kept kept;
	struct typed_bucket bucket; /* the cursor: cells before it are in the maps */
	uint64_t first;
	struct reader_word_map cells; /* word of the cell: {1 where it is hidden, 0} */
	struct reader_word_map keys;  /* first word of a fingerprint: {second word, newest cell} */
};

/* The fingerprints of the file's blocks, which all buckets share. */
struct prints {
	struct reader_kept kept;
	struct reader_fingerprints prints;
};

static void destroy(struct reader_kept *kept)
{
	struct index *index = (struct index *)kept;

	ancient_reader_word_map_done(&index->cells, NULL);
	ancient_reader_word_map_done(&index->keys, NULL);
	free(index);
}

static void destroy_prints(struct reader_kept *kept)
{
	struct prints *prints = (struct prints *)kept;

	ancient_reader_fingerprints_done(&prints->prints, NULL);
	free(prints);
}

/* ---- In the file -------------------------------------------------------------------- */

static struct index *take(const struct ancient_file *file, uint64_t first)
{
	struct index *index;

	for (unsigned i = 0; i < READER_KEPT; i++) {
		struct reader_kept *kept = atomic_exchange(&file->cells->kept[i], NULL),
				   *none = NULL;
		if (kept != NULL && ((struct index *)kept)->first == first)
			return (struct index *)kept;
		if (kept != NULL &&
		    !atomic_compare_exchange_strong(&file->cells->kept[i], &none, kept))
			kept->destroy(kept);
	}
	index = calloc(1, sizeof(*index));
	if (index == NULL)
		return NULL;
	index->kept.destroy = destroy;
	index->first = first;
	index->bucket = typed_bucket_at(first);
	return index;
}

static struct prints *take_prints(const struct ancient_file *file)
{
	struct prints *prints = (struct prints *)atomic_exchange(&file->cells->prints, NULL);
	uint64_t none = 0, seed = ancient_reader_secret() | 1;

	if (prints != NULL)
		return prints;
	prints = calloc(1, sizeof(*prints));
	if (prints == NULL)
		return NULL;
	prints->kept.destroy = destroy_prints;
	/* One seed for all, as indexes hold fingerprints. */
	if (!atomic_compare_exchange_strong(&file->cells->seed, &none, seed))
		seed = none;
	prints->prints.seed = seed;
	return prints;
}

static void put_back_prints(const struct ancient_file *file, struct prints *prints)
{
	struct reader_kept *other = NULL;

	if (prints != NULL)
		other = atomic_exchange(&file->cells->prints, &prints->kept);
	if (other != NULL)
		other->destroy(other);
}

/* In the first place, before those that were used longer ago; the last one is given up. */
static void put_back(const struct ancient_file *file, struct index *index)
{
	struct reader_kept *kept = &index->kept;

	atomic_store(&file->cells->any, true);
	for (unsigned i = 0; i < READER_KEPT && kept != NULL; i++)
		kept = atomic_exchange(&file->cells->kept[i], kept);
	if (kept != NULL)
		kept->destroy(kept);
}

/* ---- One cell ----------------------------------------------------------------------- */

static uint64_t bytes_of(const struct index *index, const struct prints *prints)
{
	return (index->cells.capacity + index->keys.capacity + prints->prints.met.capacity) *
	       sizeof(struct reader_word_entry);
}

/* Adds the cell under the cursor. */
static enum ancient_code add_cell(struct index *index, struct prints *prints,
				  struct reader_budget *budget, struct ancient_error *err)
{
	const struct typed_bucket *bucket = &index->bucket;
	const uint64_t key = reader_field(budget->file, &bucket->cell, TYPED_CONS_KEY);
	struct reader_fingerprint print;
	struct reader_word_entry *entry;
	bool hidden;
	enum ancient_code code =
		ancient_reader_fingerprint(&prints->prints, budget, lookup_word(key), &print, err);

	if (code == ANCIENT_E_TOO_LARGE && budget->code == ANCIENT_OK) {
		/* A key that contains itself: equal to itself alone. */
		print = (struct reader_fingerprint){{key, 1}};
		code = ANCIENT_OK;
	} else if (code != ANCIENT_OK && budget->code == ANCIENT_OK) {
		return code;
	}
	print.word[0] |= 1; /* no entry has the key 0 */
	entry = code == ANCIENT_OK ? ancient_reader_word_map_at(&index->keys, print.word[0], budget)
				   : NULL;
	hidden = entry != NULL && entry->value[1] != 0 && entry->value[0] == print.word[1];
	if (entry != NULL && entry->value[1] == 0) {
		entry->value[0] = print.word[1];
		entry->value[1] = bucket->word;
	}
	if (entry != NULL)
		entry = ancient_reader_word_map_at(&index->cells, bucket->word, budget);
	if (entry == NULL)
		return ancient_reader_budget_fail(budget, bucket->cell.offset, "a bucket", err);
	entry->value[0] = hidden;
	return ANCIENT_OK;
}

/* Adds the next cell; *ret_step tells whether there was one. */
static enum ancient_code add_next(struct index *index, struct prints *prints,
				  struct reader_budget *budget, const struct ancient_type *type,
				  enum typed_bucket_step *ret_step, struct ancient_error *err)
{
	const struct typed_bucket before = index->bucket;
	enum ancient_code code = ANCIENT_OK;

	*ret_step = typed_bucket_next(budget->file, &index->bucket);
	if (*ret_step == TYPED_BUCKET_CELL)
		code = add_cell(index, prints, budget, err);
	else if (*ret_step == TYPED_BUCKET_ODD)
		code = ancient_reader_typed_bucket_fail(budget->file, type, &index->bucket,
							*ret_step, "", err);
	if (code != ANCIENT_OK || *ret_step != TYPED_BUCKET_CELL)
		index->bucket = before;
	return code;
}

static enum ancient_code find(struct index *index, struct prints *prints,
			      struct reader_budget *budget, const struct ancient_type *type,
			      uint64_t word, bool *ret_hidden, struct ancient_error *err)
{
	const struct reader_word_entry *entry;

	while ((entry = ancient_reader_word_map_find(&index->cells, word)) == NULL) {
		enum typed_bucket_step step;
		enum ancient_code code = add_next(index, prints, budget, type, &step, err);
		if (code != ANCIENT_OK)
			return code;
		/* A bucket that does not come to `word` was changed since that was found. */
		if (step != TYPED_BUCKET_CELL)
			break;
	}
	*ret_hidden = entry != NULL && entry->value[0] != 0;
	return ANCIENT_OK;
}

static enum ancient_code find_key(struct index *index, struct prints *prints,
				  struct reader_budget *budget, const struct ancient_type *type,
				  struct lookup_item key, uint64_t *ret_word,
				  struct ancient_error *err)
{
	struct reader_fingerprint print;
	const struct reader_word_entry *entry;
	enum typed_bucket_step step = TYPED_BUCKET_CELL;
	enum ancient_code code =
		ancient_reader_fingerprint(&prints->prints, budget, key, &print, err);

	while (code == ANCIENT_OK) {
		entry = ancient_reader_word_map_find(&index->keys, print.word[0] | 1);
		if (entry != NULL && entry->value[0] == print.word[1]) {
			*ret_word = entry->value[1];
			return ANCIENT_OK;
		}
		if (step != TYPED_BUCKET_CELL)
			break;
		code = add_next(index, prints, budget, type, &step, err);
	}
	if (code == ANCIENT_OK && step == TYPED_BUCKET_RING)
		return ancient_reader_typed_bucket_fail(budget->file, type, &index->bucket, step,
							"a bucket that leads back to itself", err);
	if (code == ANCIENT_OK)
		*ret_word = 1;
	return code;
}

/* Either question about a bucket: whether the cell `word` is hidden, or where `key` is. */
static enum ancient_code ask(struct reader_budget *budget, const struct ancient_type *type,
			     uint64_t first, const struct lookup_item *key, uint64_t *word,
			     bool *ret_hidden, struct ancient_error *err)
{
	struct index *index = take(budget->file, first);
	struct prints *prints = take_prints(budget->file);
	enum ancient_code code = ANCIENT_E_MEMORY;

	if (index == NULL || prints == NULL) {
		ancient_reader_refuse(budget->file->name, err, ANCIENT_E_MEMORY, "a bucket");
	} else {
		/* What they hold already counts for each call. */
		budget->held += bytes_of(index, prints);
		code = key == NULL ? find(index, prints, budget, type, *word, ret_hidden, err)
				   : find_key(index, prints, budget, type, *key, word, err);
		ancient_reader_budget_release(budget, bytes_of(index, prints));
	}
	put_back_prints(budget->file, prints);
	if (index != NULL)
		put_back(budget->file, index);
	return code;
}

enum ancient_code ancient_reader_typed_bucket_index_hides(struct reader_budget *budget,
							  const struct ancient_type *type,
							  uint64_t first, uint64_t word,
							  bool *ret_hidden,
							  struct ancient_error *err)
{
	return ask(budget, type, first, NULL, &word, ret_hidden, err);
}

enum ancient_code ancient_reader_typed_bucket_index_find(struct reader_budget *budget,
							 const struct ancient_type *type,
							 uint64_t first, struct lookup_item key,
							 uint64_t *ret_word,
							 struct ancient_error *err)
{
	return ask(budget, type, first, &key, ret_word, NULL, err);
}

/* c-reader/verify: the extents of a file, one after the other (FORMAT 4, rules E1 to E6), and the
 * blocks in them (verify_blocks.c); what commits are made of is for verify_commits.c. */
#include "verify/verify_ahead.h"
#include "verify/verify_blocks.h"
#include "verify/verify_commits.h"
#include "verify/verify_extents.h"

/* Checksums are computed in pieces that stay in the processor's cache until the blocks in them are
 * tested. */
#define PIECE (1u << 16)

/* Where the walk is. */
struct walk {
	struct reader_verify *v;
	uint64_t at;                /* offset of the extent */
	struct ancient_extent head; /* its header, each word fetched once */
	uint64_t generation;        /* of the commit the walk is in, or was in last */
	bool inside;                /* an extent of this commit came before */
	unsigned rank;              /* of the last known kind in it; 0: none yet */
	struct reader_commits commits;
};

static enum ancient_code bad_extent(const struct walk *w, unsigned rule, uint64_t field,
				    uint64_t expected, uint64_t found, const char *what)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_EXTENT, rule, w->at + field, expected,
					   found};
	return ancient_reader_fail(w->v->file->name, w->v->err, &fault, "expected %s, found %#llx",
				   what, (unsigned long long)found);
}

#define BAD_EXTENT(w, rule, field, expected, what)                                                 \
	bad_extent(w, rule, offsetof(struct ancient_extent, field), expected, (w)->head.field, what)

/* ---- E1: the header -------------------------------------------------------------- */

static enum ancient_code read_header(struct walk *w)
{
	const struct ancient_file *file = w->v->file;
	uint64_t words[sizeof(struct ancient_extent) / ANCIENT_WORD], sum;

	if (file->super.used - w->at < sizeof(w->head))
		return bad_extent(w, READER_E(1), 0, sizeof(w->head), file->super.used - w->at,
				  "room for the header of an extent");
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		words[i] = reader_word(file, w->at + i * ANCIENT_WORD);
	w->head = (struct ancient_extent){
		.magic = words[0],
		.kind = (uint32_t)words[1],
		.flags = (uint32_t)(words[1] >> 32),
		.length = words[2],
		.content = words[3],
		.count = words[4],
		.generation = words[5],
		.content_checksum = words[6],
		.header_checksum = words[7],
	};
	if (w->head.magic != ANCIENT_EXTENT_MAGIC)
		return BAD_EXTENT(w, READER_E(1), magic, ANCIENT_EXTENT_MAGIC,
				  "an extent's magic, \"ANCEXTNT\"");
	sum = XXH3_64bits(words, offsetof(struct ancient_extent, header_checksum));
	if (w->head.header_checksum != sum)
		return BAD_EXTENT(w, READER_E(1), header_checksum, sum,
				  "the checksum of this header");
	return ANCIENT_OK;
}

/* ---- E2: its fields -------------------------------------------------------------- */

/* Place of a kind within a commit, from 1; 0: no such kind in this version. */
static unsigned kind_rank(uint32_t kind)
{
	switch (kind) {
	case ANCIENT_EXTENT_VALUES:
		return 1;
	case ANCIENT_EXTENT_DATA:
		return 2;
	case ANCIENT_EXTENT_WAYPOINTS:
		return 3;
	case ANCIENT_EXTENT_SCHEMA:
		return 4;
	case ANCIENT_EXTENT_CUSTOMS:
		return 5;
	case ANCIENT_EXTENT_DIRECTORY:
		return 6;
	case ANCIENT_EXTENT_RECORD:
		return 7;
	default:
		return 0;
	}
}

static enum ancient_code check_sizes(const struct walk *w)
{
	const struct ancient_extent *head = &w->head;
	const uint64_t capacity = w->v->file->super.used - w->at;
	uint64_t length;

	if (head->length < sizeof(*head) || head->length % ANCIENT_WORD != 0 ||
	    head->length > capacity)
		return BAD_EXTENT(w, READER_E(2), length, capacity,
				  "a length, a multiple of 8 from 64 on, that ends before `used`");
	if (head->content % ANCIENT_WORD != 0 || head->content > head->length - sizeof(*head))
		return BAD_EXTENT(w, READER_E(2), content, head->length - sizeof(*head),
				  "a content, a multiple of 8, that fits the length");
	length = sizeof(*head) + head->content;
	if ((head->flags & ANCIENT_EXTENT_LAST) == 0)
		length = reader_round_up(length, ANCIENT_EXTENT_ALIGN);
	if (length != head->length)
		return BAD_EXTENT(w, READER_E(2), content, head->length - sizeof(*head),
				  "a content that gives this length");
	if (head->kind == ANCIENT_EXTENT_VALUES && head->content < ANCIENT_WORD)
		return BAD_EXTENT(w, READER_E(2), content, ANCIENT_WORD,
				  "room for the filler of a values extent");
	return ANCIENT_OK;
}

/* Bytes of one of what `count` counts; 0: it is 0. */
static uint64_t counted(uint32_t kind)
{
	if (kind == ANCIENT_EXTENT_CUSTOMS)
		return sizeof(struct ancient_custom_record);
	return kind == ANCIENT_EXTENT_WAYPOINTS ? ANCIENT_WORD : 0;
}

static enum ancient_code check_fields(const struct walk *w)
{
	const struct ancient_extent *head = &w->head;
	const uint64_t item = counted(head->kind);
	unsigned rank = kind_rank(head->kind);
	enum ancient_code code;

	/* A later minor version may have kinds of its own (FORMAT 3.4). */
	if (rank == 0 && reader_verify_is_later(w->v->file))
		return check_sizes(w);
	if (rank == 0 || rank <= w->rank)
		return BAD_EXTENT(w, READER_E(2), kind, w->rank,
				  "values 1, data 2, waypoints 7, schema 4, customs 5, directory "
				  "3, record 6, in this order");
	if ((head->flags & ~ANCIENT_EXTENT_LAST) != 0)
		return BAD_EXTENT(w, READER_E(2), flags, ANCIENT_EXTENT_LAST, "no flag but LAST");
	code = check_sizes(w);
	if (code != ANCIENT_OK || head->kind == ANCIENT_EXTENT_VALUES)
		return code;
	if (item == 0 && head->count != 0)
		return BAD_EXTENT(w, READER_E(2), count, 0, "a count of 0");
	if (item != 0 && (head->content % item != 0 || head->count != head->content / item))
		return BAD_EXTENT(w, READER_E(2), count, head->content / item,
				  head->kind == ANCIENT_EXTENT_CUSTOMS
					  ? "the number of custom records"
					  : "the number of waypoints");
	return ANCIENT_OK;
}

/* ---- E3 to E6 -------------------------------------------------------------------- */

static enum ancient_code check_generation(const struct walk *w)
{
	const uint64_t generation = w->head.generation;

	if (w->inside && generation != w->generation)
		return BAD_EXTENT(w, READER_E(3), generation, w->generation,
				  "the generation of its commit");
	if (!w->inside && generation <= w->generation)
		return BAD_EXTENT(w, READER_E(3), generation, w->generation + 1,
				  "a generation past that of the commit before, 2 or more");
	if (generation > w->v->file->super.generation)
		return BAD_EXTENT(w, READER_E(3), generation, w->v->file->super.generation,
				  "a generation up to the superblock's");
	return ANCIENT_OK;
}

static enum ancient_code check_sum(const struct walk *w, uint64_t sum)
{
	const uint64_t stored = w->head.content_checksum;
	const struct reader_fault fault = {
		ANCIENT_E_BAD_CHECKSUM, READER_E(5),
		w->at + offsetof(struct ancient_extent, content_checksum), sum, stored};

	if (sum == stored)
		return ANCIENT_OK;
	return ancient_reader_fail(w->v->file->name, w->v->err, &fault,
				   "expected %#llx over %llu bytes from offset %llu, found %#llx",
				   (unsigned long long)sum, (unsigned long long)w->head.content,
				   (unsigned long long)(w->at + sizeof(w->head)),
				   (unsigned long long)stored);
}

/* E5.  `blocks`, NULL allowed, are tested piece by piece, while their bytes are in the cache. */
static enum ancient_code sum_content(const struct walk *w, struct reader_blocks *blocks)
{
	struct reader_verify *v = w->v;
	uint64_t at = w->at + sizeof(w->head), left = w->head.content;
	enum ancient_code code = ANCIENT_OK;

	XXH3_64bits_reset(v->hash);
	while (left > 0 && code == ANCIENT_OK) {
		size_t piece = left < PIECE ? left : PIECE;
		uint64_t before = blocks != NULL ? blocks->at : 0, tested = 0;
		XXH3_64bits_update(v->hash, v->file->map + at, piece);
		at += piece;
		left -= piece;
		if (blocks != NULL) {
			ancient_reader_blocks_walk(v, blocks, at);
			tested = blocks->at - before;
		}
		code = ancient_reader_verify_step(v, piece + tested);
	}
	return code == ANCIENT_OK ? check_sum(w, XXH3_64bits_digest(v->hash)) : code;
}

/* The content's checksum (E5) and, of values, the blocks (V2 to V8). */
static enum ancient_code check_content(const struct walk *w)
{
	struct reader_verify *v = w->v;
	const struct reader_region *region = &v->regions[v->region_count - 1];
	struct reader_blocks walked, *blocks = NULL;
	uint64_t count;
	enum ancient_code code = ANCIENT_OK;

	if (region->kind == ANCIENT_EXTENT_VALUES) {
		ancient_reader_blocks_begin(&walked, region);
		blocks = &walked;
	}
	if (v->pool == NULL || !ancient_reader_ahead_find(v, w->at, &w->head, &count)) {
		code = sum_content(w, blocks);
	} else if (blocks != NULL) {
		blocks->at = blocks->piece = blocks->end;
		blocks->count = count;
	}
	if (code != ANCIENT_OK || blocks == NULL)
		return code;
	return ancient_reader_blocks_end(v, blocks, region, w->at);
}

static enum ancient_code remember(const struct walk *w)
{
	struct reader_verify *v = w->v;
	uint64_t start = w->at + sizeof(w->head);
	struct reader_region *grown = ancient_reader_verify_grow(
		v->regions, v->region_count, &v->region_capacity, sizeof(*grown));

	if (grown == NULL)
		return ancient_reader_refuse(v->file->name, v->err, ANCIENT_E_MEMORY,
					     "verification");
	v->regions = grown;
	v->regions[v->region_count++] =
		(struct reader_region){start, start + w->head.content, w->head.count, w->head.kind};
	return ANCIENT_OK;
}

/* The gap behind (E4), and whether the file ends as it should (E6); moves on. */
static enum ancient_code go_on(struct walk *w)
{
	const uint64_t used = w->v->file->super.used, end = w->at + w->head.length;
	const bool last = (w->head.flags & ANCIENT_EXTENT_LAST) != 0;
	uint64_t next = last ? reader_round_up(end, ANCIENT_COMMIT_ALIGN) : end;
	enum ancient_code code =
		ancient_reader_verify_zeros(w->v, READER_E(4), end, next < used ? next : used);

	if (code != ANCIENT_OK)
		return code;
	if (end == used && !last)
		return BAD_EXTENT(w, READER_E(6), flags, ANCIENT_EXTENT_LAST,
				  "LAST in the last extent");
	if (end != used && (next > used || used - next < sizeof(w->head)))
		return BAD_EXTENT(w, READER_E(6), length, used - w->at,
				  "an extent that ends at `used`, or room for the next");
	w->at = end == used ? used : next;
	w->generation = w->head.generation;
	w->inside = !last;
	if (last)
		w->rank = 0;
	else if (kind_rank(w->head.kind) != 0)
		w->rank = kind_rank(w->head.kind);
	return ANCIENT_OK;
}

/* ---- The walk -------------------------------------------------------------------- */

static enum ancient_code check_extent(struct walk *w)
{
	struct reader_verify *v = w->v;
	enum ancient_code code = read_header(w);

	if (code == ANCIENT_OK)
		code = check_fields(w);
	if (code == ANCIENT_OK)
		code = check_generation(w);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_zeros(v, READER_E(4),
						   w->at + sizeof(w->head) + w->head.content,
						   w->at + w->head.length);
	if (code == ANCIENT_OK)
		code = remember(w);
	if (code == ANCIENT_OK)
		code = check_content(w);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_commit_part(v, &w->commits, w->at, &w->head);
	return code;
}

enum ancient_code ancient_reader_verify_extents(struct reader_verify *v)
{
	struct walk w = {.v = v, .at = ANCIENT_FIRST_EXTENT, .generation = 1};
	enum ancient_code code = v->pool != NULL ? ancient_reader_verify_ahead(v) : ANCIENT_OK;

	while (w.at < v->file->super.used && code == ANCIENT_OK) {
		code = check_extent(&w);
		if (code == ANCIENT_OK)
			code = go_on(&w);
		v->result.extents++;
	}
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_commits_end(v, &w.commits);
	ancient_reader_ahead_end(v);
	return code;
}

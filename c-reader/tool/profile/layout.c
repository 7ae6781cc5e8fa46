/* c-reader/tool/profile: the extents of a file, and what no key leads to (layout.h). */
#include "profile/layout.h"

#include <stdlib.h>
#include <string.h>

#include "file/commit_record.h"
#include "profile/census.h"
#include "profile/payloads.h"

/* ---- Extents ------------------------------------------------------------------------------ */

static enum ancient_code bad_extent(const struct profile *profile, uint64_t at)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_EXTENT, READER_E(1), at,
					   ANCIENT_EXTENT_MAGIC, 0};

	return ancient_reader_fail(profile->file->name, profile->err, &fault,
				   "expected the header of an extent, whole and before `used`, "
				   "found none");
}

enum ancient_code profile_extents(struct profile *profile, profile_extent *visit)
{
	const uint64_t used = profile->file->super.used;
	uint64_t at = ANCIENT_FIRST_EXTENT, next;
	enum ancient_code code = ANCIENT_OK;

	while (at < used && code == ANCIENT_OK) {
		struct ancient_extent header;
		if (!ancient_reader_extent_at(profile->file, at, &header) ||
		    header.content % ANCIENT_WORD != 0 ||
		    header.content > header.length - sizeof(header) ||
		    (header.kind == ANCIENT_EXTENT_VALUES && header.content < ANCIENT_WORD))
			return bad_extent(profile, at);
		next = reader_extent_behind(at, &header);
		next = next < used ? next : used;
		code = visit(profile, at, &header, next - at - sizeof(header) - header.content);
		at = next;
	}
	return code;
}

/* ---- Blocks of an extent ------------------------------------------------------------------ */

static enum ancient_code find_starts(struct profile *profile, uint64_t at, uint64_t end)
{
	const struct ancient_file *file = profile->file;
	uint64_t from = at;

	while (at < end) {
		struct reader_block block;
		uint64_t place = (at + ANCIENT_WORD - READER_FIRST_FIELD) / ANCIENT_WORD;
		enum ancient_code code = ancient_reader_gate_header(file, at + ANCIENT_WORD, end,
								    &block, profile->err);
		if (code != ANCIENT_OK)
			return code;
		profile->starts[place / 64] |= 1ull << place % 64;
		at += (1 + block.wosize) * ANCIENT_WORD;
		if (at - from >= PROFILE_STEP) {
			code = profile_step(profile, at - from);
			from = at;
		}
		if (code != ANCIENT_OK)
			return code;
	}
	return profile_step(profile, at - from);
}

/* ---- What extents are made of ------------------------------------------------------------- */

/* The newest ones, and all older ones in the first. */
static void add_commit(struct profile *profile, const struct ancient_extent *header)
{
	if (profile->commits > 0 &&
	    profile->commit[profile->commits - 1].generation == header->generation) {
		profile->commit[profile->commits - 1].bytes += header->length;
		return;
	}
	if (profile->commits == PROFILE_COMMITS) {
		struct profile_commit *oldest = profile->commit;
		const uint64_t bytes = oldest->bytes, commits = oldest->commits;
		memmove(oldest, oldest + 1, (PROFILE_COMMITS - 1) * sizeof(*oldest));
		oldest->bytes += bytes;
		oldest->commits += commits;
		profile->commits--;
	}
	profile->commit[profile->commits++] = (struct profile_commit){
		.generation = header->generation, .bytes = header->length, .commits = 1};
}

static enum ancient_code add_extent(struct profile *profile, uint64_t offset,
				    const struct ancient_extent *header, uint64_t padding)
{
	const uint64_t start = offset + sizeof(*header);

	add_commit(profile, header);
	profile->part[PROFILE_HEADERS] += sizeof(*header);
	profile->part[PROFILE_PADDING] += padding;
	switch (header->kind) {
	case ANCIENT_EXTENT_VALUES:
		profile->part[PROFILE_FILLERS] += ANCIENT_WORD;
		return find_starts(profile, start, start + header->content - ANCIENT_WORD);
	case ANCIENT_EXTENT_DATA: /* payloads.c */
		break;
	case ANCIENT_EXTENT_DIRECTORY: /* parted in keys.c */
		profile->part[PROFILE_DEAD_DIRECTORIES] += header->content;
		break;
	case ANCIENT_EXTENT_SCHEMA:
		profile->part[PROFILE_DEAD_SCHEMAS] += header->content;
		break;
	case ANCIENT_EXTENT_CUSTOMS:
		profile->part[offset == profile->file->super.customs ? PROFILE_CUSTOMS
								     : PROFILE_DEAD_CUSTOMS] +=
			header->content;
		break;
	case ANCIENT_EXTENT_RECORD:
		profile->part[PROFILE_RECORDS] += header->content;
		break;
	case ANCIENT_EXTENT_WAYPOINTS:
		profile->part[PROFILE_WAYPOINTS] += header->content;
		break;
	default:
		profile->part[PROFILE_UNKNOWN] += header->content;
	}
	return ANCIENT_OK;
}

enum ancient_code profile_layout(struct profile *profile)
{
	const struct ancient_file *file = profile->file;
	/* The value of an empty block that ends the last extent is the filler's offset. */
	const uint64_t words = file->super.used / ANCIENT_WORD;

	profile->at = calloc(words / 2 + 1, sizeof(*profile->at));
	profile->starts = calloc(words / 64 + 1, sizeof(*profile->starts));
	if (profile->at == NULL || profile->starts == NULL)
		return profile_no_memory(profile);
	profile->part[PROFILE_SUPERBLOCKS] = ANCIENT_SUPERBLOCKS * ANCIENT_SUPERBLOCK_BYTES;
	profile->part[PROFILE_PADDING] = ANCIENT_FIRST_EXTENT - profile->part[PROFILE_SUPERBLOCKS];
	profile->part[PROFILE_TAIL] = file->file_bytes - file->super.used;
	profile->holes = file->super.used - file->present;
	return profile_extents(profile, add_extent);
}

/* ---- What no key leads to ----------------------------------------------------------------- */

static struct profile_commit *commit_of(struct profile *profile, uint64_t generation)
{
	struct profile_commit *commit = &profile->commit[profile->commits - 1];

	while (commit > profile->commit && commit->generation > generation)
		commit--;
	return commit;
}

static enum ancient_code add_dead(struct profile *profile, struct profile_commit *commit,
				  const struct reader_block *block)
{
	const uint64_t bytes = (1 + block->wosize) * ANCIENT_WORD;
	struct profile_size *dead = &profile->dead[profile_class(profile->file, block)];

	dead->blocks++;
	dead->bytes += bytes;
	commit->dead += bytes;
	profile->part[PROFILE_DEAD] += bytes;
	profile->blocks[PROFILE_DEAD]++;
	return block->tag == ANCIENT_TAG_CUSTOM ? profile_payload_dead(profile, block) : ANCIENT_OK;
}

static enum ancient_code find_dead(struct profile *profile, uint64_t offset,
				   const struct ancient_extent *header, uint64_t padding)
{
	uint64_t at = offset + sizeof(*header), end = at + header->content - ANCIENT_WORD;
	struct profile_commit *commit = commit_of(profile, header->generation);
	uint64_t from = at;
	enum ancient_code code = ANCIENT_OK;

	(void)padding;
	if (header->kind != ANCIENT_EXTENT_VALUES)
		return ANCIENT_OK;
	while (at < end && code == ANCIENT_OK) {
		struct reader_block block;
		code = ancient_reader_gate_header(profile->file, at + ANCIENT_WORD, end, &block,
						  profile->err);
		if (code != ANCIENT_OK)
			return code;
		if (!profile_census_met(profile, &block))
			code = add_dead(profile, commit, &block);
		else
			commit->live += (1 + block.wosize) * ANCIENT_WORD;
		at += (1 + block.wosize) * ANCIENT_WORD;
		if (at - from >= PROFILE_STEP && code == ANCIENT_OK) {
			code = profile_step(profile, at - from);
			from = at;
		}
	}
	return code == ANCIENT_OK ? profile_step(profile, at - from) : code;
}

enum ancient_code profile_garbage(struct profile *profile)
{
	return profile_extents(profile, find_dead);
}

/* c-reader/tool/profile: what is in a file, for `ancientctl profile`: every byte of it, once.
 *
 *   layout.c      the extents: where blocks begin, and what no key leads to
 *   census.c      the blocks that keys lead to, each at its place
 *   places.c      the places: paths and types (places_typed.c, paths.c, names.c)
 *   payloads.c    the payloads of bigarrays
 *   keys.c        the keys and their types, one after the other; directories
 *   equals.c      blocks that are equal to others
 *   samples.c     a few values of each path
 *   profile.c     calls them
 *
 * Memory: an eighth of the bytes of values for the places of blocks, a 64th for where they begin,
 * 32 bytes for each bigarray, 24 MiB for equal blocks, or 48 for a moment.  Each block is walked
 * twice at the most. */
#ifndef ANCIENT_TOOL_PROFILE_H
#define ANCIENT_TOOL_PROFILE_H

#include "dump/marks.h"
#include "profile/places.h"

/* What a byte of the file is.  Their bytes sum to the file's. */
enum profile_part {
	PROFILE_OWN,          /* blocks that one path leads to */
	PROFILE_SHARED,       /* blocks that several paths or keys lead to, and what is in them */
	PROFILE_OWN_PAYLOADS, /* of bigarrays */
	PROFILE_SHARED_PAYLOADS, /* of bigarrays that are shared */
	PROFILE_DIRECTORIES,     /* of keys, names and schemas, that are in force */
	PROFILE_SCHEMAS,         /* texts that keys have */
	PROFILE_CUSTOMS,         /* identifiers of custom blocks in force */
	PROFILE_SUPERBLOCKS,
	PROFILE_HEADERS, /* of extents */
	PROFILE_RECORDS, /* of commits */
	PROFILE_WAYPOINTS,
	PROFILE_FILLERS,
	PROFILE_UNKNOWN, /* extents of a later minor version */
	PROFILE_PADDING, /* zeros that align superblocks, extents, commits and payloads */
	PROFILE_DEAD,    /* blocks that no key leads to any more */
	PROFILE_DEAD_PAYLOADS,
	PROFILE_DEAD_DIRECTORIES,
	PROFILE_DEAD_SCHEMAS,
	PROFILE_DEAD_CUSTOMS,
	PROFILE_TAIL, /* behind the generation: room, a commit under way, newer generations */
	PROFILE_PARTS
};

/* "shared values" */
const char *profile_part_text(enum profile_part part);
/* What it belongs to: "values", "structure", "padding", "garbage", "tail". */
const char *profile_part_group(enum profile_part part);

#define PROFILE_LENGTHS 65u /* of strings: 0, 1, 2 to 3, 4 to 7, ... */

struct profile_strings {
	uint64_t count, length, bytes; /* of texts; of blocks */
};

#define PROFILE_KEYS 256u /* that have paths of their own; the others are "(other keys)" */

struct profile_key {
	uint64_t key;
	uint32_t path;
	uint32_t name;   /* 0: none */
	uint32_t sample; /* a name: its value as JSON, cut */
	uint32_t schema; /* a name: the text of its types; 0: none */
	uint64_t root;   /* its word */
	uint64_t others; /* "(other keys)": so many, and `key` means nothing */
	struct profile_count count;
};

#define PROFILE_COMMITS 256u

struct profile_commit {
	uint64_t generation, bytes, live, dead; /* of all; of values and payloads */
	uint64_t commits;                       /* as many, where older ones are summed up */
};

/* A payload, by the block that it belongs to. */
struct profile_payload {
	uint64_t start, bytes, block;
};

struct profile {
	const struct ancient_file *file;
	struct ancient_error *err;
	/* As in struct ancient_verify_options. */
	bool (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
	uint64_t done, total, reported;
	bool raw;           /* without types */
	bool samples;       /* are wanted */
	unsigned compounds; /* values with values in them, of which there are samples */
	struct reader_budget budget;
	struct profile_places places;

	/* Of blocks, by the 16 bytes in which their first field is (census.c). */
	uint16_t *at;
	uint64_t *starts;         /* a bit for each word: a block's first field is there */
	struct reader_bits empty; /* blocks without fields that were met */
	struct profile_payload *payload;
	size_t payload_count, payload_capacity, payload_next;

	uint64_t part[PROFILE_PARTS]; /* bytes */
	uint64_t blocks[PROFILE_PARTS];
	uint64_t holes;         /* bytes of the generation that are on no disk */
	uint64_t block_headers; /* bytes of live blocks */
	uint64_t string_padding;
	/* Blocks that equal ones would stand for: as far as types say, and numbers; strings of
	 * no type.  At least, or about as much where the file is large. */
	struct profile_size equals, equal_strings;
	struct equals *equals_found; /* while they are looked for (equals.c) */
	uint64_t key_count;
	struct profile_strings strings[PROFILE_LENGTHS];
	struct profile_size dead[PROFILE_CLASSES];
	struct profile_commit commit[PROFILE_COMMITS]; /* the newest last */
	size_t commits;
	struct profile_key key[PROFILE_KEYS + 1];
	size_t keys;
	struct profile_count *path; /* by path: what its places have */
};

/* Fills it in.
 *
 * first   the key that is walked before the others, so that what they share with it counts as its
 *         own paths'; the others are then one; NULL: no such key
 * Errors: those of the gate; BAD_EXTENT BAD_POINTER BAD_DIRECTORY BAD_BIGARRAY TORN_AWAY MEMORY
 * TOO_LARGE INTERRUPTED.  Either way profile_done. */
enum ancient_code profile_make(struct profile *profile, const struct ancient_entry *first);
void profile_done(struct profile *profile);

/* Bytes of work are done: progress, interruption, torn files. */
enum ancient_code profile_step(struct profile *profile, uint64_t bytes);
enum ancient_code profile_no_memory(const struct profile *profile);

static inline void profile_size_add(struct profile_size *size, const struct profile_size *more)
{
	size->blocks += more->blocks;
	size->bytes += more->bytes;
	size->payload += more->payload;
}

static inline uint64_t profile_bytes(const struct profile_count *count)
{
	return count->own.bytes + count->own.payload + count->shared.bytes + count->shared.payload;
}

#endif

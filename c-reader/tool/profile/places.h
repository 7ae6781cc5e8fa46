/* c-reader/tool/profile: where a block can stand in the values of a file: at a path, as a value of
 * a type, or as a part of a container.  census.c asks, from block to block, for the place of the
 * next one, and counts.
 *
 * Places are made when a block is first met there.  So a file has as many as its values use, and
 * PROFILE_PLACES at the most; blocks of what is beyond are counted at their key's "(other paths)".
 * A type within itself has a place of its own once, whose path ends in an ellipsis, and what is
 * deeper is counted there. */
#ifndef ANCIENT_TOOL_PROFILE_PLACES_H
#define ANCIENT_TOOL_PROFILE_PLACES_H

#include "profile/paths.h"
#include "typed/shape.h"

#define PROFILE_PLACES 32767u /* what census.c has 15 bits for */
#define PROFILE_NO_PLACE 0u

/* What is known of a block without types: its tag, or what its tag says. */
enum profile_class {
	PROFILE_TAGS = ANCIENT_TAG_LAST_PLAIN + 1, /* below: the tag */
	PROFILE_LAZY = PROFILE_TAGS,
	PROFILE_STRING,
	PROFILE_FLOAT,
	PROFILE_FLOATS,
	PROFILE_CUSTOM, /* PROFILE_CUSTOM + 1 + slot for the slots of every file */
	PROFILE_CLASSES = PROFILE_CUSTOM + 1 + ANCIENT_CUSTOM_WELL_KNOWN
};

unsigned profile_class(const struct ancient_file *file, const struct reader_block *block);
#define PROFILE_CLASS_TEXT 24
/* "string", "block, tag 3"; returns `text`. */
const char *profile_class_text(unsigned class, char text[PROFILE_CLASS_TEXT]);

enum profile_role {
	PROFILE_ENTRY,       /* no block: what a root's word is looked at from */
	PROFILE_UNTYPED,     /* no block: what is in values without types, by class */
	PROFILE_RAW,         /* a block without a type */
	PROFILE_VALUE,       /* a value of `type` */
	PROFILE_CONSTRUCTOR, /* no block: the arguments of a constructor, number `constructor` */
	PROFILE_BUCKETS,     /* of a table */
	PROFILE_CELL,        /* of a bucket */
	PROFILE_OTHER,       /* whatever has no place of its own */
};

/* Blocks, and their bytes with headers; payloads of bigarrays lie elsewhere in the file. */
struct profile_size {
	uint64_t blocks, bytes, payload;
};

/* A block that other paths lead to as well, or other keys, is shared, and so is what is in it. */
struct profile_count {
	struct profile_size own, shared;
};

#define PROFILE_SAMPLES 3u

struct profile_place {
	enum profile_role role;
	bool again; /* a type within itself */
	/* Of its blocks those that are equal may be one (ancient/dedup.h): strings; others, by
	 * their tag. */
	bool equal_strings;
	uint64_t equal_tags[PROFILE_TAGS / 64 + 1];
	uint32_t path, type_name;
	uint32_t above;          /* the place around this one, or PROFILE_NO_PLACE */
	uint32_t schema;         /* number of the schema that the types are of */
	uint32_t declared, type; /* VALUE: before and after [@@unboxed] */
	uint32_t constructor;
	uint32_t untyped; /* for a block that is not of its type */
	uint32_t *next;   /* places behind this one, PROFILE_NO_PLACE where none was made yet */
	uint32_t next_count;
	struct profile_count count;
	uint64_t sample[PROFILE_SAMPLES];      /* words of the first blocks */
	uint32_t sample_text[PROFILE_SAMPLES]; /* names: the same as JSON, cut; 0: none */
	unsigned samples;
};

struct profile_places {
	const struct ancient_file *file;
	struct profile_names names;
	struct profile_paths paths;
	struct profile_place *place; /* by number, from 1 */
	uint32_t count, capacity;
	uint64_t next_bytes; /* of all `next` */
	uint32_t other;      /* of the key that is walked: a place of role PROFILE_OTHER */
	const struct ancient_schema *schema; /* in use; NULL: none */
	uint32_t schema_number;
};

void profile_places_init(struct profile_places *places, const struct ancient_file *file);
void profile_places_done(struct profile_places *places);

/* The types of the roots that follow, NULL: they have none.  `number` is that of the schema: places
 * of other numbers are of types that are gone, or are not asked about now. */
void profile_places_use(struct profile_places *places, const struct ancient_schema *schema,
			uint32_t number);

/* For blocks of a key that have no place of their own; up to PROFILE_OTHERS times.  Its path is the
 * key's.  PROFILE_NO_PLACE: no memory. */
#define PROFILE_OTHERS 260u
uint32_t profile_places_other(struct profile_places *places, uint32_t path);

/* What a root is looked at from, whose path is `path`; its type is that of the schema in use.
 *
 * other   the key's, from profile_places_other */
uint32_t profile_places_entry(struct profile_places *places, uint32_t path, uint32_t other);

/* The place of a block that field `index` of a block at `place` leads to, as
 * profile_places_inside gave it. */
uint32_t profile_places_child(struct profile_places *places, uint32_t place, uint32_t index,
			      uint64_t word, const struct reader_block *block);

/* From where the fields of a block at `place` are looked at. */
uint32_t profile_places_inside(struct profile_places *places, uint32_t place, uint64_t word,
			       const struct reader_block *block);

#endif

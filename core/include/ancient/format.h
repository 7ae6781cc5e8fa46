/* core: format 1.2 of the file, in C.
 *
 * Every layout fact of an ancient file stands here once: structures, masks, tags,
 * limits.  spec/FORMAT.md is the normative text and each comment names its section;
 * tests/spec holds the tables of the spec against this header.  The OCaml room proves
 * at compile time that the header bits and tags equal the runtime's.
 *
 * This header has no functions but address arithmetic, needs no library, and is shared
 * by the writer (core) and the readers (c-reader, python).
 */
#ifndef ANCIENT_FORMAT_H
#define ANCIENT_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include <ancient/machine.h>

/* Checks a fact of a layout while compiling, in C99 too. */
#if defined(__cplusplus)
#define ANCIENT_LAYOUT(fact, what) static_assert(fact, what)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define ANCIENT_LAYOUT(fact, what) _Static_assert(fact, what)
#else
#define ANCIENT_LAYOUT(fact, what) extern int ancient_layout[(fact) ? 1 : -1]
#endif

/* ---- 2 Conventions ------------------------------------------------------------- */

#define ANCIENT_WORD 8u            /* bytes in a word */
#define ANCIENT_COMMIT_ALIGN 4096u /* a commit's first extent starts on this */
#define ANCIENT_EXTENT_ALIGN 64u   /* every extent and every data payload starts on this */

/* ---- 3 Superblocks ------------------------------------------------------------- */

#define ANCIENT_SUPERBLOCK_BYTES 256u /* the structure */
#define ANCIENT_SUPERBLOCK_SLOT 4096u /* the page it begins; the rest of the page is zero */
#define ANCIENT_SUPERBLOCKS 2u
#define ANCIENT_FIRST_EXTENT 8192u /* offset of the first extent of a file */

/* 0x89, then "ANCIENT": the first byte is no text and no UTF-8. */
#define ANCIENT_MAGIC_BYTES                                                                        \
	{                                                                                          \
		0x89, 'A', 'N', 'C', 'I', 'E', 'N', 'T'                                            \
	}
#define ANCIENT_BYTE_ORDER 0x0A0B0C0Du
#define ANCIENT_VERSION_MAJOR 1u
#define ANCIENT_VERSION_MINOR 2u
#define ANCIENT_VERSION ((ANCIENT_VERSION_MAJOR << 16) | ANCIENT_VERSION_MINOR)

#define ANCIENT_COMPAT_KNOWN 0ull /* flags a reader of this version understands */
#define ANCIENT_INCOMPAT_KNOWN 0ull

#define ANCIENT_DIALECT_WORD_SIZE 8u
#define ANCIENT_DIALECT_HEADER_LAYOUT 1u /* wosize << 10 | colour << 8 | tag */
#define ANCIENT_DIALECT_FLAT_FLOAT_ARRAY 1u

enum ancient_state {
	ANCIENT_STATE_CURRENT = 1,    /* writers may commit */
	ANCIENT_STATE_SUPERSEDED = 2, /* a compacted file has taken this one's place */
	ANCIENT_STATE_FILLING = 3,    /* made, and nothing published yet: EMPTY to readers (8.1) */
};

struct ancient_superblock {
	uint8_t magic[8];
	uint32_t byte_order;
	uint32_t version; /* major << 16 | minor */
	uint64_t compat_flags;
	uint64_t incompat_flags;
	uint8_t word_size;
	uint8_t header_layout;
	uint8_t flat_float_array;
	uint8_t zero1;
	uint32_t ocaml_version; /* 41301 for 4.13.1; 0 unknown; of the last writer */
	uint8_t uuid[16];
	uint64_t base;         /* address of offset 0 in every pointer of this file */
	uint64_t reserve;      /* bytes of address space from base; used never exceeds it */
	uint64_t generation;   /* 1, 2, 3 ...; slot = generation % 2 */
	uint64_t used;         /* bytes of the file that belong to this generation */
	uint32_t state;        /* enum ancient_state */
	uint32_t custom_slots; /* well-known slots included */
	uint64_t customs;      /* offset of the customs extent in force, or 0 */
	uint64_t keys;         /* node word (5.1) of the key directory, or 0 */
	uint64_t names;        /* node word of the name directory, or 0 */
	uint64_t schemas;      /* node word of the schema directory (12.1), or 0 */
	uint64_t key_count;
	uint64_t name_count;
	uint64_t block_count; /* in all values extents */
	uint64_t value_bytes; /* content bytes of all values extents, fillers not counted */
	/* Since 1.2.  Those up to zero2 hold for this generation and are void, unknown, where it is
	 * not the superblock's: a writer of 1.0 or 1.1 has carried them on
	 * (ancient_superblock_holds). */
	uint64_t fields_generation;
	uint64_t history;      /* 3.5: of all extents but commit records */
	uint64_t durable_used; /* 11.4: bytes before this offset are known to be on the disk */
	uint64_t time;         /* of the commit: nanoseconds since 1970-01-01 UTC; 0 unknown */
	uint64_t record;       /* offset of the newest commit record (4.2), or 0 */
	uint64_t previous;     /* offset of the record before that one, or 0 */
	uint64_t published;    /* keys that this commit published */
	uint64_t removed;      /* keys that this commit removed */
	uint8_t zero2[24];
	uint64_t checksum; /* XXH3-64 of the 248 bytes before it */
};

/* Whether the fields since 1.2 say something of this generation (3.1). */
static inline int ancient_superblock_holds(const struct ancient_superblock *superblock)
{
	return superblock->fields_generation == superblock->generation;
}

ANCIENT_LAYOUT(sizeof(struct ancient_superblock) == ANCIENT_SUPERBLOCK_BYTES, "superblock size");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, compat_flags) == 16, "compat_flags");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, word_size) == 32, "word_size");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, uuid) == 40, "uuid");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, base) == 56, "base");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, generation) == 72, "generation");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, used) == 80, "used");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, customs) == 96, "customs");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, keys) == 104, "keys");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, key_count) == 128, "key_count");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, fields_generation) == 160, "fields_generation");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, record) == 192, "record");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, zero2) == 224, "zero2");
ANCIENT_LAYOUT(offsetof(struct ancient_superblock, checksum) == 248, "checksum");

/* ---- 3.3 Address space --------------------------------------------------------- */

#define ANCIENT_BASE_ALIGN 65536u
#define ANCIENT_BASE_MIN 0x10000000ull          /* 256 MiB */
#define ANCIENT_ADDRESS_LIMIT 0x800000000000ull /* 2^47: base + reserve never exceeds it */

/* Custom window: the addresses [base - ANCIENT_CUSTOM_WINDOW, base).  Not in the file. */
#define ANCIENT_CUSTOM_WINDOW 0x100000u
#define ANCIENT_CUSTOM_SLOT 128u
#define ANCIENT_CUSTOM_SLOTS_MAX (ANCIENT_CUSTOM_WINDOW / ANCIENT_CUSTOM_SLOT)

/* ---- 4 Extents ----------------------------------------------------------------- */

#define ANCIENT_EXTENT_MAGIC 0x544E545845434E41ull /* the bytes "ANCEXTNT" */

enum ancient_extent_kind {
	ANCIENT_EXTENT_VALUES = 1,
	ANCIENT_EXTENT_DATA = 2,
	ANCIENT_EXTENT_DIRECTORY = 3,
	ANCIENT_EXTENT_SCHEMA = 4,
	ANCIENT_EXTENT_CUSTOMS = 5,
	ANCIENT_EXTENT_RECORD = 6,    /* commit record (4.2): the commit's superblock */
	ANCIENT_EXTENT_WAYPOINTS = 7, /* where blocks begin in the values extent (4.3) */
};

#define ANCIENT_RECORD_BYTES (64u + ANCIENT_SUPERBLOCK_BYTES) /* the extent of a commit record */
#define ANCIENT_WAYPOINT_STEP 0x100000u                       /* bytes of content between two */

/* Waypoints of a values extent with `content` bytes. */
#define ANCIENT_WAYPOINTS(content) (((uint64_t)(content)-1u) / ANCIENT_WAYPOINT_STEP)

#define ANCIENT_EXTENT_LAST 1u /* flags: the last extent of its commit */

struct ancient_extent {
	uint64_t magic;
	uint32_t kind;
	uint32_t flags;
	uint64_t length;  /* header, content, padding */
	uint64_t content; /* bytes after the header that carry something */
	uint64_t count;   /* values: blocks; customs: records; waypoints: words; otherwise 0 */
	uint64_t generation;
	uint64_t content_checksum; /* XXH3-64 of the content */
	uint64_t header_checksum;  /* XXH3-64 of the 56 bytes before it */
};

ANCIENT_LAYOUT(sizeof(struct ancient_extent) == 64, "extent header size");
ANCIENT_LAYOUT(offsetof(struct ancient_extent, length) == 16, "length");
ANCIENT_LAYOUT(offsetof(struct ancient_extent, generation) == 40, "extent generation");
ANCIENT_LAYOUT(offsetof(struct ancient_extent, header_checksum) == 56, "header_checksum");

/* ---- 5 Directories ------------------------------------------------------------- */

/* A node word is the offset of a node, a multiple of 8; bit 0 says which node. */
#define ANCIENT_NODE_LEAF 1ull

/* Keys are 0 .. 2^62 - 1 and so fit OCaml's int; a bit position counts from bit 61. */
#define ANCIENT_KEY_BITS 62u
#define ANCIENT_KEY_MAX 0x3FFFFFFFFFFFFFFFull

/* Names are 1 .. 255 bytes, none of them 0; a bit position counts from the top bit of
 * the first byte, and bytes past the end of a name are 0. */
#define ANCIENT_NAME_MAX 255u
#define ANCIENT_NAME_BITS ((ANCIENT_NAME_MAX + 1u) * 8u)

struct ancient_branch {    /* inner node of every directory */
	uint64_t bit;      /* greater than every bit above it on the path */
	uint64_t child[2]; /* node words; child[b] holds the keys whose bit is b */
};

struct ancient_entry_record { /* leaf of the key directory */
	uint64_t key;
	uint64_t root;   /* an OCaml word: immediate or pointer */
	uint64_t schema; /* offset of a schema record (12.1), or 0 */
	uint64_t name;   /* offset of a name record, or 0 */
	uint64_t bytes;  /* of the blocks this publication wrote, headers included */
	uint64_t blocks;
	uint64_t generation; /* that published it */
	uint64_t zero;
};

struct ancient_name_leaf { /* leaf of the name directory */
	uint64_t name;     /* offset of a name record */
	uint64_t key;
};

/* A name record is a length word followed by the bytes, a 0 byte, and zeros up to a
 * multiple of 8. */
#define ANCIENT_NAME_RECORD_BYTES(length) (8u + (((uint64_t)(length) + 8u) & ~7ull))

ANCIENT_LAYOUT(sizeof(struct ancient_branch) == 24, "branch size");
ANCIENT_LAYOUT(sizeof(struct ancient_entry_record) == 64, "entry size");
ANCIENT_LAYOUT(sizeof(struct ancient_name_leaf) == 16, "name leaf size");

/* ---- 6 Customs ----------------------------------------------------------------- */

#define ANCIENT_CUSTOM_ID_MAX 55u

struct ancient_custom_record {
	char identifier[56]; /* 1 .. 55 bytes, then zeros */
	uint64_t zero;
};

ANCIENT_LAYOUT(sizeof(struct ancient_custom_record) == 64, "custom record size");

enum ancient_well_known {                               /* in every file, with no record */
			  ANCIENT_CUSTOM_INT64 = 0,     /* "_j" */
			  ANCIENT_CUSTOM_INT32 = 1,     /* "_i" */
			  ANCIENT_CUSTOM_NATIVEINT = 2, /* "_n" */
			  ANCIENT_CUSTOM_BIGARRAY = 3,  /* "_bigarr02" */
			  ANCIENT_CUSTOM_ZARITH = 4,    /* "_z" */
			  ANCIENT_CUSTOM_WELL_KNOWN = 5 /* how many */
};

/* ---- 7 Values ------------------------------------------------------------------ */

/* A block header:
 *
 *    63                                    10  9  8  7       0
 *   +----------------------------------------+-----+----------+
 *   |                 wosize                 |  3  |   tag    |
 *   +----------------------------------------+-----+----------+
 */
#define ANCIENT_HEADER_WOSIZE_SHIFT 10
#define ANCIENT_HEADER_COLOUR_MASK 0x300ull
#define ANCIENT_HEADER_COLOUR 0x300ull /* black in OCaml 4, not markable in OCaml 5 */
#define ANCIENT_HEADER_TAG_MASK 0xFFull

#define ANCIENT_HEADER(wosize, tag)                                                                \
	(((uint64_t)(wosize) << ANCIENT_HEADER_WOSIZE_SHIFT) | ANCIENT_HEADER_COLOUR |             \
	 (uint64_t)(tag))

/* Ends the content of a values extent; the header of an empty abstract block, which is
 * also an odd word. */
#define ANCIENT_FILLER 0x3FBull

enum ancient_tag {
	ANCIENT_TAG_LAST_PLAIN = 243, /* 0 .. 243: fields are values */
	ANCIENT_TAG_FORCING = 244,    /* never in a file: 244 .. 249 */
	ANCIENT_TAG_CONTINUATION = 245,
	ANCIENT_TAG_LAZY = 246,
	ANCIENT_TAG_CLOSURE = 247,
	ANCIENT_TAG_OBJECT = 248,
	ANCIENT_TAG_INFIX = 249,
	ANCIENT_TAG_FORWARD = 250,  /* a forced lazy: one field */
	ANCIENT_TAG_ABSTRACT = 251, /* only as the filler */
	ANCIENT_TAG_STRING = 252,
	ANCIENT_TAG_DOUBLE = 253,
	ANCIENT_TAG_DOUBLE_ARRAY = 254,
	ANCIENT_TAG_CUSTOM = 255,
};

/* ---- 7.5 Bigarrays ------------------------------------------------------------- */

/* A bigarray block: words 0 custom pointer, 1 data (a pointer into a data extent, 64-byte
 * aligned), 2 number of dimensions, 3 flags, 4 proxy (0), 5 .. dimensions. */
#define ANCIENT_BIGARRAY_WORDS 5u
#define ANCIENT_BIGARRAY_DIMS_MAX 16u
#define ANCIENT_BIGARRAY_KIND_MASK 0xFFull
#define ANCIENT_BIGARRAY_LAYOUT_FORTRAN 0x100ull
#define ANCIENT_BIGARRAY_FLAGS_KNOWN 0x1FFull

enum ancient_bigarray_kind {
	ANCIENT_BIGARRAY_FLOAT32 = 0,
	ANCIENT_BIGARRAY_FLOAT64 = 1,
	ANCIENT_BIGARRAY_INT8_SIGNED = 2,
	ANCIENT_BIGARRAY_INT8_UNSIGNED = 3,
	ANCIENT_BIGARRAY_INT16_SIGNED = 4,
	ANCIENT_BIGARRAY_INT16_UNSIGNED = 5,
	ANCIENT_BIGARRAY_INT32 = 6,
	ANCIENT_BIGARRAY_INT64 = 7,
	ANCIENT_BIGARRAY_INT = 8,
	ANCIENT_BIGARRAY_NATIVEINT = 9,
	ANCIENT_BIGARRAY_COMPLEX32 = 10,
	ANCIENT_BIGARRAY_COMPLEX64 = 11,
	ANCIENT_BIGARRAY_CHAR = 12,
	ANCIENT_BIGARRAY_FLOAT16 = 13,
	ANCIENT_BIGARRAY_KINDS = 14
};

/* ---- 12 Schemas ---------------------------------------------------------------- */

#define ANCIENT_SCHEMA_MAX 1048576u /* bytes of a text */

/* A schema is found by the hash of its text: bit positions count from the top bit of its
 * first byte. */
#define ANCIENT_HASH_BYTES 16u /* XXH3-128, the most significant byte first */
#define ANCIENT_SCHEMA_BITS (ANCIENT_HASH_BYTES * 8u)

struct ancient_schema_record { /* leaf of the schema directory; the text follows */
	uint8_t text_hash[ANCIENT_HASH_BYTES];
	uint8_t fingerprint[ANCIENT_HASH_BYTES]; /* of the type (12.5) */
	uint64_t length;                         /* of the text: 1 .. ANCIENT_SCHEMA_MAX */
};

ANCIENT_LAYOUT(sizeof(struct ancient_schema_record) == 40, "schema record size");
ANCIENT_LAYOUT(offsetof(struct ancient_schema_record, length) == 32, "schema length");

/* The record with its text, a 0 byte, and zeros up to a multiple of 8. */
#define ANCIENT_SCHEMA_RECORD_BYTES(length)                                                        \
	(sizeof(struct ancient_schema_record) + (((uint64_t)(length) + 8u) & ~7ull))

#endif

/* libancient-reader: read OCaml values from an ancient file, with no OCaml runtime.
 *
 *     #include <ancient_reader.h>
 *
 *     struct ancient_error err;
 *     struct ancient_file *file;
 *     struct ancient_value root;
 *     if (ancient_file_open("idx", NULL, &file, &err) != ANCIENT_OK ||
 *         ancient_file_get(file, 0, &root, &err) != ANCIENT_OK)
 *             die(err.message);
 *
 *     struct ancient_block block;            // an OCaml (string * int) tuple
 *     struct ancient_value field;
 *     const char *text;
 *     size_t length;
 *     ancient_block_get(file, root, &block, &err);
 *     ancient_block_field(file, &block, 0, &field, &err);
 *     ancient_string_get(file, field, &text, &length, &err);
 *     ancient_file_close(file);
 *
 * The file.  An open file is an immutable snapshot of one generation: what a writer adds
 * later is seen by ancient_file_reopen, which makes a new snapshot.  A file counts its
 * references; pointers into the mapping (strings, float arrays, bigarrays, names) live
 * until its last reference is closed.
 *
 * Trust.  None: every function may be called on any bytes.  It returns an error or a
 * value, and reads only inside the mapping.  What is *not* defended without the guard
 * (struct ancient_options) is a file that another process truncates under the reader:
 * then the kernel raises SIGBUS.
 *
 * Work.  What a call costs is bounded by the bytes that are really in the file (holes of a sparse
 * file do not count), whatever these bytes are: O(file) steps and memory for a call that searches,
 * compares, iterates or measures, unless its comment says less; what makes output (dumps, columns)
 * costs its output beside that.  The bounds, 16 steps for each word and 16 bytes of memory for each
 * byte and a constant, are far above what a file costs that a program has published, shared
 * structures included: only one made to cost much meets them, and gets TOO_LARGE.  In tmpfs what is
 * read of a hole is in the file from then on, and counts: copy a stranger's file elsewhere.
 *
 * Errors.  Every function that can fail returns enum ancient_code; `err` may be NULL; a
 * ret_ parameter is untouched on failure.  The library never prints, aborts or exits.
 *
 * Threads.  A file may be used by any number of threads at once; the reference count is
 * atomic.  Cursors and errors belong to one thread at a time.
 *
 * Values are raw here: integers, blocks with a tag and fields, strings, floats.
 *
 * Versions.  A program needs the shared library with the soname it was linked with,
 * libancient-reader.so.1, of the same release as its headers or a later one.  Within a soname:
 *
 *   functions    stay, with their parameters, results and lifetimes; new ones are added
 *   constants    keep their numbers; enumerations gain new ones (error codes, kinds of values and
 *                types), so a `switch` needs a default
 *   structs      keep their size and layout, and grow into their member `reserved`.  In one
 *                that a program fills in (the options) it must be 0: start from {0}, in C++
 *                {}.  In one that the library fills in it is 0 until a later release gives it a
 *                meaning, 0 being "unknown, or as before".  Structs without it never grow:
 *                values and keys, which are passed by value, and the tables of generated
 *                code.  Members of structs marked "all private" are not for programs.  Opaque
 *                structs may change
 *   inline       functions of these headers stay correct with a later library.  For bindings of
 *                other languages the library has each under the same name; keys, which those
 *                cannot take by value, as ancient_key_init_...; those of <ancient_access.h>, which
 *                only spare a compiler's code the call, not at all
 *
 * Not stable: the text of messages (compare codes), and everything that is not in an installed
 * header.  The soname changes when one of these rules has to be broken; the CHANGELOG then says
 * what a program has to change, and it must be compiled again.  The soname says nothing about the
 * format: what a library reads is decided by the version in the file (FORMAT 3), and a file that
 * it cannot read is the error VERSION or FLAGS.
 */
#ifndef ANCIENT_READER_H
#define ANCIENT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ancient/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(ANCIENT_READER_BUILD)
#define ANCIENT_API __attribute__((visibility("default")))
#else
#define ANCIENT_API
#endif

/* The library defines it otherwise where it exports them. */
#ifndef ANCIENT_INLINE
#define ANCIENT_INLINE static inline
#endif

/* ---- Version ------------------------------------------------------------------- */

/* Of these headers.  (ANCIENT_VERSION of <ancient/format.h> is the file's format.) */
#define ANCIENT_READER_VERSION_MAJOR 1
#define ANCIENT_READER_VERSION_MINOR 0
#define ANCIENT_READER_VERSION_PATCH 0
#define ANCIENT_READER_VERSION "1.0.0"

/* Of the library that is loaded: "1.0.0".  Never NULL. */
ANCIENT_API const char *ancient_version(void);

/* ---- Files --------------------------------------------------------------------- */

struct ancient_file; /* opaque */

/* How to open.  Start from {0}, in C++ {}: every zero is the default. */
struct ancient_options {
	/* Turn a fault on this mapping (a file truncated by somebody) into the error
	 * TORN_AWAY instead of SIGBUS.  What is gone reads as zeros from then on, also
	 * through pointers handed out before, and every function on this file fails.  (The
	 * kernel gives no fault in the page in which the file now ends: what is gone of that
	 * page reads as zeros at once.)
	 * Installs a handler for SIGBUS, once for the process, that passes everything
	 * else on to the handler it found; each open looks whether it still stands.  A
	 * handler installed over it afterwards must pass on to it, or take itself away and
	 * raise the signal again.  A thread that blocks SIGBUS is not protected. */
	bool guard;
	/* What the kernel is told of how the file will be read: 1 here and there, 2 from the
	 * beginning to the end, 3 all of it soon, 4 nothing: it reads ahead, much
	 * more than the page that is missing.  0: 4 at first, 1 from the first lookup of a key on,
	 * so that of a file that is not in memory little more is read than the pages a lookup
	 * meets, and 4 for good once columns, a table as a whole or all of the file are read. */
	int advice;
	/* The generation to open, read-only as ever; 0 for the newest.  It needs the commit record
	 * that writers leave since format 1.2.  Reopening such a file gives itself.
	 */
	uint64_t generation;
	/* Let ancient_file_reopen go back to an older generation of the same file, which it
	 * refuses (WENT_BACK) otherwise. */
	bool allow_older;
	/* Asked by calls on this file every 65536 steps of their work, on the thread that makes the
	 * call, with no lock held; true ends the call with INTERRUPTED.  NULL: never asked. */
	bool (*interrupted)(void *context);
	void *context;
	uint64_t reserved[8]; /* 0 */
};

/* Opens the newest generation of the file at `path`.  Costs microseconds whatever the
 * size: the superblocks are checked, nothing else is read.
 *
 * options   NULL for the defaults
 * path      copied; a relative one means the same file to reopen after a chdir
 * Where one of the two superblocks is damaged, the other one is opened: ancient_file_info says so.
 * Errors: MISSING DENIED DIRECTORY NOT_A_FILE SYSTEM MEMORY ADDRESS_SPACE; EMPTY SHORT
 * FOREIGN LEGACY BYTE_ORDER VERSION DIALECT FLAGS; BAD_SUPERBLOCK TRUNCATED UNRECOVERED; with
 * `generation`, NO_GENERATION BAD_EXTENT BAD_CHECKSUM TORN_AWAY. */
ANCIENT_API enum ancient_code ancient_file_open(const char *path,
						const struct ancient_options *options,
						struct ancient_file **ret_file,
						struct ancient_error *err);

/* The same from a descriptor, which stays the caller's and may be closed afterwards.
 *
 * name      stands for the file in messages; NULL for "descriptor N" */
ANCIENT_API enum ancient_code ancient_file_open_fd(int fd, const char *name,
						   const struct ancient_options *options,
						   struct ancient_file **ret_file,
						   struct ancient_error *err);

/* Opens what is newest now: a later generation of the same file, or the file that has
 * taken its name.  Where nothing has changed, *ret_file is `file` itself with one more
 * reference.  Either way the caller closes both.  A file opened from a descriptor is
 * reopened through a duplicate of that descriptor, kept for this purpose, and so stays with
 * its file when another takes the name.
 * A file opened at a given generation stays at it.
 * Errors: as open, and WENT_BACK where the same file (UUID) has an older generation than `file`:
 * it was written over, or a superblock was lost; on failure `file` is as good as before. */
ANCIENT_API enum ancient_code ancient_file_reopen(struct ancient_file *file,
						  struct ancient_file **ret_file,
						  struct ancient_error *err);

/* One reference more; returns `file`. */
ANCIENT_API struct ancient_file *ancient_file_ref(struct ancient_file *file);

/* One reference less; the last one unmaps.  NULL is allowed. */
ANCIENT_API void ancient_file_close(struct ancient_file *file);

/* What the calls on this file have cost so far, where they do more than follow one pointer: a
 * measure of work that does not depend on the machine, for tests and for servers that account for
 * it.
 *
 * ret_steps   steps of all calls together: words looked at, or less
 * ret_bytes   the most memory that one call has held */
ANCIENT_API void ancient_file_work(const struct ancient_file *file, uint64_t *ret_steps,
				   uint64_t *ret_bytes);

struct ancient_info {
	const char *name; /* path or name given at open; lives as long as the file */
	const char *path; /* absolute, lives as long; NULL for a file opened by descriptor */
	uint32_t version; /* major << 16 | minor */
	uint32_t ocaml_version;
	uint8_t uuid[16];
	uint64_t base;    /* address of offset 0 in an OCaml process */
	uint64_t reserve; /* bytes the file may grow to */
	uint64_t generation;
	uint64_t used;       /* bytes of this generation */
	uint64_t file_bytes; /* length of the file when it was opened */
	uint64_t key_count;
	uint64_t name_count;
	uint64_t block_count;
	uint64_t value_bytes;
	uint32_t custom_slots;
	bool superseded;            /* compacted: a newer file has taken the name */
	uint64_t newest_generation; /* of the file when it was opened; `generation` but where an
				       older one was asked for */
	uint64_t time;              /* of the commit: nanoseconds since 1970-01-01 UTC; 0 unknown */
	uint64_t history;           /* FORMAT 3.5: of the extents; 0 unknown */
	uint64_t durable_used;      /* bytes known to be on the disk (FORMAT 11.4); 0 unknown */
	/* The superblock slot, 0 or 1, that is damaged; -1: none.  The generation that is open is
	 * whole as far as its own superblock says; hidden_generation is the newer one, complete in
	 * the file, that cannot be seen until `ancientctl recover`; 0: none is known. */
	int damaged_slot;
	uint64_t hidden_generation;
	/* Bytes of `used` that are in the file and not in holes of it: what bounds the work. */
	uint64_t present;
	uint64_t reserved[7];
};

/* Cannot fail. */
ANCIENT_API void ancient_file_info(const struct ancient_file *file, struct ancient_info *ret_info);

/* Cheap check that the mapping still stands and the newest generation on disk is this one:
 * *ret_current is false where a newer generation or file is there, and, after TORN_AWAY, as soon as
 * a whole file has the name again, be it the same one: ancient_file_reopen then opens it.
 * Errors: as open; TORN_AWAY as long as the mapping is torn and nothing whole has the name. */
ANCIENT_API enum ancient_code ancient_file_check(const struct ancient_file *file, bool *ret_current,
						 struct ancient_error *err);

/* Reads the file into memory and enters its pages in the page tables of this process, so that the
 * first lookups find them there: a file that nobody has read yet costs a read of the disk, 0.1 to
 * 10 ms, for each page that a lookup meets.  A service prefetches a new snapshot before it answers
 * from it, on a thread that answers nothing meanwhile:
 *
 *     if (ancient_file_reopen(file, &newer, &err) == ANCIENT_OK && newer != file &&
 *         ancient_file_prefetch(newer, &err) == ANCIENT_OK)
 *             ... answer from `newer`
 *
 * Nothing is pinned: under memory pressure the kernel takes the pages back, the file's own first
 * where it is larger than the memory that is free (ancient_info.used says how large).  A second
 * call costs little.  What another process writes at the same time is not its matter.
 *
 * O(bytes of the file), at the speed of the disk, holes included: a file that is a hole but for
 * less than 1/64 of it is TOO_LARGE, from 1 GiB on.  Memory of the process: page tables, 1/512 of
 * the file; the pages themselves are the page cache's, and shared.  `interrupted` of the options is
 * asked after every 4 MiB.  Uses MADV_POPULATE_READ; before Linux 5.14, MADV_WILLNEED and a load
 * from each page. Errors: TOO_LARGE, INTERRUPTED, SYSTEM; TORN_AWAY where a part of the file is
 * gone, or cannot be read, without a signal also where there is no guard. */
ANCIENT_API enum ancient_code ancient_file_prefetch(const struct ancient_file *file,
						    struct ancient_error *err);

/* ---- Generations --------------------------------------------------------------- */

/* What a commit left in its record (FORMAT 4.2). */
struct ancient_commit_info {
	uint64_t generation;
	uint64_t time;      /* nanoseconds since 1970-01-01 UTC; 0 unknown */
	uint64_t published; /* keys published by this commit */
	uint64_t removed;   /* keys removed by it */
	uint64_t key_count; /* keys of the generation */
	uint64_t used;      /* end of the generation: bytes of the file */
	uint64_t bytes;     /* that the commit added: from its first extent to the end */
	uint64_t reserved[4];
};

/* Walks the commit records, the newest first, from the generation that is open:
 *
 *     struct ancient_log log;
 *     ancient_log_init(file, &log);
 *     while ((code = ancient_log_next(&log, &commit, &err)) == ANCIENT_OK) ...
 *     // ANCIENT_E_NO_GENERATION: the end; anything else: an error
 *
 * The end is the first commit, or one that a writer of format 1.0 or 1.1 made, which leaves no
 * record: then log.older is its generation, otherwise 0.  A log borrows its file and owns nothing.
 * Offsets fall from record to record, so that a walk ends after used / 320 of them at the most;
 * each costs a page of the file, and the last one, where older commits precede it, a walk over
 * the headers of their extents.
 * Errors: BAD_EXTENT BAD_CHECKSUM TORN_AWAY. */
struct ancient_log {
	const struct ancient_file *file;
	uint64_t record; /* offset of the next; 0: the end */
	uint64_t newest; /* generation that the next may have at the most */
	uint64_t
		older; /* at the end: the generation before, of which there is no record; 0: none */
	uint64_t reserved[4];
};

ANCIENT_API void ancient_log_init(const struct ancient_file *file, struct ancient_log *ret_log);
ANCIENT_API enum ancient_code ancient_log_next(struct ancient_log *log,
					       struct ancient_commit_info *ret_commit,
					       struct ancient_error *err);

/* ---- Verification -------------------------------------------------------------- */

struct ancient_verify_options {
	/* Called now and then from the calling thread, NULL for none; returning true
	 * stops with INTERRUPTED.  done and total count bytes of work. */
	bool (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
	/* That work on it, the calling one included; 0 is 1.  A file gives the same result,
	 * and the same error, whatever their number.  They block the program's signals. */
	unsigned threads;
	uint64_t reserved[8]; /* 0 */
};

/* One thread for each processor that the calling thread may use. */
#define ANCIENT_ALL_PROCESSORS (~0u)

struct ancient_verify_result {
	uint64_t extents, blocks, pointers, keys, names, bytes;
	uint64_t schemas; /* distinct texts */
	uint64_t reserved[4];
};

/* Walks the whole file by section 10 of spec/FORMAT.md and reports the first fault: rule,
 * offset, expected, found.  O(bytes of the file), holes included: a file that is a hole but for
 * less than 1/64 of it is TOO_LARGE, from 1 GiB on.  Memory: 1/64 of the file, and 32 bytes for
 * each extent and each mebibyte.
 *
 * options, ret_result   NULL allowed
 * Errors: every CORRUPT code, TOO_LARGE, MEMORY, INTERRUPTED, TORN_AWAY. */
ANCIENT_API enum ancient_code ancient_file_verify(const struct ancient_file *file,
						  const struct ancient_verify_options *options,
						  struct ancient_verify_result *ret_result,
						  struct ancient_error *err);

/* What the newest generation's keys lead to: the bytes that ancient_info.used would be after
 * compaction, exactly where blocks are then written depth-first.  The rest can be reclaimed.
 *
 * A walk of all that is live, each block once: O(words of the file).  Nothing is believed that the
 * gate does not see; of a file that does not verify, the number means nothing, or blocks overlap,
 * which is TOO_LARGE.  Memory: 1/64 of the file, and 24 bytes for each block on the way down.
 *
 * options   of the progress, in bytes of blocks; NULL allowed
 * Errors: every CORRUPT code of values and directories, TOO_LARGE, MEMORY, INTERRUPTED,
 * TORN_AWAY. */
ANCIENT_API enum ancient_code ancient_file_live_bytes(const struct ancient_file *file,
						      const struct ancient_verify_options *options,
						      uint64_t *ret_bytes,
						      struct ancient_error *err);

/* OK, or TORN_AWAY where the file has been truncated under the mapping: for programs that read
 * bytes of the mapping himself, after he has read them.  Costs two loads. */
ANCIENT_API enum ancient_code ancient_file_stands(const struct ancient_file *file,
						  struct ancient_error *err);

/* ---- Keys ---------------------------------------------------------------------- */

/* An OCaml word of one file.  Compare words to compare identity within a file. */
struct ancient_value {
	uint64_t word;
};

struct ancient_entry {
	uint64_t key;
	struct ancient_value root;
	const char *name; /* NULL where the key has none; ends in a 0 byte; UTF-8, and without
			     other 0 bytes, in a file that verifies */
	size_t name_length;
	uint64_t bytes, blocks; /* written by the publication */
	uint64_t generation;    /* that published it */
	const char *schema;     /* the OCaml type it was published with, as a text (section 12 of
				   spec/FORMAT.md); NULL where there is none; ends in a 0 byte;
				   as the name: UTF-8, no other 0, in a file that verifies.  Not
				   parsed here: see ancient_schema_parse */
	size_t schema_length;
	uint8_t schema_fingerprint[16]; /* of the type, as the writer gave it; zeros without */
	uint64_t reserved[4];
};

/* The value published under `key`.
 * Errors: NO_KEY, BAD_DIRECTORY, TORN_AWAY. */
ANCIENT_API enum ancient_code ancient_file_get(const struct ancient_file *file, uint64_t key,
					       struct ancient_value *ret_value,
					       struct ancient_error *err);

/* The whole entry, by key or by name (`length` bytes, no 0 among them).
 * Errors: NO_KEY, BAD_DIRECTORY, TORN_AWAY. */
ANCIENT_API enum ancient_code ancient_file_entry(const struct ancient_file *file, uint64_t key,
						 struct ancient_entry *ret_entry,
						 struct ancient_error *err);
ANCIENT_API enum ancient_code ancient_file_entry_named(const struct ancient_file *file,
						       const char *name, size_t length,
						       struct ancient_entry *ret_entry,
						       struct ancient_error *err);

/* Walks the entries in ascending order of keys:
 *
 *     struct ancient_cursor cursor;
 *     ancient_cursor_init(file, 0, &cursor);
 *     while ((code = ancient_cursor_next(&cursor, &entry, &err)) == ANCIENT_OK) ...
 *     // ANCIENT_E_NO_KEY: the end; anything else: an error
 *
 * A cursor borrows its file and owns nothing.  A walk ends after key_count entries
 * whatever the file holds. */
struct ancient_cursor {
	const struct ancient_file *file;
	uint64_t next;      /* smallest key not yet seen */
	uint64_t remaining; /* entries the walk may still meet */
	bool done;
	uint64_t reserved[4];
};

/* from   the first key wanted; 0 for all */
ANCIENT_API void ancient_cursor_init(const struct ancient_file *file, uint64_t from,
				     struct ancient_cursor *ret_cursor);
ANCIENT_API enum ancient_code ancient_cursor_next(struct ancient_cursor *cursor,
						  struct ancient_entry *ret_entry,
						  struct ancient_error *err);

/* ---- Values -------------------------------------------------------------------- */

enum ancient_kind {
	ANCIENT_KIND_INT = 1, /* int, char, bool, unit, constant constructor */
	ANCIENT_KIND_BLOCK,   /* tags 0 to 243 */
	ANCIENT_KIND_STRING,  /* string, bytes */
	ANCIENT_KIND_FLOAT,
	ANCIENT_KIND_FLOAT_ARRAY, /* float array, floatarray, record of floats */
	ANCIENT_KIND_LAZY,        /* a forced lazy that was kept: one field */
	ANCIENT_KIND_INT32,
	ANCIENT_KIND_INT64,
	ANCIENT_KIND_NATIVEINT,
	ANCIENT_KIND_BIGARRAY,
	ANCIENT_KIND_CUSTOM, /* anything else: Z.t, registered types */
};

/* Errors of everything below, beside those named: BAD_POINTER BAD_BLOCK BAD_STRING
 * BAD_CUSTOM BAD_BIGARRAY where the bytes are damaged, TORN_AWAY, and WRONG_KIND where the
 * value is of another kind than the function is for. */

/* What `value` is.  Loads the header and at most a few words more, whatever the size; a lazy
 * is reported as such. */
ANCIENT_API enum ancient_code ancient_value_kind(const struct ancient_file *file,
						 struct ancient_value value,
						 enum ancient_kind *ret_kind,
						 struct ancient_error *err);

/* English name of a kind, "block"; never NULL. */
ANCIENT_API const char *ancient_kind_name(enum ancient_kind kind);

/* Looks through forced lazies: the first value that is none.  A chain that does not end is
 * BAD_BLOCK. */
ANCIENT_API enum ancient_code ancient_value_force(const struct ancient_file *file,
						  struct ancient_value value,
						  struct ancient_value *ret_value,
						  struct ancient_error *err);

/* Immediate integers need no file. */
ANCIENT_INLINE bool ancient_value_is_int(struct ancient_value value)
{
	return (value.word & 1) != 0;
}

/* Meaningful where ancient_value_is_int; between -2^62 and 2^62 - 1. */
ANCIENT_INLINE int64_t ancient_value_to_int(struct ancient_value value)
{
	return (int64_t)value.word >> 1;
}

/* A block of tags 0 to 243, or a forced lazy. */
struct ancient_block {
	uint64_t offset; /* of the first field in the file */
	uint64_t size;   /* number of fields */
	unsigned tag;
};

ANCIENT_API enum ancient_code ancient_block_get(const struct ancient_file *file,
						struct ancient_value value,
						struct ancient_block *ret_block,
						struct ancient_error *err);

/* Field `index` of a block got from the same file.
 * Errors: NO_INDEX. */
ANCIENT_API enum ancient_code ancient_block_field(const struct ancient_file *file,
						  const struct ancient_block *block, uint64_t index,
						  struct ancient_value *ret_value,
						  struct ancient_error *err);

/* The bytes of a string, in the mapping.  A 0 byte follows them; others may be inside. */
ANCIENT_API enum ancient_code ancient_string_get(const struct ancient_file *file,
						 struct ancient_value value, const char **ret_bytes,
						 size_t *ret_length, struct ancient_error *err);

ANCIENT_API enum ancient_code ancient_float_get(const struct ancient_file *file,
						struct ancient_value value, double *ret_float,
						struct ancient_error *err);

/* The elements of a float array, in the mapping, 8-byte aligned. */
ANCIENT_API enum ancient_code ancient_float_array_get(const struct ancient_file *file,
						      struct ancient_value value,
						      const double **ret_floats, size_t *ret_count,
						      struct ancient_error *err);

/* An int32, int64 or nativeint. */
ANCIENT_API enum ancient_code ancient_boxed_int_get(const struct ancient_file *file,
						    struct ancient_value value, int64_t *ret_int,
						    struct ancient_error *err);

struct ancient_bigarray {
	int kind;      /* enum ancient_bigarray_kind of <ancient/format.h> */
	bool fortran;  /* column-major, indices from 1 in OCaml */
	unsigned dims; /* 0 to 16 */
	uint64_t dim[16];
	uint64_t count; /* product of the dimensions */
	size_t item_bytes;
	const void *data; /* in the mapping, 64-byte aligned; not NULL */
	uint64_t reserved[2];
};

ANCIENT_API enum ancient_code ancient_bigarray_get(const struct ancient_file *file,
						   struct ancient_value value,
						   struct ancient_bigarray *ret_bigarray,
						   struct ancient_error *err);

struct ancient_custom {
	const char *identifier; /* ends in a 0 byte; lives as long as the file */
	const void *payload;    /* the words after the custom pointer */
	size_t bytes;
	uint64_t reserved[2];
};

ANCIENT_API enum ancient_code ancient_custom_get(const struct ancient_file *file,
						 struct ancient_value value,
						 struct ancient_custom *ret_custom,
						 struct ancient_error *err);

/* ---- Lookups ------------------------------------------------------------------- */

/* Finds a string key in an OCaml Hashtbl.t (the polymorphic one, or a functorial one whose
 * hash is Hashtbl.hash), by OCaml's own hash: the newest binding, as Hashtbl.find.
 *
 * table   the value of type (string, _) Hashtbl.t
 * bytes   `length` bytes, which may hold 0 bytes
 * Errors: NO_KEY where the key is absent; WRONG_KIND where `table` has not the shape of a
 * hash table with string keys, BAD_BLOCK where a bucket does not end. */
ANCIENT_API enum ancient_code ancient_hashtbl_find_string(const struct ancient_file *file,
							  struct ancient_value table,
							  const char *bytes, size_t length,
							  struct ancient_value *ret_value,
							  struct ancient_error *err);

/* ---- Dump ---------------------------------------------------------------------- */

struct ancient_dump_options {
	/* Receives the text piece by piece; returning false stops with INTERRUPTED. */
	bool (*write)(void *context, const char *text, size_t length);
	void *context; /* of both, `write` and `progress` */
	bool indent;   /* one member a line, two spaces for each of the outer 100 levels; false:
			  one line */
	/* Now and then; returning true stops.  done counts blocks written so far. */
	bool (*progress)(void *context, uint64_t done, uint64_t total);
	uint64_t limit;       /* stop with TOO_LARGE after so many bytes of text; 0: no limit */
	uint64_t reserved[8]; /* 0 */
};

/* Writes `value` as JSON by appendix A of spec/FORMAT.md.  Iterative: O(words reached, and the
 * text). Memory: 1/32 of the file for the marks, 32 to 64 bytes for each shared block, and 32 for
 * each block on the way down, but for those in which the way leads through the last field (so a
 * list takes none). The text can be much longer than the file, since a string is written wherever
 * it is met: set a limit for files you do not trust.  Integers of Zarith past 16384 words are
 * TOO_LARGE.
 *
 * options   not NULL; `write` is called at least once
 * Errors: MEMORY, INTERRUPTED, TOO_LARGE (also where blocks overlap). */
ANCIENT_API enum ancient_code ancient_value_dump(const struct ancient_file *file,
						 struct ancient_value value,
						 const struct ancient_dump_options *options,
						 struct ancient_error *err);

/* ---- Texts --------------------------------------------------------------------- */

/* The text of a code, "no such key"; and its name, "NO_KEY".  Never NULL. */
ANCIENT_API const char *ancient_code_text(enum ancient_code code);
ANCIENT_API const char *ancient_code_name(enum ancient_code code);

/* "V3" for 303; "" for 0 and unknown numbers. */
ANCIENT_API const char *ancient_rule_name(unsigned rule);

#ifdef __cplusplus
}
#endif

#endif

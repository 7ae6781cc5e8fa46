/* core: the writer.  Attaches a file in an OCaml process, maps it at its base, copies graphs of
 * values into it and commits them; also copies graphs into anonymous memory.
 *
 * It works on words and headers only and does not know the OCaml runtime.  The OCaml stubs call it;
 * tests/core calls it on heaps built by hand.
 *
 * Threads.  A store may be used from several threads.  Functions marked BLOCKING may wait for
 * another process, another thread or the disk, and read no source value: call them with the OCaml
 * runtime released.  So are those marked READING, where ancient_store_is_relocated says so.  The
 * others read source values, or return soon.
 *
 * Signals.  Every wait for a lock ends with INTERRUPTED at a signal: run its handler, and call
 * again.  A thread that would wait for itself, because a handler or callback that runs within a
 * call works on the same file, gets DEADLOCK.
 *
 * Errors are those of ancient/error.h; ret_ parameters are untouched on failure.
 */
#ifndef ANCIENT_STORE_H
#define ANCIENT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ancient/dedup.h>
#include <ancient/error.h>

/* ---- Signals ------------------------------------------------------------------- */

/* The signals of the caller's language, whose handlers run later than the kernel delivers them.
 * Without this, only a signal that interrupts a system call ends a wait. */
struct ancient_signals {
	/* Whether one is pending.  Called in any thread, with the runtime released. */
	bool (*pending)(void);
	/* Runs the handlers; true: what goes on is to stop, with INTERRUPTED.  Called in a thread
	 * that compacts, verifies or relocates, by the function that it has called. */
	bool (*handle)(void);
};

/* Call it before any thread calls another function. */
void ancient_signals_set(const struct ancient_signals *signals);

/* ---- Where values come from ---------------------------------------------------- */

enum ancient_source_class {
	ANCIENT_SOURCE_BLOCK,   /* a block with a readable header: copy it */
	ANCIENT_SOURCE_FOREIGN, /* not an OCaml value (a naked pointer): refuse */
};

/* A custom block, as the caller's runtime describes it. */
struct ancient_source_custom {
	const char *identifier; /* of its operations; NULL: refuse the block */
	bool registered;        /* known to hold no pointers (the well-known ones are) */
	uint64_t operations;    /* word 0 of a copy in memory; 0: the same as in the source */
};

struct ancient_source_range {
	uint64_t start, end;
};

/* Whether a copy may mark the headers of source blocks it has met, which is faster than the search
 * of a table.  All headers are restored when a put fails, and by ancient_commit_settle, finish and
 * abort.  Until then no other code may read a block of the source or allocate there: neither a
 * collector nor another thread. */
enum ancient_source_marks {
	ANCIENT_MARKS_NONE,   /* no header is changed */
	ANCIENT_MARKS_RANGES, /* headers of blocks in `ranges`; none of those blocks has colour 2 */
	ANCIENT_MARKS_COLOUR, /* headers of blocks that do not have colour 3 */
};

struct ancient_source {
	void *context;
	/* The class of the block at `word` (even, not 0); NULL: every pointer leads to a block.
	 * Not called for words in `ranges`. */
	enum ancient_source_class (*classify)(void *context, uint64_t word);
	/* Describes a block of tag 255, whose word 0 is `operations`; NULL: refuse all of them. */
	struct ancient_source_custom (*custom)(void *context, uint64_t operations);
	/* Sorted, and not overlapping.  A pointer into one of them leads to a block. */
	const struct ancient_source_range *ranges;
	size_t range_count;
	enum ancient_source_marks marks;
	/* What to add to a pointer to get the address where the block lies, if the values are not
	 * where their pointers say.  The words passed to `classify` have it added. */
	uint64_t shift;
	/* Copy forced lazies as they are; otherwise their value replaces them, as a collector does.
	 */
	bool keep_lazies;
};

/* How the blocks of a value follow each other. */
enum ancient_order {
	ANCIENT_ORDER_DEPTH_FIRST = 0,
	ANCIENT_ORDER_BREADTH_FIRST = 1,
	/* Of an array or list at the root the elements side by side, then what is below each,
	 * depth-first; any other value depth-first. */
	ANCIENT_ORDER_ELEMENTS_FIRST = 2,
};

struct ancient_copied {
	uint64_t root;  /* the copy: an immediate, or the address of a first field */
	uint64_t bytes; /* of the blocks written, headers included */
	uint64_t blocks;
};

/* ---- Attached files ------------------------------------------------------------ */

struct ancient_store; /* opaque; one for each file and process, with a count */

struct ancient_store_options {
	uint64_t base;          /* base of a new file; 0: derived from the UUID */
	uint64_t reserve;       /* address space for a new file; 0: the default, 256 GiB - 4 MiB */
	const char *replaces;   /* path of the file that a new one will replace, also for
				 * messages; NULL: none */
	const char *path;       /* by which the descriptor was opened; NULL: not known */
	bool read_only;         /* attach for reading only (implied by a read-only descriptor) */
	bool protect;           /* map values read-only, so that stray mutation faults */
	bool any_protection;    /* if the process has the file attached: accept how it is mapped */
	uint32_t ocaml_version; /* recorded in commits */
	/* Writes the operations of a custom slot to `slot`, 128 bytes of zeros, for an identifier;
	 * returns false to leave them null.  Called once for each slot. */
	bool (*link_custom)(void *context, const char *identifier, void *slot);
	void *context;
};

/* BLOCKING.  Attaches the file open at `fd`, which stays the caller's.  Nothing is written.  A file
 * in which nothing was published, one of no bytes for example, is attached for reading as well: it
 * has no keys, and each call looks whether something was published since.  Its UUID and base are
 * chosen by the first attach for writing, and fixed by the first commit; where another process was
 * first, that one's are taken then, so that the range may move as long as it is empty.  If this
 * process has attached the file already, the same store is returned and its count rises; it can be
 * written if one of its descriptors can.  If the file's base addresses are taken, the file is
 * mapped elsewhere and its pointers are relocated in private memory; such a store cannot be
 * written.  Where much is to be relocated, here or by a refresh, threads of the library take part,
 * as many as there are processors and at most 7; they take no signals and have ended when the call
 * returns.
 *
 * A store for writing opens the file again, through /proc/self/fd or, where that fails, by
 * options->path.  Where neither can be, it is attached for reading, and ancient_store_writable says
 * why.
 *
 * Errors: INTERRUPTED DEADLOCK, ARGUMENT (attached already, and protected otherwise), and many
 * others.
 *
 * name: for messages; NULL: from /proc/self/fd, or options->path */
enum ancient_code ancient_store_attach(int fd, const char *name,
				       const struct ancient_store_options *options,
				       struct ancient_store **ret_store, struct ancient_error *err);

/* BLOCKING.  Lowers the count.  At 0, replaces the values by a tombstone, so that pointers into it
 * that are still alive lead to an empty block for a collector, and unmaps the rest. */
void ancient_store_detach(struct ancient_store *store);

/* The same, if no collector has ever seen a value of the store: then everything is unmapped, and
 * the addresses are free again.  If the file was attached more than once, this is a detach. */
void ancient_store_discard(struct ancient_store *store);

/* The mapped range of values: every pointer into the file lies in [*ret_start, *ret_end).  The end
 * rises with refresh and commit and never falls.  Empty while nothing was published. */
void ancient_store_range(const struct ancient_store *store, uint64_t *ret_start, uint64_t *ret_end);

/* Whether the file is mapped elsewhere than at its base, so that what is added must be relocated,
 * which takes long; the name for messages; the newest generation seen; whether the store can be
 * written, and if not, why. Errors: READ_ONLY RELOCATED. */
bool ancient_store_is_relocated(const struct ancient_store *store);
const char *ancient_store_name(const struct ancient_store *store);
uint64_t ancient_store_generation(const struct ancient_store *store);
enum ancient_code ancient_store_writable(const struct ancient_store *store,
					 struct ancient_error *err);

/* READING.  Maps what newer generations have added.
 * Errors: TORN_AWAY if another file was written over this one, or it was cut to nothing, and those
 * of attach. */
enum ancient_code ancient_store_refresh(struct ancient_store *store, struct ancient_error *err);

/* A generation of an attached file.  What it leads to stays as long as the store is attached. */
struct ancient_store_generation {
	uint64_t generation, used, keys, names;
	uint64_t time;   /* nanoseconds since 1970-01-01 UTC; 0 unknown */
	uint64_t record; /* its commit record, where ancient_store_log_next can begin; 0: none */
};

/* READING.  The newest generation (refreshes first) or an older one, of which there is a commit
 * record. Errors: EMPTY NO_GENERATION SYSTEM, and those of refresh. */
enum ancient_code ancient_store_generation_find(struct ancient_store *store, uint64_t generation,
						struct ancient_store_generation *ret,
						struct ancient_error *err);

/* What a commit left in its record (FORMAT 4.2). */
struct ancient_store_commit {
	uint64_t generation;
	uint64_t time;      /* nanoseconds since 1970-01-01 UTC; 0 unknown */
	uint64_t published; /* keys published by it */
	uint64_t removed;   /* keys removed by it */
	uint64_t keys;      /* that there are */
	uint64_t used;      /* bytes of the file at its end */
	uint64_t bytes;     /* that it added */
};

#define ANCIENT_LOG_NEWEST UINT64_MAX

/* READING.  The log, the newest commit first: *next begins as ANCIENT_LOG_NEWEST, or as the
 * `record` of a generation, and is moved on.  It ends at the first commit, or at one that a writer
 * of format 1.0 or 1.1 made, with NO_GENERATION. Errors: BAD_EXTENT BAD_CHECKSUM SYSTEM, and those
 * of refresh. */
enum ancient_code ancient_store_log_next(struct ancient_store *store, uint64_t *next,
					 struct ancient_store_commit *ret_commit,
					 struct ancient_error *err);

/* In the functions below, `at` is the generation to look in; NULL: the newest, after a refresh. */

/* READING.  The root under `key` in the newest generation (refreshes first).
 * Errors: NO_KEY, BAD_DIRECTORY, and those of refresh. */
enum ancient_code ancient_store_get(struct ancient_store *store,
				    const struct ancient_store_generation *at, uint64_t key,
				    uint64_t *ret_root, struct ancient_error *err);

/* The OCaml type of a root (FORMAT 12). */
struct ancient_schema_text {
	uint8_t fingerprint[16]; /* of the type (12.5) */
	const char *text;        /* UTF-8; NULL: no schema */
	uint64_t length;         /* 1 to 1 MiB */
};

/* The entry of a key.  Texts lie in the mapping, end with a 0 byte and stay valid until the store
 * is detached. */
struct ancient_store_entry {
	uint64_t key;
	uint64_t root;
	const char *name;                  /* NULL: none */
	struct ancient_schema_text schema; /* its text NULL: none */
	uint64_t bytes;                    /* of the blocks that its publication wrote */
	uint64_t blocks;
	uint64_t generation; /* in which it was published */
};

/* READING.  The entry of `key`, or of the key called `name`, in the newest generation (refreshes
 * first). Errors: NO_KEY, BAD_DIRECTORY, BAD_POINTER, and those of refresh. */
enum ancient_code ancient_store_entry(struct ancient_store *store,
				      const struct ancient_store_generation *at, uint64_t key,
				      struct ancient_store_entry *ret_entry,
				      struct ancient_error *err);
enum ancient_code ancient_store_entry_named(struct ancient_store *store,
					    const struct ancient_store_generation *at,
					    const char *name, struct ancient_store_entry *ret_entry,
					    struct ancient_error *err);

/* A walk over the keys of one generation, in their order. */
struct ancient_store_keys {
	uint64_t tree, used, next;
};

/* READING.  ancient_store_keys begins a walk over the newest generation (refreshes first);
 * ancient_store_keys_next gives the next entry.  Later commits do not affect the walk.
 * Errors: those of refresh; NO_KEY at the end, BAD_DIRECTORY, BAD_POINTER. */
enum ancient_code ancient_store_keys(struct ancient_store *store,
				     const struct ancient_store_generation *at,
				     struct ancient_store_keys *ret_keys,
				     struct ancient_error *err);
enum ancient_code ancient_store_keys_next(const struct ancient_store *store,
					  struct ancient_store_keys *keys,
					  struct ancient_store_entry *ret_entry,
					  struct ancient_error *err);

/* How a file that is not in memory will be read. */
enum ancient_advice {
	ANCIENT_ADVICE_NORMAL = 0,     /* the kernel reads ahead, much more than what is missing */
	ANCIENT_ADVICE_RANDOM = 1,     /* here and there: the page that is missing, and no more */
	ANCIENT_ADVICE_SEQUENTIAL = 2, /* from the beginning to the end: more ahead than normally */
};

/* Tells the kernel, of what is mapped and of what commits add, until it is told otherwise.  It is
 * free to ignore it.  Errors: ARGUMENT. */
enum ancient_code ancient_store_advise(struct ancient_store *store, enum ancient_advice advice,
				       struct ancient_error *err);

/* BLOCKING.  Reads the values of the newest generation seen into memory and enters their pages in
 * the page tables of this process (before Linux 5.14 the former alone).  Nothing is pinned: the
 * kernel takes pages back when it needs the memory.  O(bytes of the file); a second call costs
 * little.  Errors: INTERRUPTED, SYSTEM, TORN_AWAY where a part of the file is gone. */
enum ancient_code ancient_store_prefetch(struct ancient_store *store, struct ancient_error *err);

/* BLOCKING.  Checks the file against every rule of FORMAT 10: checksums of extents, every block,
 * pointer and directory node.  For files from sources that are not trusted.
 * Errors: every CORRUPT code, EMPTY, INTERRUPTED (ancient_signals_set), MEMORY, ADDRESS_SPACE, and
 * those of refresh. */
enum ancient_code ancient_store_verify(struct ancient_store *store, struct ancient_error *err);

/* BLOCKING.  The same for the file as it was in generation `at`, whose keys and names a
 * verification of the newest does not reach; NULL: the newest. Errors: also NO_GENERATION. */
enum ancient_code ancient_store_verify_generation(struct ancient_store *store,
						  const struct ancient_store_generation *at,
						  struct ancient_error *err);

/* ---- Commits ------------------------------------------------------------------- */

struct ancient_commit; /* opaque: a commit under way, which holds the file's lock */

/* BLOCKING.  Waits for the file's lock and begins a commit.
 * Errors: INTERRUPTED if a signal ended the wait: run its handler and call again; DEADLOCK
 * READ_ONLY RELOCATED SUPERSEDED MEMORY, and those of refresh. */
enum ancient_code ancient_commit_begin(struct ancient_store *store,
				       struct ancient_commit **ret_commit,
				       struct ancient_error *err);

/* From now on equal blocks of what is put are written once; NULL: no longer.  Blocks of earlier
 * commits stay as they are, and are not compared.  The types must stay where they are while
 * something is put.  Breadth-first counts as depth-first then.
 * Errors: MEMORY. */
enum ancient_code ancient_commit_dedup(struct ancient_commit *commit,
				       const struct ancient_dedup *dedup,
				       struct ancient_error *err);

/* Copies the graph of `root` and puts it under `key`, 0 to 2^62 - 1.  May be called several times
 * in one commit; blocks that two roots share are written once.  Blocks that are in this file
 * already are referred to, not copied.  A value of more than some megabytes is written by a thread
 * while the copy goes on; that thread takes no signals and has ended when the call returns.
 *
 * name: 1 to 255 bytes of UTF-8 without 0, or NULL for none (a key that is put again without a name
 * loses its name)
 *
 * Errors: UNSHAREABLE (the message names the kind of block and the path to it), DISK_FULL, NO_ROOM,
 * MEMORY, ADDRESS_SPACE, SYSTEM, NAME_TAKEN, ARGUMENT.  After an error the commit must be
 * aborted. */
enum ancient_code ancient_commit_put(struct ancient_commit *commit, uint64_t key, const char *name,
				     const struct ancient_source *source, uint64_t root,
				     enum ancient_order order, struct ancient_copied *ret_copied,
				     struct ancient_error *err);

/* The same with the value's type; NULL: none (a key that is put again without a schema loses its
 * schema).  A text that the file has already is not stored again.  The text is not parsed, and the
 * fingerprint is taken as given.
 * Errors: also ARGUMENT if the text is not 1 byte to 1 MiB of UTF-8 without 0. */
enum ancient_code ancient_commit_put_typed(struct ancient_commit *commit, uint64_t key,
					   const char *name,
					   const struct ancient_schema_text *schema,
					   const struct ancient_source *source, uint64_t root,
					   enum ancient_order order,
					   struct ancient_copied *ret_copied,
					   struct ancient_error *err);

/* Takes a key out, and its name.  Its value stays in the file until compaction.
 * Errors: NO_KEY (the commit goes on then), MEMORY, BAD_DIRECTORY. */
enum ancient_code ancient_commit_remove(struct ancient_commit *commit, uint64_t key,
					struct ancient_error *err);

/* Makes the keys those of an older generation (or, again, of the newest), before anything is put.
 * Errors: NO_GENERATION, ARGUMENT, SYSTEM. */
enum ancient_code ancient_commit_restore(struct ancient_commit *commit, uint64_t generation,
					 struct ancient_error *err);

/* BLOCKING.  Commits, where the store can be written and nothing was ever published in its file, a
 * generation without keys, so that readers find a file with nothing in it and not an EMPTY one.
 * Otherwise does nothing.  Not durable.  Errors: as begin and finish. */
enum ancient_code ancient_commit_nothing(struct ancient_store *store, struct ancient_error *err);

/* Ends the use of source values, for a caller that releases them before it finishes the commit:
 * restores marked headers, and copies the payloads of bigarrays.  Nothing can be put afterwards.
 * After an error the commit must be aborted. */
enum ancient_code ancient_commit_settle(struct ancient_commit *commit, struct ancient_error *err);

/* BLOCKING.  Calls ancient_commit_settle if that was not done, makes the commit visible, flushes it
 * to the disk if `durable`, and maps it privately.  Frees the commit and releases the lock in every
 * case.  After an error nothing is visible, unless the last flush, or the mapping after it, failed:
 * what readers may have seen is never taken back. ancient_store_generation tells which.
 *
 * A durable commit that succeeds has all of the file on the disk, whoever has committed the rest,
 * and whatever flush has failed before: what this process has not written itself since, it reads
 * back, checks and writes again (FORMAT 11.4).
 * Errors: those of put; SYSTEM also where a flush fails; UNDURABLE (durable ones only) where what
 * was committed before without being flushed is not there any more: nothing is visible. */
enum ancient_code ancient_commit_finish(struct ancient_commit *commit, bool durable,
					struct ancient_error *err);

/* Truncates the file to what it was, frees the commit and releases the lock. */
void ancient_commit_abort(struct ancient_commit *commit);

/* ---- Recovery ------------------------------------------------------------------ */

struct ancient_recovered {
	uint64_t generation; /* that is in force afterwards */
	uint64_t recovered;  /* generation that was brought back from its commit record; 0: none */
	uint64_t lost;       /* generation that was in force and has lost a part; 0: none */
	unsigned damaged;    /* superblocks that were damaged, 0 to 2 */
};

/* BLOCKING.  Makes both superblocks of the file `path` good again, from the commit records
 * (FORMAT 8.6): the newest complete commit is brought back, and committed once more, durably, so
 * that both slots describe it; bytes behind it are cut off.  A file with two good superblocks is
 * left as it is, and flushed.  The file is not attached: no addresses are needed.
 *
 * drop_lost: after a durable commit that was refused with UNDURABLE: goes back to the newest
 * generation of which nothing has been lost, by a new generation with its keys.  What was committed
 * after it is gone; its bytes stay where they are.
 *
 * Of the contents, only the checksums of that commit and of what was not yet durable are tested:
 * run a verification afterwards. Errors: MISSING DENIED NOT_A_FILE SYSTEM MEMORY DISK_FULL NO_ROOM,
 * INTERRUPTED (a signal while it waited for the lock), FOREIGN (no superblock counts, and no
 * complete commit with a record is in the file), EMPTY SHORT LEGACY TRUNCATED, BAD_SUPERBLOCK (one
 * that counts and that no writer leaves), VERSION FLAGS DIALECT (of a superblock or a record;
 * nothing was written), UNDURABLE (the superblocks are good, and what was never flushed has been
 * lost in part; with `drop_lost`: other bytes are damaged too, and no generation to go back to is
 * known). */
enum ancient_code ancient_recover(const char *path, bool drop_lost,
				  struct ancient_recovered *ret_recovered,
				  struct ancient_error *err);

/* ---- Compaction ---------------------------------------------------------------- */

struct ancient_compact_options {
	/* Base of the new file. 0: if the base of the old file was derived, the next derived base
	 * that is free in this process, so that programs which have the old file attached can write
	 * to the new one; a base that was given is kept. */
	uint64_t base;
	enum ancient_order order;
	/* Called now and then with the bytes of work done and their total, an estimate; returning
	 * true stops the compaction.  NULL: not called. */
	bool (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
	/* Equal blocks are written once, under all keys together; NULL: as they are.  Its types are
	 * ignored: they are those of each key. */
	const struct ancient_dedup *dedup;
	/* *ret_types: what the schema of a key says, valid until the next call; NULL: nothing.  Any
	 * error stops the compaction.  NULL: not called. */
	enum ancient_code (*types)(void *context, const struct ancient_schema_text *schema,
				   const uint32_t **ret_types, struct ancient_error *err);
};

struct ancient_compacted {
	uint64_t bytes_before, bytes_after; /* used bytes of the file */
	uint64_t blocks_before, blocks_after;
	uint64_t keys;
	uint64_t generation; /* of the new file: greater than that of the old one */
};

/* BLOCKING.  Copies what the keys of the file `path` lead to into a new file, which replaces it.
 * Blocks that no key leads to are not copied, so their space is free again.  Keys, names, schemas,
 * the generations of keys, sharing between keys and custom identifiers are kept, and so are owner,
 * mode and extended attributes.  Symbolic links are followed.
 *
 * Commits by other processes wait meanwhile; readers are not affected.  A process that has the old
 * file attached keeps its values and gets SUPERSEDED when it commits.  The file is verified first.
 *
 * At every instant, also after a crash, the name leads to one of the two files, each complete and
 * on the disk.  The new file is called `.NAME.compact` in the same folder until then; what killed
 * compactions and publications of this name have left is removed.
 *
 * Memory: a 64th of the file, and an eighth to a quarter of what is copied; with `dedup` what that
 * says besides.  Disk: what is copied.
 *
 * options: NULL: the same as all zeros
 *
 * ret_compacted: NULL allowed
 *
 * Errors: INTERRUPTED (a signal during the wait for the lock, or `progress` or
 * ancient_signals.handle returned true), DEADLOCK, DENIED, MISSING, IRREPLACEABLE (hard links; an
 * owner that cannot be kept), SUPERSEDED (another file took the name meanwhile), EMPTY, BAD_BASE,
 * DISK_FULL, NO_ROOM, MEMORY, SYSTEM, and every FORMAT and CORRUPT code.  After any of these the
 * file is as it was, except if the folder could not be flushed at the very end; the message says
 * so. */
enum ancient_code ancient_compact(const char *path, const struct ancient_compact_options *options,
				  struct ancient_compacted *ret_compacted,
				  struct ancient_error *err);

/* ---- Copies in memory ---------------------------------------------------------- */

/* What the user of copies in memory is told of the addresses that hold them.  One range holds many
 * small copies, with fillers (FORMAT 7.1) between; ranges are whole pages. */
struct ancient_heap_ranges {
	/* Before values lie there.  Returns false if memory is out. */
	bool (*add)(uint64_t start, uint64_t end);
	/* After the last value there was deleted. */
	void (*drop)(uint64_t start);
};

/* Copies the graph of `root` to anonymous memory.  The copy is known by its root, and has no memory
 * where that is an immediate.  Errors: UNSHAREABLE, MEMORY. */
enum ancient_code ancient_heap_copy(const struct ancient_source *source, uint64_t root,
				    enum ancient_order order,
				    const struct ancient_heap_ranges *ranges,
				    struct ancient_copied *ret_copied, struct ancient_error *err);

/* Deletes the copy with this root, an even word.  Pointers into it that are still alive lead to
 * fillers, which are empty blocks for a collector, also where addresses were dropped; those are
 * used again after a trial (ancient/quarantine.h).  Other threads may copy and delete meanwhile. */
void ancient_heap_delete(uint64_t root, const struct ancient_heap_ranges *ranges);

#endif

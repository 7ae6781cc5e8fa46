/* core: the writer.  Attaches a file in an OCaml process, maps it at its base, copies
 * graphs of values into it and commits them; copies graphs into anonymous memory.
 *
 * Works on words and headers only: nothing here knows the OCaml runtime.  The OCaml room
 * calls it from its stubs; tests/core calls it on heaps built by hand.
 *
 * Threads.  A store may be used from several threads.  Functions marked BLOCKING may wait
 * for another process or for the disk and touch no source value: call them with the OCaml
 * runtime released.  The others touch source values or are quick.
 *
 * Errors are those of ancient/error.h; ret_ parameters are untouched on failure.
 */
#ifndef ANCIENT_STORE_H
#define ANCIENT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ancient/error.h>

/* ---- Where values come from ---------------------------------------------------- */

enum ancient_source_class {
	ANCIENT_SOURCE_BLOCK,   /* a block with a readable header: copy it */
	ANCIENT_SOURCE_FOREIGN, /* not an OCaml value (a naked pointer): refuse */
};

/* What a custom block is, as the caller's runtime knows it. */
struct ancient_source_custom {
	const char *identifier; /* of its operations; NULL: refuse */
	bool registered;        /* known to hold no pointers (the well-known ones are) */
	uint64_t operations;    /* those of a copy in memory; 0: the same */
};

struct ancient_source_range {
	uint64_t start, end;
};

/* Whether a copy may leave marks in the headers of source blocks it has met, which spares it
 * the search of a table.  It gives every header back: where a put fails, and in
 * ancient_commit_settle, finish and abort.  Until then nobody but the copy may look at a block
 * of the source, and nothing may be allocated there: no collector, no other thread. */
enum ancient_source_marks {
	ANCIENT_MARKS_NONE,   /* no header is written to */
	ANCIENT_MARKS_RANGES, /* those of blocks in `ranges`, of which none has colour 2 */
	ANCIENT_MARKS_COLOUR, /* those of blocks that do not have colour 3 */
};

struct ancient_source {
	void *context;
	/* What the block at `word` (even, not 0) is; NULL: every pointer is a block.  Never asked
	 * about words in `ranges`. */
	enum ancient_source_class (*classify)(void *context, uint64_t word);
	/* What a block of tag 255 is; NULL: refuse them all.  `operations` is its word 0. */
	struct ancient_source_custom (*custom)(void *context, uint64_t operations);
	/* Ascending and apart: a pointer into one of them leads to a block. */
	const struct ancient_source_range *ranges;
	size_t range_count;
	enum ancient_source_marks marks;
	/* Where the values do not lie where their pointers say: what to add to a pointer.  Words
	 * that classify is asked about have it added. */
	uint64_t shift;
	bool keep_lazies; /* forced ones, that are otherwise looked through as a collector does */
};

enum ancient_order {
	ANCIENT_ORDER_DEPTH_FIRST = 0,
	ANCIENT_ORDER_BREADTH_FIRST = 1,
};

struct ancient_copied {
	uint64_t root;  /* the copy: an immediate, or the address of its first field */
	uint64_t bytes; /* of the blocks written, headers included */
	uint64_t blocks;
};

/* ---- Attached files ------------------------------------------------------------ */

struct ancient_store; /* opaque, one for each file and process, counted */

struct ancient_store_options {
	uint64_t base;          /* wanted for a new file; 0: derived from the UUID */
	uint64_t reserve;       /* address space for a new file; 0: the default, 256 GiB - 4 MiB */
	bool read_only;         /* never write (implied by a read-only descriptor) */
	bool protect;           /* map values read-only, so that stray mutation faults */
	uint32_t ocaml_version; /* recorded by commits */
	/* Fills in the operations of a slot, `room` (128) bytes of zeros, for an identifier;
	 * returning false leaves them null.  Called once for each slot. */
	bool (*link_custom)(void *context, const char *identifier, void *room);
	void *context;
};

/* BLOCKING.  Attaches the file open at `fd`, which stays the caller's.  A file of no bytes
 * is formatted.  Attaching a file that this process has attached already gives the same
 * store again, counted.  Where the file's base is taken, the file is mapped elsewhere
 * and its pointers are relocated in private memory; such a store cannot be written.
 *
 * name   for messages; NULL: from /proc/self/fd */
enum ancient_code ancient_store_attach(int fd, const char *name,
				       const struct ancient_store_options *options,
				       struct ancient_store **ret_store, struct ancient_error *err);

/* One count less.  The last one overlays the used range, so that pointers into it that are
 * still alive mean an empty block to a collector, and gives the rest back. */
void ancient_store_detach(struct ancient_store *store);

/* The same where no collector has ever been shown a value of the store: then the addresses are
 * free again, and nothing stays mapped.  Where the file was attached more than once it is a
 * detach. */
void ancient_store_discard(struct ancient_store *store);

/* The mapped range of values: every pointer into the file lies in [*ret_start, *ret_end).
 * The end rises with refresh and commit and never falls. */
void ancient_store_range(const struct ancient_store *store, uint64_t *ret_start, uint64_t *ret_end);

/* The name for messages; the generation seen; whether sharing is possible and, if not, why. */
const char *ancient_store_name(const struct ancient_store *store);
uint64_t ancient_store_generation(const struct ancient_store *store);
enum ancient_code ancient_store_writable(const struct ancient_store *store,
					 struct ancient_error *err);

/* Looks for a newer generation and maps what it added. */
enum ancient_code ancient_store_refresh(struct ancient_store *store, struct ancient_error *err);

/* The root under `key` in the newest generation (refreshes first).
 * Errors: NO_KEY, BAD_DIRECTORY, and those of refresh. */
enum ancient_code ancient_store_get(struct ancient_store *store, uint64_t key, uint64_t *ret_root,
				    struct ancient_error *err);

/* The OCaml type of a root (FORMAT 12). */
struct ancient_schema_text {
	uint8_t fingerprint[16]; /* of the type (12.5) */
	const char *text;        /* UTF-8; NULL: no schema */
	uint64_t length;         /* 1 to 1 MiB */
};

/* What is known of a key.  Texts lie in the mapping, end with a 0 byte and stay until the store
 * is detached. */
struct ancient_store_entry {
	uint64_t key;
	uint64_t root;
	const char *name;                  /* NULL: none */
	struct ancient_schema_text schema; /* its text NULL: none */
	uint64_t bytes;                    /* of the blocks that this publication wrote */
	uint64_t blocks;
	uint64_t generation; /* that published it */
};

/* The entry of `key`, or of the key called `name`, in the newest generation (refreshes first).
 * Errors: NO_KEY, BAD_DIRECTORY, BAD_POINTER, and those of refresh. */
enum ancient_code ancient_store_entry(struct ancient_store *store, uint64_t key,
				      struct ancient_store_entry *ret_entry,
				      struct ancient_error *err);
enum ancient_code ancient_store_entry_named(struct ancient_store *store, const char *name,
					    struct ancient_store_entry *ret_entry,
					    struct ancient_error *err);

/* A walk over the keys of one generation, in their order. */
struct ancient_store_keys {
	uint64_t tree, used, next;
};

/* Begins a walk over the newest generation (refreshes first), and gives the next entry.  What
 * is committed meanwhile does not touch the walk.
 * Errors: those of refresh; NO_KEY where there is none left, BAD_DIRECTORY, BAD_POINTER. */
enum ancient_code ancient_store_keys(struct ancient_store *store,
				     struct ancient_store_keys *ret_keys,
				     struct ancient_error *err);
enum ancient_code ancient_store_keys_next(const struct ancient_store *store,
					  struct ancient_store_keys *keys,
					  struct ancient_store_entry *ret_entry,
					  struct ancient_error *err);

/* BLOCKING.  Checks the checksums of every extent and the shape of every block and
 * pointer, for files from strangers.  Errors: every CORRUPT code. */
enum ancient_code ancient_store_verify(struct ancient_store *store, struct ancient_error *err);

/* ---- Commits ------------------------------------------------------------------- */

struct ancient_commit; /* opaque: a commit under way, which holds the file's lock */

/* BLOCKING.  Waits for the lock and makes ready to append.  INTERRUPTED where a signal ended
 * the wait: run its handler and call again. */
enum ancient_code ancient_commit_begin(struct ancient_store *store,
				       struct ancient_commit **ret_commit,
				       struct ancient_error *err);

/* Copies the graph of `root` and puts it under `key`, 0 to 2^62 - 1.  May be called several
 * times in one commit; what a later root shares with an earlier one is shared in the
 * file.  Blocks that live in this file already are referred to, not copied.  A value of more
 * than some megabytes is written by a thread while the copy goes on; the thread takes no signals,
 * and has ended when the call returns.
 *
 * name      1 to 255 bytes of UTF-8 without 0, or NULL for none (a key shared again
 *           without a name loses the one it had)
 * Errors: UNSHAREABLE (the message names kind and path), DISK_FULL, NO_ROOM, MEMORY,
 * ADDRESS_SPACE, SYSTEM, NAME_TAKEN, ARGUMENT.  After an error the commit must be aborted. */
enum ancient_code ancient_commit_put(struct ancient_commit *commit, uint64_t key, const char *name,
				     const struct ancient_source *source, uint64_t root,
				     enum ancient_order order, struct ancient_copied *ret_copied,
				     struct ancient_error *err);

/* The same with the value's type, NULL for none (a key shared again without a schema loses the
 * one it had).  A text that the file has is not stored again.  The fingerprint is the
 * caller's word; the text is not parsed.  Errors: also ARGUMENT where it is no UTF-8 of 1 byte
 * to 1 MiB without 0. */
enum ancient_code ancient_commit_put_typed(struct ancient_commit *commit, uint64_t key,
					   const char *name,
					   const struct ancient_schema_text *schema,
					   const struct ancient_source *source, uint64_t root,
					   enum ancient_order order,
					   struct ancient_copied *ret_copied,
					   struct ancient_error *err);

/* The last touch of source values, for those who let go of them before they finish: gives
 * headers back that were marked, and copies the payloads of bigarrays.  Nothing can be put
 * afterwards.  After an error the commit must be aborted. */
enum ancient_code ancient_commit_settle(struct ancient_commit *commit, struct ancient_error *err);

/* BLOCKING.  Settles it unless that was done, makes it visible, and durable unless told otherwise;
 * maps it privately; frees the commit and the lock on every path.  After an error nothing is
 * visible, unless it was the last flush (or what follows it) that failed: what readers have seen is
 * never taken back, and ancient_store_generation tells. */
enum ancient_code ancient_commit_finish(struct ancient_commit *commit, bool durable,
					struct ancient_error *err);

/* Forgets it: the file is cut back to what it was.  Frees the commit. */
void ancient_commit_abort(struct ancient_commit *commit);

/* ---- Compaction ---------------------------------------------------------------- */

struct ancient_compact_options {
	/* Of the new file.  0: the base of a file that got a derived one is followed by the next
	 * such base that is free in this process, so that programs which have the old file
	 * attached can write to the new one; a base that was given is kept. */
	uint64_t base;
	enum ancient_order order;
	/* Called now and then with the bytes of work that are done, of how many (an estimate);
	 * returning true stops it.  NULL: nobody asks. */
	bool (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};

struct ancient_compacted {
	uint64_t bytes_before, bytes_after; /* of the file that are used */
	uint64_t blocks_before, blocks_after;
	uint64_t keys;
	uint64_t generation; /* of the new file: it goes on counting where the old one ends */
};

/* BLOCKING.  Copies what the keys of the file `path` lead to into a new file, which takes its
 * place: what no key leads to is gone, and its room with it.  Keys, names, schemas, the
 * generations of keys, sharing between keys and custom identifiers are kept, and so are owner,
 * mode and extended attributes.  Symbolic links are followed.
 *
 * Commits wait meanwhile; readers do not notice.  Whoever has the old file attached keeps its
 * values and gets SUPERSEDED when it commits.  The file is verified first.
 *
 * The name leads to one of the two files at every instant, whatever happens, each complete and
 * on the disk.  Beside the file there is `.NAME.compact` meanwhile; one that was left by a
 * killed process is taken away.
 *
 * Memory: of the file a 64th, of what is copied an eighth to a quarter.  Disk: what is copied.
 *
 * options        NULL: as zeros
 * ret_compacted  NULL allowed
 * Errors: INTERRUPTED (a signal while it waited for the lock, or progress said so), DENIED,
 * MISSING, IRREPLACEABLE (hard links; an owner that cannot be kept), SUPERSEDED (another file took
 * the name meanwhile), EMPTY, BAD_BASE, DISK_FULL, NO_ROOM, MEMORY, SYSTEM, and every FORMAT and
 * CORRUPT code.  In all these cases the file is as it was, but where the folder could not be
 * flushed after all was done; the message says so. */
enum ancient_code ancient_compact(const char *path, const struct ancient_compact_options *options,
				  struct ancient_compacted *ret_compacted,
				  struct ancient_error *err);

/* ---- Copies in memory ---------------------------------------------------------- */

struct ancient_heap; /* opaque: one copied graph in anonymous memory */

/* Copies the graph of `root` out of the heap it lives in. */
enum ancient_code ancient_heap_copy(const struct ancient_source *source, uint64_t root,
				    enum ancient_order order, struct ancient_heap **ret_heap,
				    struct ancient_copied *ret_copied, struct ancient_error *err);

/* The range its blocks lie in; start = end where the root is immediate. */
void ancient_heap_range(const struct ancient_heap *heap, uint64_t *ret_start, uint64_t *ret_end);

/* Frees the memory; pointers into it that are still alive mean an empty block to a
 * collector. */
void ancient_heap_delete(struct ancient_heap *heap);

/* Frees the memory and lets later copies use its addresses.  Only for a collector that does
 * not follow pointers to what the program has told it is no value any more. */
void ancient_heap_recycle(struct ancient_heap *heap);

#endif

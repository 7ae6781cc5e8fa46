/* tests/fuzz: what the targets, libFuzzer's entry and the plain drivers share.
 *
 * A target is a property that holds for any bytes.  libfuzzer.c hands libFuzzer one target;
 * replay.c runs targets over files, and over random changes of files, under any compiler, and
 * replay_writer.c those that have the writer.
 *
 *   target_*.c   the properties, one capability each
 *   file.c       bytes as an open file; every mapping ends where memory ends
 *   shape.c      what a value is, in memory and in a file
 *   walk.c       all that can be reached from a file
 *   typed.c      a file with a schema beside it
 *   json.c       whether a text is JSON
 *   mutate.c     changes that a file's own structure suggests; seals
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ancient/format.h>
#include <ancient_reader.h>

struct fuzz_target {
	const char *name;
	void (*run)(const uint8_t *data, size_t size);
	/* How an input is made up: `texts` texts, each ending in a 0 byte, and then the bytes
	 * of a file; or nothing but a text. */
	unsigned texts;
	bool only_text;
};

/* Ends in NULL. */
extern const struct fuzz_target *const fuzz_targets[];

extern const struct fuzz_target fuzz_arrow, fuzz_bind, fuzz_columns, fuzz_dump, fuzz_literal,
	fuzz_lookup, fuzz_open, fuzz_path, fuzz_schema, fuzz_typed, fuzz_verify, fuzz_walk,
	fuzz_profile, fuzz_writer, fuzz_differential;

/* Where a property does not hold: the line, what was so, and the last error. */
#define FUZZ_CHECK(condition)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fuzz_fail(__FILE__, __LINE__, __func__, #condition);                       \
	} while (0)

_Noreturn void fuzz_fail(const char *file, int line, const char *function, const char *condition);

/* ---- Errors ---------------------------------------------------------------------- */

/* Where every call leaves its error. */
extern struct ancient_error fuzz_err;

enum fuzz_class { FUZZ_SYSTEM, FUZZ_CALLER, FUZZ_ABSENT, FUZZ_FORMAT, FUZZ_CORRUPT, FUZZ_REFUSED };
enum fuzz_class fuzz_class_of(enum ancient_code code);

/* Holds fuzz_err against its manual: `code` in it, one line of UTF-8, a rule where the bytes
 * are at fault.  Returns code == ANCIENT_OK. */
bool fuzz_ok(enum ancient_code code);

bool fuzz_is_utf8(const char *bytes, size_t length);

/* Reads every byte, so that a sanitizer or the end of memory sees it. */
void fuzz_touch(const void *bytes, size_t length);

/* ---- Files ----------------------------------------------------------------------- */

/* The descriptor of a file with these bytes; the same one each time. */
int fuzz_descriptor(const uint8_t *data, size_t size);

/* Opened, or NULL.  The memory behind `used` is not there. */
struct ancient_file *fuzz_file(const uint8_t *data, size_t size);

/* Walks the log of `file`, whose bytes are behind `fd`, and calls `visit` on older generations that
 * can be opened, FUZZ_GENERATIONS at the most. */
#define FUZZ_GENERATIONS 4u
void fuzz_each_generation(const struct ancient_file *file, int fd,
			  void (*visit)(struct ancient_file *older, size_t size), size_t size);

/* ---- Walks ----------------------------------------------------------------------- */

/* Calls `visit` on each value that can be reached from a key of the file, each block once,
 * and no more than FUZZ_VALUES of them: unsound blocks overlap.  Returns whether everything
 * was met without an error and within the limit. */
#define FUZZ_VALUES 100000u
bool fuzz_each_value(const struct ancient_file *file,
		     void (*visit)(const struct ancient_file *file, struct ancient_value value,
				   void *context),
		     void *context);

/* Calls every accessor on `value` and holds the answers against each other; returns whether
 * the value is sound. */
bool fuzz_value(const struct ancient_file *file, struct ancient_value value);

/* ---- Texts ----------------------------------------------------------------------- */

/* Whether a text is one JSON value (RFC 8259), white space allowed. */
bool fuzz_is_json(const char *text, size_t length);

struct fuzz_text {
	char *bytes;
	size_t length, room;
	unsigned pieces;
};

/* For struct ancient_dump_options: appends to the struct fuzz_text that `context` is. */
bool fuzz_append(void *context, const char *text, size_t length);

/* ---- Changes --------------------------------------------------------------------- */

/* The next number of a sequence that `state` decides. */
uint64_t fuzz_random(uint64_t *state);

/* Changes the bytes of a file: bits, words, headers, pointers, swaps, cuts.  `size` is what
 * there is, `room` what there may be; returns the new size. */
size_t fuzz_mutate(uint8_t *data, size_t size, size_t room, uint64_t *state);

/* Makes the checksums of superblocks and extents right, as far as there are any, and histories and
 * the newest commit record with them. */
void fuzz_seal(uint8_t *data, size_t size);

/* Where the file begins in an input of a target with that many texts; `size`: nowhere. */
size_t fuzz_file_start(const uint8_t *data, size_t size, unsigned texts);

#endif

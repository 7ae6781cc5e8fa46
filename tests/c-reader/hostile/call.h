/* tests/c-reader/hostile: one call of a public function, held against what the headers say of all:
 * its error, its results, its steps (call.c); and what each of the other files does with a value.
 *
 *   - where a call fails, the code is in the error, which has a line of text, and every ret_
 *     variable is as it was;
 *   - steps (ancient_file_work): no more than are in proportion to what is present of the file,
 *     and to the text of what prints; the same for memory. */
#ifndef ANCIENT_TESTS_HOSTILE_CALL_H
#define ANCIENT_TESTS_HOSTILE_CALL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ancient/format.h>
#include <ancient_access.h>
#include <ancient_arrow.h>
#include <ancient_bind.h>
#include <ancient_schema.h>

#define VALUES 40u      /* visited, of each kind */
#define ELEMENTS 100u   /* of one container */
#define TEXT (1u << 16) /* of one dump */

/* The ret_ variables of all functions; a call that fails changes none of them. */
extern union outs {
	unsigned char bytes[4096];
	struct {
		uint64_t before[8];
		struct ancient_file *file;
		struct ancient_schema *schema;
		struct ancient_literal *literal;
		struct ancient_value value;
		struct ancient_typed typed, other;
		struct ancient_block block;
		struct ancient_bigarray bigarray;
		struct ancient_custom custom;
		struct ancient_z z;
		struct ancient_parts parts;
		struct ancient_iterator iterator;
		struct ancient_range range;
		struct ancient_scan scan;
		struct ancient_column column;
		struct ancient_entry entry;
		struct ancient_commit_info commit;
		struct ancient_verify_result verified;
		struct ancient_bind bind;
		struct ArrowArrayStream stream;
		struct ArrowSchema type;
		struct ArrowArray array;
		enum ancient_kind kind;
		const char *text;
		char *decimal;
		const double *floats;
		double number;
		int64_t integer;
		uint64_t count;
		size_t size, rows;
		uint32_t index, fields[4], constructors[4], types[4];
		int32_t small;
		int order;
		bool is;
		unsigned char letter;
		uint64_t after[8];
	} as;
} out, before;

extern struct ancient_error err;
extern const struct ancient_file *file; /* whose steps are counted; NULL: none */
extern struct ancient_schema *schema;
extern const char *path; /* of the file */
extern uint64_t words;   /* of it that are present */
extern const struct ancient_dump_options dump_options;

/* ---- call.c ---- */

_Noreturn void fail(const char *what);
/* Before and after a call; end gives whether it succeeded. */
void begin(const char *name);
/* The same for each time that it is made. */
void begin_again(void);
void check_steps(void);
/* Where a call has failed: its error and its results. */
void check_failure(enum ancient_code code);
bool end(enum ancient_code code);
/* The names of the functions that were called, and how many calls there were. */
void print_calls(void);

/* Functions that return a code, their last argument being `err`; and all others. */
#define TRY(name, ...)                                                                             \
	({                                                                                         \
		begin(#name);                                                                      \
		while (next_failure())                                                             \
			end_failure(name(__VA_ARGS__, &err));                                      \
		end(name(__VA_ARGS__, &err));                                                      \
	})
/* The same where the call changes `state`, its first argument. */
#define STEP(name, state, ...) (keep(state, sizeof(*(state))), TRY(name, state, __VA_ARGS__))
#define CALL(name, ...)                                                                            \
	do {                                                                                       \
		begin(#name);                                                                      \
		name(__VA_ARGS__);                                                                 \
		check_steps();                                                                     \
	} while (0)
#define GIVES(name, ...) (begin(#name), name(__VA_ARGS__))

/* Reads every byte. */
void touch(const void *bytes, size_t length);
bool go_on(void *context, uint64_t done, uint64_t total);
/* The handler of a signal: the call takes too long. */
void too_long(int signal);

/* ---- failures.c ---- */

/* Whether each call is made, before it is made as it is, with each of its allocations and calls of
 * the system failing, one after the other. */
extern bool failures;

/* What next_failure gives back its value each time: up to four, until the call has ended. */
void keep(void *state, size_t bytes);
/* Arms the next failure; false where there is none any more. */
bool next_failure(void);
void end_failure(enum ancient_code code);
/* Holds the outcome of the call as it is against those with a failure. */
void check_failures(enum ancient_code code);
/* The same for an Arrow stream, whose functions give errno. */
void drain_with_failures(struct ancient_typed typed, const struct ancient_arrow_options *options);

/* ---- values.c, typed.c, containers.c ---- */

void use_values(struct ancient_value root, struct ancient_value other);
void use_typeds(struct ancient_value root);
void meet(struct ancient_typed typed);
void use_elements(struct ancient_typed typed);

/* ---- arrow.c ---- */

void use_as_arrow(struct ancient_typed typed);
/* Reads some batches; false where it cannot. */
bool drain(struct ArrowArrayStream *stream);

#endif

/* tests/bench: what the C programs of the benchmark have in common; side.mli is the same for
 * OCaml.
 *
 * A program prints a JSON object when it is ready, then does one thing for each line it is
 * asked and answers with a JSON object.  A line holds the name of a side and its words, with
 * tabs between.
 */
#ifndef BENCH_SIDE_H
#define BENCH_SIDE_H

#include <stddef.h>

/* One way of doing a thing. */
struct side {
	const char *name;
	unsigned words;               /* how many it wants */
	void (*answer)(char **words); /* prints the answer */
};

/* Answers until standard input ends.  A question for no side, or with too few words, ends the
 * program. */
void side_serve(const struct side *sides, size_t count);

/* Seconds of a clock that only goes forward. */
double side_now(void);

/* Seconds that this process has run: less what others took, for work that waits for nothing. */
double side_processor(void);

/* Prints `what`: `why`, and ends the program. */
_Noreturn void side_die(const char *what, const char *why);

/* A word as a number. */
size_t side_number(const char *word);

#endif

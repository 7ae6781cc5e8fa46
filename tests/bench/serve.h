/* tests/bench: the command loop and the clocks of the benchmark's C programs; serve.mli is the same
 * for OCaml, serve.py for Python.
 *
 * A program prints a JSON object when it is ready, then reads commands, one a line, and answers
 * each with a JSON object on a line.  A line holds the command's name and its words, separated by
 * tabs.
 */
#ifndef BENCH_SERVE_H
#define BENCH_SERVE_H

#include <stddef.h>

/* A command that a program knows. */
struct command {
	const char *name;
	unsigned words;               /* how many it wants */
	void (*answer)(char **words); /* prints the answer */
};

/* Answers until standard input ends.  An unknown command, or a wrong number of words, ends the
 * program. */
void serve_commands(const struct command *commands, size_t count);

/* Seconds of a clock that only goes forward. */
double clock_seconds(void);

/* Processor time of this process in seconds, for work that waits for nothing: it leaves out the
 * time that other processes took. */
double processor_seconds(void);

/* Prints `what`: `why`, and ends the program. */
_Noreturn void die(const char *what, const char *why);

/* A word as a number. */
size_t parse_number(const char *word);

#endif

/* tests/bench: the command loop and the clocks of the benchmark's C programs; see serve.h. */
#include "serve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_LINE 8192
#define MAX_WORDS 8

_Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
	exit(1);
}

static double read_clock(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

double clock_seconds(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

double processor_seconds(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

size_t parse_number(const char *word)
{
	char *end;
	unsigned long long number = strtoull(word, &end, 10);
	if (end == word || *end != '\0')
		die(word, "expected a number");
	return (size_t)number;
}

static void answer(const struct command *commands, size_t count, char *line)
{
	char *words[MAX_WORDS];
	unsigned given = 0;
	line[strcspn(line, "\n")] = '\0';
	const char *name = strsep(&line, "\t");
	while (given < MAX_WORDS && line != NULL)
		words[given++] = strsep(&line, "\t");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		if (given != commands[i].words)
			die(name, "called with another number of words");
		commands[i].answer(words);
		return;
	}
	die(name, "there is no such command");
}

void serve_commands(const struct command *commands, size_t count)
{
	char line[MAX_LINE];
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("{}");
	while (fgets(line, sizeof(line), stdin) != NULL)
		answer(commands, count, line);
}

/* c-reader/tool: ancientctl: parses the command line, runs a command (cmd_*.c), handles signals,
 * and makes the exit status. */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ancient/format.h>

#include "help.h"
#include "output.h"

volatile sig_atomic_t tool_signal;

/* Options that not every command takes, as a set. */
enum {
	TAKES_JSON = 1 << 0,
	TAKES_INDENT = 1 << 1,
	TAKES_LIMIT = 1 << 2,
	TAKES_NAME = 1 << 3,
	TAKES_PROGRESS = 1 << 4,
	TAKES_CODEGEN = 1 << 5, /* --prefix --lang --schema --output */
	TAKES_RAW = 1 << 6,
	TAKES_COMPACT = 1 << 7, /* --base --breadth-first */
	TAKES_RECLAIMABLE = 1 << 8,
	TAKES_THREADS = 1 << 9,
};

#define TAKES 10

static const struct command {
	const char *name;
	enum tool_status (*run)(const struct tool_request *request);
	int takes;
	int operands_min, operands_max;
	const char *operands;
} commands[] = {
	{"info", cmd_info, TAKES_JSON | TAKES_RECLAIMABLE | TAKES_PROGRESS, 1, 1, "FILE"},
	{"keys", cmd_keys, TAKES_JSON, 1, 1, "FILE"},
	{"get", cmd_get, TAKES_JSON | TAKES_INDENT | TAKES_LIMIT | TAKES_NAME | TAKES_RAW, 2, 3,
	 "FILE KEY [PATH]"},
	{"dump", cmd_dump, TAKES_JSON | TAKES_INDENT | TAKES_NAME | TAKES_PROGRESS | TAKES_RAW, 1,
	 2, "FILE [KEY]"},
	{"schema", cmd_schema, TAKES_JSON | TAKES_NAME, 1, 2, "FILE [KEY]"},
	{"codegen", cmd_codegen, TAKES_NAME | TAKES_CODEGEN, 0, 2, "FILE KEY"},
	{"verify", cmd_verify, TAKES_JSON | TAKES_PROGRESS | TAKES_THREADS, 1, 1, "FILE"},
#ifdef ANCIENT_TOOL_WRITES
	{"compact", cmd_compact, TAKES_JSON | TAKES_PROGRESS | TAKES_COMPACT, 1, 1, "FILE"},
#endif
};

#define COMMANDS (sizeof commands / sizeof *commands)

static const struct option long_options[] = {
	{"json", no_argument, NULL, 'j'},          {"indent", no_argument, NULL, 'i'},
	{"no-indent", no_argument, NULL, 'I'},     {"all", no_argument, NULL, 'a'},
	{"limit", required_argument, NULL, 'l'},   {"name", no_argument, NULL, 'n'},
	{"raw", no_argument, NULL, 'r'},           {"progress", no_argument, NULL, 'p'},
	{"no-progress", no_argument, NULL, 'P'},   {"prefix", required_argument, NULL, 'x'},
	{"lang", required_argument, NULL, 'L'},    {"schema", required_argument, NULL, 's'},
	{"output", required_argument, NULL, 'o'},  {"base", required_argument, NULL, 'b'},
	{"breadth-first", no_argument, NULL, 'B'}, {"reclaimable", no_argument, NULL, 'R'},
	{"threads", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},       {NULL, 0, NULL, 0},
};

/* The command line as parsed, before it is known whether the command takes these options. */
struct parsed {
	struct tool_request request;
	int given;                    /* TAKES_ bits of the options met */
	const char *option_of[TAKES]; /* by bit: the option as written, for messages */
	bool help, version;
};

static void note(struct parsed *parsed, int bit, const char *option)
{
	parsed->given |= bit;
	for (int i = 0; i < TAKES; i++)
		if (bit == 1 << i)
			parsed->option_of[i] = option;
}

/* "64k", "10M": a number and perhaps a decimal unit. */
static bool parse_limit(const char *text, uint64_t *ret_limit)
{
	static const char units[] = "kMG";
	char *end;
	unsigned long long limit;
	const char *unit;

	errno = 0;
	limit = strtoull(text, &end, 10);
	if (errno == 0 && *text >= '0' && *text <= '9' && limit != 0) {
		for (unit = units; *unit != 0 && *end != 0 && *end != *unit; unit++)
			;
		for (const char *u = units; *end != 0 && *unit != 0 && u <= unit; u++)
			limit = limit > UINT64_MAX / 1000 ? UINT64_MAX : limit * 1000;
		if (*end == 0 || (*unit != 0 && end[1] == 0)) {
			*ret_limit = limit;
			return true;
		}
	}
	output_error("--limit: expected a number of bytes such as 5000, 64k or 10M, found '%s'",
		     text);
	return false;
}

/* An address, decimal or hexadecimal; whether a file can lie there is the library's to say. */
static bool parse_base(const char *text, uint64_t *ret_base)
{
	char *end;
	unsigned long long base;

	errno = 0;
	base = strtoull(text, &end, 0);
	if (errno == 0 && *text >= '0' && *text <= '9' && *end == 0 && base != 0) {
		*ret_base = base;
		return true;
	}
	output_error("--base: expected an address such as 0x200000000000, found '%s'", text);
	return false;
}

static bool parse_threads(const char *text, unsigned *ret_threads)
{
	char *end;
	unsigned long threads;

	errno = 0;
	threads = strtoul(text, &end, 10);
	if (errno == 0 && *text >= '0' && *text <= '9' && *end == 0 && threads > 0 &&
	    threads < ANCIENT_ALL_PROCESSORS) {
		*ret_threads = (unsigned)threads;
		return true;
	}
	output_error("--threads: expected a number from 1 on, found '%s'", text);
	return false;
}

static bool parse_codegen_option(struct parsed *parsed, int option, const char *argument)
{
	struct tool_request *request = &parsed->request;

	switch (option) {
	case 'x':
		request->prefix = argument;
		note(parsed, TAKES_CODEGEN, "--prefix");
		return true;
	case 'L':
		request->lang = argument;
		note(parsed, TAKES_CODEGEN, "--lang");
		return true;
	case 's':
		request->schema = argument;
		note(parsed, TAKES_CODEGEN, "--schema");
		return true;
	case 'o':
		request->output = argument;
		note(parsed, TAKES_CODEGEN, "--output");
		return true;
	default:
		return false;
	}
}

static bool parse_option(struct parsed *parsed, int option, const char *argument)
{
	struct tool_request *request = &parsed->request;

	switch (option) {
	case 'j':
		request->json = true;
		note(parsed, TAKES_JSON, "--json");
		return true;
	case 'i':
	case 'I':
		request->indent = option == 'i' ? TOOL_YES : TOOL_NO;
		note(parsed, TAKES_INDENT, option == 'i' ? "--indent" : "--no-indent");
		return true;
	case 'a':
		request->all = true;
		note(parsed, TAKES_LIMIT, "--all");
		return true;
	case 'l':
		note(parsed, TAKES_LIMIT, "--limit");
		return parse_limit(argument, &request->limit);
	case 'n':
		request->by_name = true;
		note(parsed, TAKES_NAME, "--name");
		return true;
	case 'r':
		request->raw = true;
		note(parsed, TAKES_RAW, "--raw");
		return true;
	case 'b':
		note(parsed, TAKES_COMPACT, "--base");
		return parse_base(argument, &request->base);
	case 'B':
		request->breadth_first = true;
		note(parsed, TAKES_COMPACT, "--breadth-first");
		return true;
	case 'R':
		request->reclaimable = true;
		note(parsed, TAKES_RECLAIMABLE, "--reclaimable");
		return true;
	case 't':
		note(parsed, TAKES_THREADS, "--threads");
		return parse_threads(argument, &request->threads);
	case 'p':
	case 'P':
		request->progress = option == 'p' ? TOOL_YES : TOOL_NO;
		note(parsed, TAKES_PROGRESS, option == 'p' ? "--progress" : "--no-progress");
		return true;
	case 'h':
		parsed->help = true;
		return true;
	case 'V':
		parsed->version = true;
		return true;
	default:
		return parse_codegen_option(parsed, option, argument);
	}
}

/* The message for an option that getopt_long refuses.  Its own would print argv unescaped. */
static void refuse_option(int result, char **argv)
{
	const char *word = argv[optind - 1];

	if (result == ':')
		output_error("option '%s' needs a value", word);
	else if (optopt != 0 && strncmp(word, "--", 2) == 0)
		output_error("option '%s' takes no value", word);
	else if (optopt != 0)
		output_error("unknown option '-%c'", optopt);
	else
		output_error("unknown option '%s'", word);
}

static bool parse(int argc, char **argv, struct parsed *parsed)
{
	int option;

	opterr = 0;
	/* getopt_long moves the operands behind the options, wherever they stand. */
	while ((option = getopt_long(argc, argv, ":jial:no:phrV", long_options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			refuse_option(option, argv);
			return false;
		}
		if (!parse_option(parsed, option, optarg))
			return false;
	}
	if (parsed->request.all && parsed->request.limit != 0) {
		output_error("--all and --limit exclude each other");
		return false;
	}
	return true;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static bool fits(const struct parsed *parsed, const struct command *command, int operands)
{
	for (int i = 0; i < TAKES; i++) {
		if ((parsed->given & ~command->takes) & 1 << i) {
			output_error("'%s' takes no %s", command->name, parsed->option_of[i]);
			return false;
		}
	}
	if (operands < command->operands_min || operands > command->operands_max) {
		output_error("'%s' takes %s, found %d operand%s", command->name, command->operands,
			     operands, operands == 1 ? "" : "s");
		return false;
	}
	return true;
}

static enum tool_status help(const char *name)
{
	if (help_print(stdout, name))
		return TOOL_GOOD;
	output_error("no command '%s'", name);
	output_hint("'ancientctl help' lists the commands");
	return TOOL_USAGE;
}

static enum tool_status run(struct parsed *parsed, int operands, char **operand)
{
	struct tool_request *request = &parsed->request;
	const struct command *command;

	if (parsed->version) {
		printf("ancientctl %s (file format %d.%d)\n", ANCIENT_TOOL_VERSION,
		       ANCIENT_VERSION_MAJOR, ANCIENT_VERSION_MINOR);
		return TOOL_GOOD;
	}
	if (operands == 0) {
		if (parsed->help)
			return help(NULL);
		help_print(stderr, NULL);
		return TOOL_USAGE;
	}
	if (strcmp(operand[0], "help") == 0)
		return help(operands > 1 ? operand[1] : parsed->help ? "help" : NULL);
	command = find(operand[0]);
	if (command == NULL || parsed->help)
		return help(operand[0]);
	if (!fits(parsed, command, operands - 1)) {
		output_hint("'ancientctl help %s' shows how it is used", command->name);
		return TOOL_USAGE;
	}
	request->command = command->name;
	request->file = operands > 1 ? operand[1] : NULL;
	request->key = operands > 2 ? operand[2] : NULL;
	request->path = operands > 3 ? operand[3] : NULL;
	return command->run(request);
}

static int dev_null; /* a descriptor of it */

/* Interrupts a write that waits for its reader, and sends all further output to /dev/null: so a
 * signal that comes between the test of tool_signal and the next write is not lost. */
static void on_signal(int number)
{
	int error = errno;

	tool_signal = number;
	if (dev_null >= 0)
		dup2(dev_null, STDOUT_FILENO);
	errno = error;
}

/* SIGPIPE too, since the progress bar is to be erased when the output's reader has ended. */
static void catch_signals(void)
{
	static const int caught[] = {SIGINT, SIGTERM, SIGPIPE};
	/* No SA_RESTART: a write that waits for a reader is given up. */
	struct sigaction action = {.sa_handler = on_signal};
	struct sigaction before;

	dev_null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
		if (caught[i] != SIGPIPE && sigaction(caught[i], NULL, &before) == 0 &&
		    before.sa_handler == SIG_IGN)
			continue; /* in the background of a shell without job control */
		/* A second Ctrl-C ends it at once. */
		action.sa_flags = caught[i] == SIGPIPE ? 0 : (int)SA_RESETHAND;
		sigaction(caught[i], &action, NULL);
	}
}

/* Ends as the signal would have ended it. */
static void end_by_signal(int number)
{
	sigset_t set;

	signal(number, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
}

int main(int argc, char **argv)
{
	struct parsed parsed = {0};
	enum tool_status status;
	int failure;

	catch_signals();
	if (!parse(argc, argv, &parsed)) {
		output_hint("'ancientctl help' shows how it is used");
		return TOOL_USAGE;
	}
	status = run(&parsed, argc - optind, argv + optind);
	if (tool_signal != 0)
		end_by_signal(tool_signal); /* unflushed: whoever should read may be stuck */
	failure = output_finish();
	if (tool_signal != 0)
		end_by_signal(tool_signal); /* SIGPIPE, from the flush */
	if (failure != 0) {
		output_error("cannot write the output: %s", strerror(failure));
		if (status == TOOL_GOOD)
			status = TOOL_UNREADABLE;
	}
	return (int)status;
}

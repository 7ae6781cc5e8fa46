/* c-reader/tool: ancientctl: runs a command (cmd_*.c) with the options of the command line
 * (options.c), handles signals, and makes the exit status. */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ancient/format.h>

#include "help.h"
#include "options.h"
#include "output.h"

volatile sig_atomic_t tool_signal;

static const struct command {
	const char *name;
	enum tool_status (*run)(const struct tool_request *request);
	int takes;
	int operands_min, operands_max;
	const char *operands;
} commands[] = {
	{"info", cmd_info, TAKES_JSON | TAKES_RECLAIMABLE | TAKES_PROGRESS | TAKES_GENERATION, 1, 1,
	 "FILE"},
	{"keys", cmd_keys, TAKES_JSON | TAKES_GENERATION, 1, 1, "FILE"},
	{"get", cmd_get,
	 TAKES_JSON | TAKES_INDENT | TAKES_LIMIT | TAKES_ALL | TAKES_NAME | TAKES_RAW |
		 TAKES_GENERATION | TAKES_PREFIX | TAKES_RANGE,
	 2, 3, "FILE KEY [PATH]"},
	{"dump", cmd_dump,
	 TAKES_JSON | TAKES_INDENT | TAKES_NAME | TAKES_PROGRESS | TAKES_RAW | TAKES_GENERATION, 1,
	 2, "FILE [KEY]"},
	{"schema", cmd_schema, TAKES_JSON | TAKES_NAME | TAKES_GENERATION, 1, 2, "FILE [KEY]"},
	{"codegen", cmd_codegen, TAKES_NAME | TAKES_CODEGEN | TAKES_PREFIX, 0, 2, "FILE KEY"},
	{"log", cmd_log, TAKES_JSON | TAKES_LIMIT, 1, 1, "FILE"},
	{"profile", cmd_profile,
	 TAKES_JSON | TAKES_ALL | TAKES_NAME | TAKES_PROGRESS | TAKES_RAW | TAKES_GENERATION |
		 TAKES_HTML,
	 1, 2, "FILE [KEY]"},
	{"verify", cmd_verify, TAKES_JSON | TAKES_PROGRESS | TAKES_THREADS | TAKES_GENERATION, 1, 1,
	 "FILE"},
#ifdef ANCIENT_TOOL_WRITES
	{"compact", cmd_compact, TAKES_JSON | TAKES_PROGRESS | TAKES_COMPACT, 1, 1, "FILE"},
	{"remove", cmd_remove, TAKES_JSON | TAKES_NAME, 2, INT_MAX, "FILE KEY ..."},
	{"restore", cmd_restore, TAKES_JSON, 2, 2, "FILE GENERATION"},
	{"recover", cmd_recover, TAKES_JSON | TAKES_PROGRESS | TAKES_THREADS | TAKES_DROP_LOST, 1,
	 1, "FILE"},
#endif
};

#define COMMANDS (sizeof commands / sizeof *commands)

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
		printf("ancientctl version %s, format %d.%d\n", ancient_version(),
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
	if (request->json)
		output_failures_as_json();
	request->command = command->name;
	request->file = operands > 1 ? operand[1] : NULL;
	request->key = operands > 2 ? operand[2] : NULL;
	request->path = operands > 3 ? operand[3] : NULL;
	request->more = operand + (operands > 2 ? 2 : operands);
	request->more_count = operands > 2 ? (size_t)operands - 2 : 0;
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

/* Before the options are parsed, so that one that is wrong is told in the same way. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--json") == 0 || strcmp(argv[i], "-j") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct parsed parsed = {0};
	enum tool_status status;
	int failure;

	catch_signals();
	if (wants_json(argc, argv))
		output_failures_as_json();
	if (!options_parse(argc, argv, &parsed)) {
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

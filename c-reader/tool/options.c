/* c-reader/tool: the options of the command line, for every command; options and operands may stand
 * in any order.  Called by main.c. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

/* Options without a letter that says what they are. */
enum {
	OPTION_FROM = 256,
	OPTION_AFTER,
	OPTION_TO,
	OPTION_BEFORE,
	OPTION_FIRST,
	OPTION_LAST,
	OPTION_HTML,
	OPTION_ELEMENTS_FIRST,
	OPTION_DEDUP,
	OPTION_DEDUP_STRINGS,
};

static const struct option long_options[] = {
	{"json", no_argument, NULL, 'j'},
	{"indent", no_argument, NULL, 'i'},
	{"no-indent", no_argument, NULL, 'I'},
	{"all", no_argument, NULL, 'a'},
	{"limit", required_argument, NULL, 'l'},
	{"name", no_argument, NULL, 'n'},
	{"raw", no_argument, NULL, 'r'},
	{"progress", no_argument, NULL, 'p'},
	{"no-progress", no_argument, NULL, 'P'},
	{"prefix", required_argument, NULL, 'x'},
	{"lang", required_argument, NULL, 'L'},
	{"schema", required_argument, NULL, 's'},
	{"output", required_argument, NULL, 'o'},
	{"drop-modules", no_argument, NULL, 'M'},
	{"base", required_argument, NULL, 'b'},
	{"breadth-first", no_argument, NULL, 'B'},
	{"elements-first", no_argument, NULL, OPTION_ELEMENTS_FIRST},
	{"dedup", no_argument, NULL, OPTION_DEDUP},
	{"dedup-strings", no_argument, NULL, OPTION_DEDUP_STRINGS},
	{"if-above", required_argument, NULL, 'A'},
	{"reclaimable", no_argument, NULL, 'R'},
	{"drop-lost", no_argument, NULL, 'D'},
	{"threads", required_argument, NULL, 't'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{"generation", required_argument, NULL, 'g'},
	{"from", required_argument, NULL, OPTION_FROM},
	{"after", required_argument, NULL, OPTION_AFTER},
	{"to", required_argument, NULL, OPTION_TO},
	{"before", required_argument, NULL, OPTION_BEFORE},
	{"first", required_argument, NULL, OPTION_FIRST},
	{"last", required_argument, NULL, OPTION_LAST},
	{"html", required_argument, NULL, OPTION_HTML},
	{NULL, 0, NULL, 0},
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
	output_error("--limit: expected a number such as 5000, 64k or 10M, found '%s'", text);
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

bool options_generation(const char *what, const char *text, uint64_t *ret_generation)
{
	char *end;
	unsigned long long generation;

	errno = 0;
	generation = strtoull(text, &end, 10);
	if (errno == 0 && *text >= '0' && *text <= '9' && *end == 0 && generation != 0) {
		*ret_generation = generation;
		return true;
	}
	output_error("%s: expected a number from 1 on, found '%s'", what, text);
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

static bool parse_percent(const char *text, unsigned *ret_percent)
{
	char *end;
	unsigned long percent;

	errno = 0;
	percent = strtoul(text, &end, 10);
	if (errno == 0 && *text >= '0' && *text <= '9' && percent <= 100 &&
	    (*end == 0 || strcmp(end, "%") == 0)) {
		*ret_percent = (unsigned)percent;
		return true;
	}
	output_error("--if-above: expected a percentage from 0 to 100, found '%s'", text);
	return false;
}

static bool parse_codegen_option(struct parsed *parsed, int option, const char *argument)
{
	struct tool_request *request = &parsed->request;

	switch (option) {
	case 'L':
		request->lang = argument;
		note(parsed, TAKES_CODEGEN, "--lang");
		return true;
	case 's':
		request->schema = argument;
		note(parsed, TAKES_CODEGEN, "--schema");
		return true;
	case 'M':
		request->drop_modules = true;
		note(parsed, TAKES_CODEGEN, "--drop-modules");
		return true;
	case 'o':
		request->output = argument;
		note(parsed, TAKES_CODEGEN, "--output");
		return true;
	default:
		return false;
	}
}

/* One bound on each side. */
static bool set_bound(struct parsed *parsed, const char **bound, const char *option,
		      const char *argument)
{
	note(parsed, TAKES_RANGE, option);
	if (*bound != NULL) {
		output_error("%s: there is a bound on this side already", option);
		return false;
	}
	*bound = argument;
	return true;
}

static bool set_count(struct parsed *parsed, uint64_t *count, const char *option,
		      const char *argument)
{
	note(parsed, TAKES_RANGE, option);
	return options_generation(option, argument, count);
}

static bool parse_range_option(struct parsed *parsed, int option, const char *argument)
{
	struct tool_range *range = &parsed->request.range;

	switch (option) {
	case OPTION_AFTER:
		range->from_excluded = true;
		return set_bound(parsed, &range->from, "--after", argument);
	case OPTION_FROM:
		return set_bound(parsed, &range->from, "--from", argument);
	case OPTION_BEFORE:
		range->to_excluded = true;
		return set_bound(parsed, &range->to, "--before", argument);
	case OPTION_TO:
		return set_bound(parsed, &range->to, "--to", argument);
	case OPTION_FIRST:
		return set_count(parsed, &range->first, "--first", argument);
	case OPTION_LAST:
		return set_count(parsed, &range->last, "--last", argument);
	default:
		return parse_codegen_option(parsed, option, argument);
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
		note(parsed, TAKES_ALL, "--all");
		return true;
	case 'l':
		note(parsed, TAKES_LIMIT, "--limit");
		return parse_limit(argument, &request->limit);
	case 'g':
		note(parsed, TAKES_GENERATION, "--generation");
		return options_generation("--generation", argument, &request->generation);
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
	case OPTION_ELEMENTS_FIRST:
		request->elements_first = true;
		note(parsed, TAKES_COMPACT, "--elements-first");
		return true;
	case OPTION_DEDUP:
		request->dedup = true;
		note(parsed, TAKES_COMPACT, "--dedup");
		return true;
	case OPTION_DEDUP_STRINGS:
		request->dedup = request->dedup_strings = true;
		note(parsed, TAKES_COMPACT, "--dedup-strings");
		return true;
	case 'A':
		request->sparingly = true;
		note(parsed, TAKES_COMPACT, "--if-above");
		return parse_percent(argument, &request->above);
	case 'R':
		request->reclaimable = true;
		note(parsed, TAKES_RECLAIMABLE, "--reclaimable");
		return true;
	case 'D':
		request->drop_lost = true;
		note(parsed, TAKES_DROP_LOST, "--drop-lost");
		return true;
	case 't':
		note(parsed, TAKES_THREADS, "--threads");
		return parse_threads(argument, &request->threads);
	case 'p':
	case 'P':
		request->progress = option == 'p' ? TOOL_YES : TOOL_NO;
		note(parsed, TAKES_PROGRESS, option == 'p' ? "--progress" : "--no-progress");
		return true;
	case OPTION_HTML:
		request->html = argument;
		note(parsed, TAKES_HTML, "--html");
		return true;
	case 'x':
		request->prefix = argument;
		note(parsed, TAKES_PREFIX, "--prefix");
		return true;
	case 'h':
		parsed->help = true;
		return true;
	case 'V':
		parsed->version = true;
		return true;
	default:
		return parse_range_option(parsed, option, argument);
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

bool options_parse(int argc, char **argv, struct parsed *parsed)
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
	if (parsed->request.range.first != 0 && parsed->request.range.last != 0) {
		output_error("--first and --last exclude each other");
		return false;
	}
	return true;
}

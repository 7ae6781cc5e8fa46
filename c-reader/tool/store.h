/* c-reader/tool: what every command does first: opens the file, finds the key and its types.  And
 * what it does on an error of the library: prints it and makes it an exit status. */
#ifndef ANCIENT_TOOL_STORE_H
#define ANCIENT_TOOL_STORE_H

#include <ancient_schema.h>

#include "tool.h"

/* Opens the file at the generation asked for; `advice` as in struct ancient_options.  Warns of a
 * damaged superblock.  On failure prints the message and returns the exit status. */
enum tool_status store_open(const struct tool_request *request, int advice,
			    struct ancient_file **ret_file);

/* Opens without a message or warning: for verify, which prints the error as its result. */
enum ancient_code store_try_open(const struct tool_request *request, int advice,
				 struct ancient_file **ret_file, struct ancient_error *err);

/* If a superblock of the file is damaged, prints so to stderr, and what to do. */
void store_warn(const struct ancient_file *file);

/* Parses a KEY of the command line: a number, or (*ret_named) a name. */
enum tool_status store_parse_key(const struct tool_request *request, const char *text,
				 bool *ret_named, uint64_t *ret_key);

/* The entry that the KEY of the command line names. */
enum tool_status store_entry(const struct ancient_file *file, const struct tool_request *request,
			     struct ancient_entry *ret_entry);

/* The exit status for an error, by its class. */
enum tool_status store_status(enum ancient_code code);

/* Prints the error, for some with a command that helps, and returns its exit status.  INTERRUPTED
 * prints nothing, since the user has stopped the work. */
enum tool_status store_failed(const struct ancient_error *err);

/* The schema of an entry.  NULL where it has none, where --raw was given, or where its text is not
 * a schema; the last is printed. */
struct ancient_schema *store_schema(const struct ancient_file *file,
				    const struct tool_request *request,
				    const struct ancient_entry *entry);

/* Prints the error and returns its exit status: a value that is not of its type makes a bad
 * file. */
enum tool_status store_failed_typed(const struct ancient_error *err);

#endif

/* c-reader/tool: the texts of `ancientctl help`, for main.c. */
#ifndef ANCIENT_TOOL_HELP_H
#define ANCIENT_TOOL_HELP_H

#include <stdbool.h>
#include <stdio.h>

/* Prints the text for a command, or the overview for NULL.  False: no such command. */
bool help_print(FILE *out, const char *command);

#endif

/* c-reader/tool: what helps where the file has no such key. */
#ifndef ANCIENT_TOOL_ABSENT_KEY_H
#define ANCIENT_TOOL_ABSENT_KEY_H

#include <ancient_reader.h>

/* Prints the name most like the wanted one, where one is, and the first keys that there are.  Looks
 * at few of them, so that it takes no time in a large file. */
void absent_key_hint(const struct ancient_file *file, const char *wanted);

#endif

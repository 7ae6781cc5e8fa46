/* c-reader/tool/codegen: breaks the long lines of a generated header, which is written with one
 * line for each statement and comment. */
#include "codegen/codegen_c.h"

#include <string.h>

#define COLUMNS 98u
#define TAB 8u

/* Where the first part of a line ends, at most `room` characters: behind a comma or a blank that
 * is in no string; 0: nowhere. */
static size_t break_at(const char *line, size_t length, size_t room, bool comment)
{
	size_t last = 0;
	bool string = false;

	for (size_t i = 0; i + 1 < length && i < room; i++) {
		if (line[i] == '"' && (i == 0 || line[i - 1] != '\\'))
			string = !string;
		if (line[i + 1] == ' ' &&
		    (comment || (!string && (line[i] == ',' || line[i] == '='))))
			last = i + 1;
	}
	return last;
}

static void put_line(FILE *out, const char *line, size_t length)
{
	bool comment = length > 3 && strncmp(line, "/* ", 3) == 0;
	size_t tabs = strspn(line, "\t"), margin = tabs * (TAB - 1);

	/* A line inside of a comment is the schema's, or short. */
	while (*line != ' ' && length + margin > COLUMNS) {
		size_t at = break_at(line, length, COLUMNS - margin, comment);

		if (at == 0)
			break;
		fprintf(out, "%.*s\n", (int)at, line);
		line += at + 1;
		length -= at + 1;
		margin = comment ? 3 : (tabs + 1) * TAB;
		if (comment)
			fputs(" * ", out);
		for (size_t i = 0; !comment && i <= tabs; i++)
			fputc('\t', out);
	}
	fprintf(out, "%.*s\n", (int)length, line);
}

void codegen_wrap(FILE *out, const char *text)
{
	while (*text != 0) {
		size_t length = strcspn(text, "\n");

		put_line(out, text, length);
		text += length + (text[length] == '\n');
	}
}

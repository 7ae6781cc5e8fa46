/* c-reader/tool/profile: a profile as a page for a browser, in one file that needs no other
 * (report.h).  The page itself is page/, made into profile_page.h. */
#include "profile/report.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "profile_page.h"

#define PAGE_BYTES 480000u /* at most, whatever the file says */
#define ROWS_MOST 512u

/* JSON within an element of HTML: characters that HTML knows stand in strings only, where they may
 * be written by their numbers; and so may the line separators of older JavaScript. */
static bool put_escaped(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const char c = text[i];
		if (c == '<' || c == '>' || c == '&')
			fprintf(out, "\\u%04x", (unsigned)c);
		else if (length - i > 2 && memcmp(text + i, "\xE2\x80", 2) == 0 &&
			 (text[i + 2] == '\xA8' || text[i + 2] == '\xA9'))
			i += (size_t)fprintf(out, "\\u%04x",
					     text[i + 2] == '\xA8' ? 0x2028 : 0x2029) -
			     4;
		else
			fputc(c, out);
	}
	return ferror(out) == 0;
}

/* The page with so many rows; NULL: no memory. */
static char *page_of(const struct profile *profile, uint32_t rows, size_t *ret_length)
{
	char *page = NULL, *data;
	size_t length;
	FILE *out;
	bool good;

	data = profile_report_object(profile, rows, &length);
	if (data == NULL)
		return NULL;
	out = open_memstream(&page, ret_length);
	good = out != NULL &&
	       fwrite(profile_page_before, 1, sizeof profile_page_before, out) ==
		       sizeof profile_page_before &&
	       put_escaped(out, data, length) &&
	       fwrite(profile_page_behind, 1, sizeof profile_page_behind, out) ==
		       sizeof profile_page_behind;
	free(data);
	if (out != NULL && fclose(out) == 0 && good)
		return page;
	free(page);
	return NULL;
}

enum tool_status profile_report_html(const struct tool_request *request,
				     const struct profile *profile)
{
	enum tool_status status;
	uint32_t rows = ROWS_MOST;
	size_t length;
	char *page = page_of(profile, rows, &length);

	/* Names and types of a hostile file may be long. */
	while (page != NULL && length > PAGE_BYTES && rows > 1) {
		free(page);
		rows /= 2;
		page = page_of(profile, rows, &length);
	}
	if (page == NULL) {
		output_error("out of memory");
		return TOOL_UNREADABLE;
	}
	status = output_file(request->html, page, length);
	free(page);
	return status;
}

/* c-reader/tool: the progress bar of verify, compact, dump and info --reclaimable. */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "output.h"

#define DELAY 1.0 /* seconds before the bar is shown, unless --progress was given */
#define INTERVAL 0.1
#define BAR_MIN 10
#define BAR_MAX 40

double progress_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

/* Text of a quantity in the unit of the work. */
static const char *quantity(const struct progress *progress, uint64_t number,
			    char text[OUTPUT_NUMBER])
{
	return progress->unit == PROGRESS_BYTES ? output_size(number, text)
						: output_count(number, text);
}

/* " 45 %    1.2 GB of 2.7 GB    2.1 GB/s  0:12 left", of a width that hardly changes, so
 * that the line stands still. */
static void describe(const struct progress *progress, uint64_t done, uint64_t total, char *text,
		     size_t size)
{
	double seconds = progress_clock() - progress->start;
	double fraction = total == 0 ? 0 : (double)done / (double)total;
	double rate = seconds > 0 ? (double)done / seconds : 0;
	double left = rate > 0 ? (double)(total - done) / rate : 0;
	bool bytes = progress->unit == PROGRESS_BYTES;
	char done_text[OUTPUT_NUMBER], total_text[OUTPUT_NUMBER], rate_text[OUTPUT_NUMBER];
	char left_text[OUTPUT_NUMBER] = "";

	quantity(progress, done, done_text);
	quantity(progress, total, total_text);
	quantity(progress, (uint64_t)rate, rate_text);
	/* The rate of the first second says little about the rest. */
	if (rate > 0 && seconds > DELAY && left < 360000)
		snprintf(left_text, sizeof left_text, "  %d:%02d left", (int)left / 60,
			 (int)left % 60);
	snprintf(text, size, "%3d %%  %*s of %s%s  %*s/s%s", (int)(fraction * 100),
		 bytes ? 8 : (int)strlen(total_text), done_text, total_text, bytes ? "" : " blocks",
		 bytes ? 8 : (int)strlen(total_text), rate_text, left_text);
}

/* "[=====     ] " in the columns that the rest of the line leaves; nothing where they are
 * too few. */
static void draw_bar(double fraction, size_t columns, char bar[BAR_MAX + 4])
{
	size_t width;

	bar[0] = 0;
	if (columns < BAR_MIN + 3)
		return;
	width = columns - 3 < BAR_MAX ? columns - 3 : BAR_MAX;
	memset(bar, ' ', width + 3);
	memset(bar + 1, '=', (size_t)(fraction * (double)width));
	bar[0] = '[';
	bar[width + 1] = ']';
	bar[width + 3] = 0;
}

static void draw(struct progress *progress, uint64_t done, uint64_t total)
{
	char numbers[160], bar[BAR_MAX + 4], line[BAR_MAX + sizeof numbers + 32];
	size_t columns = terminal_columns() - 1; /* in the last one the cursor may wrap */
	size_t used, width;

	describe(progress, done, total, numbers, sizeof numbers);
	used = strlen(progress->what) + 1 + strlen(numbers);
	draw_bar(total == 0 ? 0 : (double)done / (double)total, columns > used ? columns - used : 0,
		 bar);
	snprintf(line, sizeof line, "%.16s %s%s", progress->what, bar, numbers);
	width = strlen(line);
	width = width < columns ? width : columns;
	/* Spaces over what an earlier, longer line left. */
	fprintf(stderr, "\r%.*s%*s", (int)width, line,
		progress->drawn > width ? (int)(progress->drawn - width) : 0, "");
	fflush(stderr);
	progress->drawn = progress->drawn > width ? progress->drawn : width;
}

void progress_begin(struct progress *progress, const struct tool_request *request,
		    enum progress_unit unit, bool stdout_busy, uint64_t total)
{
	*progress = (struct progress){
		.what = request->command,
		.unit = unit,
		.enabled = request->progress != TOOL_NO && isatty(STDERR_FILENO) &&
			   !(stdout_busy && isatty(STDOUT_FILENO)),
		.total = total,
		.start = progress_clock(),
	};
	progress->due = progress->start + (request->progress == TOOL_YES ? 0 : DELAY);
	if (request->progress == TOOL_YES)
		progress_step(progress, 0, total);
}

bool progress_step(void *context, uint64_t done, uint64_t total)
{
	struct progress *progress = context;
	double now;

	if (tool_signal != 0)
		return true;
	if (!progress->enabled)
		return false;
	now = progress_clock();
	if (now < progress->due)
		return false;
	progress->due = now + INTERVAL;
	if (progress->total != 0)
		total = progress->total;
	done += progress->before;
	/* A block that two values share is counted twice, so `done` may pass the total. */
	draw(progress, done < total ? done : total, total);
	return false;
}

void progress_piece(struct progress *progress, uint64_t done)
{
	progress->before += done;
}

void progress_end(struct progress *progress)
{
	if (progress->drawn == 0)
		return;
	fprintf(stderr, "\r%*s\r", (int)progress->drawn, "");
	fflush(stderr);
	progress->drawn = 0;
}

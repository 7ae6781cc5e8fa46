/* c-reader/base: the budget of one call (budget.h), and what of a file is really there. */
#include "base/budget.h"

#include <errno.h>
#include <unistd.h>

/* A file of which less than one byte in so many is there, and so many bytes, is sparse. */
#define SPARSE_TIMES 64u
#define SPARSE_BYTES (16u << 20)

/* ---- What is in the file ------------------------------------------------------------ */

uint64_t ancient_reader_present(int fd, uint64_t length)
{
	const off_t before = lseek(fd, 0, SEEK_CUR);
	uint64_t present = 0, at = 0;

	/* As many steps as the file has pieces that are there. */
	while (at < length) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA), hole;
		if (data < 0 && errno == ENXIO) /* a hole to the end */
			break;
		hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
		if (hole <= data) { /* the file system knows no holes */
			present = length;
			break;
		}
		if ((uint64_t)data >= length)
			break;
		at = (uint64_t)hole < length ? (uint64_t)hole : length;
		present += at - (uint64_t)data;
	}
	if (before >= 0)
		lseek(fd, before, SEEK_SET);
	return present;
}

enum ancient_code ancient_reader_refuse_sparse(const struct ancient_file *file, const char *what,
					       struct ancient_error *err)
{
	if (file->super.used / SPARSE_TIMES <= file->present + SPARSE_BYTES)
		return ANCIENT_OK;
	return ancient_reader_refuse(
		file->name, err, ANCIENT_E_TOO_LARGE,
		"%s: of %llu bytes only %llu are in the file, the rest is a hole", what,
		(unsigned long long)file->super.used, (unsigned long long)file->present);
}

/* ---- Budgets ------------------------------------------------------------------------ */

static void set_look(struct reader_budget *budget, uint64_t left)
{
	budget->now = left < READER_BUDGET_LOOK ? left : READER_BUDGET_LOOK;
	budget->later = left - budget->now;
}

void ancient_reader_budget_init(struct reader_budget *budget, const struct ancient_file *file)
{
	const uint64_t present = file == NULL ? 0 : file->present;

	*budget = (struct reader_budget){
		.file = file,
		.steps = present / ANCIENT_WORD * READER_BUDGET_STEPS_A_WORD + READER_BUDGET_STEPS,
		.bytes = present * READER_BUDGET_BYTES_A_BYTE + READER_BUDGET_BYTES};
	set_look(budget, budget->steps);
}

void ancient_reader_budget_resume(struct reader_budget *budget, const struct ancient_file *file,
				  uint64_t before)
{
	ancient_reader_budget_init(budget, file);
	budget->before = before < budget->steps ? before : budget->steps;
	set_look(budget, budget->steps - budget->before);
}

void ancient_reader_budget_done(const struct reader_budget *budget)
{
	const struct ancient_file *file = budget->file;
	uint64_t most;

	if (file == NULL)
		return;
	/* The counters are atomic, and no part of the snapshot. */
	atomic_fetch_add_explicit(&file->cells->work.steps, reader_budget_taken(budget),
				  memory_order_relaxed);
	most = atomic_load_explicit(&file->cells->work.bytes, memory_order_relaxed);
	while (budget->most > most &&
	       !atomic_compare_exchange_weak_explicit(&file->cells->work.bytes, &most, budget->most,
						      memory_order_relaxed, memory_order_relaxed))
		continue;
}

bool ancient_reader_budget_look(struct reader_budget *budget, uint64_t steps)
{
	const struct ancient_file *file = budget->file;
	uint64_t left = budget->now + budget->later;

	if (budget->code != ANCIENT_OK)
		return false;
	if (steps >= left) {
		budget->code = ANCIENT_E_TOO_LARGE;
		budget->now = budget->later = 0;
		return false;
	}
	set_look(budget, left - steps);
	if (file == NULL || budget->unasked || file->options.interrupted == NULL ||
	    !file->options.interrupted(file->options.context))
		return true;
	budget->code = ANCIENT_E_INTERRUPTED;
	return false;
}

void ancient_reader_budget_earn(struct reader_budget *budget, uint64_t steps)
{
	if (budget->code != ANCIENT_OK)
		return;
	budget->later += steps;
	budget->steps += steps;
}

bool ancient_reader_budget_hold(struct reader_budget *budget, uint64_t bytes)
{
	if (bytes > budget->bytes - budget->held) {
		budget->code = budget->code == ANCIENT_OK ? ANCIENT_E_TOO_LARGE : budget->code;
		return false;
	}
	budget->held += bytes;
	budget->most = budget->held > budget->most ? budget->held : budget->most;
	return true;
}

void ancient_reader_budget_release(struct reader_budget *budget, uint64_t bytes)
{
	budget->held -= bytes;
}

enum ancient_code ancient_reader_budget_fail(const struct reader_budget *budget, uint64_t offset,
					     const char *what, struct ancient_error *err)
{
	const struct reader_fault fault = {.code = budget->code, .offset = offset};
	const char *name = budget->file == NULL ? "key" : budget->file->name;

	if (budget->code != ANCIENT_E_TOO_LARGE)
		return ancient_reader_refuse(name, err, budget->code, "%s", what);
	return ancient_reader_fail(
		name, err, &fault,
		"%s: it takes more than %llu steps or %llu bytes, so values contain "
		"themselves, or blocks overlap or are shared as no program shares them",
		what, (unsigned long long)budget->steps, (unsigned long long)budget->bytes);
}

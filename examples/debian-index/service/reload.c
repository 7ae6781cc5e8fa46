/* examples/debian-index: a thread that looks for something newer than the current snapshot
 * (reload.h). */
#define _GNU_SOURCE /* pthread_setname_np */
#include "reload.h"

#include <time.h>

/* ---- Making a file ready ----------------------------------------------------------- */

/* Asked by the library while it works on a file, so that a stop need not wait for the disk. */
static bool is_stopping(void *context)
{
	struct reload *reload = context;

	return atomic_load(&reload->stopping);
}

static bool is_stopping_verify(void *context, uint64_t done, uint64_t total)
{
	(void)done;
	(void)total;
	return is_stopping(context);
}

/* A file that nobody has read yet lies on the disk, and the first requests would wait for it, page
 * by page.  So it is read here.  Verification looks at every byte too: a second for a gigabyte. */
static enum ancient_code read_all(struct reload *reload, struct ancient_file *file,
				  struct ancient_error *err)
{
	const struct ancient_verify_options options = {.progress = is_stopping_verify,
						       .context = reload};
	enum ancient_code code = ANCIENT_OK;

	if (reload->settings.prefetch)
		code = ancient_file_prefetch(file, err);
	if (code == ANCIENT_OK && reload->settings.verify)
		code = ancient_file_verify(file, &options, NULL, err);
	return code;
}

/* Makes an open file the next snapshot, which has a reference of its own. */
static enum ancient_code prepare(struct reload *reload, struct ancient_file *file,
				 struct snapshot **ret_snapshot, struct ancient_error *err)
{
	enum ancient_code code = read_all(reload, file, err);

	return code != ANCIENT_OK ? code
				  : snapshot_make(ancient_file_ref(file), reload->opened + 1,
						  ret_snapshot, err);
}

/* ---- Looking for something newer --------------------------------------------------- */

/* Keeps a file that cannot be served, so that the same one is not read again and again. */
static void refuse(struct reload *reload, struct ancient_file *file)
{
	ancient_file_close(reload->refused);
	reload->refused = file;
}

static bool is_refused(const struct reload *reload)
{
	bool current = false;

	return reload->refused != NULL &&
	       ancient_file_check(reload->refused, &current, NULL) == ANCIENT_OK && current;
}

/* Serves `newer` from now on, or refuses it.  Takes the reference over. */
static void change_to(struct reload *reload, struct ancient_file *newer)
{
	struct snapshot *snapshot = NULL;
	struct ancient_error err;
	enum ancient_code code = prepare(reload, newer, &snapshot, &err);

	/* A publisher with other types must not take a service down that does well. */
	if (code == ANCIENT_OK)
		code = tables_check(&snapshot->tables, &err);
	if (code == ANCIENT_OK) {
		snapshots_replace(reload->snapshots, snapshot);
		reload->opened++;
		snapshots_warn(reload->snapshots, "");
		refuse(reload, NULL);
		ancient_file_close(newer);
		return;
	}
	if (snapshot != NULL)
		snapshot_destroy(snapshot);
	if (code != ANCIENT_E_INTERRUPTED)
		snapshots_warn(reload->snapshots, err.message);
	refuse(reload, newer);
}

static void look(struct reload *reload)
{
	/* Only this thread replaces it, so that it stays open. */
	struct ancient_file *file = reload->snapshots->current->file;
	struct ancient_file *newer;
	struct ancient_error err;

	if (is_refused(reload))
		return;
	/* Gives `file` again where nothing has changed.  Costs some microseconds, and copes with
	 * all that can happen to a name: another file, a later generation, a file that was
	 * truncated and is whole again. */
	if (ancient_file_reopen(file, &newer, &err) != ANCIENT_OK) {
		snapshots_warn(reload->snapshots, err.message);
	} else if (newer != file) {
		change_to(reload, newer);
	} else {
		ancient_file_close(newer);
		refuse(reload, NULL);
		snapshots_warn(reload->snapshots, "");
	}
}

/* Waits for the interval, or until it is to stop; whether to go on. */
static bool wait_for_next(struct reload *reload)
{
	struct timespec until;
	bool stopping;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += reload->settings.interval / 1000;
	until.tv_nsec += reload->settings.interval % 1000 * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&reload->mutex);
	while (!(stopping = atomic_load(&reload->stopping)) &&
	       pthread_cond_timedwait(&reload->wake, &reload->mutex, &until) == 0)
		continue;
	pthread_mutex_unlock(&reload->mutex);
	return !stopping;
}

static void *run(void *context)
{
	struct reload *reload = context;

	while (wait_for_next(reload))
		look(reload);
	return NULL;
}

/* ---- Beginning and end ------------------------------------------------------------- */

enum ancient_code reload_init(struct reload *reload, const char *path,
			      const struct reload_settings *settings, struct snapshots *snapshots,
			      struct ancient_error *err)
{
	/* The guard: somebody may truncate the file while it is served.  `interrupted` goes for the
	 * calls of requests as well; these have ended when reload_stop is called. */
	const struct ancient_options options = {
		.guard = true, .interrupted = is_stopping, .context = reload};
	struct ancient_file *file;
	struct snapshot *first;
	enum ancient_code code;

	*reload = (struct reload){.settings = *settings, .snapshots = snapshots};
	atomic_init(&reload->stopping, false);
	code = ancient_file_open(path, &options, &file, err);
	if (code != ANCIENT_OK)
		return code;
	code = prepare(reload, file, &first, err);
	ancient_file_close(file);
	if (code != ANCIENT_OK)
		return code;
	reload->opened = 1;
	snapshots_init(snapshots, first);
	return ANCIENT_OK;
}

bool reload_start(struct reload *reload)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&reload->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&reload->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&reload->thread, NULL, run, reload) == 0) {
		pthread_setname_np(reload->thread, "reload"); /* for top -H */
		return true;
	}
	pthread_cond_destroy(&reload->wake);
	pthread_mutex_destroy(&reload->mutex);
	return false;
}

void reload_stop(struct reload *reload)
{
	pthread_mutex_lock(&reload->mutex);
	atomic_store(&reload->stopping, true);
	pthread_cond_signal(&reload->wake);
	pthread_mutex_unlock(&reload->mutex);
	pthread_join(reload->thread, NULL);
	pthread_cond_destroy(&reload->wake);
	pthread_mutex_destroy(&reload->mutex);
	ancient_file_close(reload->refused);
}

/* c-reader/file: opening, reopening and closing a file.  An open file is a snapshot of one
 * generation, with a count of references. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/advice.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/guard.h"
#include "base/version.h"
#include "base/words.h"
#include "file/commit_record.h"
#include "file/copied_up.h"
#include "file/superblock.h"

/* ---- Opening --------------------------------------------------------------------- */

static enum ancient_code no_memory(const char *name, struct ancient_error *err)
{
	return ancient_reader_refuse(name, err, ANCIENT_E_MEMORY, "opening");
}

static void destroy_kept(struct reader_cells *cells)
{
	for (unsigned i = 0; i < READER_KEPT; i++) {
		struct reader_kept *kept = atomic_load(&cells->kept[i]);
		if (kept != NULL)
			kept->destroy(kept);
	}
	if (atomic_load(&cells->prints) != NULL)
		atomic_load(&cells->prints)->destroy(atomic_load(&cells->prints));
}

/* Frees a file, also one that is opened only in part. */
static void destroy(struct ancient_file *file)
{
	ancient_reader_guard_remove(file->guard);
	if (file->map != NULL)
		munmap((void *)(uintptr_t)file->map, file->mapped);
	if (file->fd >= 0)
		close(file->fd);
	if (atomic_load(&file->cells->any))
		destroy_kept(file->cells);
	free(atomic_load(&file->names));
	free(file->path);
	free(file->name);
	free(file);
}

static enum ancient_code check_options(const char *name, const struct ancient_options *options,
				       struct ancient_error *err)
{
	return options == NULL ? ANCIENT_OK
			       : READER_CHECK_RESERVED(name, "ancient_options", options, err);
}

static struct ancient_file *create(const char *name, const struct ancient_options *options)
{
	struct {
		struct ancient_file file;
		struct reader_cells cells;
	} *both = calloc(1, sizeof(*both));
	struct ancient_file *file;

	if (both == NULL)
		return NULL;
	file = &both->file;
	file->cells = &both->cells;
	atomic_init(&file->references, 1);
	atomic_init(&file->names, NULL);
	file->fd = -1;
	if (options != NULL)
		file->options = *options;
	file->name = strdup(name);
	if (file->name == NULL) {
		free(file);
		return NULL;
	}
	return file;
}

/* `path`, made absolute so that a change of directory does not change what reopen finds;
 * as it is where the directory has no name. */
static char *absolute(const char *path)
{
	char *directory, *full;

	if (path[0] == '/' || (directory = getcwd(NULL, 0)) == NULL)
		return strdup(path);
	full = malloc(strlen(directory) + 1 + strlen(path) + 1);
	if (full != NULL)
		sprintf(full, "%s/%s", directory, path);
	free(directory);
	return full;
}

static enum ancient_code check_type(int fd, const char *name, struct stat *status,
				    struct ancient_error *err)
{
	if (fstat(fd, status) != 0)
		return ancient_reader_fail_system(name, err, errno, "fstat");
	if (S_ISDIR(status->st_mode))
		return ancient_reader_refuse(name, err, ANCIENT_E_DIRECTORY, "%s", "");
	if (!S_ISREG(status->st_mode))
		return ancient_reader_refuse(name, err, ANCIENT_E_NOT_A_FILE,
					     "expected a regular file, found type %#o",
					     (unsigned)(status->st_mode & S_IFMT));
	return ANCIENT_OK;
}

static int open_path(const char *path)
{
	/* O_NONBLOCK: opening a FIFO of that name must not block; regular files ignore it. */
	return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static void set_bounds(struct ancient_file *file)
{
	file->first = file->super.base + READER_FIRST_FIELD;
	file->words = file->super.used > READER_FIRST_FIELD
			      ? (file->super.used - READER_FIRST_FIELD) / ANCIENT_WORD
			      : 0;
}

/* Maps the file.  One that was copied up after it was opened is opened again. */
static void *map_shared(const struct ancient_file *file, int fd)
{
	/* MAP_SHARED: the page cache itself, no copy, and never written. */
	void *start = mmap(NULL, file->super.used, PROT_READ, MAP_SHARED, fd, 0);
	char self[64];
	int again;

	if (start == MAP_FAILED || !ancient_reader_copied_up(fd, start, file->super.used))
		return start;
	munmap(start, file->super.used);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	again = open_path(self);
	if (again < 0)
		return MAP_FAILED;
	start = mmap(NULL, file->super.used, PROT_READ, MAP_SHARED, again, 0);
	if (start != MAP_FAILED && ancient_reader_copied_up(again, start, file->super.used)) {
		munmap(start, file->super.used);
		start = MAP_FAILED;
		errno = ESTALE;
	}
	close(again);
	return start;
}

static enum ancient_code map(struct ancient_file *file, int fd, struct ancient_error *err)
{
	void *start = map_shared(file, fd);
	enum ancient_code code;

	if (start == MAP_FAILED && errno == ENOMEM)
		return ancient_reader_refuse(
			file->name, err, ANCIENT_E_ADDRESS_SPACE,
			"expected room for %llu bytes: raise the limit (ulimit -v)",
			(unsigned long long)file->super.used);
	if (start == MAP_FAILED)
		return ancient_reader_fail_system(file->name, err, errno, "mmap");
	file->map = start;
	file->mapped = file->super.used;
	set_bounds(file);
	file->torn = ancient_reader_guard_torn(NULL);
	ancient_reader_advise(file);
	if (!file->options.guard)
		return ANCIENT_OK;
	code = ancient_reader_guard_add(start, file->super.used, file->name, &file->guard, err);
	if (code == ANCIENT_OK)
		file->torn = ancient_reader_guard_torn(file->guard);
	return code;
}

/* Makes a file that is mapped at its newest generation the snapshot of the one asked for. */
static enum ancient_code go_back(struct ancient_file *file, struct ancient_error *err)
{
	struct ancient_superblock image;
	enum ancient_code code = reader_settle(
		file, ancient_reader_record_find(file, file->options.generation, &image, err), err);

	if (code == ANCIENT_OK)
		code = ancient_reader_superblock_check(
			file->name, &image, image.record + sizeof(struct ancient_extent), err);
	if (code != ANCIENT_OK)
		return code;
	file->super = image; /* whose `used` is the smaller one: the test of the record */
	file->present = file->present < image.used ? file->present : image.used;
	set_bounds(file);
	return ANCIENT_OK;
}

/* Fills in a new file from a descriptor, which stays the caller's. */
static enum ancient_code load(struct ancient_file *file, int fd, struct ancient_error *err)
{
	struct reader_superblocks found;
	struct stat status;
	enum ancient_code code = check_type(fd, file->name, &status, err);

	if (code != ANCIENT_OK)
		return code;
	file->device = status.st_dev;
	file->inode = status.st_ino;
	code = ancient_reader_superblock_choose(fd, file->name, &found, err);
	if (code != ANCIENT_OK)
		return code;
	file->super = found.held;
	file->present = found.held.used;
	/* Few blocks on the disk: a sparse file, or a file system that compresses. */
	if ((uint64_t)status.st_blocks * 512 < file->present)
		file->present = ancient_reader_present(fd, file->present);
	file->file_bytes = found.length;
	file->newest = found.held.generation;
	file->damaged_slot = found.damaged_slot;
	file->hidden_generation = found.hidden;
	file->differs = found.differs;
	code = map(file, fd, err);
	if (code == ANCIENT_OK && file->options.generation != 0 &&
	    file->options.generation != file->super.generation)
		code = go_back(file, err);
	return code;
}

static enum ancient_code open_named(const char *path, const char *name,
				    const struct ancient_options *options,
				    struct ancient_file **ret_file, struct ancient_error *err)
{
	struct ancient_file *file;
	enum ancient_code code;
	int fd = open_path(path);

	if (fd < 0)
		return ancient_reader_fail_system(name, err, errno, "open");
	file = create(name, options);
	if (file != NULL)
		file->path = absolute(path);
	if (file == NULL || file->path == NULL)
		code = no_memory(name, err);
	else
		code = load(file, fd, err);
	close(fd);
	if (code == ANCIENT_OK)
		*ret_file = file;
	else if (file != NULL)
		destroy(file);
	return code;
}

enum ancient_code ancient_file_open(const char *path, const struct ancient_options *options,
				    struct ancient_file **ret_file, struct ancient_error *err)
{
	enum ancient_code code = check_options(path, options, err);

	return code == ANCIENT_OK ? open_named(path, path, options, ret_file, err) : code;
}

enum ancient_code ancient_file_open_fd(int fd, const char *name,
				       const struct ancient_options *options,
				       struct ancient_file **ret_file, struct ancient_error *err)
{
	char number[32];
	struct ancient_file *file;
	enum ancient_code code;

	snprintf(number, sizeof(number), "descriptor %d", fd);
	if (name == NULL)
		name = number;
	code = check_options(name, options, err);
	if (code != ANCIENT_OK)
		return code;
	file = create(name, options);
	if (file == NULL)
		return no_memory(name, err);
	file->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (file->fd < 0)
		code = ancient_reader_fail_system(name, err, errno, "dup");
	else
		code = load(file, file->fd, err);
	if (code == ANCIENT_OK)
		*ret_file = file;
	else
		destroy(file);
	return code;
}

/* ---- Newer generations ---------------------------------------------------------- */

static bool same_snapshot(const struct ancient_file *file, const struct stat *status,
			  const struct ancient_superblock *super)
{
	/* The inode alone can be used again after the file is gone; the UUID cannot. */
	return status->st_dev == file->device && status->st_ino == file->inode &&
	       memcmp(super->uuid, file->super.uuid, sizeof(super->uuid)) == 0 &&
	       super->generation == file->super.generation;
}

/* Whether the file behind `fd` still is at this generation. */
static enum ancient_code compare_snapshot(const struct ancient_file *file, int fd, bool *ret_same,
					  struct ancient_error *err)
{
	struct reader_superblocks found;
	struct stat status;
	enum ancient_code code = check_type(fd, file->name, &status, err);

	if (code == ANCIENT_OK)
		code = ancient_reader_superblock_choose(fd, file->name, &found, err);
	if (code == ANCIENT_OK)
		*ret_same = same_snapshot(file, &status, &found.held);
	return code;
}

enum ancient_code ancient_file_check(const struct ancient_file *file, bool *ret_current,
				     struct ancient_error *err)
{
	bool same = false;
	int fd = file->path == NULL ? file->fd : open_path(file->path);
	enum ancient_code code;

	if (fd < 0)
		return ancient_reader_fail_system(file->name, err, errno, "open");
	code = compare_snapshot(file, fd, &same, err);
	if (file->path != NULL)
		close(fd);
	/* What is whole is told of, though it is not what was torn away: only so does a program
	 * that asks here before it opens anew find it. */
	if (code != ANCIENT_OK)
		return reader_settle(file, code, err);
	*ret_current = same && reader_stands(file);
	return ANCIENT_OK;
}

/* The same file does not go back by itself: it was written over, or a superblock was lost. */
static enum ancient_code check_not_older(const struct ancient_file *file,
					 const struct ancient_file *newest,
					 struct ancient_error *err)
{
	if (file->options.allow_older || newest->super.generation >= file->super.generation ||
	    memcmp(newest->super.uuid, file->super.uuid, sizeof(newest->super.uuid)) != 0)
		return ANCIENT_OK;
	return ancient_reader_refuse(file->name, err, ANCIENT_E_WENT_BACK,
				     "expected generation %llu or a later one, found %llu%s",
				     (unsigned long long)file->super.generation,
				     (unsigned long long)newest->super.generation,
				     newest->hidden_generation != 0
					     ? ": `ancientctl recover` brings back "
					       "what a damaged superblock hides"
					     : "");
}

enum ancient_code ancient_file_reopen(struct ancient_file *file, struct ancient_file **ret_file,
				      struct ancient_error *err)
{
	struct ancient_file *newest = NULL;
	bool same = false;
	enum ancient_code code = ancient_file_check(file, &same, err);

	/* A truncated file is opened again, whatever its superblock says. */
	if (code != ANCIENT_OK && code != ANCIENT_E_TORN_AWAY)
		return code;
	if (code == ANCIENT_OK &&
	    (same || (file->options.generation != 0 && reader_stands(file)))) {
		*ret_file = ancient_file_ref(file);
		return ANCIENT_OK;
	}
	if (file->path == NULL)
		code = ancient_file_open_fd(file->fd, file->name, &file->options, &newest, err);
	else
		code = open_named(file->path, file->name, &file->options, &newest, err);
	if (code == ANCIENT_OK)
		code = check_not_older(file, newest, err);
	if (code == ANCIENT_OK)
		*ret_file = newest;
	else
		ancient_file_close(newest);
	return code;
}

/* ---- References and facts -------------------------------------------------------- */

struct ancient_file *ancient_file_ref(struct ancient_file *file)
{
	atomic_fetch_add_explicit(&file->references, 1, memory_order_relaxed);
	return file;
}

void ancient_file_close(struct ancient_file *file)
{
	if (file == NULL)
		return;
	/* Acquire and release: what other threads did with the file comes before its end. */
	if (atomic_fetch_sub_explicit(&file->references, 1, memory_order_acq_rel) == 1)
		destroy(file);
}

void ancient_file_work(const struct ancient_file *file, uint64_t *ret_steps, uint64_t *ret_bytes)
{
	*ret_steps = atomic_load(&file->cells->work.steps);
	*ret_bytes = atomic_load(&file->cells->work.bytes);
}

void ancient_file_info(const struct ancient_file *file, struct ancient_info *ret_info)
{
	const struct ancient_superblock *super = &file->super;

	*ret_info = (struct ancient_info){
		.name = file->name,
		.path = file->path,
		.version = super->version,
		.ocaml_version = super->ocaml_version,
		.base = super->base,
		.reserve = super->reserve,
		.generation = super->generation,
		.used = super->used,
		.file_bytes = file->file_bytes,
		.key_count = super->key_count,
		.name_count = super->name_count,
		.block_count = super->block_count,
		.value_bytes = super->value_bytes,
		.custom_slots = super->custom_slots,
		.superseded = super->state == ANCIENT_STATE_SUPERSEDED,
		.newest_generation = file->newest,
		.damaged_slot = file->damaged_slot,
		.hidden_generation = file->hidden_generation,
		.present = file->present,
	};
	if (ancient_superblock_holds(super)) {
		ret_info->time = super->time;
		ret_info->history = super->history;
		ret_info->durable_used = super->durable_used;
	}
	memcpy(ret_info->uuid, super->uuid, sizeof(ret_info->uuid));
}

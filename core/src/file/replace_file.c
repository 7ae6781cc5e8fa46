/* core/file: replaces a file by a new one that takes its name, for compaction and publication.c.
 *
 * Symbolic links are resolved once, at the start (real_path.c): a rename over a link would replace
 * the link.  From then on all names are relative to one open folder, and no link is followed,
 * neither in place of the file nor of the temporary one.
 *
 * The names of temporary files are derived from the file's name, so the next to replace it finds
 * what a killed process has left.  Whoever makes one holds flock(2) on it as long as it has that
 * name; where the lock is free, its maker is dead.  The writer lock does not tell, since nobody has
 * it before and after the commit.
 */
#include "file/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/fail.h"
#include "file/folder_flush.h"
#include "file/lock.h"
#include "file/real_path.h"

#define ATTEMPTS 100
#define SLOTS_SWEPT 16u  /* that are looked at, and those behind them up to a name nobody has */
#define SLOTS 1000u      /* publications of one name at one time */
#define COMPACTION SLOTS /* instead of the number of a slot */
#define LEAF_MOST 230u   /* bytes: a longer name leaves no room for prefix and suffix */

static enum ancient_code code_of(int system)
{
	switch (system) {
	case ENOENT:
	case ENOTDIR:
		return ANCIENT_E_MISSING;
	case EACCES:
	case EPERM:
	case EROFS:
		return ANCIENT_E_DENIED;
	case EISDIR:
		return ANCIENT_E_DIRECTORY;
	default:
		return ancient_core_fail_code(system);
	}
}

static void name_temporary(const struct core_replace_file *file, unsigned slot, char name[256])
{
	size_t length = strlen(file->leaf);
	char hash[17], number[8] = "";
	const char *leaf = file->leaf;

	if (length > LEAF_MOST) {
		snprintf(hash, sizeof hash, "%016llx",
			 (unsigned long long)XXH3_64bits(file->leaf, length));
		leaf = hash;
	}
	if (slot != COMPACTION)
		snprintf(number, sizeof number, ".%u", slot % SLOTS);
	snprintf(name, 256, ".%.230s%s.%s", leaf, number,
		 slot == COMPACTION ? "compact" : "publish");
}

enum ancient_code ancient_core_replace_file_find(struct core_replace_file *file, const char *path,
						 bool may_be_missing, struct ancient_error *err)
{
	char *slash;

	memset(file, 0, sizeof *file);
	file->folder = file->guard = -1;
	file->path = ancient_core_real_path(path, may_be_missing);
	if (!file->path)
		return ancient_core_fail_system(err, code_of(errno), errno, "%s", path);
	slash = strrchr(file->path, '/');
	file->leaf = slash + 1;
	/* Ends the path at the folder for the call. */
	*slash = 0;
	file->folder =
		open(slash == file->path ? "/" : file->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (file->folder < 0)
		return ancient_core_fail_system(err, code_of(errno), errno,
						"%s: its folder cannot be opened", path);
	return ANCIENT_OK;
}

void ancient_core_replace_file_close(struct core_replace_file *file)
{
	if (file->folder >= 0)
		close(file->folder);
	if (file->guard >= 0)
		close(file->guard);
	file->folder = file->guard = -1;
	free(file->path);
	file->path = NULL;
}

static int open_in(const struct core_replace_file *file, const char *name, int flags, mode_t mode)
{
	int fd;

	/* O_NONBLOCK: opening a FIFO of that name must not block; regular files ignore it. */
	do
		fd = openat(file->folder, name,
			    O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static bool has_name(const struct core_replace_file *file, const char *name,
		     const struct stat *status)
{
	struct stat now;

	return fstatat(file->folder, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_dev == status->st_dev && now.st_ino == status->st_ino;
}

enum ancient_code ancient_core_replace_file_open(struct core_replace_file *file, int *ret_fd,
						 struct ancient_error *err)
{
	int fd = open_in(file, file->leaf, O_RDWR, 0);

	if (fd < 0)
		return ancient_core_fail_system(err, code_of(errno), errno,
						"%s: cannot be opened for reading and writing",
						file->path);
	if (fstat(fd, &file->original_status) != 0) {
		close(fd);
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status",
						file->path);
	}
	*ret_fd = fd;
	return ANCIENT_OK;
}

bool ancient_core_replace_file_holds_name(const struct core_replace_file *file)
{
	return has_name(file, file->leaf, &file->original_status);
}

bool ancient_core_replace_file_temporary_stands(const struct core_replace_file *file)
{
	return has_name(file, file->temporary, &file->temporary_status);
}

void ancient_core_replace_file_remove(const struct core_replace_file *file)
{
	if (file->temporary_status.st_ino && ancient_core_replace_file_temporary_stands(file))
		unlinkat(file->folder, file->temporary, 0);
}

/* Waits until no other compaction holds the lock of the file open at `fd`, and removes its name if
 * it still has it. */
static enum ancient_code remove_leftover(const struct core_replace_file *file, int fd,
					 struct ancient_error *err)
{
	struct stat status;
	struct core_lock lock;
	bool locks;
	enum ancient_code code = ANCIENT_OK;

	if (fstat(fd, &status) != 0)
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status",
						file->path);
	locks = S_ISREG(status.st_mode);
	if (locks)
		code = ancient_core_lock_take(&lock, fd, status.st_dev, status.st_ino, file->path,
					      err);
	if (code == ANCIENT_OK && has_name(file, file->temporary, &status))
		unlinkat(file->folder, file->temporary, 0);
	if (code == ANCIENT_OK && locks)
		ancient_core_lock_drop(&lock);
	return code;
}

static enum ancient_code fail_create(const struct core_replace_file *file, int system,
				     struct ancient_error *err)
{
	return ancient_core_fail_system(err, code_of(system), system,
					"%s: the file %s cannot be made beside it", file->path,
					file->temporary);
}

/* Removes what has the temporary name. */
static enum ancient_code clear_name(const struct core_replace_file *file, struct ancient_error *err)
{
	enum ancient_code code;
	int fd = open_in(file, file->temporary, O_RDWR, 0);

	if (fd < 0 && errno == ENOENT)
		return ANCIENT_OK;
	/* A symbolic link, or a file that we may not open: only its name is removed. */
	if (fd < 0 && unlinkat(file->folder, file->temporary, 0) != 0 && errno != ENOENT)
		return fail_create(file, errno, err);
	if (fd < 0)
		return ANCIENT_OK;
	code = remove_leftover(file, fd, err);
	close(fd);
	return code;
}

/* Removes the temporary file of that name if its maker is dead.  What is no regular file, or may
 * not be opened, is not ours.  True: something had the name. */
static bool sweep_slot(const struct core_replace_file *file, unsigned slot)
{
	char name[256];
	struct stat status;
	int fd;

	name_temporary(file, slot, name);
	fd = open_in(file, name, O_RDONLY, 0);
	if (fd < 0)
		return errno != ENOENT;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 && has_name(file, name, &status))
		unlinkat(file->folder, name, 0);
	close(fd);
	return true;
}

static void sweep(const struct core_replace_file *file)
{
	bool there = true;

	sweep_slot(file, COMPACTION);
	for (unsigned slot = 0; slot < SLOTS && (slot < SLOTS_SWEPT || there); slot++)
		there = sweep_slot(file, slot);
}

/* Makes the new file ours.  *ret_again: somebody takes it for that of a dead process, or has
 * removed it, since it was made a moment ago.  He who has the lock removes the name, and nobody
 * else: a second to do so would remove what has been made under that name meanwhile. */
static enum ancient_code guard(struct core_replace_file *file, int fd, bool *ret_again,
			       struct ancient_error *err)
{
	enum ancient_code code;

	if (fstat(fd, &file->temporary_status) != 0) {
		code = fail_create(file, errno, err);
		unlinkat(file->folder, file->temporary, 0);
		return code;
	}
	/* Where there is no flock, nobody else gets the lock either. */
	*ret_again = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (*ret_again || !ancient_core_replace_file_temporary_stands(file)) {
		*ret_again = true;
		return ANCIENT_OK;
	}
	file->guard = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return file->guard < 0 ? fail_create(file, errno, err) : ANCIENT_OK;
}

/* Creates the temporary file.  *ret_fd: -1: the name is another's. */
static enum ancient_code create(struct core_replace_file *file, mode_t mode, int *ret_fd,
				struct ancient_error *err)
{
	enum ancient_code code;
	bool again = false;
	int fd = open_in(file, file->temporary, O_RDWR | O_CREAT | O_EXCL, mode);

	*ret_fd = -1;
	if (fd < 0)
		return errno == EEXIST ? ANCIENT_OK : fail_create(file, errno, err);
	code = guard(file, fd, &again, err);
	/* The umask may have cleared the owner's own permission. */
	if (code == ANCIENT_OK && !again && (file->temporary_status.st_mode & 0600) != 0600 &&
	    fchmod(fd, (file->temporary_status.st_mode & 0777) | 0600) != 0)
		code = fail_create(file, errno, err);
	if (code == ANCIENT_OK && !again) {
		*ret_fd = fd;
		return ANCIENT_OK;
	}
	if (code != ANCIENT_OK)
		ancient_core_replace_file_remove(file);
	close(fd);
	return code;
}

enum ancient_code ancient_core_replace_file_create(struct core_replace_file *file, int *ret_fd,
						   struct ancient_error *err)
{
	enum ancient_code code;

	sweep(file);
	name_temporary(file, COMPACTION, file->temporary);
	for (int tries = 0;; tries++) {
		code = create(file, 0600, ret_fd, err);
		if (code != ANCIENT_OK || *ret_fd >= 0)
			return code;
		if (tries == ATTEMPTS)
			return fail_create(file, EEXIST, err);
		code = clear_name(file, err);
		if (code != ANCIENT_OK)
			return code;
	}
}

enum ancient_code ancient_core_replace_file_create_beside(struct core_replace_file *file,
							  mode_t mode, int *ret_fd,
							  struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	sweep(file);
	*ret_fd = -1;
	for (unsigned slot = 0; code == ANCIENT_OK && *ret_fd < 0; slot++) {
		if (slot == SLOTS)
			return fail_create(file, EEXIST, err);
		name_temporary(file, slot, file->temporary);
		code = create(file, mode, ret_fd, err);
	}
	return code;
}

enum ancient_code ancient_core_replace_file_rename(const struct core_replace_file *file,
						   struct ancient_error *err)
{
	if (renameat(file->folder, file->temporary, file->folder, file->leaf) == 0)
		return ANCIENT_OK;
	return ancient_core_fail_system(err, code_of(errno), errno,
					"%s: the new file cannot be given this name", file->path);
}

enum ancient_code ancient_core_replace_file_sync(const struct core_replace_file *file,
						 struct ancient_error *err)
{
	if (ancient_core_folder_flush(file->folder))
		return ANCIENT_OK;
	return ancient_core_fail_system(
		err, ANCIENT_E_SYSTEM, errno,
		"%s: the new file is in place, but the folder cannot be flushed", file->path);
}

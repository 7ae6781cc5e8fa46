/* core/file: replaces a file by a new one that takes its name, for compaction.
 *
 * Symbolic links are resolved once, at the start: a rename over a link would replace the link.
 * From then on all names are relative to one open folder, and no link is followed, neither in place
 * of the file nor of the temporary one.
 */
#include "file/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include "base/fail.h"
#include "file/file_io.h"
#include "file/lock.h"

#define ATTEMPTS 100
#define LEAF_MOST 230u /* bytes: a longer name leaves no room for prefix and suffix */

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
		return core_fail_code(system);
	}
}

/* The temporary name is derived from the file's name, so the next compaction finds what a killed
 * one has left. */
static void name_temporary(struct core_replace_file *file)
{
	size_t length = strlen(file->leaf);

	if (length <= LEAF_MOST)
		snprintf(file->temporary, sizeof file->temporary, ".%s.compact", file->leaf);
	else
		snprintf(file->temporary, sizeof file->temporary, ".%016llx.compact",
			 (unsigned long long)XXH3_64bits(file->leaf, length));
}

enum ancient_code core_replace_file_find(struct core_replace_file *file, const char *path,
					 struct ancient_error *err)
{
	char *slash;

	memset(file, 0, sizeof *file);
	file->folder = -1;
	file->path = realpath(path, NULL);
	if (!file->path)
		return core_fail_system(err, code_of(errno), errno, "%s", path);
	slash = strrchr(file->path, '/');
	file->leaf = slash + 1;
	name_temporary(file);
	/* Ends the path at the folder for the call. */
	*slash = 0;
	file->folder =
		open(slash == file->path ? "/" : file->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (file->folder < 0)
		return core_fail_system(err, code_of(errno), errno,
					"%s: its folder cannot be opened", path);
	return ANCIENT_OK;
}

void core_replace_file_close(struct core_replace_file *file)
{
	if (file->folder >= 0)
		close(file->folder);
	file->folder = -1;
	free(file->path);
	file->path = NULL;
}

static int open_in(const struct core_replace_file *file, const char *name, int flags)
{
	int fd;

	/* O_NONBLOCK: opening a FIFO of that name must not block; regular files ignore it. */
	do
		fd = openat(file->folder, name,
			    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags, 0600);
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

enum ancient_code core_replace_file_open(struct core_replace_file *file, int *ret_fd,
					 struct ancient_error *err)
{
	int fd = open_in(file, file->leaf, 0);

	if (fd < 0)
		return core_fail_system(err, code_of(errno), errno,
					"%s: cannot be opened for reading and writing", file->path);
	if (fstat(fd, &file->original_status) != 0) {
		close(fd);
		return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status", file->path);
	}
	*ret_fd = fd;
	return ANCIENT_OK;
}

bool core_replace_file_holds_name(const struct core_replace_file *file)
{
	return has_name(file, file->leaf, &file->original_status);
}

bool core_replace_file_temporary_stands(const struct core_replace_file *file)
{
	return has_name(file, file->temporary, &file->temporary_status);
}

void core_replace_file_remove(const struct core_replace_file *file)
{
	if (file->temporary_status.st_ino && core_replace_file_temporary_stands(file))
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
		return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status", file->path);
	locks = S_ISREG(status.st_mode);
	if (locks)
		code = core_lock_take(&lock, fd, status.st_dev, status.st_ino, file->path, err);
	if (code == ANCIENT_OK && has_name(file, file->temporary, &status))
		unlinkat(file->folder, file->temporary, 0);
	if (code == ANCIENT_OK && locks)
		core_lock_drop(&lock);
	return code;
}

static enum ancient_code fail_create(const struct core_replace_file *file, int system,
				     struct ancient_error *err)
{
	return core_fail_system(err, code_of(system), system,
				"%s: the file %s cannot be made beside it", file->path,
				file->temporary);
}

/* Removes what has the temporary name. */
static enum ancient_code clear_name(const struct core_replace_file *file, struct ancient_error *err)
{
	enum ancient_code code;
	int fd = open_in(file, file->temporary, 0);

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

enum ancient_code core_replace_file_create(struct core_replace_file *file, int *ret_fd,
					   struct ancient_error *err)
{
	enum ancient_code code;
	int fd;

	for (int tries = 0;; tries++) {
		fd = open_in(file, file->temporary, O_CREAT | O_EXCL);
		if (fd >= 0)
			break;
		if (errno != EEXIST || tries == ATTEMPTS)
			return fail_create(file, errno, err);
		code = clear_name(file, err);
		if (code != ANCIENT_OK)
			return code;
	}
	/* The umask may have cleared the owner's own permission. */
	if (fstat(fd, &file->temporary_status) != 0 || fchmod(fd, 0600) != 0) {
		code = fail_create(file, errno, err);
		unlinkat(file->folder, file->temporary, 0);
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return ANCIENT_OK;
}

enum ancient_code core_replace_file_rename(const struct core_replace_file *file,
					   struct ancient_error *err)
{
	if (renameat(file->folder, file->temporary, file->folder, file->leaf) == 0)
		return ANCIENT_OK;
	return core_fail_system(err, code_of(errno), errno,
				"%s: the compacted file cannot be given this name", file->path);
}

enum ancient_code core_replace_file_sync(const struct core_replace_file *file,
					 struct ancient_error *err)
{
	if (core_file_flush(file->folder, false))
		return ANCIENT_OK;
	return core_fail_system(err, ANCIENT_E_SYSTEM, errno,
				"%s: the compacted file is in place, but the folder cannot be "
				"flushed",
				file->path);
}

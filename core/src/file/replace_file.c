/* core: a file by its name, and the file that will take the name over.
 *
 * Symbolic links are resolved once, since a rename over one would replace the link.  From then
 * on everything goes by names within one open folder, and no link is followed: neither in place
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
#include "file/lock.h"

#define ATTEMPTS 100
#define LEAF_MOST 230u /* bytes of a name that leave room for what is added to it */

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

/* A name of its own for each file, the same every time: so the next compaction finds what one
 * that was killed has left. */
static void name_temporary(struct core_place *place)
{
	size_t length = strlen(place->leaf);

	if (length <= LEAF_MOST)
		snprintf(place->temporary, sizeof place->temporary, ".%s.compact", place->leaf);
	else
		snprintf(place->temporary, sizeof place->temporary, ".%016llx.compact",
			 (unsigned long long)XXH3_64bits(place->leaf, length));
}

enum ancient_code core_place_find(struct core_place *place, const char *path,
				  struct ancient_error *err)
{
	char *slash;

	memset(place, 0, sizeof *place);
	place->folder = -1;
	place->path = realpath(path, NULL);
	if (!place->path)
		return core_fail_system(err, code_of(errno), errno, "%s", path);
	slash = strrchr(place->path, '/');
	place->leaf = slash + 1;
	name_temporary(place);
	/* The folder alone for the moment of the call. */
	*slash = 0;
	place->folder =
		open(slash == place->path ? "/" : place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (place->folder < 0)
		return core_fail_system(err, code_of(errno), errno,
					"%s: its folder cannot be opened", path);
	return ANCIENT_OK;
}

void core_place_close(struct core_place *place)
{
	if (place->folder >= 0)
		close(place->folder);
	place->folder = -1;
	free(place->path);
	place->path = NULL;
}

static int open_in(const struct core_place *place, const char *name, int flags)
{
	int fd;

	/* O_NONBLOCK: a FIFO of that name must not hang us; regular files ignore it. */
	do
		fd = openat(place->folder, name,
			    O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags, 0600);
	while (fd < 0 && errno == EINTR);
	return fd;
}

static bool is_called(const struct core_place *place, const char *name, const struct stat *status)
{
	struct stat now;

	return fstatat(place->folder, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_dev == status->st_dev && now.st_ino == status->st_ino;
}

enum ancient_code core_place_open(struct core_place *place, int *ret_fd, struct ancient_error *err)
{
	int fd = open_in(place, place->leaf, 0);

	if (fd < 0)
		return core_fail_system(err, code_of(errno), errno,
					"%s: cannot be opened for reading and writing",
					place->path);
	if (fstat(fd, &place->original) != 0) {
		close(fd);
		return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status", place->path);
	}
	*ret_fd = fd;
	return ANCIENT_OK;
}

bool core_place_holds(const struct core_place *place)
{
	return is_called(place, place->leaf, &place->original);
}

bool core_place_beside_stands(const struct core_place *place)
{
	return is_called(place, place->temporary, &place->beside);
}

void core_place_remove(const struct core_place *place)
{
	if (place->beside.st_ino && core_place_beside_stands(place))
		unlinkat(place->folder, place->temporary, 0);
}

/* Waits for whoever is making the file open at `fd`, and takes it away if it is still there. */
static enum ancient_code remove_leftover(const struct core_place *place, int fd,
					 struct ancient_error *err)
{
	struct stat status;
	enum ancient_code code = ANCIENT_OK;

	if (fstat(fd, &status) != 0)
		return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status", place->path);
	if (S_ISREG(status.st_mode))
		code = core_lock_take(fd, place->path, err);
	if (code == ANCIENT_OK && is_called(place, place->temporary, &status))
		unlinkat(place->folder, place->temporary, 0);
	return code;
}

static enum ancient_code fail_create(const struct core_place *place, int system,
				     struct ancient_error *err)
{
	return core_fail_system(err, code_of(system), system,
				"%s: the file %s cannot be made beside it", place->path,
				place->temporary);
}

/* Something has the temporary name. */
static enum ancient_code clear_name(const struct core_place *place, struct ancient_error *err)
{
	enum ancient_code code;
	int fd = open_in(place, place->temporary, 0);

	if (fd < 0 && errno == ENOENT)
		return ANCIENT_OK;
	/* A symbolic link, or a file that is not ours to read: its name may go. */
	if (fd < 0 && unlinkat(place->folder, place->temporary, 0) != 0 && errno != ENOENT)
		return fail_create(place, errno, err);
	if (fd < 0)
		return ANCIENT_OK;
	code = remove_leftover(place, fd, err);
	close(fd);
	return code;
}

enum ancient_code core_place_create(struct core_place *place, int *ret_fd,
				    struct ancient_error *err)
{
	enum ancient_code code;
	int fd;

	for (int tries = 0;; tries++) {
		fd = open_in(place, place->temporary, O_CREAT | O_EXCL);
		if (fd >= 0)
			break;
		if (errno != EEXIST || tries == ATTEMPTS)
			return fail_create(place, errno, err);
		code = clear_name(place, err);
		if (code != ANCIENT_OK)
			return code;
	}
	/* The umask may have taken the owner's own permission. */
	if (fstat(fd, &place->beside) != 0 || fchmod(fd, 0600) != 0) {
		code = fail_create(place, errno, err);
		unlinkat(place->folder, place->temporary, 0);
		close(fd);
		return code;
	}
	*ret_fd = fd;
	return ANCIENT_OK;
}

enum ancient_code core_place_rename(const struct core_place *place, struct ancient_error *err)
{
	if (renameat(place->folder, place->temporary, place->folder, place->leaf) == 0)
		return ANCIENT_OK;
	return core_fail_system(err, code_of(errno), errno,
				"%s: the compacted file cannot be given this name", place->path);
}

enum ancient_code core_place_sync(const struct core_place *place, struct ancient_error *err)
{
	int result;

	do
		result = fsync(place->folder);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return ANCIENT_OK;
	return core_fail_system(err, ANCIENT_E_SYSTEM, errno,
				"%s: the compacted file is in place, but the folder cannot be "
				"flushed",
				place->path);
}

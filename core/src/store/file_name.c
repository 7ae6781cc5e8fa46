/* core/store: the name of an attached file.
 *
 * A file is attached by a descriptor, and the kernel tells by which name that was opened: its path
 * or, where that name has been removed or given to another file, the same with " (deleted)" behind
 * it.  Without /proc it is the path that the caller gave, if that leads to the file; or else the
 * name is not known, and the number of the file's links must do.
 */
#include "store/file_name.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fail.h"
#include "store/store_internal.h"

#define DELETED " (deleted)"
#define PATH_ROOM 4096u

/* What the kernel says of the descriptor; false: nothing, or more than there is room for. */
static bool read_link(int fd, char path[PATH_ROOM])
{
	char link[64];
	ssize_t length;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	length = readlink(link, path, PATH_ROOM);
	if (length < 0 || length == PATH_ROOM)
		return false;
	path[length] = 0;
	return true;
}

char *ancient_core_file_name_text(int fd, const char *name, const char *path)
{
	char text[PATH_ROOM];

	if (name)
		return strdup(name);
	if (read_link(fd, text))
		return strdup(text);
	if (path)
		return strdup(path);
	snprintf(text, sizeof text, "descriptor %d", fd);
	return strdup(text);
}

enum name_is { NAME_OURS, NAME_ANOTHERS, NAME_NOBODYS, NAME_UNKNOWN };

/* Which file has the name.  No link is followed: the path is one without symbolic links, so one in
 * its place is another file.  statx without times, for the reason of ancient_core_file_status. */
static enum name_is look(const char *path, const struct core_file_status *ours)
{
	struct statx there;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_INO, &there) != 0)
		return errno == ENOENT || errno == ENOTDIR ? NAME_NOBODYS : NAME_UNKNOWN;
	return there.stx_ino == ours->inode &&
			       makedev(there.stx_dev_major, there.stx_dev_minor) == ours->device
		       ? NAME_OURS
		       : NAME_ANOTHERS;
}

/* The path that the caller gave, without symbolic links; NULL: none, or it leads elsewhere. */
static char *given_path(const struct ancient_store *store, const struct core_file_status *ours)
{
	char *path = store->options.path ? realpath(store->options.path, NULL) : NULL;

	if (path && look(path, ours) != NAME_OURS) {
		free(path);
		path = NULL;
	}
	return path;
}

enum ancient_code ancient_core_file_name_record(struct ancient_store *store, int fd,
						struct ancient_error *err)
{
	const size_t suffix = strlen(DELETED);
	struct core_file_status status;
	char path[PATH_ROOM];
	size_t length;

	if (!ancient_core_file_status(fd, &status))
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status",
						store->name);
	store->had_name = status.links > 0;
	if (!read_link(fd, path) || path[0] != '/') {
		store->path = given_path(store, &status);
		return ANCIENT_OK;
	}
	length = strlen(path);
	/* The path of another mount namespace leads to nothing here, or to something else. */
	if (look(path, &status) != NAME_OURS) {
		if (length <= suffix || strcmp(path + length - suffix, DELETED) != 0)
			return ANCIENT_OK;
		path[length - suffix] = 0;
	}
	store->path = strdup(path);
	return store->path ? ANCIENT_OK : ancient_core_fail_memory(err, store->name);
}

/* O_TMPFILE gives a file such a name until it gets one by linkat(2), of which we are not told. */
static bool is_stand_in(const struct ancient_store *store)
{
	const char *slash = strrchr(store->path, '/');

	return slash && slash[1] == '#';
}

enum ancient_code ancient_core_file_name_check(struct ancient_store *store,
					       const struct core_file_status *status,
					       struct ancient_error *err)
{
	enum name_is name = store->path ? look(store->path, status) : NAME_UNKNOWN;
	bool gone = status->links == 0 && store->had_name;

	store->has_path = name == NAME_OURS;
	if (!store->has_path)
		store->path_flushed = false;
	if (status->links > 0)
		store->had_name = true;
	if (name == NAME_ANOTHERS)
		return ancient_core_fail(err, ANCIENT_E_SUPERSEDED,
					 "%s: another file has taken the place of the one that is "
					 "attached: attach it again by its name",
					 store->name);
	if (gone && (name == NAME_UNKNOWN || (name == NAME_NOBODYS && is_stand_in(store))))
		return ancient_core_fail(
			err, ANCIENT_E_SUPERSEDED,
			"%s: the file that is attached was removed, or replaced by "
			"another: attach it again by its name",
			store->name);
	return ANCIENT_OK;
}

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

/* Which file has the name.  No link is followed: the path is one without symbolic links, so one in
 * its place is another file.  statx without times, for the reason of ancient_core_file_status. */
static struct core_name look(const char *path)
{
	struct core_name name = {.is = CORE_NAME_UNKNOWN};
	struct statx there;

	if (path && statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
			  STATX_INO | STATX_SIZE | STATX_NLINK, &there) == 0) {
		name.is = CORE_NAME_TAKEN;
		name.status = (struct core_file_status){
			.size = there.stx_size,
			.links = there.stx_nlink,
			.device = makedev(there.stx_dev_major, there.stx_dev_minor),
			.inode = there.stx_ino};
	} else if (path && (errno == ENOENT || errno == ENOTDIR)) {
		name.is = CORE_NAME_NOBODYS;
	}
	return name;
}

static bool is_of(const struct core_name *name, dev_t device, ino_t inode)
{
	return name->is == CORE_NAME_TAKEN && name->status.inode == inode &&
	       name->status.device == device;
}

static bool leads_to(const char *path, const struct core_file_status *ours)
{
	struct core_name name = look(path);

	return is_of(&name, ours->device, ours->inode);
}

/* The path that the caller gave, without symbolic links; NULL: none, or it leads elsewhere. */
static char *given_path(const struct ancient_store *store, const struct core_file_status *ours)
{
	char *path = store->options.path ? realpath(store->options.path, NULL) : NULL;

	if (path && !leads_to(path, ours)) {
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
	if (!leads_to(path, &status)) {
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

const struct core_file_status *ancient_core_file_name_look(const struct ancient_store *store,
							   struct core_name *ret_name)
{
	*ret_name = look(store->path);
	return is_of(ret_name, store->device, store->inode) ? &ret_name->status : NULL;
}

enum ancient_code ancient_core_file_name_check(struct ancient_store *store,
					       const struct core_name *name,
					       const struct core_file_status *status,
					       struct ancient_error *err)
{
	bool gone = status->links == 0 && store->had_name;

	store->has_path = is_of(name, status->device, status->inode);
	if (!store->has_path)
		store->path_flushed = false;
	if (status->links > 0)
		store->had_name = true;
	if (name->is == CORE_NAME_TAKEN && !store->has_path)
		return ancient_core_fail(err, ANCIENT_E_SUPERSEDED,
					 "%s: another file has taken the place of the one that is "
					 "attached: attach it again by its name",
					 store->name);
	if (gone && (name->is == CORE_NAME_UNKNOWN ||
		     (name->is == CORE_NAME_NOBODYS && is_stand_in(store))))
		return ancient_core_fail(
			err, ANCIENT_E_SUPERSEDED,
			"%s: the file that is attached was removed, or replaced by "
			"another: attach it again by its name",
			store->name);
	return ANCIENT_OK;
}

/* core/store: a store's own open file descriptions: one to map and read the file and to write it,
 * another for its lock.
 */
#include "store/store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/lock.h"
#include "store/file_name.h"
#include "store/registry.h"

static enum ancient_code open_lock_fd(struct ancient_store *store, struct ancient_error *err)
{
	return ancient_core_lock_open(store->fd, store->name, store->path, O_RDWR, &store->lock_fd,
				      err);
}

/* The description of `fd` is still the parent's too, which a flush that fails would be reported to
 * instead of this process. */
enum ancient_code ancient_core_store_own_files(struct ancient_store *store,
					       struct ancient_error *err)
{
	enum ancient_code code;
	int fd;

	if (store->lock_fd >= 0)
		return ANCIENT_OK;
	code = ancient_core_lock_open(store->fd, store->name, store->path, O_RDWR, &fd, err);
	if (code != ANCIENT_OK)
		return code;
	dup3(fd, store->fd, O_CLOEXEC);
	close(fd);
	return open_lock_fd(store, err);
}

/* Where the process is confined, so that it can have no description of its own, it can read. */
static enum ancient_code open_to_write(struct ancient_store *store, int fd,
				       struct ancient_error *err)
{
	store->fd = ancient_core_lock_try_open(fd, store->path, O_RDWR);
	if (store->fd >= 0)
		return open_lock_fd(store, err);
	if (!ancient_core_lock_is_confined(errno))
		return ancient_core_lock_fail(err, ANCIENT_E_SYSTEM, errno, store->name, fd);
	store->confined = errno;
	store->writable = false;
	return ANCIENT_OK;
}

/* A reader can share the description of `fd`: it does not use the file offset, and takes no lock.
 */
static enum ancient_code open_to_read(struct ancient_store *store, int fd,
				      struct ancient_error *err)
{
	store->fd = ancient_core_lock_try_open(fd, store->path, O_RDONLY);
	if (store->fd < 0 && ancient_core_lock_is_confined(errno))
		store->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return store->fd >= 0
		       ? ANCIENT_OK
		       : ancient_core_lock_fail(err, ANCIENT_E_SYSTEM, errno, store->name, fd);
}

/* What kind of file and descriptor this is. */
static enum ancient_code examine(struct ancient_store *store, int fd, struct ancient_error *err)
{
	struct stat status;
	int flags = fcntl(fd, F_GETFL);
	enum ancient_code code;

	if (flags < 0 || fstat(fd, &status) != 0)
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: descriptor %d",
						store->name, fd);
	if (S_ISDIR(status.st_mode))
		return ancient_core_fail(err, ANCIENT_E_DIRECTORY,
					 "%s: is a directory, expected an ancient file",
					 store->name);
	if (!S_ISREG(status.st_mode))
		return ancient_core_fail(err, ANCIENT_E_NOT_A_FILE, "%s: is not a regular file",
					 store->name);
	if ((flags & O_ACCMODE) == O_WRONLY)
		return ancient_core_fail(
			err, ANCIENT_E_DENIED,
			"%s: the descriptor was opened for writing only: open it for "
			"reading and writing",
			store->name);
	store->writable = (flags & O_ACCMODE) == O_RDWR && !store->options.read_only;
	if (store->writable && flags & O_APPEND)
		return ancient_core_fail(
			err, ANCIENT_E_APPEND_MODE,
			"%s: the descriptor was opened with O_APPEND: open it without",
			store->name);
	store->device = status.st_dev;
	store->inode = status.st_ino;
	code = ancient_core_file_name_record(store, fd, err);
	if (code != ANCIENT_OK)
		return code;
	if (store->writable)
		code = open_to_write(store, fd, err);
	if (code == ANCIENT_OK && !store->writable)
		code = open_to_read(store, fd, err);
	return code;
}

/* Under the registry's mutex, so that a child has no description for the lock that it does not know
 * of. */
enum ancient_code ancient_core_store_enter(struct ancient_store *store, int fd,
					   struct ancient_error *err)
{
	enum ancient_code code;

	ancient_core_registry_lock();
	code = examine(store, fd, err);
	store->hidden = true;
	ancient_core_registry_add(store);
	ancient_core_registry_unlock();
	return code;
}

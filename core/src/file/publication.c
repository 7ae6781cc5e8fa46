/* core/file: a file that is filled under a temporary name and then takes the name of another
 * (ancient/publication.h).  Called by the stubs of Ancient.publish.
 */
#include <ancient/publication.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/file_attributes.h"
#include "file/file_io.h"
#include "file/replace_file.h"

#define NEW_MODE 0644

struct ancient_publication {
	struct core_replace_file file;
	char *path;      /* as the caller wrote it */
	char *temporary; /* absolute */
	int fd;
	mode_t mode; /* that the file will have */
	pid_t maker;
};

/* Whether there is a file to replace. */
static enum ancient_code look(struct ancient_publication *p, bool *ret_there,
			      struct ancient_error *err)
{
	struct stat *status = &p->file.original_status;

	*ret_there = false;
	if (fstatat(p->file.folder, p->file.leaf, status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? ANCIENT_OK
				       : ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
								  "%s: no status", p->path);
	if (S_ISDIR(status->st_mode))
		return ancient_core_fail_system(err, ANCIENT_E_DIRECTORY, EISDIR, "%s", p->path);
	if (!S_ISREG(status->st_mode))
		return ancient_core_fail(err, ANCIENT_E_NOT_A_FILE,
					 "%s: is not a regular file, and is not replaced by one",
					 p->path);
	*ret_there = true;
	return ANCIENT_OK;
}

/* Its owner, group and mode, before anything is written. */
static enum ancient_code take_attributes(struct ancient_publication *p, bool keep_mode,
					 struct ancient_error *err)
{
	const struct stat *status = &p->file.original_status;
	int from;

	if (!keep_mode) {
		ancient_core_attributes_keep_owner(p->fd, status);
		return ANCIENT_OK;
	}
	from = openat(p->file.folder, p->file.leaf,
		      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	p->mode = ancient_core_attributes_keep(from, p->fd, status);
	if (from >= 0)
		close(from);
	if (fchmod(p->fd, (p->mode & 0777) | 0600) == 0)
		return ANCIENT_OK;
	return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: its mode cannot be kept",
					p->path);
}

static enum ancient_code begin(struct ancient_publication *p, int mode, struct ancient_error *err)
{
	bool keep = mode == ANCIENT_PUBLICATION_KEEP, there = false;
	enum ancient_code code = ancient_core_replace_file_find(&p->file, p->path, true, err);

	if (code == ANCIENT_OK)
		code = look(p, &there, err);
	if (code != ANCIENT_OK)
		return code;
	mode = !keep ? mode & 07777 : there ? 0600 : NEW_MODE;
	code = ancient_core_replace_file_create_beside(&p->file, (mode_t)mode, &p->fd, err);
	if (code != ANCIENT_OK)
		return code;
	p->mode = p->file.temporary_status.st_mode & 07777;
	if (asprintf(&p->temporary, "%.*s%s", (int)(p->file.leaf - p->file.path), p->file.path,
		     p->file.temporary) < 0) {
		p->temporary = NULL;
		return ancient_core_fail_memory(err, p->path);
	}
	return there ? take_attributes(p, keep, err) : ANCIENT_OK;
}

enum ancient_code ancient_publication_begin(const char *path, int mode,
					    struct ancient_publication **ret_publication,
					    struct ancient_error *err)
{
	struct ancient_publication *p = calloc(1, sizeof *p);
	enum ancient_code code;

	if (!p)
		return ancient_core_fail_memory(err, path);
	p->fd = p->file.folder = p->file.guard = -1;
	p->maker = getpid();
	p->path = strdup(path);
	code = p->path ? begin(p, mode, err) : ancient_core_fail_memory(err, path);
	if (code == ANCIENT_OK)
		*ret_publication = p;
	else
		ancient_publication_drop(p);
	return code;
}

int ancient_publication_fd(const struct ancient_publication *publication)
{
	return publication->fd;
}

const char *ancient_publication_path(const struct ancient_publication *publication)
{
	return publication->temporary;
}

static enum ancient_code set_mode(const struct ancient_publication *p, struct ancient_error *err)
{
	struct stat now;

	if (fstat(p->fd, &now) == 0 &&
	    ((now.st_mode & 07777) == p->mode ||
	     (fchmod(p->fd, p->mode) == 0 && ancient_core_file_flush(p->fd, false))))
		return ANCIENT_OK;
	return ancient_core_fail_system(err, ancient_core_fail_code(errno), errno,
					"%s: its mode cannot be set", p->path);
}

enum ancient_code ancient_publication_rename(struct ancient_publication *publication,
					     struct ancient_error *err)
{
	enum ancient_code code = set_mode(publication, err);

	if (code == ANCIENT_OK && !ancient_core_replace_file_temporary_stands(&publication->file))
		code = ancient_core_fail_system(err, ANCIENT_E_MISSING, ENOENT,
						"%s: its temporary file %s was removed",
						publication->path, publication->file.temporary);
	return code == ANCIENT_OK ? ancient_core_replace_file_rename(&publication->file, err)
				  : code;
}

enum ancient_code ancient_publication_sync(struct ancient_publication *publication,
					   struct ancient_error *err)
{
	return ancient_core_replace_file_sync(&publication->file, err);
}

void ancient_publication_drop(struct ancient_publication *publication)
{
	if (publication->fd >= 0 && publication->maker == getpid())
		ancient_core_replace_file_remove(&publication->file);
	if (publication->fd >= 0)
		close(publication->fd);
	ancient_core_replace_file_close(&publication->file);
	free(publication->temporary);
	free(publication->path);
	free(publication);
}

/* core: owner, mode and extended attributes of a file that takes another's place.
 *
 * Whoever may open the one may open the other, and nobody else: what cannot be kept and says who
 * may (owner, group, mode, access control list) is an error.
 */
#include "file/file_attributes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"

static enum ancient_code fail_kept(const char *name, const char *what, int system,
				   struct ancient_error *err)
{
	return core_fail_system(err,
				system == EPERM || system == EACCES ? ANCIENT_E_IRREPLACEABLE
								    : ANCIENT_E_SYSTEM,
				system,
				"%s: cannot be replaced by a file of the same %s: run this as its "
				"owner, or as root",
				name, what);
}

enum ancient_code core_attributes_own(int to, const struct stat *status, const char *name,
				      struct ancient_error *err)
{
	struct stat now;

	if (fstat(to, &now) != 0)
		return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no status", name);
	if (now.st_uid != status->st_uid && fchown(to, status->st_uid, (gid_t)-1) != 0)
		return fail_kept(name, "owner", errno, err);
	if (now.st_gid != status->st_gid && fchown(to, (uid_t)-1, status->st_gid) != 0)
		return fail_kept(name, "group", errno, err);
	return ANCIENT_OK;
}

static bool says_who_may(const char *attribute)
{
	return strncmp(attribute, "system.posix_acl_", 17) == 0;
}

static enum ancient_code copy_one(int from, int to, const char *attribute, const char *name,
				  struct ancient_error *err)
{
	ssize_t length = fgetxattr(from, attribute, NULL, 0);
	void *value = length >= 0 ? malloc((size_t)length + 1) : NULL;
	int system = 0;

	if (length >= 0 && !value)
		return core_fail_memory(err, name);
	if (length >= 0)
		length = fgetxattr(from, attribute, value, (size_t)length);
	if (length < 0 || fsetxattr(to, attribute, value, (size_t)length, 0) != 0)
		system = errno;
	free(value);
	/* A label of the system's own may not be ours to set: it has given the new file one. */
	return system && says_who_may(attribute)
		       ? fail_kept(name, "access control list", system, err)
		       : ANCIENT_OK;
}

static enum ancient_code copy_listed(int from, int to, const char *list, ssize_t length,
				     const char *name, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	for (ssize_t at = 0; at < length && code == ANCIENT_OK;
	     at += (ssize_t)strlen(list + at) + 1)
		code = copy_one(from, to, list + at, name, err);
	return code;
}

enum ancient_code core_attributes_copy(int from, int to, const struct stat *status,
				       const char *name, struct ancient_error *err)
{
	ssize_t length = flistxattr(from, NULL, 0);
	enum ancient_code code = ANCIENT_OK;
	char *list;

	if (length > 0) { /* a file system without them says so */
		list = calloc(1, (size_t)length + 1);
		if (!list)
			return core_fail_memory(err, name);
		length = flistxattr(from, list, (size_t)length);
		code = copy_listed(from, to, list, length, name, err);
		free(list);
	}
	/* The mode comes last: setting a list changes it. */
	if (code == ANCIENT_OK && fchmod(to, status->st_mode & 07777) != 0)
		code = fail_kept(name, "mode", errno, err);
	return code;
}

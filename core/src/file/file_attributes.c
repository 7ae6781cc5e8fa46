/* core/file: copies owner, mode and extended attributes to a file that replaces another.
 *
 * The new file must not be open to other people than the old one.  Where an attribute that controls
 * access (owner, group, mode, access control list) cannot be copied, compaction, which anybody may
 * run, fails; a publication makes the file, and lets the group do no more than everybody.
 */
#include "file/file_attributes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"

static enum ancient_code fail_attribute(const char *name, const char *what, int system,
					struct ancient_error *err)
{
	return ancient_core_fail_system(
		err,
		system == EPERM || system == EACCES ? ANCIENT_E_IRREPLACEABLE : ANCIENT_E_SYSTEM,
		system,
		"%s: cannot be replaced by a file of the same %s: run this as its "
		"owner, or as root",
		name, what);
}

static bool give(int to, uid_t owner, gid_t group)
{
	struct stat now;

	return fstat(to, &now) == 0 &&
	       (owner == (uid_t)-1 || owner == now.st_uid || fchown(to, owner, (gid_t)-1) == 0) &&
	       (group == (gid_t)-1 || group == now.st_gid || fchown(to, (uid_t)-1, group) == 0);
}

enum ancient_code ancient_core_attributes_own(int to, const struct stat *status, const char *name,
					      struct ancient_error *err)
{
	if (!give(to, status->st_uid, (gid_t)-1))
		return fail_attribute(name, "owner", errno, err);
	if (!give(to, (uid_t)-1, status->st_gid))
		return fail_attribute(name, "group", errno, err);
	return ANCIENT_OK;
}

static bool controls_access(const char *attribute)
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
		return ancient_core_fail_memory(err, name);
	if (length >= 0)
		length = fgetxattr(from, attribute, value, (size_t)length);
	if (length < 0 || fsetxattr(to, attribute, value, (size_t)length, 0) != 0)
		system = errno;
	free(value);
	/* Other attributes, such as a security label set by the system, may be forbidden to us; the
	 * system has labelled the new file itself. */
	return system && controls_access(attribute)
		       ? fail_attribute(name, "access control list", system, err)
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

/* What the folder gives to new files is not the old file's. */
static enum ancient_code copy_extended(int from, int to, const char *name,
				       struct ancient_error *err)
{
	ssize_t length = flistxattr(from, NULL, 0);
	enum ancient_code code;
	char *list;

	fremovexattr(to, "system.posix_acl_access");
	if (length <= 0) /* negative on a file system without extended attributes */
		return ANCIENT_OK;
	list = calloc(1, (size_t)length + 1);
	if (!list)
		return ancient_core_fail_memory(err, name);
	length = flistxattr(from, list, (size_t)length);
	code = copy_listed(from, to, list, length, name, err);
	free(list);
	return code;
}

enum ancient_code ancient_core_attributes_copy(int from, int to, const struct stat *status,
					       const char *name, struct ancient_error *err)
{
	enum ancient_code code = copy_extended(from, to, name, err);

	/* The mode comes last: setting an access control list changes it. */
	if (code == ANCIENT_OK && fchmod(to, status->st_mode & 07777) != 0)
		code = fail_attribute(name, "mode", errno, err);
	return code;
}

mode_t ancient_core_attributes_keep(int from, int to, const struct stat *status)
{
	/* The group first: who has given a file away may not change it. */
	bool group = give(to, (uid_t)-1, status->st_gid);
	bool owner = give(to, status->st_uid, (gid_t)-1);
	bool list = group && from >= 0 && copy_extended(from, to, "", NULL) == ANCIENT_OK;
	mode_t mode = status->st_mode & 07777;

	if (!list) {
		fremovexattr(to, "system.posix_acl_access");
		mode &= ~(mode_t)070 | ((mode & 07) << 3);
	}
	return owner && group ? mode : mode & 0777;
}

void ancient_core_attributes_keep_owner(int to, const struct stat *status)
{
	give(to, (uid_t)-1, status->st_gid);
	give(to, status->st_uid, (gid_t)-1);
}

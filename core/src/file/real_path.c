/* core/file: resolves the path of a file that need not be there.
 *
 * realpath(3) resolves the folder; links in place of the file itself are followed here.
 */
#include "file/real_path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MOST 40

/* `folder`/`leaf` in memory of its own. */
static char *join(const char *folder, const char *leaf)
{
	size_t room = strlen(folder) + strlen(leaf) + 2;
	char *path = malloc(room);

	if (path)
		snprintf(path, room, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, leaf);
	return path;
}

/* Where the folders above the current one may not be searched, as after setuid(2), what lies in it
 * has no other path than the one given.  realpath(3) gives one for "." all the same. */
static char *real_folder(const char *given)
{
	char *folder = realpath(given, NULL);
	struct stat status;

	if (given[0] == '/' || (folder && (stat(folder, &status) == 0 || errno != EACCES)) ||
	    (!folder && errno != EACCES))
		return folder;
	free(folder);
	return strdup(given);
}

/* The path with its folder resolved. */
static char *resolve_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *leaf = slash ? slash + 1 : path;
	char *folder, *given, *resolved = NULL;

	if (!*leaf) {
		errno = *path ? EISDIR : ENOENT;
		return NULL;
	}
	given = !slash ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
	folder = given ? real_folder(given) : NULL;
	if (folder)
		resolved = join(folder, leaf);
	free(folder);
	free(given);
	return resolved;
}

/* Where the link at `path` leads, relative to its folder; NULL with errno 0: no link. */
static char *follow(char *path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(path, target, sizeof target);

	if (length < 0 || length == sizeof target) {
		errno = length < 0 ? 0 : ENAMETOOLONG;
		return NULL;
	}
	target[length] = 0;
	if (target[0] == '/')
		return strdup(target);
	*strrchr(path, '/') = 0;
	return join(path, target);
}

char *ancient_core_real_path(const char *path, bool may_be_missing)
{
	char *resolved = realpath(path, NULL), *next;

	if (resolved || (errno != EACCES && !(errno == ENOENT && may_be_missing)))
		return resolved;
	resolved = resolve_folder(path);
	for (int links = 0; resolved; links++) {
		next = follow(resolved);
		if (!next && errno == 0)
			return resolved;
		free(resolved);
		resolved = next && links < LINKS_MOST ? resolve_folder(next) : NULL;
		if (links == LINKS_MOST)
			errno = ELOOP;
		free(next);
	}
	return NULL;
}

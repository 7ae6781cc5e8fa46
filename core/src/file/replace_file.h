/* core/file: replaces a file by a new one that takes its name.  Called by compaction and by
 * publication.c. */
#ifndef CORE_REPLACE_FILE_H
#define CORE_REPLACE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <ancient/error.h>

struct core_replace_file {
	char *path;                   /* absolute, without symbolic links */
	const char *leaf;             /* its last part */
	int folder;                   /* descriptor of the folder it is in; -1: not open */
	int guard;                    /* of the temporary file, locked while it is; -1: none */
	char temporary[256];          /* name of the temporary file, in the same folder */
	struct stat original_status;  /* of the file when it was opened */
	struct stat temporary_status; /* of the temporary file */
};

/* Resolves `path` and opens its folder.  Call ancient_core_replace_file_close afterwards, also
 * after an error. may_be_missing: the file, or the one that a symbolic link leads to, need not be
 * there. Errors: MISSING DENIED SYSTEM MEMORY, DIRECTORY (`path` ends in a slash). */
enum ancient_code ancient_core_replace_file_find(struct core_replace_file *file, const char *path,
						 bool may_be_missing, struct ancient_error *err);
void ancient_core_replace_file_close(struct core_replace_file *file);

/* Opens the file that has the name now, for reading and writing.
 * Errors: MISSING DENIED DIRECTORY NOT_A_FILE SYSTEM. */
enum ancient_code ancient_core_replace_file_open(struct core_replace_file *file, int *ret_fd,
						 struct ancient_error *err);

/* Whether the file that was opened still has the name. */
bool ancient_core_replace_file_holds_name(const struct core_replace_file *file);

/* Creates the temporary file of a compaction, readable by its owner alone.  Removes what killed
 * compactions and publications of this name have left; waits for a compaction that is running.
 * Errors: INTERRUPTED at a signal, DENIED DISK_FULL SYSTEM. */
enum ancient_code ancient_core_replace_file_create(struct core_replace_file *file, int *ret_fd,
						   struct ancient_error *err);

/* The same for a publication, which waits for nobody, with `mode` less the umask.
 * Errors: DENIED DISK_FULL SYSTEM. */
enum ancient_code ancient_core_replace_file_create_beside(struct core_replace_file *file,
							  mode_t mode, int *ret_fd,
							  struct ancient_error *err);

/* Whether the temporary name still leads to the file that was created. */
bool ancient_core_replace_file_temporary_stands(const struct core_replace_file *file);

/* Removes the temporary file, if the name still leads to it. */
void ancient_core_replace_file_remove(const struct core_replace_file *file);

/* Renames the temporary file to the file's name, which replaces the file.
 * Errors: DENIED DISK_FULL SYSTEM. */
enum ancient_code ancient_core_replace_file_rename(const struct core_replace_file *file,
						   struct ancient_error *err);

/* Flushes the folder, and so the rename, to the disk.  Errors: SYSTEM. */
enum ancient_code ancient_core_replace_file_sync(const struct core_replace_file *file,
						 struct ancient_error *err);

#endif

/* core: a file by its name, and the file that will take the name over. */
#ifndef CORE_REPLACE_FILE_H
#define CORE_REPLACE_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <ancient/error.h>

struct core_replace_file {
	char *path;                   /* without symbolic links */
	const char *leaf;             /* its last part */
	int folder;                   /* the descriptor of the folder it is in; -1: not open */
	char temporary[256];          /* name in the folder, of the file beside */
	struct stat original_status;  /* of the file that has the name */
	struct stat temporary_status; /* of the temporary file */
};

/* Finds the folder of the file called `path`.  Close it on every path.
 * Errors: MISSING DENIED SYSTEM MEMORY. */
enum ancient_code core_replace_file_find(struct core_replace_file *file, const char *path,
					 struct ancient_error *err);
void core_replace_file_close(struct core_replace_file *file);

/* Opens the file that has the name now, for reading and writing.
 * Errors: MISSING DENIED DIRECTORY NOT_A_FILE SYSTEM. */
enum ancient_code core_replace_file_open(struct core_replace_file *file, int *ret_fd,
					 struct ancient_error *err);

/* Whether the file that was opened still has the name. */
bool core_replace_file_holds_name(const struct core_replace_file *file);

/* Makes the temporary file, open to its owner alone.  What a compaction that was killed has left
 * is taken away; one that is under way is waited for (INTERRUPTED at a signal).
 * Errors: INTERRUPTED DENIED DISK_FULL SYSTEM. */
enum ancient_code core_replace_file_create(struct core_replace_file *file, int *ret_fd,
					   struct ancient_error *err);

/* Whether the temporary file is still the one that was made. */
bool core_replace_file_temporary_stands(const struct core_replace_file *file);

/* Takes the temporary file's name away, if it is still its. */
void core_replace_file_remove(const struct core_replace_file *file);

/* Renames the temporary file over the other.  Errors: DENIED DISK_FULL SYSTEM. */
enum ancient_code core_replace_file_rename(const struct core_replace_file *file,
					   struct ancient_error *err);

/* Brings the name to the disk.  Errors: SYSTEM. */
enum ancient_code core_replace_file_sync(const struct core_replace_file *file,
					 struct ancient_error *err);

#endif

/* core: a file by its name, and the file that will take the name over. */
#ifndef CORE_PLACE_H
#define CORE_PLACE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <ancient/error.h>

struct core_place {
	char *path;           /* without symbolic links */
	const char *leaf;     /* its last part */
	int folder;           /* the descriptor of the folder it is in; -1: not open */
	char temporary[256];  /* name in the folder, of the file beside */
	struct stat original; /* of the file that has the name */
	struct stat beside;   /* of the temporary file */
};

/* Finds the folder of the file called `path`.  Close it on every path.
 * Errors: MISSING DENIED SYSTEM MEMORY. */
enum ancient_code core_place_find(struct core_place *place, const char *path,
				  struct ancient_error *err);
void core_place_close(struct core_place *place);

/* Opens the file that has the name now, for reading and writing.
 * Errors: MISSING DENIED DIRECTORY NOT_A_FILE SYSTEM. */
enum ancient_code core_place_open(struct core_place *place, int *ret_fd, struct ancient_error *err);

/* Whether the file that was opened still has the name. */
bool core_place_holds(const struct core_place *place);

/* Makes the temporary file, open to its owner alone.  What a compaction that was killed has left
 * is taken away; one that is under way is waited for (INTERRUPTED at a signal).
 * Errors: INTERRUPTED DENIED DISK_FULL SYSTEM. */
enum ancient_code core_place_create(struct core_place *place, int *ret_fd,
				    struct ancient_error *err);

/* Whether the temporary file is still the one that was made. */
bool core_place_beside_stands(const struct core_place *place);

/* Takes the temporary file's name away, if it is still its. */
void core_place_remove(const struct core_place *place);

/* Renames the temporary file over the other.  Errors: DENIED DISK_FULL SYSTEM. */
enum ancient_code core_place_rename(const struct core_place *place, struct ancient_error *err);

/* Brings the name to the disk.  Errors: SYSTEM. */
enum ancient_code core_place_sync(const struct core_place *place, struct ancient_error *err);

#endif

/* core/file: flushes the folder that a file is in, so that the file's name is on the disk.  Called
 * by whoever renames, and by durable commits and recovery, since who has renamed the file may have
 * been killed before he flushed. */
#ifndef CORE_FOLDER_FLUSH_H
#define CORE_FOLDER_FLUSH_H

#include <stdbool.h>

#include <ancient/error.h>

/* Where this process may not open the folder, or the file system flushes none, nothing is done.
 * Returns false on another error, which errno says. */
bool ancient_core_folder_flush(int folder);

/* The same for the folder in which the file at `path` is: absolute, without symbolic links.
 * Errors: SYSTEM. */
enum ancient_code ancient_core_folder_flush_of(const char *path, const char *name,
					       struct ancient_error *err);

#endif

/* c-reader/tool/profile: the paths of a file, "packages[*].depends[*]": a tree in which each path
 * stands once, whatever leads to it. */
#ifndef ANCIENT_TOOL_PROFILE_PATHS_H
#define ANCIENT_TOOL_PROFILE_PATHS_H

#include <stdio.h>

#include "profile/names.h"

#define PROFILE_NO_PATH UINT32_MAX

struct profile_path {
	uint32_t parent; /* PROFILE_NO_PATH: a root */
	uint32_t root;   /* itself, for a root */
	uint32_t step;   /* a name: "[*]", ".depends"; a root's own name */
	uint32_t type;   /* a name: of the first value that was met here; UINT32_MAX: none was */
};

/* Start from {names}.  A parent stands before its children. */
struct profile_paths {
	struct profile_names *names;
	struct profile_path *path;
	uint32_t count, capacity;
	struct reader_word_map children; /* by parent and step */
};

/* The path of this step below `parent`, made where it is new.  PROFILE_NO_PATH: no memory. */
uint32_t profile_paths_child(struct profile_paths *paths, uint32_t parent, const char *step,
			     size_t length);
/* A root of its own, though another may have its name. */
uint32_t profile_paths_root(struct profile_paths *paths, const char *name, size_t length);
void profile_paths_done(struct profile_paths *paths);

/* Writes the text, as it is in the file.  Its first bytes may be left out: more than `most` are
 * never written, and then "..." stands before them. */
void profile_paths_write(const struct profile_paths *paths, uint32_t path, size_t most, FILE *out);

#endif

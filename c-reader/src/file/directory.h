/* c-reader/file: lookups by key and by name in the directories (FORMAT 5), for the public
 * functions, for cursors and for verification. */
#ifndef ANCIENT_READER_DIRECTORY_H
#define ANCIENT_READER_DIRECTORY_H

#include "file/directory_node.h"

/* Finds the leaf that `bits` lead to, whether or not it is theirs.  Errors: NO_KEY where the
 * directory is empty, BAD_DIRECTORY. */
enum ancient_code ancient_reader_descend(const struct ancient_file *file, struct reader_link link,
					 const struct reader_bits *bits,
					 struct reader_link *ret_leaf, struct ancient_error *err);

/* The key a name is given to.  Errors: NO_KEY BAD_DIRECTORY. */
enum ancient_code ancient_reader_find_name(const struct ancient_file *file,
					   const struct reader_bits *name, uint64_t *ret_key,
					   uint64_t *ret_place, struct ancient_error *err);
/* The leaf of a key.  Errors: NO_KEY BAD_DIRECTORY. */
enum ancient_code ancient_reader_find_key(const struct ancient_file *file, uint64_t key,
					  struct ancient_entry_record *ret_leaf,
					  struct reader_link *ret_link, struct ancient_error *err);

/* What is handed out of a leaf. */
enum ancient_code ancient_reader_entry_from(const struct ancient_file *file,
					    struct reader_link link,
					    const struct ancient_entry_record *leaf,
					    struct ancient_entry *ret_entry,
					    struct ancient_error *err);

#endif

/* core/store: formats an empty file (FORMAT 8.1).  Attach chooses what the file will be, and writes
 * nothing; the first commit writes it. */
#include "store/create.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/disk_space.h"
#include "file/file_io.h"
#include "file/superblock.h"
#include "memory/file_mapping.h"
#include "store/base_address.h"

/* If the superblock was written in part, truncates the file again: it would be neither a valid file
 * nor an empty one. */
static enum ancient_code write_first(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code = ancient_core_superblock_write_empty(store->fd, store->name,
								     &store->superblock, err);

	if (code != ANCIENT_OK &&
	    !ancient_core_superblock_is_written(store->fd, &store->superblock))
		ancient_core_disk_space_cut(store->fd, store->name, 0, NULL);
	return code;
}

static enum ancient_code init(struct ancient_superblock *superblock, uint32_t ocaml_version,
			      const char *name, struct ancient_error *err)
{
	ancient_core_superblock_init(superblock);
	superblock->ocaml_version = ocaml_version;
	if (getrandom(superblock->uuid, sizeof superblock->uuid, 0) ==
	    (ssize_t)sizeof superblock->uuid)
		return ANCIENT_OK;
	return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no random bytes", name);
}

enum ancient_code ancient_core_create_prepare(struct ancient_store *store,
					      struct ancient_error *err)
{
	enum ancient_code code =
		init(&store->superblock, store->options.ocaml_version, store->name, err);

	return code == ANCIENT_OK ? ancient_core_base_address_choose(store, err) : code;
}

static enum ancient_code format(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code = ancient_core_disk_space_cut(store->fd, store->name, 0, err);

	if (code == ANCIENT_OK)
		code = ancient_core_disk_space_make(store->fd, store->name, 0, ANCIENT_FIRST_EXTENT,
						    err);
	if (code == ANCIENT_OK)
		code = write_first(store, err);
	if (code == ANCIENT_OK && !ancient_core_file_flush(store->fd, true))
		code = ancient_core_fail_system(err, ancient_core_fail_code(errno), errno,
						"%s: cannot be flushed", store->name);
	return code;
}

/* Whoever made the file was stopped between its slots: generation 0 is there, 1 is not. */
static enum ancient_code finish_first(struct ancient_store *store,
				      struct ancient_superblock *superblock,
				      struct ancient_error *err)
{
	superblock->generation = superblock->fields_generation = 1;
	return ancient_core_superblock_write_empty(store->fd, store->name, superblock, err);
}

enum ancient_code ancient_core_create(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_superblock now;
	enum ancient_code code =
		ancient_core_superblock_load(store->fd, store->name, &now, NULL, err);

	if (code == ANCIENT_E_EMPTY)
		code = format(store, err);
	else if (code == ANCIENT_OK && now.generation == 0)
		code = finish_first(store, &now, err);
	if (code == ANCIENT_OK)
		code = ancient_core_superblock_load(store->fd, store->name, &store->superblock,
						    &store->observed, err);
	return code;
}

enum ancient_code ancient_core_create_successor(const struct ancient_superblock *old, uint64_t base,
						const char *name, struct ancient_superblock *ret,
						struct ancient_error *err)
{
	enum ancient_code code = init(ret, old->ocaml_version, name, err);

	if (code != ANCIENT_OK)
		return code;
	code = ancient_core_base_address_follow(name, old, base, ret, err);
	if (code != ANCIENT_OK)
		return code;
	ret->generation = ret->fields_generation = old->generation + 1;
	if (ret->version < old->version)
		ret->version = old->version;
	return ANCIENT_OK;
}

/* core/store: formats an empty file (FORMAT 8.1). */
#include "store/create.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/disk_space.h"
#include "file/file_io.h"
#include "file/lock.h"
#include "file/superblock.h"
#include "memory/file_mapping.h"
#include "store/base_address.h"

/* If the superblock was written in part, truncates the file again: it would be neither a valid file
 * nor an empty one. */
static enum ancient_code write_first(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code =
		core_superblock_write_empty(store->fd, store->name, &store->superblock, err);

	if (code != ANCIENT_OK && !core_superblock_is_written(store->fd, &store->superblock))
		core_disk_space_cut(store->fd, store->name, 0, NULL);
	return code;
}

static enum ancient_code init(struct ancient_superblock *superblock, uint32_t ocaml_version,
			      const char *name, struct ancient_error *err)
{
	core_superblock_init(superblock);
	superblock->ocaml_version = ocaml_version;
	if (getrandom(superblock->uuid, sizeof superblock->uuid, 0) ==
	    (ssize_t)sizeof superblock->uuid)
		return ANCIENT_OK;
	return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no random bytes", name);
}

static enum ancient_code format(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_superblock *superblock = &store->superblock;
	enum ancient_code code;

	code = init(superblock, store->options.ocaml_version, store->name, err);
	if (code == ANCIENT_OK)
		code = core_base_address_choose(store, err);
	if (code == ANCIENT_OK)
		code = core_disk_space_cut(store->fd, store->name, 0, err);
	if (code == ANCIENT_OK)
		code = core_disk_space_make(store->fd, store->name, 0, ANCIENT_FIRST_EXTENT, err);
	if (code == ANCIENT_OK)
		code = write_first(store, err);
	if (code == ANCIENT_OK && !core_file_flush(store->fd, true))
		code = core_fail_system(err, core_fail_code(errno), errno, "%s: cannot be flushed",
					store->name);
	if (code != ANCIENT_OK)
		core_mapping_release(&store->map);
	return code;
}

/* Whoever made the file was stopped between its slots: generation 0 is there, 1 is not. */
static enum ancient_code finish_first(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_superblock *superblock = &store->superblock;

	superblock->generation = superblock->fields_generation = 1;
	return core_superblock_write_empty(store->fd, store->name, superblock, err);
}

enum ancient_code core_create(struct ancient_store *store, struct ancient_error *err)
{
	struct core_lock lock;
	enum ancient_code code = core_lock_take(&lock, store->lock_fd, store->device, store->inode,
						store->name, err);

	if (code != ANCIENT_OK)
		return code;
	code = core_superblock_load(store->fd, store->name, &store->superblock, &store->observed,
				    err);
	if (code == ANCIENT_E_EMPTY)
		code = format(store, err);
	else if (code == ANCIENT_OK && store->superblock.generation == 0)
		code = finish_first(store, err);
	core_lock_drop(&lock);
	return code;
}

enum ancient_code core_create_successor(const struct ancient_superblock *old, uint64_t base,
					const char *name, struct ancient_superblock *ret,
					struct ancient_error *err)
{
	enum ancient_code code = init(ret, old->ocaml_version, name, err);

	if (code != ANCIENT_OK)
		return code;
	code = core_base_address_follow(name, old, base, ret, err);
	if (code != ANCIENT_OK)
		return code;
	ret->generation = ret->fields_generation = old->generation + 1;
	if (ret->version < old->version)
		ret->version = old->version;
	return ANCIENT_OK;
}

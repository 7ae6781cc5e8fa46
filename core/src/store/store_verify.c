/* core/store: ancient_store_verify, the verifying attach, and the same for older generations.
 *
 * It verifies a shared mapping of its own, which shows the file as it is: the store's mapping may
 * be relocated, and this process may have written to it.
 */
#include <errno.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "base/progress.h"
#include "file/commit_record.h"
#include "index/pages.h"
#include "store/store_follow.h"
#include "store/store_internal.h"
#include "verify/verify.h"

/* Puts the superblock of an older generation in the place of the newest. */
static enum ancient_code go_back(struct ancient_store *store,
				 const struct ancient_store_generation *at,
				 struct ancient_superblock *superblock, struct ancient_error *err)
{
	struct ancient_superblock newest = *superblock;
	enum ancient_code code;

	if (!at || at->generation == newest.generation)
		return ANCIENT_OK;
	code = ancient_core_commit_record_find(store->fd, store->name, &newest, at->generation,
					       superblock, err);
	return code == ANCIENT_OK ? ancient_core_superblock_test(store->name, superblock, err)
				  : code;
}

enum ancient_code ancient_store_verify_generation(struct ancient_store *store,
						  const struct ancient_store_generation *at,
						  struct ancient_error *err)
{
	struct core_progress progress = {.name = store->name, .due = CORE_PROGRESS_STEP};
	struct ancient_superblock superblock;
	struct core_superblock_observed observed;
	struct core_pages pages = {.name = store->name};
	uint64_t newest;
	bool empty;
	enum ancient_code code;
	void *file = NULL;

	pthread_mutex_lock(&store->mutex);
	store->observed.other_counts = false; /* look at both slots, and not at one (8.2) */
	code = ancient_core_store_refresh_locked(store, NULL, err);
	superblock = store->superblock;
	newest = superblock.generation;
	observed = store->observed;
	empty = store->empty;
	pthread_mutex_unlock(&store->mutex);
	if (code == ANCIENT_OK && empty) /* as a reader says */
		return ancient_core_fail_fault(
			err, (struct core_fault){ANCIENT_E_EMPTY, 0, 0, 0, 0},
			"%s: the file is empty: nothing has been published in it", store->name);
	if (code == ANCIENT_OK)
		code = go_back(store, at, &superblock, err);
	if (code != ANCIENT_OK)
		return code;
	file = mmap(NULL, superblock.used, PROT_READ, MAP_SHARED, store->fd, 0);
	if (file == MAP_FAILED)
		return ancient_core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
						"%s: cannot be mapped for verification",
						store->name);
	pages.file = file;
	pages.used = superblock.used;
	if (ancient_core_mapping_shows(file, store->fd, ANCIENT_FIRST_EXTENT, superblock.used))
		code = ancient_core_verify_pages(&pages, &superblock,
						 superblock.generation == newest ? &observed : NULL,
						 &progress, err);
	else
		code = ancient_core_fail(err, ANCIENT_E_TORN_AWAY,
					 "%s: the file was truncated or replaced in place",
					 store->name);
	munmap(file, superblock.used);
	return code;
}

enum ancient_code ancient_store_verify(struct ancient_store *store, struct ancient_error *err)
{
	return ancient_store_verify_generation(store, NULL, err);
}

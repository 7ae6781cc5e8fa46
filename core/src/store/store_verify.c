/* core/store: ancient_store_verify, the verifying attach.
 *
 * It verifies a shared mapping of its own, which shows the file as it is: the store's mapping may
 * be relocated, and this process may have written to it.
 */
#include <errno.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "base/progress.h"
#include "index/pages.h"
#include "store/store.h"
#include "store/store_internal.h"
#include "verify/verify.h"

enum ancient_code ancient_store_verify(struct ancient_store *store, struct ancient_error *err)
{
	struct core_progress nobody = {.due = UINT64_MAX};
	struct ancient_superblock superblock;
	struct core_pages pages = {.name = store->name};
	enum ancient_code code;
	void *file;

	pthread_mutex_lock(&store->mutex);
	code = core_store_refresh_locked(store, err);
	superblock = store->superblock;
	file = code == ANCIENT_OK ? mmap(NULL, superblock.used, PROT_READ, MAP_SHARED, store->fd, 0)
				  : NULL;
	pthread_mutex_unlock(&store->mutex);
	if (code != ANCIENT_OK)
		return code;
	if (file == MAP_FAILED)
		return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
					"%s: cannot be mapped for verification", store->name);
	pages.file = file;
	pages.used = superblock.used;
	code = core_verify_pages(&pages, &superblock, &nobody, err);
	munmap(file, superblock.used);
	return code;
}

/* core/store: the custom window of an attached file (FORMAT 6).
 *
 * A custom block begins with an address in the window below the base.  This process keeps its
 * custom operations there, in anonymous memory that stays mapped after a detach where bigarrays on
 * the heap that were cut out of the file's (Array1.sub) may refer to it (memory/custom_windows.h).
 */
#include "store/customs.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "index/custom_records.h"
#include "index/pages.h"
#include "memory/address_limits.h"
#include "memory/custom_windows.h"
#include "store/store.h"

enum ancient_code ancient_core_customs_open(struct ancient_store *store, struct ancient_error *err)
{
	void *window = store->map.base - ANCIENT_CUSTOM_WINDOW;
	char limit[192];
	int system;

	if (mprotect(window, ANCIENT_CUSTOM_WINDOW, PROT_READ | PROT_WRITE) == 0)
		return ANCIENT_OK;
	system = errno;
	ancient_core_limits_say(limit, sizeof limit, ANCIENT_CUSTOM_WINDOW);
	return ancient_core_fail_system(
		err, ANCIENT_E_ADDRESS_SPACE, system,
		"%s: no memory for custom operations: %u bytes are needed, and %s", store->name,
		ANCIENT_CUSTOM_WINDOW, limit);
}

static enum ancient_code fail_slot(const struct ancient_store *store, int system,
				   struct ancient_error *err)
{
	if (system == ENOMEM)
		return ancient_core_fail_memory(err, store->name);
	return ancient_core_fail(err, ANCIENT_E_BAD_BASE,
				 "%s: the process has other custom operations at this file's "
				 "addresses, of a file before it",
				 store->name);
}

enum ancient_code ancient_core_customs_link(struct ancient_store *store,
					    const struct ancient_superblock *superblock,
					    struct ancient_error *err)
{
	uint8_t *window = store->map.base - ANCIENT_CUSTOM_WINDOW;
	const struct ancient_custom_record *records = NULL;
	struct core_pages pages = ancient_core_store_pages(store);
	uint64_t count;
	enum ancient_code code;

	if (store->linked >= superblock->custom_slots)
		return ANCIENT_OK;
	code = ancient_core_custom_records(&pages, superblock, &records, &count, err);
	if (code != ANCIENT_OK)
		return code;
	for (; store->linked < superblock->custom_slots; store->linked++) {
		uint32_t slot = store->linked;
		char identifier[ANCIENT_CUSTOM_ID_MAX + 1] = {0};

		if (!store->options.link_custom)
			continue;
		if (slot < ANCIENT_CUSTOM_WELL_KNOWN)
			strncpy(identifier, ancient_core_custom_identifier(slot),
				sizeof identifier - 1);
		else
			memcpy(identifier, records[slot - ANCIENT_CUSTOM_WELL_KNOWN].identifier,
			       sizeof identifier - 1);
		if (!ancient_core_window_slot((uint64_t)(uintptr_t)store->map.base, slot,
					      identifier))
			return fail_slot(store, errno, err);
		store->options.link_custom(store->options.context, identifier,
					   window + (size_t)slot * ANCIENT_CUSTOM_SLOT);
	}
	return ANCIENT_OK;
}

static bool find(const struct ancient_custom_record *records, uint64_t count,
		 const char *identifier, uint64_t *ret_index)
{
	for (uint64_t i = 0; i < count; i++)
		if (strncmp(records[i].identifier, identifier, sizeof records[i].identifier) == 0) {
			*ret_index = i;
			return true;
		}
	return false;
}

static enum ancient_code append(const struct ancient_store *store, struct core_buffer *added,
				uint64_t slot, const char *identifier, struct ancient_error *err)
{
	struct ancient_custom_record *record;

	if (slot >= ANCIENT_CUSTOM_SLOTS_MAX)
		return ancient_core_fail(err, ANCIENT_E_NO_ROOM,
					 "%s: no custom slot left for \"%s\": a file has %u",
					 store->name, identifier, ANCIENT_CUSTOM_SLOTS_MAX);
	record = ancient_core_buffer_append(added, sizeof *record);
	if (!record)
		return ancient_core_fail_memory(err, store->name);
	memcpy(record->identifier, identifier, strlen(identifier));
	return ANCIENT_OK;
}

/* Appends an identifier, behind those that the custom window has in these slots, of a file that the
 * process had at this base before. */
static enum ancient_code append_new(const struct ancient_store *store, struct core_buffer *added,
				    uint64_t slot, const char *identifier, uint64_t *ret_slot,
				    struct ancient_error *err)
{
	uint64_t base = (uint64_t)(uintptr_t)store->map.base;
	char before[ANCIENT_CUSTOM_ID_MAX + 1];
	enum ancient_code code = ANCIENT_OK;

	while (code == ANCIENT_OK && ancient_core_window_identifier(base, (uint32_t)slot, before) &&
	       strcmp(before, identifier) != 0)
		code = append(store, added, slot++, before, err);
	if (code == ANCIENT_OK)
		code = append(store, added, slot, identifier, err);
	if (code == ANCIENT_OK)
		*ret_slot = slot;
	return code;
}

enum ancient_code ancient_core_customs_slot(const struct ancient_store *store,
					    struct core_buffer *added, const char *identifier,
					    uint64_t *ret_slot, struct ancient_error *err)
{
	struct core_pages pages = ancient_core_store_pages(store);
	const struct ancient_custom_record *records = NULL;
	uint64_t count, fresh = added->used / sizeof *records, index;
	enum ancient_code code;

	*ret_slot = ancient_core_custom_well_known(identifier);
	if (*ret_slot < ANCIENT_CUSTOM_WELL_KNOWN)
		return ANCIENT_OK;
	code = ancient_core_custom_records(&pages, &store->superblock, &records, &count, err);
	if (code != ANCIENT_OK)
		return code;
	if (find(records, count, identifier, &index)) {
		*ret_slot = ANCIENT_CUSTOM_WELL_KNOWN + index;
		return ANCIENT_OK;
	}
	if (find((const void *)added->data, fresh, identifier, &index)) {
		*ret_slot = ANCIENT_CUSTOM_WELL_KNOWN + count + index;
		return ANCIENT_OK;
	}
	return append_new(store, added, ANCIENT_CUSTOM_WELL_KNOWN + count + fresh, identifier,
			  ret_slot, err);
}

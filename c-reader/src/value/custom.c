/* c-reader/value: custom blocks as a caller sees them: the identifier and the bytes behind it
 * (FORMAT 6). */
#include <stdlib.h>
#include <string.h>

#include "value/gate_custom.h"
#include "value/value.h"

/* ---- Identifiers ----------------------------------------------------------------- */

/* A copy: an identifier is returned as text that ends in a 0 byte, and another process may change
 * the bytes of the mapping.  At most 512 KiB, made once for an open file, when first wanted. */
struct reader_names {
	uint32_t count;
	struct ancient_custom_record record[];
};

static enum ancient_code names_copy(const struct ancient_file *file, struct reader_names **ret,
				    struct ancient_error *err)
{
	uint32_t count = file->super.custom_slots - ANCIENT_CUSTOM_WELL_KNOWN;
	uint64_t at = file->super.customs, bytes = count * sizeof(struct ancient_custom_record);
	struct reader_names *names;

	if (at % ANCIENT_WORD != 0 ||
	    !reader_inside(file, at, sizeof(struct ancient_extent) + bytes)) {
		const struct reader_fault fault = {ANCIENT_E_BAD_CUSTOM, READER_C(1),
						   READER_SUPER(file, customs), 0, at};
		return ancient_reader_fail(file->name, err, &fault,
					   "expected the offset of a customs extent, found %llu",
					   (unsigned long long)at);
	}
	names = malloc(sizeof(*names) + bytes);
	if (names == NULL)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY,
					     "custom identifiers");
	names->count = count;
	memcpy(names->record, file->map + at + sizeof(struct ancient_extent), bytes);
	*ret = names;
	return ANCIENT_OK;
}

static enum ancient_code names_get(const struct ancient_file *file, const struct reader_names **ret,
				   struct ancient_error *err)
{
	/* A cache, the one part of an open file that changes.  Two threads may both fill it; the
	 * second one's copy is freed. */
	_Atomic(struct reader_names *) *cache = &((struct ancient_file *)(uintptr_t)file)->names;
	struct reader_names *names = atomic_load(cache), *made = NULL, *none = NULL;

	if (names == NULL) {
		enum ancient_code code = reader_settle(file, names_copy(file, &made, err), err);
		if (code != ANCIENT_OK)
			return code;
		names = made;
		if (!atomic_compare_exchange_strong(cache, &none, made)) {
			free(made);
			names = none;
		}
	}
	*ret = names;
	return ANCIENT_OK;
}

static enum ancient_code slot_name(const struct ancient_file *file, uint32_t slot,
				   const char **ret_name, struct ancient_error *err)
{
	const struct ancient_custom_record *record;
	const struct reader_names *names;
	enum ancient_code code;

	if (slot < ANCIENT_CUSTOM_WELL_KNOWN) {
		*ret_name = ancient_reader_custom_well_known[slot];
		return ANCIENT_OK;
	}
	code = names_get(file, &names, err);
	if (code != ANCIENT_OK)
		return code;
	record = &names->record[slot - ANCIENT_CUSTOM_WELL_KNOWN];
	if (record->identifier[0] == '\0' || record->identifier[ANCIENT_CUSTOM_ID_MAX] != '\0') {
		const struct reader_fault fault = {
			ANCIENT_E_BAD_CUSTOM, READER_C(2),
			file->super.customs + sizeof(struct ancient_extent) +
				(slot - ANCIENT_CUSTOM_WELL_KNOWN) * sizeof(*record),
			0, 0};
		return ancient_reader_fail(file->name, err, &fault,
					   "expected an identifier of 1 to 55 bytes");
	}
	*ret_name = record->identifier;
	return ANCIENT_OK;
}

static enum ancient_code custom_at(const struct ancient_file *file, struct ancient_value value,
				   struct ancient_custom *custom, struct ancient_error *err)
{
	struct reader_block block;
	uint64_t word;
	uint32_t slot;
	enum ancient_code code;

	if (!reader_is_pointer(value.word))
		return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
					     "expected custom block, found int");
	code = reader_gate(file, value.word, &block, err);
	if (code != ANCIENT_OK)
		return code;
	if (block.tag != ANCIENT_TAG_CUSTOM)
		return ancient_reader_refuse(
			file->name, err, ANCIENT_E_WRONG_KIND, "expected custom block, found %s",
			ancient_kind_name(ancient_reader_block_kind(file, &block)));
	word = reader_field(file, &block, 0);
	if (!ancient_reader_custom_slot(file, word, &slot)) {
		/* The gate has tested another word: somebody writes to the file. */
		const struct reader_fault fault = {ANCIENT_E_BAD_CUSTOM, READER_V(6), block.offset,
						   0, word};
		return ancient_reader_fail(file->name, err, &fault,
					   "expected the address of a custom slot, found %#llx",
					   (unsigned long long)word);
	}
	custom->payload = file->map + block.offset + ANCIENT_WORD;
	custom->bytes = (block.wosize - 1) * ANCIENT_WORD;
	return slot_name(file, slot, &custom->identifier, err);
}

enum ancient_code ancient_custom_get(const struct ancient_file *file, struct ancient_value value,
				     struct ancient_custom *ret_custom, struct ancient_error *err)
{
	struct ancient_custom custom;
	enum ancient_code code = reader_settle(file, custom_at(file, value, &custom, err), err);

	if (code == ANCIENT_OK)
		*ret_custom = custom;
	return code;
}

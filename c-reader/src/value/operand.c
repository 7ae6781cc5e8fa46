/* c-reader/value: operands of hash and compare: a value of a file or a key of a caller, opened into
 * the same struct lookup_view (operand.h). */
#include <string.h>

#include "value/gate_custom.h"
#include "value/operand.h"

static const char *file_name(const struct ancient_file *file)
{
	return file == NULL ? "key" : file->name;
}

enum ancient_code ancient_reader_lookup_unbound(const struct ancient_file *file,
						struct ancient_error *err)
{
	return ancient_reader_refuse(
		file_name(file), err, ANCIENT_E_ARGUMENT,
		"the key given is not bound to its parts: of generated code, PREFIX_..._key_bound "
		"gives one that is (ancient_bind_key_of); the file is not at fault");
}

static enum ancient_code open_custom(const struct ancient_file *file,
				     const struct reader_block *block, struct lookup_view *view,
				     struct ancient_error *err)
{
	uint64_t head;

	if (!ancient_reader_custom_slot(file, reader_field(file, block, 0), &view->slot))
		return ancient_reader_refuse(file->name, err, ANCIENT_E_BAD_CUSTOM,
					     "the file changed while it was read");
	view->size = 0;
	if (block->wosize < 2)
		return ANCIENT_OK;
	head = reader_field(file, block, 1);
	view->integer = (int64_t)head;
	if (view->slot != ANCIENT_CUSTOM_ZARITH)
		return ANCIENT_OK;
	view->negative = head >> 63 != 0;
	view->size = head & ~(1ull << 63);
	view->offset = block->offset + 2 * ANCIENT_WORD;
	if (view->size > block->wosize - 2)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_BAD_CUSTOM,
					     "the file changed while it was read");
	return ANCIENT_OK;
}

static enum ancient_code open_word(const struct ancient_file *file, uint64_t word,
				   struct lookup_view *view, struct ancient_error *err)
{
	struct reader_block block;
	uint64_t last;
	enum ancient_code code;

	if (!reader_is_pointer(word)) {
		view->tag = LOOKUP_IMMEDIATE;
		view->integer = (int64_t)word >> 1;
		return ANCIENT_OK;
	}
	if (file == NULL)
		return ancient_reader_refuse(
			"key", err, ANCIENT_E_ARGUMENT,
			"expected the file of the value in the key, found NULL");
	code = reader_gate(file, word, &block, err);
	if (code != ANCIENT_OK)
		return code;
	view->tag = block.tag;
	view->in_file = true;
	view->offset = block.offset;
	view->size = block.wosize;
	if (block.tag == ANCIENT_TAG_CUSTOM)
		return open_custom(file, &block, view, err);
	if (block.tag != ANCIENT_TAG_STRING)
		return ANCIENT_OK;
	view->bytes = (const char *)file->map + block.offset;
	if (!reader_string_length(file, &block, &view->size, &last))
		return ancient_reader_refuse(file->name, err, ANCIENT_E_BAD_STRING,
					     "the file changed while it was read");
	return ANCIENT_OK;
}

static void open_boxed(const struct ancient_key *key, uint32_t slot, struct lookup_view *view)
{
	view->tag = ANCIENT_TAG_CUSTOM;
	view->slot = slot;
	view->integer = key->as.integer;
}

enum ancient_code ancient_reader_lookup_open(const struct ancient_file *file,
					     struct lookup_item item, struct lookup_view *ret_view,
					     struct ancient_error *err)
{
	const struct ancient_key *key = item.key;
	struct lookup_view view = {0};
	enum ancient_code code = ANCIENT_OK;

	if (key == NULL) {
		code = open_word(file, item.word, &view, err);
		if (code == ANCIENT_OK)
			*ret_view = view;
		return code;
	}
	if (lookup_key_is_unbound(key))
		return ancient_reader_lookup_unbound(file, err);
	view.size = key->count;
	switch ((unsigned)key->kind) {
	case ANCIENT_KEY_INT:
		view.tag = LOOKUP_IMMEDIATE;
		view.integer = key->as.integer;
		break;
	case ANCIENT_KEY_STRING:
		view.tag = ANCIENT_TAG_STRING;
		view.bytes = key->as.bytes;
		break;
	case ANCIENT_KEY_FLOAT:
		view.tag = ANCIENT_TAG_DOUBLE;
		view.floats = &key->as.number;
		view.size = 1;
		break;
	case ANCIENT_KEY_FLOATS: /* [||] is an empty block of tag 0 */
		view.tag = key->count > 0 ? ANCIENT_TAG_DOUBLE_ARRAY : 0u;
		view.floats = key->as.numbers;
		break;
	case ANCIENT_KEY_INT32:
		open_boxed(key, ANCIENT_CUSTOM_INT32, &view);
		break;
	case ANCIENT_KEY_INT64:
		open_boxed(key, ANCIENT_CUSTOM_INT64, &view);
		break;
	case ANCIENT_KEY_NATIVEINT:
		open_boxed(key, ANCIENT_CUSTOM_NATIVEINT, &view);
		break;
	case ANCIENT_KEY_BLOCK:
		view.tag = key->tag;
		view.fields = key->as.fields;
		if (key->tag <= ANCIENT_TAG_LAST_PLAIN)
			break;
		return ancient_reader_refuse(file_name(file), err, ANCIENT_E_ARGUMENT,
					     "expected a tag of at most %d in the key, found %u",
					     ANCIENT_TAG_LAST_PLAIN, key->tag);
	case ANCIENT_KEY_VALUE:
		code = open_word(file, key->as.value.word, &view, err);
		break;
	default:
		return ancient_reader_refuse(file_name(file), err, ANCIENT_E_ARGUMENT,
					     "expected a key of a known kind, found %d",
					     (int)key->kind);
	}
	if (code == ANCIENT_OK)
		*ret_view = view;
	return code;
}

struct lookup_item ancient_reader_lookup_field(const struct ancient_file *file,
					       const struct lookup_view *view, uint64_t index)
{
	if (view->in_file)
		return lookup_word(reader_word(file, view->offset + index * ANCIENT_WORD));
	return lookup_key(&view->fields[index]);
}

double ancient_reader_lookup_float(const struct ancient_file *file, const struct lookup_view *view,
				   uint64_t index)
{
	uint64_t bits;
	double number;

	if (!view->in_file)
		return view->floats[index];
	bits = reader_word(file, view->offset + index * ANCIENT_WORD);
	memcpy(&number, &bits, sizeof(number));
	return number;
}

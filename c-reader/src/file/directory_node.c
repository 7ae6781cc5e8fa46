/* c-reader/file: nodes and names of the directories, read and tested (FORMAT 5, rules D1 to D3).
 * Called by lookups, cursors and verification. */
#include <string.h>

#include "base/error.h"
#include "base/words.h"
#include "file/directory_node.h"

enum ancient_code ancient_reader_bad_directory(const struct ancient_file *file, unsigned rule,
					       uint64_t offset, uint64_t found,
					       const char *expected, struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_DIRECTORY, rule, offset, 0, found};
	return ancient_reader_fail(file->name, err, &fault, "expected %s, found %#llx", expected,
				   (unsigned long long)found);
}

/* ---- Bits ------------------------------------------------------------------------ */

unsigned ancient_reader_bit(const struct reader_bits *bits, uint64_t position)
{
	if (bits->name == NULL)
		return (unsigned)(bits->key >> (ANCIENT_KEY_BITS - 1 - position)) & 1;
	if (position / 8 >= bits->length)
		return 0;
	return (unsigned)(bits->name[position / 8] >> (7 - position % 8)) & 1;
}

static uint64_t first_bit(uint64_t value, unsigned width)
{
	return (uint64_t)__builtin_clzll(value) - (64 - width);
}

static unsigned char name_byte(const struct reader_bits *bits, size_t at)
{
	return at < bits->length ? bits->name[at] : 0;
}

uint64_t ancient_reader_first_difference(const struct reader_bits *a, const struct reader_bits *b)
{
	size_t longer = a->length > b->length ? a->length : b->length;

	if (a->name == NULL)
		return a->key == b->key ? UINT64_MAX : first_bit(a->key ^ b->key, ANCIENT_KEY_BITS);
	for (size_t i = 0; i < longer; i++) {
		unsigned difference = name_byte(a, i) ^ name_byte(b, i);
		if (difference != 0)
			return 8 * i + first_bit(difference, 8);
	}
	return UINT64_MAX;
}

/* ---- Nodes ----------------------------------------------------------------------- */

struct reader_link ancient_reader_link_keys(const struct ancient_file *file)
{
	return (struct reader_link){file->super.keys, READER_SUPER(file, keys)};
}

struct reader_link ancient_reader_link_names(const struct ancient_file *file)
{
	return (struct reader_link){file->super.names, READER_SUPER(file, names)};
}

enum ancient_code ancient_reader_node_check(const struct ancient_file *file,
					    struct reader_link link, uint64_t bytes,
					    struct ancient_error *err)
{
	uint64_t offset = reader_link_offset(link);

	if (offset % ANCIENT_WORD == 0 && reader_inside(file, offset, bytes))
		return ANCIENT_OK;
	return ancient_reader_bad_directory(file, READER_D(1), link.place, link.word,
					    "a node inside the file, at a multiple of 8", err);
}

enum ancient_code ancient_reader_branch_bit(const struct ancient_file *file,
					    struct reader_link branch, uint64_t limit,
					    uint64_t *bit, struct ancient_error *err)
{
	enum ancient_code code =
		ancient_reader_node_check(file, branch, sizeof(struct ancient_branch), err);
	uint64_t next;

	if (code != ANCIENT_OK)
		return code;
	next = reader_word(file, reader_link_offset(branch));
	if (next >= limit || (*bit != READER_NO_BIT && next <= *bit))
		return ancient_reader_bad_directory(file, READER_D(2), reader_link_offset(branch),
						    next, "a bit past the one above it", err);
	*bit = next;
	return ANCIENT_OK;
}

struct reader_link ancient_reader_branch_child(const struct ancient_file *file,
					       struct reader_link branch, unsigned which)
{
	uint64_t place = reader_link_offset(branch) + offsetof(struct ancient_branch, child) +
			 which * ANCIENT_WORD;

	return (struct reader_link){reader_word(file, place), place};
}

enum ancient_code ancient_reader_leaf_key(const struct ancient_file *file, struct reader_link link,
					  struct ancient_entry_record *ret_leaf,
					  struct ancient_error *err)
{
	uint64_t at = reader_link_offset(link);
	enum ancient_code code = ancient_reader_node_check(file, link, sizeof(*ret_leaf), err);

	if (code != ANCIENT_OK)
		return code;
	*ret_leaf = (struct ancient_entry_record){
		.key = reader_word(file, at),
		.root = reader_word(file, at + 8),
		.schema = reader_word(file, at + 16),
		.name = reader_word(file, at + 24),
		.bytes = reader_word(file, at + 32),
		.blocks = reader_word(file, at + 40),
		.generation = reader_word(file, at + 48),
		.zero = reader_word(file, at + 56),
	};
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_leaf_name(const struct ancient_file *file, struct reader_link link,
					   struct ancient_name_leaf *ret_leaf,
					   struct ancient_error *err)
{
	uint64_t at = reader_link_offset(link);
	enum ancient_code code = ancient_reader_node_check(file, link, sizeof(*ret_leaf), err);

	if (code == ANCIENT_OK)
		*ret_leaf = (struct ancient_name_leaf){reader_word(file, at),
						       reader_word(file, at + 8)};
	return code;
}

enum ancient_code ancient_reader_name_at(const struct ancient_file *file, uint64_t offset,
					 uint64_t place, const unsigned char **ret_bytes,
					 size_t *ret_length, struct ancient_error *err)
{
	const unsigned char *bytes;
	uint64_t length;

	if (offset % ANCIENT_WORD != 0 || !reader_inside(file, offset, ANCIENT_WORD))
		return ancient_reader_bad_directory(
			file, READER_D(3), place, offset,
			"a name record inside the file, at a multiple of 8", err);
	length = reader_word(file, offset);
	if (length < 1 || length > ANCIENT_NAME_MAX ||
	    !reader_inside(file, offset, ANCIENT_NAME_RECORD_BYTES(length)))
		return ancient_reader_bad_directory(file, READER_D(3), place, length,
						    "a name of 1 to 255 bytes", err);
	bytes = file->map + offset + ANCIENT_WORD;
	if (bytes[length] != 0)
		return ancient_reader_bad_directory(file, READER_D(3), place, bytes[length],
						    "a 0 byte behind a name", err);
	*ret_bytes = bytes;
	*ret_length = length;
	return ANCIENT_OK;
}

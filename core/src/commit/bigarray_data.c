/* core/commit: the data extent of a commit: payloads of bigarrays, from the source to the file
 * (FORMAT 4).
 *
 * Payloads are the bulk of a value that has any.  They pass through a buffer of 1 MiB that stays in
 * the cache, and not through a mapping of the file, whose pages would cost faults.
 */
#include "commit/bigarray_data.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/fail.h"
#include "file/extent.h"

#define HEADER sizeof(struct ancient_extent)
#define PIECE ((uint64_t)1 << 20) /* bytes written at a time */

/* The buffer.  The bytes in it are both hashed and written, so that the checksum matches the file
 * even if another thread changes the source meanwhile. */
struct piece {
	uint8_t *bytes;
	uint64_t used;
	uint64_t at; /* where `bytes` goes in the file */
	XXH3_state_t *hash;
};

static enum ancient_code write_piece(struct core_extent_writer *writer, struct piece *piece,
				     struct ancient_error *err)
{
	struct iovec part = {piece->bytes, piece->used};

	XXH3_64bits_update(piece->hash, piece->bytes, piece->used);
	piece->at += piece->used;
	piece->used = 0;
	return ancient_core_extent_writer_write(writer, &part, 1, piece->at - part.iov_len, err);
}

/* Appends bytes from `from`, or zeros if that is NULL.  Pieces end at multiples of PIECE. */
static enum ancient_code add_bytes(struct core_extent_writer *writer, struct piece *piece,
				   const uint8_t *from, uint64_t bytes, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	while (bytes > 0 && code == ANCIENT_OK) {
		uint64_t left = PIECE - piece->at % PIECE - piece->used;
		uint64_t step = bytes < left ? bytes : left;

		if (from) {
			memcpy(piece->bytes + piece->used, from, step);
			from += step;
		} else {
			memset(piece->bytes + piece->used, 0, step);
		}
		bytes -= step;
		piece->used += step;
		if (step == left)
			code = write_piece(writer, piece, err);
	}
	return code;
}

/* Writes all payloads, each at its offset, and zeros up to `content` bytes. */
static enum ancient_code write_payloads(struct core_extent_writer *writer, struct piece *piece,
					uint64_t content, struct ancient_error *err)
{
	const struct core_patch *patch = (const void *)writer->target.patches.data;
	size_t count = writer->target.patches.used / sizeof *patch;
	enum ancient_code code = ANCIENT_OK;
	uint64_t at = 0;

	for (size_t i = 0; i < count && code == ANCIENT_OK; i++) {
		code = add_bytes(writer, piece, NULL, patch[i].payload - at, err);
		if (code == ANCIENT_OK)
			code = add_bytes(writer, piece, patch[i].from, patch[i].bytes, err);
		at = patch[i].payload + patch[i].bytes;
	}
	if (code == ANCIENT_OK)
		code = add_bytes(writer, piece, NULL, content - at, err);
	return code == ANCIENT_OK && piece->used ? write_piece(writer, piece, err) : code;
}

enum ancient_code ancient_core_bigarray_data_append(struct core_extent_writer *writer,
						    uint64_t generation, struct ancient_error *err)
{
	uint64_t content = (writer->target.payload_bytes + 7) & ~7ull;
	uint64_t length = ancient_core_extent_length(content, false);
	struct piece piece = {NULL, 0, writer->end + HEADER, NULL};
	struct ancient_extent header;
	struct iovec part = {&header, sizeof header};
	enum ancient_code code;

	if (content == 0)
		return ANCIENT_OK;
	code = ancient_core_extent_writer_begin(writer, length, err);
	if (code != ANCIENT_OK)
		return code;
	piece.bytes = malloc(content < PIECE ? content : PIECE);
	piece.hash = XXH3_createState();
	if (piece.bytes && piece.hash) {
		XXH3_64bits_reset(piece.hash);
		code = write_payloads(writer, &piece, content, err);
	} else {
		code = ancient_core_fail_memory(err, writer->target.name);
	}
	if (code == ANCIENT_OK) {
		header = ancient_core_extent_writer_header(writer, ANCIENT_EXTENT_DATA, generation,
							   0, content,
							   XXH3_64bits_digest(piece.hash));
		code = ancient_core_extent_writer_write(writer, &part, 1, writer->end, err);
		writer->end += length;
	}
	free(piece.bytes);
	XXH3_freeState(piece.hash);
	return code;
}

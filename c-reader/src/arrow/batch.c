/* c-reader/arrow: nodes to struct ArrowArray (batch.h).  The buffers of the nodes become those of
 * the arrays; each array owns its own, since a consumer may take children apart. */
#include "arrow/batch.h"

#include <stdlib.h>
#include <string.h>

#include "arrow/dictionary.h"

/* ---- Marks -------------------------------------------------------------------------- */

void ancient_reader_arrow_mark(struct arrow_build *build)
{
	for (uint32_t i = 0; i < build->plan.count; i++)
		build->plan.nodes[i]->mark = build->plan.nodes[i]->now;
}

void ancient_reader_arrow_set_back(struct arrow_build *build)
{
	for (uint32_t i = 0; i < build->plan.count; i++)
		build->plan.nodes[i]->now = build->plan.nodes[i]->mark;
	build->full = false;
	build->failed = NULL;
}

void ancient_reader_arrow_begin(struct arrow_build *build)
{
	for (uint32_t i = 0; i < build->plan.count; i++)
		build->plan.nodes[i]->now = (struct arrow_filled){0};
	build->bytes = 0;
}

/* ---- Arrays ------------------------------------------------------------------------- */

static void release(struct ArrowArray *array)
{
	struct arrow_owned *owned = array->private_data;

	for (int64_t i = 0; i < array->n_children; i++)
		if (array->children[i]->release != NULL)
			array->children[i]->release(array->children[i]);
	if (array->dictionary != NULL && array->dictionary->release != NULL)
		array->dictionary->release(array->dictionary);
	for (size_t i = 0; i < sizeof(owned->memory) / sizeof(owned->memory[0]); i++)
		free(owned->memory[i]);
	ancient_file_close(owned->file);
	free(owned);
	array->release = NULL;
}

struct arrow_owned *ancient_reader_arrow_owned(struct ArrowArray *array, uint64_t children,
					       bool dictionary)
{
	struct arrow_owned *owned;
	struct ArrowArray *arrays;
	struct ArrowArray **pointers;

	/* In one piece: this struct, the children and the dictionary, pointers to the children. */
	owned = calloc(1, sizeof(*owned) + (children + dictionary) * sizeof(*arrays) +
				  children * sizeof(*pointers));
	if (owned == NULL)
		return NULL;
	arrays = (struct ArrowArray *)(void *)(owned + 1);
	pointers = (struct ArrowArray **)(void *)(arrays + children + dictionary);
	for (uint64_t i = 0; i < children; i++)
		pointers[i] = &arrays[i];
	*array = (struct ArrowArray){
		.n_children = (int64_t)children,
		.buffers = owned->buffers,
		.children = children == 0 ? NULL : pointers,
		.dictionary = dictionary ? &arrays[children] : NULL,
		.release = release,
		.private_data = owned,
	};
	return owned;
}

/* Gives the first `bytes` of a buffer to the array, as buffer `index`.  A buffer that may not be
 * missing is never NULL. */
static void give(struct arrow_owned *owned, unsigned index, unsigned memory,
		 struct arrow_buffer *buffer, uint64_t bytes)
{
	static const uint64_t zeros[2];

	if (buffer->bytes == NULL || bytes == 0) {
		owned->buffers[index] = zeros;
		return;
	}
	ancient_reader_arrow_trim(buffer, bytes);
	owned->buffers[index] = owned->memory[memory] = buffer->bytes;
	*buffer = (struct arrow_buffer){.hint = bytes + bytes / 16};
}

static void give_text(struct arrow_owned *owned, struct arrow_node *node, struct ArrowArray *array)
{
	const uint64_t length = node->now.length, data = node->now.data_length;

	if (node->layout != ARROW_VIEW) {
		array->n_buffers = 3;
		give(owned, 1, 1, &node->offsets,
		     length == 0 ? 0 : (length + 1) * (node->layout == ARROW_64 ? 8 : 4));
		give(owned, 2, 2, &node->data, data);
		return;
	}
	give(owned, 1, 1, &node->offsets, length * 16);
	array->n_buffers = 3;
	if (data > 0) {
		give(owned, 2, 2, &node->data, data);
		array->n_buffers = 4;
	}
	owned->sizes[0] = (int64_t)data;
	owned->buffers[array->n_buffers - 1] = owned->sizes;
}

static void give_buffers(struct arrow_owned *owned, struct arrow_node *node,
			 struct ArrowArray *array)
{
	const uint64_t length = node->now.length;

	array->length = (int64_t)length;
	array->null_count = (int64_t)(node->kind == ARROW_NULL ? length : node->now.nulls);
	if (node->kind == ARROW_NULL)
		return;
	array->n_buffers = 1;
	if (node->now.nulls > 0)
		give(owned, 0, 0, &node->validity, arrow_bit_bytes(length));
	switch (node->kind) {
	case ARROW_TEXT:
	case ARROW_JSON:
	case ARROW_NAMES:
		give_text(owned, node, array);
		break;
	case ARROW_LIST:
	case ARROW_NUMBERS:
		array->n_buffers = 2;
		give(owned, 1, 1, &node->offsets, length == 0 ? 0 : (length + 1) * 4);
		break;
	case ARROW_STRUCT:
	case ARROW_VARIANT:
	case ARROW_ENTRIES:
	case ARROW_PAIR:
		break;
	case ARROW_BOOL:
		array->n_buffers = 2;
		give(owned, 1, 1, &node->data, arrow_bit_bytes(length));
		break;
	default:
		array->n_buffers = 2;
		give(owned, 1, 1, &node->data, node->now.data_length);
	}
}

/* As deep as the plan. */
static bool make_array(struct arrow_node *node, struct ArrowArray *array)
{
	struct arrow_owned *owned = ancient_reader_arrow_owned(array, node->child_count,
							       node->kind == ARROW_DICTIONARY);

	if (owned == NULL)
		return false;
	if (node->kind == ARROW_DICTIONARY)
		ancient_reader_arrow_dictionary_array(node->dictionary, array->dictionary);
	give_buffers(owned, node, array);
	/* A validity without nulls is not told of; the next batch begins without one. */
	free(node->validity.bytes);
	node->validity = (struct arrow_buffer){0};
	for (uint32_t i = 0; i < node->child_count; i++)
		if (!make_array(node->child[i], array->children[i]))
			return false;
	return true;
}

bool ancient_reader_arrow_batch(struct arrow_build *build, uint64_t rows,
				struct ArrowArray *ret_array)
{
	const struct arrow_plan *plan = &build->plan;
	struct ArrowArray array;

	if (ancient_reader_arrow_owned(&array, plan->column_count, false) == NULL)
		return false;
	array.length = (int64_t)rows;
	array.n_buffers = 1;
	for (uint32_t i = 0; i < plan->column_count; i++) {
		if (make_array(plan->column[i], array.children[i]))
			continue;
		release(&array);
		return false;
	}
	*ret_array = array;
	return true;
}

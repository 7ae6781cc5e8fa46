/* c-reader/arrow: the values of a dictionary, made once and shared by all batches (dictionary.h).
 */
#include "arrow/dictionary.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct arrow_dictionary {
	atomic_uint references;
	uint32_t count;
	char *bytes;
	int32_t *offsets;
	const void *buffers[3];
};

uint32_t ancient_reader_arrow_constructors(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_RESULT ? 2 : type->constructor_count;
}

const char *ancient_reader_arrow_constructor_name(const struct ancient_type *type, uint32_t index)
{
	if (type->kind == ANCIENT_TYPE_RESULT)
		return index == 0 ? "Ok" : "Error";
	return type->constructors[index].name;
}

struct arrow_dictionary *ancient_reader_arrow_dictionary_new(const struct ancient_type *type)
{
	const uint32_t count = ancient_reader_arrow_constructors(type);
	struct arrow_dictionary *dictionary = calloc(1, sizeof(*dictionary));
	size_t bytes = 0;

	if (dictionary == NULL)
		return NULL;
	for (uint32_t i = 0; i < count; i++)
		bytes += strlen(ancient_reader_arrow_constructor_name(type, i));
	atomic_init(&dictionary->references, 1);
	dictionary->count = count;
	dictionary->bytes = malloc(bytes + 1);
	dictionary->offsets = calloc((size_t)count + 1, sizeof(int32_t));
	if (dictionary->bytes == NULL || dictionary->offsets == NULL) {
		ancient_reader_arrow_dictionary_drop(dictionary);
		return NULL;
	}
	bytes = 0;
	for (uint32_t i = 0; i < count; i++) {
		const char *name = ancient_reader_arrow_constructor_name(type, i);
		memcpy(dictionary->bytes + bytes, name, strlen(name));
		bytes += strlen(name);
		dictionary->offsets[i + 1] = (int32_t)bytes;
	}
	dictionary->buffers[1] = dictionary->offsets;
	dictionary->buffers[2] = dictionary->bytes;
	return dictionary;
}

void ancient_reader_arrow_dictionary_drop(struct arrow_dictionary *dictionary)
{
	if (dictionary == NULL ||
	    atomic_fetch_sub_explicit(&dictionary->references, 1, memory_order_acq_rel) != 1)
		return;
	free(dictionary->bytes);
	free(dictionary->offsets);
	free(dictionary);
}

static void release(struct ArrowArray *array)
{
	ancient_reader_arrow_dictionary_drop(array->private_data);
	array->release = NULL;
}

void ancient_reader_arrow_dictionary_array(struct arrow_dictionary *dictionary,
					   struct ArrowArray *ret_array)
{
	atomic_fetch_add_explicit(&dictionary->references, 1, memory_order_relaxed);
	*ret_array = (struct ArrowArray){
		.length = dictionary->count,
		.n_buffers = 3,
		.buffers = dictionary->buffers,
		.release = release,
		.private_data = dictionary,
	};
}

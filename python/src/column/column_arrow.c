/* python/column: columns as Arrow data (column_arrow.h): the numbers in the column's own memory,
 * which they share; bits, and the indices of variants, are made of it.
 *
 * What is given out needs no object of Python and may be released by any thread.  Whoever has the
 * column may write to its memory: indices and offsets are tested here. */
#include "column/column_arrow.h"

#include "arrow/capsule.h"
#include "column/column.h"

#include <string.h>

/* ---- Types -------------------------------------------------------------------------- */

struct type_node {
	struct ArrowSchema inner, *children[1]; /* the elements, or the dictionary */
};

static void release_type(struct ArrowSchema *schema)
{
	struct type_node *node = schema->private_data;

	if (node != NULL && node->inner.release != NULL)
		node->inner.release(&node->inner);
	PyMem_RawFree(node);
	schema->release = NULL;
}

static bool put_type(struct ArrowSchema *schema, const char *name, const char *format, bool inner)
{
	struct type_node *node = inner ? PyMem_RawCalloc(1, sizeof *node) : NULL;

	*schema = (struct ArrowSchema){
		.format = format, .name = name, .release = release_type, .private_data = node};
	return !inner || node != NULL;
}

static unsigned index_bytes(Py_ssize_t categories)
{
	return categories <= INT8_MAX ? 1 : categories <= INT16_MAX ? 2 : 4;
}

static bool put_values_type(const struct py_column *self, const char *name,
			    struct ArrowSchema *schema)
{
	const bool variant = self->categories != Py_None;
	struct type_node *node;

	if (!put_type(schema, name,
		      !variant ? (self->format[0] == 'q'   ? "l"
				  : self->format[0] == 'd' ? "g"
							   : "b")
			       : (const char *[]){"c", "s", "", "i"}
					 [index_bytes(PyTuple_GET_SIZE(self->categories)) - 1],
		      variant))
		return false;
	if (variant || self->present != Py_None)
		schema->flags = ARROW_FLAG_NULLABLE;
	node = schema->private_data;
	if (variant) {
		put_type(&node->inner, "", "u", false);
		schema->dictionary = &node->inner;
	}
	return true;
}

/* False: no memory; the schema has nothing to release. */
static bool put_schema(const struct py_column *self, struct ArrowSchema *schema)
{
	struct type_node *node;

	if (self->offsets == Py_None)
		return put_values_type(self, "", schema);
	if (!put_type(schema, "", "+L", true))
		return false;
	node = schema->private_data;
	if (!put_values_type(self, "item", &node->inner)) {
		PyMem_RawFree(node);
		return false;
	}
	node->children[0] = &node->inner;
	schema->n_children = 1;
	schema->children = node->children;
	return true;
}

/* ---- Arrays ------------------------------------------------------------------------- */

struct array_node {
	struct py_shared_memory *memory; /* NULL: none of a column's */
	void *made[3];                   /* buffers that are this one's */
	const void *buffers[3];
	struct ArrowArray inner, *children[1]; /* the elements, or the dictionary */
};

static void release_array(struct ArrowArray *array)
{
	struct array_node *node = array->private_data;

	if (node->inner.release != NULL)
		node->inner.release(&node->inner);
	py_shared_memory_drop(node->memory);
	for (size_t i = 0; i < Py_ARRAY_LENGTH(node->made); i++)
		PyMem_RawFree(node->made[i]);
	PyMem_RawFree(node);
	array->release = NULL;
}

/* NULL: no memory, and the array has nothing to release. */
static struct array_node *put_array(struct ArrowArray *array, int64_t length, int64_t buffers)
{
	struct array_node *node = PyMem_RawCalloc(1, sizeof *node);

	*array = (struct ArrowArray){.length = length, .n_buffers = buffers};
	if (node == NULL)
		return NULL;
	array->buffers = node->buffers;
	array->release = release_array;
	array->private_data = node;
	return node;
}

/* Buffer i, zeros of so many bytes.  NULL: no memory. */
static void *make_buffer(struct array_node *node, size_t i, size_t bytes)
{
	node->made[i] = PyMem_RawCalloc(bytes + 8, 1);
	node->buffers[i] = node->made[i];
	return node->made[i];
}

/* The items of a column in buffer 1: its own where they lie one behind the other. */
static bool put_items(struct array_node *node, const struct py_column *column)
{
	void *copy;

	if (column->step == column->item_bytes) {
		node->memory = py_shared_memory_hold(column->memory);
		node->buffers[1] = column->at;
		return true;
	}
	copy = make_buffer(node, 1, (size_t)(column->count * column->item_bytes));
	if (copy != NULL)
		py_column_copy(column, copy);
	return copy != NULL;
}

static void set_bit(unsigned char *bits, Py_ssize_t i)
{
	bits[i / 8] |= (unsigned char)(1u << i % 8);
}

/* Bits of bools. */
static bool put_bits(struct array_node *node, size_t buffer, const struct py_column *column)
{
	unsigned char *bits = make_buffer(node, buffer, (size_t)column->count / 8);

	for (Py_ssize_t i = 0; bits != NULL && i < column->count; i++)
		if (*py_column_item_at(column, i) != 0)
			set_bit(bits, i);
	return bits != NULL;
}

static void put_index(void *out, unsigned bytes, Py_ssize_t i, int64_t index)
{
	if (bytes == 1)
		((int8_t *)out)[i] = (int8_t)index;
	else if (bytes == 2)
		((int16_t *)out)[i] = (int16_t)index;
	else
		((int32_t *)out)[i] = (int32_t)index;
}

/* Indices, and which rows have one: what is no category is null. */
static bool put_indices(struct array_node *node, const struct py_column *self)
{
	const Py_ssize_t categories = PyTuple_GET_SIZE(self->categories);
	const unsigned bytes = index_bytes(categories);
	unsigned char *valid = make_buffer(node, 0, (size_t)self->count / 8);
	void *out = make_buffer(node, 1, (size_t)self->count * bytes);

	if (valid == NULL || out == NULL)
		return false;
	for (Py_ssize_t i = 0; i < self->count; i++) {
		int64_t code;

		memcpy(&code, py_column_item_at(self, i), sizeof code);
		if (code < 0 || code >= categories || !py_column_is_present(self, i))
			continue;
		set_bit(valid, i);
		put_index(out, bytes, i, code);
	}
	return true;
}

/* The names of constructors as utf8, with offsets of 32 bits.  False: an exception. */
static bool put_names(PyObject *names, struct ArrowArray *array)
{
	const Py_ssize_t count = PyTuple_GET_SIZE(names);
	struct array_node *node = put_array(array, count, 3);
	int32_t *offsets = node == NULL ? NULL : make_buffer(node, 1, ((size_t)count + 1) * 4);
	Py_ssize_t bytes = 0, length;
	char *text;

	for (Py_ssize_t i = 0; offsets != NULL && i < count; i++) {
		if (PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(names, i), &length) == NULL)
			return false;
		if (length > INT32_MAX - bytes) {
			PyErr_SetString(PyExc_OverflowError, "categories of more than 2 GiB");
			return false;
		}
		bytes += length;
		offsets[i + 1] = (int32_t)bytes;
	}
	text = offsets == NULL ? NULL : make_buffer(node, 2, (size_t)bytes);
	if (text == NULL) {
		PyErr_NoMemory();
		return false;
	}
	for (Py_ssize_t i = 0; i < count; i++)
		memcpy(text + offsets[i],
		       PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(names, i), &length),
		       (size_t)(offsets[i + 1] - offsets[i]));
	return true;
}

/* False: an exception; the array is to be released where it has `release`. */
static bool put_values(const struct py_column *self, struct ArrowArray *array)
{
	struct array_node *node = put_array(array, self->count, 2);
	bool made = node != NULL;

	if (made && self->categories != Py_None) {
		array->null_count = -1;
		made = put_indices(node, self);
		if (made && !put_names(self->categories, &node->inner))
			return false;
		array->dictionary = &node->inner;
	} else if (made) {
		made = self->format[0] == '?' ? put_bits(node, 1, self) : put_items(node, self);
		if (made && self->present != Py_None) {
			array->null_count = -1;
			made = put_bits(node, 0, (const struct py_column *)self->present);
		}
	}
	if (!made)
		PyErr_NoMemory();
	return made;
}

static bool put_all(const struct py_column *self, struct ArrowArray *array)
{
	const struct py_column *offsets = (const struct py_column *)self->offsets;
	struct array_node *node;

	if (self->offsets == Py_None)
		return put_values(self, array);
	if (!py_column_are_offsets(offsets, self->count)) {
		PyErr_SetString(PyExc_ValueError, "the offsets of the column have been changed");
		return false;
	}
	node = put_array(array, offsets->count - 1, 2);
	if (node == NULL || !put_items(node, offsets)) {
		PyErr_NoMemory();
		return false;
	}
	node->children[0] = &node->inner;
	array->n_children = 1;
	array->children = node->children;
	return put_values(self, &node->inner);
}

/* ---- The methods -------------------------------------------------------------------- */

PyObject *py_column_arrow_schema(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	struct ArrowSchema schema;

	if (!put_schema((const struct py_column *)object, &schema))
		return PyErr_NoMemory();
	return py_capsule_schema(&schema);
}

PyObject *py_column_arrow_array(PyObject *object, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"requested_schema", NULL};
	struct ArrowArray array = {0};
	PyObject *requested, *type, *values; /* there is one way to give a column out */

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:__arrow_c_array__", names, &requested))
		return NULL;
	if (!put_all((const struct py_column *)object, &array)) {
		if (array.release != NULL)
			array.release(&array);
		return NULL;
	}
	values = py_capsule_array(&array);
	type = values == NULL ? NULL : py_column_arrow_schema(object, NULL);
	if (type != NULL)
		return Py_BuildValue("(NN)", type, values);
	Py_XDECREF(values);
	return NULL;
}

/* python/raw: Block, the view of an OCaml block of tags 0 to 243, and its iterator. */
#include "raw/block.h"

#include "module/errors.h"
#include "module/module.h"
#include "module/threads.h"
#include "raw/sequence.h"
#include "raw/value.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "walk/compare.h"
#include "walk/repr.h"
#include "docs.h"

#include <stdio.h>

PyObject *py_block_new(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_error err;
	struct ancient_block found;
	PyObject *self;

	if (ancient_block_get(snapshot->file, value, &found, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	self = py_view_new(snapshot->state->block, snapshot, value);
	if (self != NULL)
		((struct py_block *)self)->block = found;
	return self;
}

static Py_ssize_t block_length(PyObject *self)
{
	return (Py_ssize_t)((struct py_block *)self)->block.size;
}

/* The OCaml word of field i; -1 with an exception. */
static int block_field(PyObject *self, Py_ssize_t i, struct ancient_value *ret_value)
{
	const struct py_block *block = (const struct py_block *)self;
	struct py_snapshot *snapshot = block->view.snapshot;
	struct ancient_error err;

	if (i < 0 || (uint64_t)i >= block->block.size) {
		py_fail(snapshot, ANCIENT_E_NO_INDEX, ANCIENT_NO_OFFSET,
			"index out of range: the block has %llu fields",
			(unsigned long long)block->block.size);
		return -1;
	}
	if (ancient_block_field(snapshot->file, &block->block, (uint64_t)i, ret_value, &err) ==
	    ANCIENT_OK)
		return 0;
	py_raise(snapshot->state, snapshot->name, &err);
	return -1;
}

uint64_t py_block_pointer(PyObject *object, Py_ssize_t i)
{
	const struct py_block *block = (const struct py_block *)object;
	struct ancient_value value;

	if (ancient_block_field(block->view.snapshot->file, &block->block, (uint64_t)i, &value,
				NULL) != ANCIENT_OK)
		return 0;
	return ancient_value_is_int(value) ? 0 : value.word;
}

static PyObject *block_item(PyObject *self, Py_ssize_t i)
{
	struct ancient_value value;

	if (block_field(self, i, &value) < 0)
		return NULL;
	return py_value(((struct py_view *)self)->snapshot, value);
}

static PyObject *block_tag(PyObject *self, void *Py_UNUSED(closure))
{
	return PyLong_FromUnsignedLong(((struct py_block *)self)->block.tag);
}

static PyObject *block_memoryview(PyObject *self, PyObject *index)
{
	struct ancient_value value;
	char what[48];
	Py_ssize_t i = PyNumber_AsSsize_t(index, PyExc_IndexError);

	if (i == -1 && PyErr_Occurred())
		return NULL;
	if (i < 0)
		i += block_length(self);
	if (block_field(self, i, &value) < 0)
		return NULL;
	snprintf(what, sizeof what, "field %zd", i);
	return py_string_memoryview(((struct py_view *)self)->snapshot, value, what);
}

static PyObject *element_repr(PyObject *self, Py_ssize_t i)
{
	struct ancient_value value;

	if (block_field(self, i, &value) < 0)
		return NULL;
	return py_repr_value(((struct py_view *)self)->snapshot, NULL, ancient_typed_of(value, 0),
			     0);
}

static PyObject *block_repr(PyObject *self)
{
	const struct py_block *block = (const struct py_block *)self;
	PyObject *text, *elements = py_repr_elements(self, element_repr, block_length(self));

	if (elements == NULL)
		return NULL;
	text = PyUnicode_FromFormat("<ancient.Block tag=%u size=%zd %U>", block->block.tag,
				    block_length(self), elements);
	Py_DECREF(elements);
	return text;
}

/* ---- Iteration ------------------------------------------------------------------ */

struct block_iter {
	PyObject_HEAD PyObject *block; /* NULL at the end */
	Py_ssize_t next;
};

static PyObject *block_iterate(PyObject *self)
{
	PyTypeObject *type = ((struct py_view *)self)->snapshot->state->block_iter;
	struct block_iter *iter = (struct block_iter *)type->tp_alloc(type, 0);

	if (iter != NULL)
		iter->block = Py_NewRef(self);
	return (PyObject *)iter;
}

static PyObject *iter_next(PyObject *self)
{
	struct block_iter *iter = (struct block_iter *)self;
	PyObject *block = NULL, *item = NULL;
	Py_ssize_t i = 0;

	Py_BEGIN_CRITICAL_SECTION(self);
	i = iter->next;
	if (iter->block != NULL && i < block_length(iter->block)) {
		block = Py_NewRef(iter->block);
		iter->next++;
	} else {
		Py_CLEAR(iter->block);
	}
	Py_END_CRITICAL_SECTION();
	if (block != NULL)
		item = block_item(block, i);
	Py_XDECREF(block);
	return item;
}

static PyObject *iter_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	const struct block_iter *iter = (const struct block_iter *)self;
	Py_ssize_t left = 0;

	Py_BEGIN_CRITICAL_SECTION(self);
	if (iter->block != NULL)
		left = block_length(iter->block) - iter->next;
	Py_END_CRITICAL_SECTION();
	return PyLong_FromSsize_t(left);
}

static void iter_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	Py_XDECREF(((struct block_iter *)self)->block);
	type->tp_free(self);
	Py_DECREF(type);
}

/* ---- Types ---------------------------------------------------------------------- */

static PyMethodDef block_methods[] = {
	{"index", (PyCFunction)(void (*)(void))py_sequence_index, METH_FASTCALL,
	 PY_DOC_Block_index},
	{"count", py_sequence_count, METH_O, PY_DOC_Block_count},
	{"memoryview", block_memoryview, METH_O, PY_DOC_Block_memoryview},
	PY_VIEW_METHODS(py_view_reduce),
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef block_attributes[] = {
	{"tag", block_tag, NULL, PY_DOC_Block_tag, NULL},
	{"offset", py_view_offset, NULL, PY_DOC_Block_offset, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot block_slots[] = {
	{Py_tp_doc, PY_DOC_Block},
	{Py_tp_dealloc, py_view_dealloc},
	{Py_tp_repr, block_repr},
	{Py_tp_richcompare, py_raw_compare},
	{Py_tp_hash, PyObject_HashNotImplemented},
	{Py_tp_iter, block_iterate},
	{Py_tp_methods, block_methods},
	{Py_tp_members, py_view_members},
	{Py_tp_getset, block_attributes},
	{Py_sq_length, block_length},
	{Py_sq_item, block_item},
	{Py_sq_contains, py_sequence_contains},
	{Py_mp_length, block_length},
	{Py_mp_subscript, py_sequence_subscript},
	{0, NULL},
};

static PyType_Spec block_spec = {
	.name = "ancient.Block",
	.basicsize = sizeof(struct py_block),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE |
		 Py_TPFLAGS_SEQUENCE,
	.slots = block_slots,
};

static PyMethodDef iter_methods[] = {
	{"__length_hint__", iter_length_hint, METH_NOARGS, NULL},
	{"__reduce__", py_refuse_pickle, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot iter_slots[] = {
	{Py_tp_dealloc, iter_dealloc},
	{Py_tp_iter, PyObject_SelfIter},
	{Py_tp_iternext, iter_next},
	{Py_tp_methods, iter_methods},
	{0, NULL},
};

static PyType_Spec iter_spec = {
	.name = "ancient._BlockIterator",
	.basicsize = sizeof(struct block_iter),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = iter_slots,
};

int py_block_init(PyObject *module, struct py_state *state)
{
	if (py_add_type(module, &block_spec, "Sequence", &state->block) < 0)
		return -1;
	return py_add_type(module, &iter_spec, NULL, &state->block_iter);
}

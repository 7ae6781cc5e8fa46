/* python/typed: records, and the functions that stand in for methods: a record has no attribute
 * but its fields. */
#include "typed/record.h"

#include "module/errors.h"
#include "module/module.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "typed/class.h"
#include "typed/no_field.h"
#include "typed/value.h"
#include "typed/variant.h"
#include "walk/compare.h"
#include "walk/hash.h"
#include "walk/notebook.h"
#include "walk/repr.h"
#include "docs.h"

/* Field `index` of a record whose words are known; index is below its count. */
static inline PyObject *word_part(const struct py_record *record, uint32_t index)
{
	const struct py_typed *self = &record->typed;
	const struct ancient_parts parts = {record->words, record->count, record->flat, 0};
	const struct ancient_type *type = self->schema->types[self->type];

	return py_typed_value(self->view.snapshot, self->schema,
			      ancient_parts_get(&parts, index, type->fields[index].type));
}

PyObject *py_record_part(PyObject *object, uint32_t index)
{
	const struct py_record *record = (const struct py_record *)object;
	const struct py_typed *self = &record->typed;
	struct py_snapshot *snapshot = self->view.snapshot;
	struct ancient_typed field;
	struct ancient_error err;

	/* Above the count where it is another type's field. */
	if (record->words != NULL && index < record->count)
		return word_part(record, index);
	if (ancient_typed_field(snapshot->file, self->schema->schema, py_typed_of(self), index,
				&field, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_typed_value(snapshot, self->schema, field);
}

/* ---- Making and unmaking ------------------------------------------------------------ */

#ifdef Py_GIL_DISABLED

/* A pool would be one more thing for threads to wait for; this allocator has one for each. */
static struct py_record *record_alloc(struct py_state *Py_UNUSED(state), PyTypeObject *class)
{
	return PyObject_New(struct py_record, class);
}

static bool record_pool(struct py_record *Py_UNUSED(self))
{
	return false;
}

void py_record_drain(struct py_state *Py_UNUSED(state))
{
}

#else

static struct py_record *record_alloc(struct py_state *state, PyTypeObject *class)
{
	if (state->pooled == 0)
		return PyObject_New(struct py_record, class);
	return (struct py_record *)PyObject_Init((PyObject *)state->pool[--state->pooled], class);
}

/* Keeps the memory of a record for the next one; false: there is enough of it. */
static inline bool record_pool(struct py_record *self)
{
	const struct py_snapshot *snapshot = self->typed.view.snapshot;

	if (snapshot == NULL || snapshot->state->pooled >= PY_POOL)
		return false;
	snapshot->state->pool[snapshot->state->pooled++] = self;
	return true;
}

void py_record_drain(struct py_state *state)
{
	while (state->pooled > 0)
		PyObject_Free(state->pool[--state->pooled]);
}

#endif

/* Where the words of a record are; most are blocks of the size that their type asks for. */
static enum ancient_code open_record(const struct py_snapshot *snapshot,
				     const struct py_schema *schema, struct ancient_typed typed,
				     struct ancient_parts *ret_parts, struct ancient_error *err)
{
	const uint64_t size = schema->types[typed.type]->block_fields;
	const unsigned char *fields;

	if (typed.flat != 0 || size == 0 ||
	    !ancient_access_block(&snapshot->access, typed.value.word, size, 0, &fields) ||
	    !ancient_access_stands(&snapshot->access))
		return ancient_typed_parts(snapshot->file, schema->schema, typed, ret_parts, err);
	ret_parts->words = (const uint64_t *)(const void *)fields;
	ret_parts->count = size;
	ret_parts->flat = 0;
	return ANCIENT_OK;
}

PyObject *py_record_new(struct py_snapshot *snapshot, struct py_schema *schema,
			struct ancient_typed typed)
{
	PyTypeObject *class = py_class_of(schema, typed.type);
	struct ancient_parts parts;
	struct ancient_error err;
	struct py_record *self;

	if (class == NULL)
		return NULL;
	if (open_record(snapshot, schema, typed, &parts, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	self = record_alloc(snapshot->state, class);
	if (self == NULL)
		return NULL;
	py_typed_fill(&self->typed, snapshot, schema, typed);
	self->words = parts.words;
	self->count = (uint32_t)parts.count;
	self->flat = parts.flat;
	return (PyObject *)self;
}

static void record_dealloc(PyObject *object)
{
	struct py_record *self = (struct py_record *)object;
	struct py_snapshot *snapshot = self->typed.view.snapshot;
	PyTypeObject *type = Py_TYPE(object);

	py_view_clear_weak_references(object);
	Py_XDECREF(self->typed.schema);
	/* A class written in Python that derives from a record's has memory of its own kind. */
	if (type->tp_dealloc != record_dealloc || !record_pool(self))
		type->tp_free(object);
	Py_XDECREF(snapshot);
	Py_DECREF(type);
}

/* ---- Attributes --------------------------------------------------------------------- */

static PyObject *record_getattro(PyObject *object, PyObject *name)
{
	const struct py_record *self = (const struct py_record *)object;
	const struct py_schema *schema = self->typed.schema;
	const struct py_name *slot;

	if (schema == NULL || schema->names[self->typed.type] == NULL)
		return py_field_or_error(object, name);
	slot = py_names_slot(schema->names[self->typed.type], name);
	if (slot->name == NULL)
		return py_field_or_error(object, name);
	return self->words != NULL ? word_part(self, slot->index)
				   : py_record_part(object, slot->index);
}

/* ---- fields, asdict ----------------------------------------------------------------- */

static PyObject *fields_of(struct py_state *state, PyObject *object, const char *function)
{
	PyObject *names = py_class_fields(state, object);

	if (names == NULL && !PyErr_Occurred())
		PyErr_Format(PyExc_TypeError,
			     "%s() takes a record or a constructor got from a store, not %.200s",
			     function, Py_TYPE(object)->tp_name);
	return names;
}

PyObject *py_fields(PyObject *module, PyObject *object)
{
	return fields_of(PyModule_GetState(module), object, "fields");
}

static int add_part(PyObject *dict, PyObject *object, PyObject *name, uint32_t index, bool record)
{
	PyObject *part = record ? py_record_part(object, index) : py_variant_part(object, index);
	int failed = part == NULL ? -1 : PyDict_SetItem(dict, name, part);

	Py_XDECREF(part);
	return failed;
}

PyObject *py_asdict(PyObject *module, PyObject *object)
{
	struct py_state *state = PyModule_GetState(module);
	bool record = PyObject_TypeCheck(object, state->record);
	PyObject *names, *dict;
	Py_ssize_t i;

	names = PyType_Check(object) ? NULL : fields_of(state, object, "asdict");
	if (names == NULL && !PyErr_Occurred())
		return PyErr_Format(PyExc_TypeError, "asdict() takes a record, not a class");
	dict = names == NULL ? NULL : PyDict_New();
	for (i = 0; dict != NULL && i < PyTuple_GET_SIZE(names); i++)
		if (add_part(dict, object, PyTuple_GET_ITEM(names, i), (uint32_t)i, record) < 0)
			Py_CLEAR(dict);
	Py_XDECREF(names);
	return dict;
}

/* ---- The type ----------------------------------------------------------------------- */

static PyMethodDef record_methods[] = {
	PY_NOTEBOOK_METHODS,
	PY_VIEW_METHODS(py_typed_reduce),
	{NULL, NULL, 0, NULL},
};

static PyType_Slot record_slots[] = {
	{Py_tp_doc, PY_DOC_Record},
	{Py_tp_dealloc, record_dealloc},
	{Py_tp_getattro, record_getattro},
	{Py_tp_repr, py_typed_repr},
	{Py_tp_richcompare, py_typed_compare},
	{Py_tp_hash, py_typed_hash},
	{Py_tp_methods, record_methods},
	{Py_sq_item, py_record_not_iterable},
	{Py_mp_subscript, py_record_no_subscript},
	{Py_tp_members, py_view_members},
	{0, NULL},
};

static PyType_Spec record_spec = {
	.name = "ancient.Record",
	.basicsize = sizeof(struct py_record),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION |
		 Py_TPFLAGS_IMMUTABLETYPE,
	.slots = record_slots,
};

int py_record_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &record_spec, NULL, &state->record);
}

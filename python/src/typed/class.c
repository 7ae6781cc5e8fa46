/* python/typed: the Python classes of record and variant types, made when they are first needed.
 *
 * A class has an attribute for each field, __match_args__ and other dunders, and cannot be changed
 * or instantiated..  The class of a variant has an attribute for each of its constructors: a
 * constant, or a class of its own. */
#include "typed/class.h"

#include "module/module.h"
#include "typed/class_object.h"
#include "typed/record.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "typed/variant.h"

#include <stdio.h>
#include <string.h>

/* ---- Fields ----------------------------------------------------------------------- */

/* The attribute of a class that reads one field. */
struct field {
	PyObject_HEAD PyObject *name;
	struct py_state *state;
	uint32_t index;
	bool argument; /* of a constructor, not of a record */
};

static PyObject *field_get(PyObject *object, PyObject *instance, PyObject *Py_UNUSED(type))
{
	const struct field *self = (const struct field *)object;
	PyTypeObject *base = self->argument ? self->state->variant : self->state->record;

	if (instance == NULL)
		return Py_NewRef(object);
	if (!PyObject_TypeCheck(instance, base) || ((struct py_typed *)instance)->schema == NULL)
		return PyErr_Format(PyExc_TypeError, "%R is a field of another type than %.200s",
				    self->name, Py_TYPE(instance)->tp_name);
	return self->argument ? py_variant_part(instance, self->index)
			      : py_record_part(instance, self->index);
}

static int field_set(PyObject *object, PyObject *instance, PyObject *Py_UNUSED(value))
{
	PyErr_Format(PyExc_AttributeError,
		     "%U of %.200s cannot be changed: what is published never changes",
		     ((struct field *)object)->name, Py_TYPE(instance)->tp_name);
	return -1;
}

static PyObject *field_repr(PyObject *object)
{
	return PyUnicode_FromFormat("<field %R>", ((struct field *)object)->name);
}

static void field_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	Py_XDECREF(((struct field *)object)->name);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyType_Slot field_slots[] = {
	{Py_tp_dealloc, field_dealloc},
	{Py_tp_repr, field_repr},
	{Py_tp_descr_get, field_get},
	{Py_tp_descr_set, field_set},
	{0, NULL},
};

static PyType_Spec field_spec = {
	.name = "ancient._Field",
	.basicsize = sizeof(struct field),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = field_slots,
};

static PyObject *field_new(struct py_state *state, PyObject *name, uint32_t index, bool argument)
{
	struct field *self = (struct field *)state->field->tp_alloc(state->field, 0);

	if (self == NULL)
		return NULL;
	self->name = Py_NewRef(name);
	self->state = state;
	self->index = index;
	self->argument = argument;
	return (PyObject *)self;
}

/* ---- Names ------------------------------------------------------------------------ */

void py_class_name(const struct ancient_type *type, char *name, size_t size)
{
	const char *end, *at;
	const char *path = type->path;

	if (path == NULL) {
		snprintf(name, size, "variant");
		return;
	}
	end = path + strlen(path);
	/* "Package.t" is known as Package. */
	if (end - path > 2 && strcmp(end - 2, ".t") == 0)
		end -= 2;
	at = end;
	while (at > path && at[-1] != '.')
		at--;
	snprintf(name, size, "%.*s", (int)(end - at), at);
}

static bool is_dunder(const char *name)
{
	size_t length = strlen(name);

	return length > 4 && strncmp(name, "__", 2) == 0 && strcmp(name + length - 2, "__") == 0;
}

/* The names of fields, those of plain arguments being _0, _1 and so on. */
static PyObject *field_names(const struct ancient_field *fields, uint32_t count)
{
	PyObject *names = PyTuple_New((Py_ssize_t)count);
	uint32_t i;

	for (i = 0; names != NULL && i < count; i++) {
		PyObject *name = fields[i].name != NULL ? PyUnicode_InternFromString(fields[i].name)
							: PyUnicode_FromFormat("_%u", i);

		if (name == NULL)
			Py_CLEAR(names);
		else
			PyTuple_SET_ITEM(names, (Py_ssize_t)i, name);
	}
	return names;
}

/* ---- What is in a class ----------------------------------------------------------- */

/* A field whose name Python keeps to itself is also there with a _ behind it, unless the
 * type has a field of that name. */
static int put_keyword(struct py_state *state, PyTypeObject *class, PyObject *name, PyObject *field)
{
	int keyword = PySet_Contains(state->keywords, name), failed = -1;
	PyObject *alias;

	if (keyword <= 0)
		return keyword;
	alias = PyUnicode_FromFormat("%U_", name);
	if (alias != NULL)
		failed = PyDict_SetDefault(class->tp_dict, alias, field) == NULL ? -1 : 0;
	Py_XDECREF(alias);
	return failed;
}

static int put_fields(struct py_state *state, PyTypeObject *class, PyObject *names, bool argument)
{
	Py_ssize_t count = PyTuple_GET_SIZE(names), i, positional = count;
	PyObject **fields = PyMem_Calloc((size_t)count + 1, sizeof *fields);
	int failed = 0;

	if (fields == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	for (i = 0; i < count && failed == 0; i++) {
		PyObject *name = PyTuple_GET_ITEM(names, i);

		if (is_dunder(PyUnicode_AsUTF8(name))) {
			/* Patterns by position end before the first field that is no attribute. */
			positional = i < positional ? i : positional;
			continue;
		}
		fields[i] = field_new(state, name, (uint32_t)i, argument);
		failed = fields[i] == NULL ? -1 : PyDict_SetItem(class->tp_dict, name, fields[i]);
	}
	for (i = 0; i < count && failed == 0; i++)
		if (fields[i] != NULL)
			failed = put_keyword(state, class, PyTuple_GET_ITEM(names, i), fields[i]);
	for (i = 0; i < count; i++)
		Py_XDECREF(fields[i]);
	PyMem_Free(fields);
	if (failed == 0)
		failed = py_class_put(class, "__match_args__",
				      PyTuple_GetSlice(names, 0, positional));
	return failed < 0 ? -1 : py_class_put(class, "__fields__", Py_NewRef(names));
}

static PyTypeObject *class_new(struct py_state *state, const char *name, PyTypeObject *base,
			       const char *declared)
{
	char full[300];
	PyType_Slot slots[] = {
		{Py_tp_dealloc, (void *)base->tp_dealloc},
		{Py_tp_doc, (void *)(uintptr_t)declared},
		{0, NULL},
	};
	PyType_Spec spec = {
		.name = full,
		.basicsize = (int)base->tp_basicsize,
		.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE |
			 Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
		.slots = slots,
	};

	snprintf(full, sizeof full, "ancient.ocaml.%s", name);
	return py_class_object_new(state, &spec, base);
}

static PyTypeObject *record_class(struct py_schema *schema, uint32_t number)
{
	struct py_state *state = schema->state;
	const struct ancient_type *type = py_schema_type(schema, number);
	char name[280], doc[400];
	PyObject *names = field_names(type->fields, type->field_count);
	PyTypeObject *class = NULL;

	py_class_name(type, name, sizeof name);
	snprintf(doc, sizeof doc, "OCaml's record type %.300s.", type->name);
	if (names != NULL)
		class = class_new(state, name, state->record, doc);
	if (class != NULL && (put_fields(state, class, names, false) < 0 ||
			      py_class_declare(schema, number, class) < 0))
		Py_CLEAR(class);
	Py_XDECREF(names);
	return class;
}

/* ---- Variants --------------------------------------------------------------------- */

static PyObject *constructor_class(struct py_state *state, PyTypeObject *base,
				   const struct ancient_type *type, uint32_t index)
{
	const struct ancient_constructor *constructor = &type->constructors[index];
	char doc[400];
	PyObject *names = field_names(constructor->fields, constructor->field_count);
	PyTypeObject *class = NULL;

	snprintf(doc, sizeof doc, "A constructor of OCaml's type %.300s.", type->name);
	if (names != NULL)
		class = class_new(state, constructor->name, base, doc);
	if (class != NULL && (put_fields(state, class, names, true) < 0 ||
			      py_class_declare_part(base, constructor->name, index, class) < 0))
		Py_CLEAR(class);
	Py_XDECREF(names);
	return (PyObject *)class;
}

/* Constants refer to their class and are found in a class it derives from, so they are
 * collected as cycles. */
static int constant_traverse(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	return 0;
}

static void constant_dealloc(PyObject *self)
{
	PyObject_GC_UnTrack(self);
	Py_XDECREF(((struct py_variant *)self)->name);
	py_typed_dealloc(self);
}

static PyTypeObject *constants_class(struct py_state *state, const char *name, PyTypeObject *base)
{
	char full[300];
	PyType_Slot slots[] = {
		{Py_tp_dealloc, constant_dealloc},
		{Py_tp_traverse, constant_traverse},
		{0, NULL},
	};
	PyType_Spec spec = {
		.name = full,
		.basicsize = sizeof(struct py_variant),
		.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |
			 Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
		.slots = slots,
	};
	PyTypeObject *class;

	snprintf(full, sizeof full, "ancient.ocaml.%s", name);
	class = py_class_object_new(state, &spec, base);
	if (class != NULL && (py_class_put(class, "__match_args__", PyTuple_New(0)) < 0 ||
			      py_class_put(class, "__fields__", PyTuple_New(0)) < 0))
		Py_CLEAR(class);
	return class;
}

static PyObject *constant_new(PyTypeObject *class, const struct ancient_constructor *constructor,
			      uint32_t index)
{
	struct py_variant *self = (struct py_variant *)class->tp_alloc(class, 0);

	if (self == NULL)
		return NULL;
	self->index = index;
	/* As OCaml has it, for comparisons. */
	self->typed.view.value.word = (uint64_t)constructor->number << 1 | 1;
	self->name = PyUnicode_InternFromString(constructor->name);
	if (self->name == NULL)
		Py_CLEAR(self);
	return (PyObject *)self;
}

static PyObject *constructor_new(struct py_state *state, PyTypeObject *base,
				 PyTypeObject *constants, const struct ancient_type *type,
				 uint32_t index)
{
	const struct ancient_constructor *constructor = &type->constructors[index];
	PyObject *made;

	made = constructor->constant ? constant_new(constants, constructor, index)
				     : constructor_class(state, base, type, index);
	if (made != NULL && PyDict_SetItemString(base->tp_dict, constructor->name, made) < 0)
		Py_CLEAR(made);
	return made;
}

/* The first constant of a type; UINT32_MAX: it has none. */
static uint32_t first_constant(const struct ancient_type *type)
{
	for (uint32_t i = 0; i < type->constructor_count; i++)
		if (type->constructors[i].constant)
			return i;
	return UINT32_MAX;
}

/* The class of the constants, which is found in that of the type, so that it pickles. */
static PyTypeObject *add_constants_class(struct py_state *state, const char *name,
					 PyTypeObject *class, const struct ancient_type *type)
{
	PyTypeObject *constants = constants_class(state, name, class);

	if (constants != NULL &&
	    (py_class_declare_part(class, "__constants__", first_constant(type), constants) < 0 ||
	     py_class_put(class, "__constants__", Py_NewRef(constants)) < 0))
		Py_CLEAR(constants);
	return constants;
}

static PyTypeObject *variant_class(struct py_schema *schema, uint32_t number)
{
	struct py_state *state = schema->state;
	const struct ancient_type *type = py_schema_type(schema, number);
	char name[280], doc[400];
	PyTypeObject *class, *constants = NULL;
	PyObject *all = PyTuple_New((Py_ssize_t)type->constructor_count);
	uint32_t i;

	py_class_name(type, name, sizeof name);
	snprintf(doc, sizeof doc, "OCaml's variant type %.300s.", type->name);
	class = all == NULL ? NULL : class_new(state, name, state->variant, doc);
	if (class != NULL && py_class_declare(schema, number, class) < 0)
		Py_CLEAR(class);
	if (class != NULL)
		constants = add_constants_class(state, name, class, type);
	if (constants == NULL)
		Py_CLEAR(class);
	for (i = 0; class != NULL && i < type->constructor_count; i++) {
		PyObject *made = constructor_new(state, class, constants, type, i);

		if (made == NULL)
			Py_CLEAR(class);
		else
			PyTuple_SET_ITEM(all, (Py_ssize_t)i, made);
	}
	if (class != NULL && py_class_put(class, "__constructors__", Py_NewRef(all)) < 0)
		Py_CLEAR(class);
	Py_XDECREF(constants);
	Py_XDECREF(all);
	return class;
}

/* ---- Interning -------------------------------------------------------------------- */

static PyObject *class_make(struct py_schema *schema, uint32_t type)
{
	struct py_state *state = schema->state;
	const struct ancient_type *declared = py_schema_type(schema, type);
	PyObject *key = py_schema_type_key(schema, type), *class = NULL;

	if (key != NULL)
		class = PyObject_CallMethod(state->classes, "get", "O", key);
	if (class == Py_None) {
		Py_DECREF(class);
		class = (PyObject *)(declared->kind == ANCIENT_TYPE_RECORD
					     ? record_class(schema, type)
					     : variant_class(schema, type));
		if (class != NULL)
			PyType_Modified((PyTypeObject *)class);
		if (class != NULL && (py_class_publish(state, (PyTypeObject *)class) < 0 ||
				      PyObject_SetItem(state->classes, key, class) < 0))
			Py_CLEAR(class);
	}
	Py_XDECREF(key);
	return class;
}

/* Of the fields that are attributes.  The class, which nobody can change, keeps all of them. */
static struct py_names *names_of(const struct py_state *state, PyTypeObject *class,
				 PyObject *fields)
{
	const Py_ssize_t count = PyTuple_GET_SIZE(fields);
	struct py_names *names;
	size_t size = 4;
	Py_ssize_t i;

	while (size < 2 * (size_t)count)
		size *= 2;
	names = PyMem_Calloc(1, sizeof *names + size * sizeof names->slots[0]);
	if (names == NULL) {
		PyErr_NoMemory();
		return NULL;
	}
	names->mask = size - 1;
	for (i = 0; i < count; i++) {
		PyObject *name = PyTuple_GET_ITEM(fields, i);
		PyObject *field = PyDict_GetItemWithError(class->tp_dict, name);

		if (field != NULL && Py_TYPE(field) == state->field)
			*py_names_slot(names, name) = (struct py_name){name, (uint32_t)i};
	}
	return names;
}

static struct py_names *names_new(const struct py_state *state, PyTypeObject *class)
{
	PyObject *fields = py_class_item(class, "__fields__");
	struct py_names *names = fields == NULL ? NULL : names_of(state, class, fields);

	Py_XDECREF(fields);
	return names;
}

static int class_intern(struct py_schema *schema, uint32_t type)
{
	bool record = py_schema_type(schema, type)->kind == ANCIENT_TYPE_RECORD;
	PyObject *class = class_make(schema, type), *constructors = NULL;

	if (class != NULL && record) {
		schema->names[type] = names_new(schema->state, (PyTypeObject *)class);
		if (schema->names[type] == NULL)
			Py_CLEAR(class);
	}
	if (class != NULL && !record) {
		constructors = py_class_item((PyTypeObject *)class, "__constructors__");
		if (constructors == NULL)
			Py_CLEAR(class);
	}
	if (class == NULL)
		return -1;
	schema->constructors[type] = constructors;
	/* Last: who sees the class looks for the rest. */
	PY_SHARED_STORE(&schema->classes[type], class);
	return 0;
}

PyTypeObject *py_class_make(struct py_schema *schema, uint32_t type)
{
	int failed;

	/* One thread makes a class, so that there is only one. */
	if (py_schemas_lock(schema->state) < 0)
		return NULL;
	failed = schema->classes[type] != NULL ? 0 : class_intern(schema, type);
	py_schemas_unlock(schema->state);
	return failed < 0 ? NULL : (PyTypeObject *)schema->classes[type];
}

PyObject *py_constructor_of(struct py_schema *schema, uint32_t type, uint32_t index)
{
	if (py_class_of(schema, type) == NULL)
		return NULL;
	return PyTuple_GetItem(schema->constructors[type], (Py_ssize_t)index);
}

PyObject *py_class_fields(struct py_state *state, PyObject *object)
{
	PyTypeObject *class = PyType_Check(object) ? (PyTypeObject *)object : Py_TYPE(object);

	if (!PyType_IsSubtype(class, state->record) && !PyType_IsSubtype(class, state->variant))
		return NULL;
	return py_class_item(class, "__fields__");
}

int py_class_init(PyObject *module, struct py_state *state)
{
	PyObject *keyword = PyImport_ImportModule("keyword"), *list = NULL;

	if (keyword != NULL)
		list = PyObject_GetAttrString(keyword, "kwlist");
	state->keywords = list == NULL ? NULL : PyFrozenSet_New(list);
	Py_XDECREF(list);
	Py_XDECREF(keyword);
	if (state->keywords == NULL)
		return -1;
	return py_add_type(module, &field_spec, NULL, &state->field);
}

/* python/module: the module ancient._ancient: its functions, its state, and the order in which its
 * types are made..  The package `ancient` re-exports everything; __init__.pyi is the manual. */
#include "module/module.h"

#include "arrow/arrow.h"
#include "column/column.h"
#include "column/column_travel.h"
#include "column/take.h"
#include "module/errors.h"
#include "module/snapshot.h"
#include "raw/bigarray.h"
#include "raw/bigarray_slice.h"
#include "raw/block.h"
#include "raw/custom.h"
#include "raw/floatarray.h"
#include "raw/tagged.h"
#include "raw/value.h"
#include "store/named_tuples.h"
#include "store/open.h"
#include "store/pickle.h"
#include "store/store.h"
#include "typed/class.h"
#include "typed/class_object.h"
#include "typed/iter.h"
#include "typed/mapping.h"
#include "typed/path.h"
#include "typed/range.h"
#include "typed/record.h"
#include "typed/ref.h"
#include "typed/schema.h"
#include "typed/sequence.h"
#include "typed/types.h"
#include "typed/value.h"
#include "typed/variant.h"
#include "walk/identity.h"
#include "walk/json.h"
#include "walk/notebook.h"
#include "walk/shared_tuple.h"
#include "walk/to_python.h"
#include "docs.h"

#include <string.h>
#include <sys/random.h>

int py_add_type(PyObject *module, PyType_Spec *spec, const char *abc, PyTypeObject **ret_type)
{
	PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
	const char *name = strchr(spec->name, '.') + 1;
	PyObject *classes, *registered;

	if (type == NULL)
		return -1;
	*ret_type = (PyTypeObject *)type;
	if (name[0] != '_' && PyModule_AddObjectRef(module, name, type) < 0)
		return -1;
	if (abc == NULL)
		return 0;
	classes = PyImport_ImportModule("collections.abc");
	if (classes == NULL)
		return -1;
	PyObject *class = PyObject_GetAttrString(classes, abc);
	registered = class == NULL ? NULL : PyObject_CallMethod(class, "register", "O", type);
	Py_XDECREF(class);
	Py_DECREF(classes);
	Py_XDECREF(registered);
	return registered == NULL ? -1 : 0;
}

/* ---- State ------------------------------------------------------------------------ */

/* Every reference of the state, for the three functions that visit them all. */
#define FOR_EACH_REFERENCE(state, visit)                                                           \
	do {                                                                                       \
		visit((state)->store);                                                             \
		visit((state)->store_iter);                                                        \
		visit((state)->snapshot);                                                          \
		visit((state)->block);                                                             \
		visit((state)->block_iter);                                                        \
		visit((state)->float_array);                                                       \
		visit((state)->bigarray);                                                          \
		visit((state)->bigarray_slice);                                                    \
		visit((state)->custom);                                                            \
		visit((state)->string_buffer);                                                     \
		visit((state)->tagged);                                                            \
		visit((state)->shared_tuple);                                                      \
		visit((state)->schema);                                                            \
		visit((state)->field);                                                             \
		visit((state)->record);                                                            \
		visit((state)->variant);                                                           \
		visit((state)->ref);                                                               \
		visit((state)->types);                                                             \
		visit((state)->class_of_classes);                                                  \
		visit((state)->column);                                                            \
		visit((state)->list);                                                              \
		visit((state)->array);                                                             \
		visit((state)->mapping);                                                           \
		visit((state)->set);                                                               \
		visit((state)->iter);                                                              \
		visit((state)->range);                                                             \
		visit((state)->range_iter);                                                        \
		visit((state)->list_class);                                                        \
		visit((state)->array_class);                                                       \
		visit((state)->hashtbl_class);                                                     \
		visit((state)->map_class);                                                         \
		visit((state)->set_class);                                                         \
		visit((state)->some_class);                                                        \
		visit((state)->ok_class);                                                          \
		visit((state)->err_class);                                                         \
		visit((state)->constructor_class);                                                 \
		visit((state)->items_class);                                                       \
		visit((state)->values_class);                                                      \
		visit((state)->store_keys_class);                                                  \
		visit((state)->reference_class);                                                   \
		visit((state)->schemas);                                                           \
		visit((state)->classes);                                                           \
		visit((state)->named);                                                             \
		visit((state)->restored);                                                          \
		visit((state)->acquire);                                                           \
		visit((state)->release);                                                           \
		visit((state)->keywords);                                                          \
		visit((state)->datetime);                                                          \
		visit((state)->entry);                                                             \
		visit((state)->info);                                                              \
		visit((state)->verified);                                                          \
		visit((state)->commit);                                                            \
		visit((state)->error);                                                             \
		visit((state)->format_error);                                                      \
		visit((state)->corrupt_error);                                                     \
		visit((state)->damaged_file_warning);                                              \
		for (size_t i = 0; i < PY_ERROR_CODES; i++)                                        \
			visit((state)->errors[i]);                                                 \
	} while (0)

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
	struct py_state *state = PyModule_GetState(module);

	FOR_EACH_REFERENCE(state, Py_VISIT);
	return 0;
}

static int module_clear(PyObject *module)
{
	struct py_state *state = PyModule_GetState(module);

	FOR_EACH_REFERENCE(state, Py_CLEAR);
	return 0;
}

static void module_free(void *module)
{
	py_record_drain(PyModule_GetState(module));
	module_clear(module);
}

/* ---- Contents --------------------------------------------------------------------- */

static PyMethodDef module_methods[] = {
	{"open", (PyCFunction)(void (*)(void))py_open, METH_VARARGS | METH_KEYWORDS, PY_DOC_open},
	{"to_python", (PyCFunction)(void (*)(void))py_to_python, METH_VARARGS | METH_KEYWORDS,
	 PY_DOC_to_python},
	{"to_json", (PyCFunction)(void (*)(void))py_to_json, METH_VARARGS | METH_KEYWORDS,
	 PY_DOC_to_json},
	{"dump", (PyCFunction)(void (*)(void))py_dump, METH_VARARGS | METH_KEYWORDS, PY_DOC_dump},
	{"identity", py_identity, METH_O, PY_DOC_identity},
	{"fields", py_fields, METH_O, PY_DOC_fields},
	{"asdict", py_asdict, METH_O, PY_DOC_asdict},
	{"constructor", py_constructor, METH_O, PY_DOC_constructor},
	{"types", py_types, METH_O, PY_DOC_types},
	{"at", (PyCFunction)(void (*)(void))py_at, METH_FASTCALL, PY_DOC_at},
	{"column", (PyCFunction)(void (*)(void))py_column, METH_FASTCALL | METH_KEYWORDS,
	 PY_DOC_column},
	{"columns", (PyCFunction)(void (*)(void))py_columns, METH_FASTCALL | METH_KEYWORDS,
	 PY_DOC_columns},
	{"_register", py_register, METH_VARARGS, NULL},
	{"_json_leaf", py_json_leaf, METH_O, NULL},
	{"_preview", py_preview, METH_VARARGS, NULL},
	{"_arrow_stream", py_arrow_stream, METH_VARARGS, NULL},
	{"_arrow_schema", py_arrow_schema, METH_VARARGS, NULL},
	{"_arrow_next", py_arrow_next, METH_O, NULL},
	{"_arrow_fields", py_arrow_fields, METH_O, NULL},
	{"_fingerprint", py_fingerprint, METH_O, NULL},
	{"_arrow_cells", py_arrow_cells, METH_VARARGS, NULL},
	{"_work", py_work, METH_O, NULL},
	{"_restore_store", py_restore_store, METH_VARARGS, NULL},
	{"_restore_view", py_restore_view, METH_VARARGS, NULL},
	{"_restore_constant", py_restore_constant, METH_VARARGS, NULL},
	{"_restore_class", py_restore_class, METH_VARARGS, NULL},
	{"_restore_types", py_restore_types, METH_VARARGS, NULL},
	{"_restore_bigarray_slice", py_restore_bigarray_slice, METH_VARARGS, NULL},
	{"_restore_column", py_restore_column, METH_VARARGS, NULL},
	{"_class_named", py_class_named, METH_O, NULL},
	{NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
	struct py_state *state = PyModule_GetState(module);

	if (getrandom(&state->seed, sizeof state->seed, GRND_NONBLOCK) !=
	    (ssize_t)sizeof state->seed)
		state->seed = (uint64_t)(uintptr_t)module * 0x9E3779B97F4A7C15u;
	state->seed |= 1;
	state->module = module;
	if (PyModule_AddStringConstant(module, "__version__", ANCIENT_PYTHON_VERSION) < 0)
		return -1;
	if (py_errors_init(module, state) < 0 || py_named_tuples_init(module, state) < 0)
		return -1;
	if (py_snapshot_init(module, state) < 0 || py_store_init(module, state) < 0)
		return -1;
	if (py_value_init(module, state) < 0 || py_block_init(module, state) < 0)
		return -1;
	if (py_float_array_init(module, state) < 0 || py_bigarray_init(module, state) < 0)
		return -1;
	if (py_custom_init(module, state) < 0)
		return -1;
	if (py_tagged_init(module, state) < 0 || py_schema_init(module, state) < 0)
		return -1;
	if (py_class_object_init(module, state) < 0 || py_class_init(module, state) < 0)
		return -1;
	if (py_record_init(module, state) < 0 || py_variant_init(module, state) < 0)
		return -1;
	if (py_sequences_init(module, state) < 0)
		return -1;
	if (py_mappings_init(module, state) < 0 || py_ref_init(module, state) < 0)
		return -1;
	if (py_iter_init(module, state) < 0 || py_column_init(module, state) < 0)
		return -1;
	if (py_range_init(module, state) < 0 || py_shared_tuple_init(module, state) < 0)
		return -1;
	return py_types_init(module, state);
}

static PyModuleDef_Slot module_slots[] = {
	{Py_mod_exec, module_exec},
#if PY_VERSION_HEX >= 0x030C0000
	{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
	{Py_mod_gil, Py_MOD_GIL_NOT_USED}, /* module/threads.h */
#endif
	{0, NULL},
};

static struct PyModuleDef module_definition = {
	.m_base = PyModuleDef_HEAD_INIT,
	.m_name = "ancient._ancient",
	.m_doc = "The extension behind the package ancient.",
	.m_size = sizeof(struct py_state),
	.m_methods = module_methods,
	.m_slots = module_slots,
	.m_traverse = module_traverse,
	.m_clear = module_clear,
	.m_free = module_free,
};

PyMODINIT_FUNC PyInit__ancient(void);

PyMODINIT_FUNC PyInit__ancient(void)
{
	return PyModuleDef_Init(&module_definition);
}

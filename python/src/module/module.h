/* python: what the files of the extension share: the module's state, the objects, and the
 * few functions each file offers the others.
 *
 * Everything is a heap type made for one module object, so that each interpreter has its
 * own.  There are no globals.  An object finds the state of its module through its
 * snapshot, which keeps its type, and with it the module, alive.
 *
 * None of the types takes part in cyclic garbage collection but Tagged and the module
 * itself: a view refers to a snapshot, a snapshot to the C reader, and neither can ever
 * refer back.
 */
#ifndef ANCIENT_PYTHON_MODULE_H
#define ANCIENT_PYTHON_MODULE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include <ancient_access.h>
#include <ancient_reader.h>

/* One more than the largest number in core/errors.def; errors.c asserts it. */
#define PY_ERROR_CODES 128

/* Records whose memory is kept at most. */
#define PY_POOL 64

struct py_schema;
struct py_record;

struct py_state {
	PyTypeObject *store, *store_iter, *snapshot;
	PyTypeObject *block, *block_iter, *float_array, *bigarray, *custom, *string_buffer;
	PyTypeObject *tagged;
	PyTypeObject *schema, *field, *record, *variant, *ref, *types;
	PyTypeObject *column;
	PyTypeObject *list, *array, *mapping, *set, *iter;
	/* Made by ancient._typed; NULL until it is imported. */
	PyTypeObject *list_class, *array_class, *hashtbl_class, *map_class, *set_class;
	PyObject *some_class, *ok_class, *err_class, *constructor_class;
	PyObject *items_class, *values_class;
	PyObject *schemas;                     /* weak: text -> schema */
	PyObject *classes;                     /* weak: key of a type -> its class */
	PyObject *restored;                    /* weak: of a pickle -> snapshot */
	PyObject *acquire, *release;           /* of a lock that is held while a class is made */
	PyObject *keywords;                    /* frozenset of str: Python's */
	PyObject *module;                      /* borrowed */
	PyTypeObject *entry, *info, *verified; /* named tuples */
	PyObject *error, *format_error, *corrupt_error;
	PyObject *errors[PY_ERROR_CODES]; /* classes by code; NULL where there is none */
	uint64_t seed;                    /* odd and secret: multiplier of the word maps */
	struct py_record *pool[PY_POOL];  /* memory of records that are gone, to be used again */
	unsigned pooled;
	int repr_depth; /* of the Tagged being printed */
};

/* ---- Objects -------------------------------------------------------------------- */

/* One generation of one file, shared by its store and all its views; the last of them
 * unmaps it. */
struct py_snapshot {
	PyObject_HEAD struct py_state *state;
	struct ancient_file *file;
	struct ancient_access access; /* to blocks, whatever their type */
	PyObject *name;               /* str, for messages and exceptions */
	uint64_t base;
	uint64_t words;          /* in the file: the bound of every walk */
	bool as_bytes;           /* strings="bytes" */
	bool raw;                /* raw=True */
	PyObject *stored;        /* dict: address of a schema's text -> schema; NULL until needed */
	struct py_schema *given; /* types keys that have no schema in the file; may be NULL */
	PyObject *reference;     /* for pickles; NULL until needed */
	PyObject *weak_references;
};

/* Every view begins like this. */
struct py_view {
	PyObject_HEAD struct py_snapshot *snapshot;
	struct ancient_value value; /* a pointer to a block of the view's kind */
};

struct py_block {
	struct py_view view;
	struct ancient_block block;
};

/* ---- errors.c ------------------------------------------------------------------- */

/* Raises the exception of `err` and returns NULL.  filename: str, or NULL for none. */
PyObject *py_raise(struct py_state *state, PyObject *filename, const struct ancient_error *err);

/* The same for faults found here; the message is "FILE: " and the format's text. */
PyObject *py_fail(struct py_snapshot *snapshot, enum ancient_code code, uint64_t offset,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* ---- view.c --------------------------------------------------------------------- */

PyObject *py_view_new(PyTypeObject *type, struct py_snapshot *snapshot, struct ancient_value value);
void py_view_dealloc(PyObject *self);
PyObject *py_view_offset(PyObject *self, void *closure);

/* -1 with an exception where the file has been truncated under the mapping, in which case
 * what was read from it since the last call may be zeros. */
int py_stands(struct py_snapshot *snapshot);

/* Every few thousand steps of a long loop: lets Ctrl-C through. */
static inline int py_interrupted(uint64_t step)
{
	return (step & 0xFFF) == 0xFFF ? PyErr_CheckSignals() : 0;
}

/* ---- pickle.c ------------------------------------------------------------------- */

PyObject *py_view_reduce(PyObject *self, PyObject *ignored);
PyObject *py_copy(PyObject *self, PyObject *ignored);
PyObject *py_refuse_pickle(PyObject *self, PyObject *ignored);
PyObject *py_restore_store(PyObject *module, PyObject *args);
PyObject *py_restore_view(PyObject *module, PyObject *args);
PyObject *py_restore_constant(PyObject *module, PyObject *args);

/* Of every view: its pickle is a reference, its copy itself, as it never changes. */
#define PY_VIEW_METHODS(reduce)                                                                    \
	{"__reduce__", reduce, METH_NOARGS, NULL}, {"__copy__", py_copy, METH_NOARGS, NULL},       \
	{                                                                                          \
		"__deepcopy__", py_copy, METH_O, NULL                                              \
	}

/* ---- sequence.c: what Block, FloatArray and Tagged share as sequences ------------ */

PyObject *py_sequence_subscript(PyObject *self, PyObject *key);
PyObject *py_sequence_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *py_sequence_count(PyObject *self, PyObject *value);

#define PY_SEQUENCE_INDEX_DOC                                                                      \
	"index($self, value, start=0, stop=sys.maxsize, /)\n--\n\n"                                \
	"Position of the first element equal to value; ValueError where there is none."
#define PY_SEQUENCE_COUNT_DOC                                                                      \
	"count($self, value, /)\n--\n\n"                                                           \
	"Number of elements equal to value."

/* PyLong_FromLongLong takes twice the time. */
static inline PyObject *py_int(int64_t number)
{
	static_assert(sizeof(long) == sizeof number, "a long holds what OCaml's int does");
	return PyLong_FromLong((long)number);
}

/* ---- value.c -------------------------------------------------------------------- */

/* The Python object for an OCaml value: an int, str, bytes, float or a view. */
PyObject *py_value(struct py_snapshot *snapshot, struct ancient_value value);

/* `length` bytes of the mapping as str or bytes. */
PyObject *py_text(struct py_snapshot *snapshot, const char *bytes, size_t length, bool as_bytes);

/* A memoryview of the bytes of a string, in place; `what` names the place in errors. */
PyObject *py_string_memoryview(struct py_snapshot *snapshot, struct ancient_value value,
			       const char *what);

/* True for Zarith's integers, which become int. */
bool py_custom_is_integer(const struct ancient_custom *custom);

/* ---- block.c, floatarray.c, bigarray.c, custom.c --------------------------------- */

PyObject *py_block_new(struct py_snapshot *snapshot, struct ancient_value value);
PyObject *py_float_array_new(struct py_snapshot *snapshot, struct ancient_value value);
PyObject *py_float_array_make(struct py_snapshot *snapshot, struct ancient_value value,
			      const double *floats, size_t count);
PyObject *py_float_array_tolist(PyObject *self, PyObject *ignored);
PyObject *py_bigarray_new(struct py_snapshot *snapshot, struct ancient_value value);
PyObject *py_bigarray_tolist(PyObject *self, PyObject *ignored);
PyObject *py_custom_new(struct py_snapshot *snapshot, struct ancient_value value);
PyObject *py_custom_identifier(PyObject *self, void *closure);

/* The name of a bigarray's kind, "float64", and its elements' format in the struct module's
 * letters; NULL for numbers that are none. */
const char *py_bigarray_kind_name(int kind);

/* Whether two bigarrays have the same kind, layout, shape and elements. */
bool py_bigarray_equal(const struct ancient_bigarray *a, const struct ancient_bigarray *b);

/* ---- tagged.c, convert.c, compare.c, repr.c -------------------------------------- */

/* Steals `fields`, a tuple. */
PyObject *py_tagged_new(struct py_state *state, unsigned tag, PyObject *fields);

PyObject *py_to_python(PyObject *module, PyObject *object);

/* tp_richcompare of every view: equality by value, no order. */
PyObject *py_view_compare(PyObject *a, PyObject *b, int operation);

/* Short text of a value for the repr of what holds it; damaged values are said to be so. */
PyObject *py_repr_value(struct py_snapshot *snapshot, struct ancient_value value);

/* A string, cut where it is long. */
PyObject *py_repr_bytes(struct py_snapshot *snapshot, const char *bytes, size_t length,
			bool as_bytes);

/* "<damaged: BAD_POINTER>" in place of an exception of ours; NULL where it is another's. */
PyObject *py_repr_damage(struct py_snapshot *snapshot);

/* "[a, b, ...]" of the first elements. */
PyObject *py_repr_elements(PyObject *sequence, PyObject *(*element)(PyObject *, Py_ssize_t),
			   Py_ssize_t size);

/* ---- store.c -------------------------------------------------------------------- */

PyObject *py_open(PyObject *module, PyObject *args, PyObject *keywords);

/* ---- Called once by module.c: each makes its types ------------------------------- */

int py_errors_init(PyObject *module, struct py_state *state);
int py_store_init(PyObject *module, struct py_state *state);
int py_records_init(PyObject *module, struct py_state *state);
int py_snapshot_init(PyObject *module, struct py_state *state);
int py_value_init(PyObject *module, struct py_state *state);
int py_block_init(PyObject *module, struct py_state *state);
int py_float_array_init(PyObject *module, struct py_state *state);
int py_bigarray_init(PyObject *module, struct py_state *state);
int py_custom_init(PyObject *module, struct py_state *state);
int py_tagged_init(PyObject *module, struct py_state *state);
int py_schema_init(PyObject *module, struct py_state *state);

/* Makes a type and, where its name does not begin with an underscore, puts it into the
 * module; where `abc` is not NULL, registers it with that class of collections.abc. */
int py_add_type(PyObject *module, PyType_Spec *spec, const char *abc, PyTypeObject **ret_type);

/* ---- snapshot.c ----------------------------------------------------------------- */

/* How a store was opened, which its snapshots inherit. */
struct py_options {
	bool as_bytes, raw;
	struct py_schema *given; /* borrowed; NULL for none */
};

/* Takes over the reference to `file`, also on failure. */
struct py_snapshot *py_snapshot_new(struct py_state *state, struct ancient_file *file,
				    PyObject *name, const struct py_options *options);

#endif

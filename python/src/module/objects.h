/* python/module: the module's state and the structs of its objects; types only, so that every other
 * header can include it.
 *
 * All types are heap types made for one module object, so that each interpreter has its own; there
 * are no globals.  An object finds the state of its module through its snapshot, which keeps its
 * type, and with it the module, alive.
 *
 * No type takes part in cyclic garbage collection but Tagged and the module itself: a view refers
 * to a snapshot and a schema, a snapshot to the C reader, a schema to classes, a class to constants
 * of its own; none can refer back. */
#ifndef ANCIENT_PYTHON_MODULE_OBJECTS_H
#define ANCIENT_PYTHON_MODULE_OBJECTS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include <ancient_access.h>
#include <ancient_reader.h>
#include <ancient_schema.h>

/* One more than the largest number in core/errors.def; errors.c asserts it. */
#define PY_ERROR_CODES 128

/* The most records whose memory is kept for reuse. */
#define PY_POOL 64

struct py_digests;
struct py_names;
struct py_record;
struct py_schema;

struct py_state {
	PyTypeObject *store, *store_iter, *snapshot;
	PyTypeObject *block, *block_iter, *float_array, *bigarray, *bigarray_slice, *custom,
		*string_buffer;
	PyTypeObject *tagged, *shared_tuple;
	PyTypeObject *schema, *field, *record, *variant, *ref, *types;
	PyTypeObject *class_of_classes; /* the metaclass of the types' classes */
	PyTypeObject *column;
	PyTypeObject *list, *array, *mapping, *set, *iter, *range, *range_iter;
	/* Made by ancient._typed; NULL until it is imported. */
	PyTypeObject *list_class, *array_class, *hashtbl_class, *map_class, *set_class;
	PyObject *some_class, *ok_class, *err_class, *constructor_class;
	PyObject *items_class, *values_class, *store_keys_class, *reference_class;
	PyObject *schemas;                     /* weak values: text -> schema */
	PyObject *classes;                     /* weak values: key of a type -> its class */
	PyObject *named;                       /* weak values: name in ancient.ocaml -> class */
	PyObject *restored;                    /* weak values: a pickle's reference -> snapshot */
	PyObject *acquire, *release;           /* methods of the lock held while a class is made */
	PyObject *keywords;                    /* frozenset of str: Python's */
	PyObject *module;                      /* borrowed */
	PyObject *datetime;                    /* the module; NULL until a time is asked for */
	PyTypeObject *entry, *info, *verified; /* named tuples */
	PyTypeObject *commit;                  /* another one */
	PyObject *error, *format_error, *corrupt_error, *damaged_file_warning;
	PyObject *errors[PY_ERROR_CODES]; /* classes by code; NULL where there is none */
	uint64_t seed;                    /* odd and secret: multiplier of the word maps */
#ifndef Py_GIL_DISABLED
	struct py_record *pool[PY_POOL]; /* memory of freed records, for reuse */
	unsigned pooled;
#endif
	unsigned long long namesakes; /* classes that another had the name of */
	uint64_t steps;               /* of all walks so far, for tests: _work() */
};

/* ---- Views without a type ------------------------------------------------------- */

/* One generation of one file, shared by its store and all its views; the last of them
 * unmaps it. */
struct py_snapshot {
	PyObject_HEAD struct py_state *state;
	struct ancient_file *file;
	struct ancient_access access; /* reads blocks, whatever their type */
	PyObject *name;               /* str, for messages and exceptions */
	uint64_t base;
	uint64_t words;   /* that are in the file, holes left out: the bound of every walk */
	uint64_t bytes;   /* of memory that a call may take for what it copies, from `words` */
	bool as_bytes;    /* strings="bytes" */
	bool raw;         /* raw=True */
	bool pinned;      /* generation= was given: stays at it */
	PyObject *stored; /* dict: address of a schema's text -> schema; NULL until needed */
	struct py_schema *given;   /* schema of keys that have none in the file; may be NULL */
	PyObject *reference;       /* what a pickle says of it; NULL until needed */
	struct py_digests *hashes; /* of large values that were hashed; NULL: none (walk/hash.c) */
	PyObject *weak_references;
};

/* Every view begins like this. */
struct py_view {
	PyObject_HEAD struct py_snapshot *snapshot;
	struct ancient_value value; /* a pointer to a block of the view's kind */
	PyObject *weak_references;
};

struct py_block {
	struct py_view view;
	struct ancient_block block;
};

/* ---- Views with a type: from a schema (FORMAT 12) in the file, or given to open() ------ */

/* A parsed schema and the classes of its types. */
struct py_schema {
	PyObject_HEAD struct py_state *state;
	struct ancient_schema *schema;
	PyObject *text; /* bytes */
	uint32_t count; /* of types */
	const struct ancient_type **types;
	PyObject **classes;      /* by type; NULL until first needed */
	PyObject **constructors; /* by type: a tuple, by constructor: class or constant */
	struct py_names **names; /* by type: of a record's fields; NULL until first needed */
	/* Of types, while py_schema_type_key encodes one under py_schemas_lock; 0: not met yet. */
	uint32_t *numbers;
	PyObject *weak_references;
};

/* Every typed view begins like this. */
struct py_typed {
	struct py_view view;
	struct py_schema *schema;
	uint32_t type, flat;
};

struct py_variant {
	struct py_typed typed;
	uint32_t index; /* of the constructor */
	PyObject *name; /* str; of constants only, which have a value but no snapshot or schema */
};

/* The block of a record is checked once, when the view is made. */
struct py_record {
	struct py_typed typed;
	const uint64_t *words; /* struct ancient_parts; NULL: [@@unboxed] */
	uint32_t count, flat;
};

struct py_container {
	struct py_typed typed;
	Py_ssize_t length; /* -1: not counted yet */
};

/* A table, map or set: opened for lookups when the first one is made. */
struct py_mapping {
	struct py_container container;
	struct ancient_lookup lookup; /* set once `opened` is */
	bool text;                    /* the same: keys are strings */
	bool opened;
};

#endif

/* python: what the files of typed reading share.  Typed values are those whose OCaml type is
 * known, from a schema in the file or one given to open(); section 12 of spec/FORMAT.md says
 * what a type looks like, the C reader holds every value against it.
 *
 * A schema makes one Python class for each record and variant type it has, when a value of
 * it is first met.  Classes are interned by what the type is made of, names included, so
 * that the same declaration gives the same class in every file and every generation.
 *
 * Views are not collected as cycles: a view refers to a snapshot and a schema, a schema to
 * classes, a class to nothing but constants of its own.
 */
#ifndef ANCIENT_PYTHON_TYPED_H
#define ANCIENT_PYTHON_TYPED_H

#include "module/module.h"

#include <ancient_schema.h>

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
	uint32_t *numbers;       /* of types, while one is encoded; 0: not met yet */
	PyObject *weak_references;
};

/* Every typed view begins like this. */
struct py_typed {
	struct py_view view;
	struct py_schema *schema;
	uint32_t type, flat;
};

static inline void py_typed_fill(struct py_typed *self, struct py_snapshot *snapshot,
				 struct py_schema *schema, struct ancient_typed typed)
{
	self->view.snapshot = (struct py_snapshot *)Py_NewRef(snapshot);
	self->view.value = typed.value;
	self->schema = (struct py_schema *)Py_NewRef(schema);
	self->type = typed.type;
	self->flat = typed.flat;
}

static inline struct ancient_typed py_typed_of(const struct py_typed *self)
{
	struct ancient_typed typed = {self->view.value, self->type, self->flat};

	return typed;
}

/* ---- typed_schema.c -------------------------------------------------------------- */

/* The schema of a text: one object for each distinct text that is in use.  name: what stands
 * for the text in messages. */
struct py_schema *py_schema_parse(struct py_state *state, const char *text, size_t length,
				  const char *name);

static inline const struct ancient_type *py_schema_type(const struct py_schema *schema,
							uint32_t type)
{
	return type < schema->count ? schema->types[type] : NULL;
}

/* 16 bytes, as a bytes object, equal where two types are declared alike, names included. */
PyObject *py_schema_type_key(struct py_schema *schema, uint32_t type);

/* ---- typed_class.c --------------------------------------------------------------- */

/* The class of a record or variant type; borrowed. */
PyTypeObject *py_class_make(struct py_schema *schema, uint32_t type);
static inline PyTypeObject *py_class_of(struct py_schema *schema, uint32_t type)
{
	return schema->classes[type] != NULL ? (PyTypeObject *)schema->classes[type]
					     : py_class_make(schema, type);
}

/* Where attributes are found without a look into the class: its fields by the addresses of
 * their names, which are interned as the names in Python code are.  A hash table; the class
 * keeps the names alive. */
struct py_names {
	size_t mask;
	struct py_name {
		PyObject *name; /* NULL: free */
		uint32_t index;
	} slots[];
};

static inline struct py_name *py_names_slot(struct py_names *names, const PyObject *name)
{
	size_t at = (size_t)((uintptr_t)name >> 4) & names->mask;

	while (names->slots[at].name != NULL && names->slots[at].name != name)
		at = (at + 1) & names->mask;
	return &names->slots[at];
}

/* The class, or the constant, of a constructor of a variant type; borrowed. */
PyObject *py_constructor_of(struct py_schema *schema, uint32_t type, uint32_t index);

/* The fields of a class, or of an instance of one, as a tuple of str; NULL without an
 * exception where it is no such thing; borrowed. */
PyObject *py_class_fields(struct py_state *state, PyObject *object);

/* The name that a type goes by in Python: "Package" for "Package.t". */
void py_class_name(const struct ancient_type *type, char *name, size_t size);

int py_class_init(PyObject *module, struct py_state *state);

/* ---- typed_value.c --------------------------------------------------------------- */

PyObject *py_record_new(struct py_snapshot *snapshot, struct py_schema *schema,
			struct ancient_typed typed);
PyObject *py_typed_other(struct py_snapshot *snapshot, struct py_schema *schema,
			 struct ancient_typed typed);

/* The Python object for a typed value. */
static inline PyObject *py_typed_value(struct py_snapshot *snapshot, struct py_schema *schema,
				       struct ancient_typed typed)
{
	enum ancient_type_kind kind = schema->types[typed.type]->kind;

	/* Most values are one of these. */
	if (kind == ANCIENT_TYPE_INT && ancient_value_is_int(typed.value) && typed.flat == 0)
		return py_int(ancient_value_to_int(typed.value));
	if (kind == ANCIENT_TYPE_RECORD)
		return py_record_new(snapshot, schema, typed);
	return py_typed_other(snapshot, schema, typed);
}

PyObject *py_typed_new(PyTypeObject *type, struct py_snapshot *snapshot, struct py_schema *schema,
		       struct ancient_typed typed);
void py_typed_dealloc(PyObject *self);

/* Looks through lazies.  0, or -1 with an exception. */
int py_typed_open(struct py_snapshot *snapshot, const struct py_schema *schema,
		  struct ancient_typed *typed);

/* Whether values of the type may be None in Python, so that a Some must say that they are
 * there. */
bool py_type_may_be_none(const struct py_schema *schema, uint32_t type);

/* A big or small integer of Zarith. */
PyObject *py_typed_integer(struct py_snapshot *snapshot, const struct py_schema *schema,
			   struct ancient_typed typed);

/* Registered by ancient._typed, once, when it has made its classes. */
PyObject *py_register(PyObject *module, PyObject *args);

/* Some, Ok, Err of a value, which is stolen; NULL passes. */
PyObject *py_box(PyObject *class, PyObject *value);

/* True for views of typed values. */
bool py_is_typed(const struct py_state *state, PyObject *object);

/* ---- typed_walk.c: the parts of any value, one after the other -------------------- */

struct py_walk {
	struct py_snapshot *snapshot;
	struct py_schema *schema;
	struct ancient_typed typed; /* no lazy */
	const struct ancient_type *type;
	/* Which constructor, whether Some or Ok: two values with different numbers differ. */
	uint32_t number;
	bool keyed;                        /* parts are bindings */
	bool all;                          /* hidden bindings of tables too */
	uint64_t count;                    /* of parts; lists and containers: not known */
	uint64_t next;                     /* part */
	uint64_t rest;                     /* list: the word of the cells to come */
	struct ancient_parts elements;     /* array */
	struct ancient_iterator *iterator; /* containers */
};

/* Whether values of the kind have parts. */
bool py_walk_has_parts(enum ancient_type_kind kind);

/* 0, or -1 with an exception; py_walk_done in either case. */
int py_walk_begin(struct py_walk *walk, struct py_snapshot *snapshot, struct py_schema *schema,
		  struct ancient_typed typed);

/* 1: a part, and its key where the walk is keyed; 0: the end; -1: an exception. */
int py_walk_next(struct py_walk *walk, struct ancient_typed *ret_key,
		 struct ancient_typed *ret_part);

void py_walk_done(struct py_walk *walk);

/* What tells a block, as a value of a type, from others: not 0; 0 for what has no block. */
uint64_t py_walk_node(const struct py_snapshot *snapshot, struct ancient_typed typed, bool flag);

/* ---- typed_key.c ----------------------------------------------------------------- */

/* Memory of a key under construction. */
struct py_keys {
	struct py_snapshot *snapshot; /* of the container */
	struct py_schema *schema;
	struct py_key_memory *memory;
	PyObject *alive; /* list: objects whose bytes the key borrows */
	bool floats;     /* a record of floats was met: it may be flat or boxed */
	bool boxed;      /* take it as boxed */
};

/* 1: made; 0: nothing of that type equals the object; 2: only a search through all keys can
 * tell; -1: an exception. */
int py_key_make(struct py_keys *keys, uint32_t type, PyObject *object, struct ancient_key *ret_key);
void py_keys_done(struct py_keys *keys);

/* The key of a str or bytes whose bytes can be borrowed as they are; false: py_key_make. */
static inline bool py_key_borrow(PyObject *object, struct ancient_key *ret_key)
{
	if (PyUnicode_Check(object) && PyUnicode_IS_COMPACT_ASCII(object))
		*ret_key = ancient_key_string(PyUnicode_DATA(object),
					      (size_t)PyUnicode_GET_LENGTH(object));
	else if (PyBytes_Check(object))
		*ret_key = ancient_key_string(PyBytes_AS_STRING(object),
					      (size_t)PyBytes_GET_SIZE(object));
	else
		return false;
	return true;
}

/* ---- typed_compare.c, typed_repr.c, typed_convert.c ------------------------------- */

/* tp_richcompare of typed views. */
PyObject *py_typed_compare(PyObject *a, PyObject *b, int operation);

/* tp_hash of records and constructors. */
Py_hash_t py_typed_hash(PyObject *self);

PyObject *py_typed_repr(PyObject *self);

/* A value printed, with so many levels of containers opened. */
PyObject *py_typed_repr_value(struct py_snapshot *snapshot, struct py_schema *schema,
			      struct ancient_typed typed, int levels);

PyObject *py_typed_to_python(struct py_state *state, PyObject *view);

/* ---- typed_record.c, typed_variant.c ---------------------------------------------- */

struct py_variant {
	struct py_typed typed;
	uint32_t index; /* of the constructor */
	PyObject *name; /* str; of constants only, which have neither snapshot nor schema */
};

/* Its block is tested once, when the view is made. */
struct py_record {
	struct py_typed typed;
	const uint64_t *words; /* struct ancient_parts; NULL: [@@unboxed] */
	uint32_t count, flat;
};

/* Frees the memory of records that are gone. */
void py_record_drain(struct py_state *state);

/* A part of a record or constructor by number. */
PyObject *py_record_part(PyObject *self, uint32_t index);
PyObject *py_variant_part(PyObject *self, uint32_t index);
PyObject *py_variant_new(struct py_snapshot *snapshot, struct py_schema *schema,
			 struct ancient_typed typed);

/* What tells a constant from all others, as long as its type lasts: the text of a schema, the
 * type and the constructor. */
PyObject *py_constant_reference(PyObject *self);

PyObject *py_fields(PyObject *module, PyObject *object);
PyObject *py_asdict(PyObject *module, PyObject *object);
PyObject *py_constructor(PyObject *module, PyObject *object);

int py_record_init(PyObject *module, struct py_state *state);
int py_variant_init(PyObject *module, struct py_state *state);

/* ---- typed_sequence.c, typed_mapping.c, typed_types.c, typed_ref.c ---------------- */

struct py_container {
	struct py_typed typed;
	Py_ssize_t length; /* -1: not counted yet */
};

/* A table, map or set: opened for lookups when the first one is made. */
struct py_mapping {
	struct py_container container;
	struct ancient_lookup lookup; /* no file: not opened yet; of the view's snapshot */
	bool text;                    /* keys are strings */
};

/* The binding that a table, map or set has for a Python object: 1 found, 0 not, -1. */
int py_container_find(PyObject *self, PyObject *key, struct ancient_typed *ret_value);

/* typed_iter.c: what a walk over a table gives; the others have elements only, whatever is wanted.
 * all: the bindings that newer ones hide, too. */
enum py_wanted { PY_KEYS, PY_VALUES, PY_ITEMS };
PyObject *py_iterate(PyObject *view, enum py_wanted wanted, bool all);
int py_iter_init(PyObject *module, struct py_state *state);

/* typed_many.c */
PyObject *py_mapping_get_many(PyObject *self, PyObject *args, PyObject *keywords);

int py_sequences_init(PyObject *module, struct py_state *state);
int py_mappings_init(PyObject *module, struct py_state *state);
int py_ref_init(PyObject *module, struct py_state *state);

/* The namespace of a schema's types. */
PyObject *py_types_new(struct py_schema *schema, uint32_t root);
PyObject *py_types(PyObject *module, PyObject *object);
int py_types_init(PyObject *module, struct py_state *state);

/* ---- pickle.c ---------------------------------------------------------------------- */

PyObject *py_typed_reduce(PyObject *self, PyObject *ignored);

/* ---- column.c, column_take.c ------------------------------------------------------- */

PyObject *py_column(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);
PyObject *py_columns(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names);
int py_column_init(PyObject *module, struct py_state *state);

/* ---- typed_path.c ------------------------------------------------------------------ */

PyObject *py_at(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

#endif

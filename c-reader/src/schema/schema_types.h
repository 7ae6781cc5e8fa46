/* c-reader/schema: what the steps of parsing a schema share: limits, the text with all that was
 * read from it, the lexer, and the types while they are built.  Types only. */
#ifndef ANCIENT_READER_SCHEMA_TYPES_H
#define ANCIENT_READER_SCHEMA_TYPES_H

#include "schema/schema.h"

#define SCHEMA_TEXT_MAX (1u << 20)
#define SCHEMA_NAME_BYTES 255u
#define SCHEMA_LEVELS 256u
#define SCHEMA_PARAMETERS 16u
#define SCHEMA_DECLARED 65536u    /* fields and constructors in the text */
#define SCHEMA_TYPES (1u << 17)   /* more generous than 12.2, as it allows */
#define SCHEMA_MEMBERS (1u << 20) /* fields and constructors of all instances */
#define SCHEMA_STEPS (1u << 23)   /* of the evaluation */
#define SCHEMA_ENCODING_MAX (1u << 24)
#define SCHEMA_TAGS 244u /* constructors with arguments */

/* ---- Growing arrays -------------------------------------------------------------- */

struct schema_list {
	void *items;
	uint32_t count, capacity;
};

#define SCHEMA_ITEM(type, list, index) (&((type *)(list).items)[index])

/* ---- What a text declares ---------------------------------------------------------- */

enum schema_node_kind {
	SCHEMA_NODE_VARIABLE, /* `variable` */
	SCHEMA_NODE_PATH,     /* children: arguments */
	SCHEMA_NODE_TUPLE,    /* children: parts */
	SCHEMA_NODE_POLY,     /* children: SCHEMA_NODE_TAG */
	SCHEMA_NODE_TAG,      /* `name`; at most one child */
};

/* A type expression.  Children are linked, so that they need not lie together. */
struct schema_node {
	enum schema_node_kind kind;
	uint32_t at;                           /* in the text */
	uint32_t child, last, next, count;     /* node numbers; SCHEMA_NONE */
	bool bytes;                            /* written inside of [@ancient.bytes] */
	uint32_t name;                         /* TAG */
	uint32_t variable;                     /* VARIABLE */
	uint32_t scope, component, components; /* PATH: names component .. in `path` */
	uint32_t decl;                         /* PATH, resolved; or SCHEMA_NONE and: */
	enum schema_builtin {
		SCHEMA_BUILTIN_NONE,
		SCHEMA_BUILTIN_BASE,     /* `base`: a type without arguments */
		SCHEMA_BUILTIN_APPLIED,  /* `base`: list, array, ... */
		SCHEMA_BUILTIN_HOLDER,   /* `base`: Queue, Stack, Dynarray */
		SCHEMA_BUILTIN_BIGARRAY, /* `base`: dimensions, -1 Genarray */
		SCHEMA_BUILTIN_ELEMENT,  /* `base`: a row of the table of kinds */
		SCHEMA_BUILTIN_LAYOUT,   /* `base`: 1 Fortran */
		SCHEMA_BUILTIN_COMPLEX,
	} builtin;
	int base;
};

enum schema_element { /* the second argument of a bigarray's type */
		      SCHEMA_ELEMENT_FLOAT16,
		      SCHEMA_ELEMENT_FLOAT32,
		      SCHEMA_ELEMENT_FLOAT64,
		      SCHEMA_ELEMENT_INT8_SIGNED,
		      SCHEMA_ELEMENT_INT8_UNSIGNED,
		      SCHEMA_ELEMENT_INT16_SIGNED,
		      SCHEMA_ELEMENT_INT16_UNSIGNED,
		      SCHEMA_ELEMENT_INT32,
		      SCHEMA_ELEMENT_INT64,
		      SCHEMA_ELEMENT_INT,
		      SCHEMA_ELEMENT_NATIVEINT,
		      SCHEMA_ELEMENT_COMPLEX32,
		      SCHEMA_ELEMENT_COMPLEX64,
};

enum schema_decl_kind {
	SCHEMA_DECL_ALIAS,
	SCHEMA_DECL_RECORD,
	SCHEMA_DECL_VARIANT,
	SCHEMA_DECL_POLY,      /* an alias of nothing but a polymorphic variant */
	SCHEMA_DECL_CONTAINER, /* t of a module that a functor made; node: the key */
};

struct schema_decl {
	enum schema_decl_kind kind;
	uint32_t at, name, scope, visible; /* from which place in the text on it is seen */
	uint32_t parameters;
	uint32_t node;         /* ALIAS, POLY, CONTAINER */
	uint32_t from, to;     /* the nodes of its right-hand side */
	uint32_t first, count; /* RECORD: in `fields`; VARIANT: in `constructors` */
	bool unboxed, standard;
	enum ancient_type_kind container;
};

struct schema_member {     /* of a record, or an argument */
	uint32_t at, name; /* SCHEMA_NONE for an argument */
	uint32_t node;
	bool is_mutable;
};

struct schema_constructor {
	uint32_t at, name;
	uint32_t first, count; /* in `members` */
	bool inline_record;
};

struct schema_scope {
	uint32_t parent;  /* SCHEMA_NONE for the outermost */
	uint32_t name;    /* of the module */
	uint32_t visible; /* as a declaration's */
};

struct schema_name {
	uint32_t at, length;
};

enum schema_space { SCHEMA_SPACE_TYPE, SCHEMA_SPACE_MODULE, SCHEMA_SPACE_SEEN };

/* One hash table for names (by bytes), and one for what they stand for (by place, name and
 * space).  Their seed is this process's own: a text cannot choose where its names go. */
struct schema_slot {
	uint64_t key; /* 0: free */
	uint32_t value;
};
struct schema_table {
	struct schema_slot *slot;
	uint32_t count, capacity;
};

struct schema_text {
	const char *bytes;
	uint32_t length;
	const char *label; /* for messages */
	struct ancient_error *err;
	enum ancient_code code; /* of the first failure; every function stops on it */
	uint64_t seed;
	struct schema_list nodes, decls, members, constructors, scopes, names, path;
	struct schema_table name_table, symbols;
	uint32_t root; /* node */
	bool has_bytes;
};

/* %.*s of a name in messages. */
#define SCHEMA_NAME_ARGS(text, number)                                                             \
	(int)SCHEMA_ITEM(struct schema_name, (text)->names, number)->length,                       \
		(text)->bytes + SCHEMA_ITEM(struct schema_name, (text)->names, number)->at

/* ---- Tokens ------------------------------------------------------------------------ */

enum schema_token {
	SCHEMA_TOKEN_END = 0,
	SCHEMA_TOKEN_NAME = 256, /* single characters stand for themselves */
	SCHEMA_TOKEN_CAPITAL,
	SCHEMA_TOKEN_VARIABLE, /* 'a */
	SCHEMA_TOKEN_TAG,      /* `A */
	SCHEMA_TOKEN_STRING,
	SCHEMA_TOKEN_ATTRIBUTE, /* [@ */
	SCHEMA_TOKEN_ITEM_ATTRIBUTE,
	SCHEMA_TOKEN_KEYWORD,
};

struct schema_lexer {
	struct schema_text *text;
	uint32_t next;       /* place behind the token */
	int token;           /* enum schema_token or a character; END after a failure */
	uint32_t at, length; /* of the token; of the name in a variable or tag */
	uint32_t level;      /* of brackets and modules */
	uint32_t groups;     /* places so far in which names must differ */
	uint32_t scope;      /* where declarations go now */
	uint32_t parameters[SCHEMA_PARAMETERS], parameter_count; /* names, of the declaration */
};

/* ---- Types ------------------------------------------------------------------------- */

struct schema_type {
	struct ancient_type type;              /* what is shown; pointers are set in the end */
	uint32_t decl;                         /* SCHEMA_NONE */
	uint32_t key;                          /* of schema_build.c */
	uint32_t argument, field, constructor; /* firsts, in the lists below */
};

struct schema_field {
	uint32_t name; /* SCHEMA_NONE */
	uint32_t type;
	bool is_mutable;
};

struct schema_case { /* a constructor of an instance */
	uint32_t name;
	int64_t number;
	bool constant, inline_record;
	uint32_t field, count;
};

struct schema_types {
	struct schema_list types, arguments, fields, cases;
	uint32_t root;
};

#endif

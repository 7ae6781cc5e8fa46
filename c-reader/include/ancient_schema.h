/* libancient-reader, typed: read OCaml values by the names of their types.
 *
 *     #include <ancient_schema.h>
 *
 *     // type package = { version : string; size : int }
 *     // val root : (string, package) Hashtbl.t
 *     struct ancient_schema *schema;
 *     struct ancient_typed root, vim, version;
 *     struct ancient_value value;
 *     const char *text;
 *     size_t length;
 *
 *     ancient_schema_parse(declarations, strlen(declarations), "idx", &schema, &err);
 *     ancient_file_get(file, 0, &value, &err);
 *     root = ancient_typed_root(schema, value);
 *     ancient_path_get(file, schema, root, "[\"vim\"].version", &version, &err);
 *     ancient_typed_string(file, schema, version, &text, &length, &err);
 *
 *     struct ancient_key key = ancient_key_string("vim", 3);      // the same, step by step
 *     ancient_typed_find(file, schema, root, &key, &vim, &err);
 *     ancient_typed_field_named(file, schema, vim, "version", &version, &err);
 *     ancient_schema_close(schema);
 *
 * The schema.  A text of OCaml type declarations that ends in `val root : TYPE` (section 12 of
 * spec/FORMAT.md), parsed into a table of types.  Types are numbers into that table; a
 * parametrised type has one entry for each set of arguments it is used with, aliases and
 * parameters have none.  A schema is immutable, belongs to no file, counts its references,
 * and may be used by any number of threads.
 *
 * Trust.  A schema says how to read a value, not that the value is so: each access compares the
 * block with the type first, and where they disagree returns BAD_SHAPE, with the type, what was
 * expected and what was found.  As everywhere in this library any bytes, any text and any
 * combination of file, schema and value is safe; a `type` of another schema is ARGUMENT or
 * BAD_SHAPE.
 *
 * Errors.  As in <ancient_reader.h>.  In what follows every function that takes a file may
 * also return TORN_AWAY, the CORRUPT codes of the gate (BAD_POINTER BAD_BLOCK BAD_STRING
 * BAD_CUSTOM BAD_BIGARRAY), BAD_SHAPE, ARGUMENT where a type is none of the schema's, and
 * WRONG_KIND where the type is of another kind than the function is for.
 *
 * This header includes all parts; each can also be included alone:
 *
 *   <ancient_schema_types.h>   schemas and their types
 *   <ancient_typed.h>          values by their types: leaves, fields, elements, iteration, JSON
 *   <ancient_lookup.h>         keys in tables, maps and sets; paths; OCaml's hash and order
 *   <ancient_range.h>          maps and sets in order: bounds, prefixes, forwards and backwards
 *   <ancient_columns.h>        fields of many elements, copied into arrays
 */
#ifndef ANCIENT_SCHEMA_H
#define ANCIENT_SCHEMA_H

#include <ancient_columns.h>
#include <ancient_lookup.h>
#include <ancient_range.h>
#include <ancient_schema_types.h>
#include <ancient_typed.h>

#endif

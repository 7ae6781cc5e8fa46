/* c-reader/value: OCaml's Hashtbl.hash of values and keys, for lookups in tables. */
#ifndef ANCIENT_READER_OCAML_HASH_H
#define ANCIENT_READER_OCAML_HASH_H

#include "value/operand.h"

/* Hashtbl.seeded_hash.  Errors: those of the gate, WRONG_KIND. */
enum ancient_code ancient_reader_lookup_hash(const struct ancient_file *file,
					     struct lookup_item item, uint32_t seed,
					     uint32_t *ret_hash, struct ancient_error *err);
uint32_t ancient_reader_lookup_hash_string(uint32_t seed, const char *bytes, size_t length);
uint32_t ancient_reader_lookup_hash_word(uint32_t seed, uint64_t word); /* of an immediate */

#endif

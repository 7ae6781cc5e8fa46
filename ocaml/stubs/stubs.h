/* ocaml/stubs: the headers of the OCaml runtime and of core that every stub needs, and how this
 * runtime is configured.  It declares nothing.
 *
 * Stubs unbox their arguments, check them, call core without OCaml values, and raise or build a
 * result.  They use names of the file format's limits, never its layout; check_mlvalues.c alone
 * compares layouts.
 *
 * All functions are called with the runtime held unless their comment says otherwise.
 */
#ifndef ANCIENT_OCAML_STUBS_H
#define ANCIENT_OCAML_STUBS_H

#define CAML_NAME_SPACE
#define CAML_INTERNALS /* page table, custom operations, blocking sections */

#include <stdbool.h>
#include <stdint.h>

#include <caml/mlvalues.h>
#include <caml/custom.h>
#include <caml/version.h>

#include <ancient/error.h>
#include <ancient/store.h>

/* OCaml 4 with naked pointers keeps a table of the pages that hold values.  Its compare, hash and
 * extern treat a pointer to any other page as no value. */
#if OCAML_VERSION < 50000 && !defined(NO_NAKED_POINTERS)
#define ANCIENT_ML_PAGE_TABLE 1
#endif

#endif

/* ocaml/stubs: raises core's errors as OCaml exceptions.  `where` names the OCaml function that the
 * user called; the message of an Invalid_argument begins with it. */
#ifndef ANCIENT_OCAML_ERRORS_H
#define ANCIENT_OCAML_ERRORS_H

#include "stubs.h"

/* Raises the OCaml exception that fits `err`. */
CAMLnoreturn_start void ancient_ml_raise(const char *where,
					 const struct ancient_error *err) CAMLnoreturn_end;

/* Raises Invalid_argument with a formatted text. */
CAMLnoreturn_start void ancient_ml_invalid_argument(const char *format, ...) CAMLnoreturn_end;

#endif

/* ocaml/stubs: raises core's errors as OCaml exceptions; every stub that calls core uses it. */
#include "errors.h"

#include <stdarg.h>
#include <stdio.h>

#include <caml/alloc.h>
#include <caml/callback.h>
#include <caml/fail.h>
#include <caml/memory.h>

/* The constant constructors of Ancient_errors.code are numbered in the order of
 * errors.def. */
enum constructor {
#define ANCIENT_ERROR(code, number, class, python, text) CONSTRUCTOR_##code,
#include "errors.def"
#undef ANCIENT_ERROR
};

static int constructor_of_code(enum ancient_code code)
{
	switch (code) {
#define ANCIENT_ERROR(code, number, class, python, text)                                           \
	case ANCIENT_E_##code:                                                                     \
		return CONSTRUCTOR_##code;
#include "errors.def"
#undef ANCIENT_ERROR
	case ANCIENT_OK:
		break;
	}
	return CONSTRUCTOR_SYSTEM;
}

void ancient_ml_invalid_argument(const char *format, ...)
{
	char text[640];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	caml_invalid_argument(text);
}

static value some(value v)
{
	CAMLparam1(v);
	value block = caml_alloc_small(1, 0);

	Field(block, 0) = v;
	CAMLreturn(block);
}

/* "V3" for 303, None for 0. */
static value option_of_rule(unsigned rule)
{
	static const char letters[] = "SEVCD";
	char text[16];

	if (rule < 100 || rule / 100 > sizeof letters - 1)
		return Val_int(0);
	snprintf(text, sizeof text, "%c%u", letters[rule / 100 - 1], rule % 100);
	return some(caml_copy_string(text));
}

static value record_of_error(const struct ancient_error *err)
{
	CAMLparam0();
	CAMLlocal4(record, message, offset, rule);

	message = caml_copy_string(err->message);
	offset = Val_int(0);
	if (err->offset != ANCIENT_NO_OFFSET)
		offset = some(Val_long((intnat)err->offset));
	rule = option_of_rule(err->rule);
	record = caml_alloc_small(4, 0);
	Field(record, 0) = Val_int(constructor_of_code(err->code));
	Field(record, 1) = message;
	Field(record, 2) = offset;
	Field(record, 3) = rule;
	CAMLreturn(record);
}

void ancient_ml_raise(const char *where, const struct ancient_error *err)
{
	const value *exception;

	switch (err->code) {
	case ANCIENT_E_NO_KEY:
		caml_raise_not_found();
	case ANCIENT_E_MEMORY:
		caml_raise_out_of_memory();
	case ANCIENT_E_ARGUMENT:
	case ANCIENT_E_CLOSED:
	case ANCIENT_E_UNSHAREABLE:
		ancient_ml_invalid_argument("%s: %s", where, err->message);
	default:
		exception = caml_named_value("ancient.Error");
		if (exception == NULL) /* the stubs without ancient.ml */
			caml_failwith(err->message);
		caml_raise_with_arg(*exception, record_of_error(err));
	}
}

/* ocaml/stubs: compares format.h with the runtime's headers at compile time.  An OCaml that lays
 * values out differently fails to build here instead of corrupting files.  No code.
 */
#include "stubs.h"

#include <assert.h>
#include <stddef.h>

#include <caml/bigarray.h>
#include <caml/gc.h>
#if OCAML_VERSION >= 50000
#include <caml/shared_heap.h>
#endif

#include <ancient/format.h>

/* ---- Words and headers (7.1, 7.2) --------------------------------------------------- */

static_assert(sizeof(value) == ANCIENT_WORD, "a value is a word");
static_assert(sizeof(header_t) == ANCIENT_WORD, "a header is a word");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are little-endian");
static_assert(Val_long(-3) == -5, "immediates are 2n + 1");
static_assert(Wosize_hd(ANCIENT_HEADER(12345, 17)) == 12345, "wosize in the header");
static_assert(Tag_hd(ANCIENT_HEADER(12345, 17)) == 17, "tag in the header");
static_assert(Make_header(12345, 17, ANCIENT_HEADER_COLOUR) == ANCIENT_HEADER(12345, 17),
	      "a header of the runtime's making");
static_assert((ANCIENT_HEADER_COLOUR & ANCIENT_HEADER_COLOUR_MASK) == ANCIENT_HEADER_COLOUR_MASK,
	      "black in OCaml 4, NOT_MARKABLE in OCaml 5");
static_assert(ANCIENT_FILLER == ANCIENT_HEADER(0, Abstract_tag), "the filler is an empty block");
#if OCAML_VERSION >= 50000
static_assert(NOT_MARKABLE == ANCIENT_HEADER_COLOUR, "no such block is marked by a copy");
#endif
#ifdef PROFINFO_WIDTH
static_assert(PROFINFO_WIDTH == 0, "no bits of the header are reserved");
#endif

#ifdef FLAT_FLOAT_ARRAY
static_assert(ANCIENT_DIALECT_FLAT_FLOAT_ARRAY == 1, "arrays of floats are flat");
#else
#error "an OCaml configured with --disable-flat-float-array writes another dialect"
#endif

/* ---- Tags (7.2) ---------------------------------------------------------------------- */

#ifdef Forcing_tag
static_assert(ANCIENT_TAG_FORCING == Forcing_tag, "Forcing_tag");
#endif
#ifdef Cont_tag
static_assert(ANCIENT_TAG_CONTINUATION == Cont_tag, "Cont_tag");
#endif
static_assert(ANCIENT_TAG_LAZY == Lazy_tag, "Lazy_tag");
static_assert(ANCIENT_TAG_CLOSURE == Closure_tag, "Closure_tag");
static_assert(ANCIENT_TAG_OBJECT == Object_tag, "Object_tag");
static_assert(ANCIENT_TAG_INFIX == Infix_tag, "Infix_tag");
static_assert(ANCIENT_TAG_FORWARD == Forward_tag, "Forward_tag");
static_assert(ANCIENT_TAG_ABSTRACT == Abstract_tag, "Abstract_tag");
static_assert(ANCIENT_TAG_STRING == String_tag, "String_tag");
static_assert(ANCIENT_TAG_DOUBLE == Double_tag, "Double_tag");
static_assert(ANCIENT_TAG_DOUBLE_ARRAY == Double_array_tag, "Double_array_tag");
static_assert(ANCIENT_TAG_CUSTOM == Custom_tag, "Custom_tag");
static_assert(ANCIENT_TAG_ABSTRACT == No_scan_tag, "the first tag whose fields are no values");
static_assert(Double_wosize == 1, "a double is a word");

/* ---- Customs (6) --------------------------------------------------------------------- */

static_assert(sizeof(struct custom_operations) <= ANCIENT_CUSTOM_SLOT, "room for operations");
static_assert(offsetof(struct custom_operations, identifier) == 0, "the identifier is first");

/* ---- Bigarrays (7.5): word n of the block is word n - 1 of the struct ------------------ */

#define BIGARRAY_WORD(field) (1 + offsetof(struct caml_ba_array, field) / ANCIENT_WORD)
static_assert(BIGARRAY_WORD(data) == 1, "data");
static_assert(BIGARRAY_WORD(num_dims) == 2, "number of dimensions");
static_assert(BIGARRAY_WORD(flags) == 3, "flags");
static_assert(BIGARRAY_WORD(proxy) == 4, "proxy");
static_assert(BIGARRAY_WORD(dim) == ANCIENT_BIGARRAY_WORDS, "dimensions");
static_assert(CAML_BA_MAX_NUM_DIMS == ANCIENT_BIGARRAY_DIMS_MAX, "most dimensions");
static_assert(CAML_BA_KIND_MASK == ANCIENT_BIGARRAY_KIND_MASK, "kind");
static_assert(CAML_BA_FORTRAN_LAYOUT == ANCIENT_BIGARRAY_LAYOUT_FORTRAN, "layout");
static_assert(CAML_BA_EXTERNAL == 0, "external data has no flag");
static_assert((int)CAML_BA_FLOAT32 == ANCIENT_BIGARRAY_FLOAT32, "float32");
static_assert((int)CAML_BA_FLOAT64 == ANCIENT_BIGARRAY_FLOAT64, "float64");
static_assert((int)CAML_BA_SINT8 == ANCIENT_BIGARRAY_INT8_SIGNED, "int8");
static_assert((int)CAML_BA_UINT8 == ANCIENT_BIGARRAY_INT8_UNSIGNED, "uint8");
static_assert((int)CAML_BA_SINT16 == ANCIENT_BIGARRAY_INT16_SIGNED, "int16");
static_assert((int)CAML_BA_UINT16 == ANCIENT_BIGARRAY_INT16_UNSIGNED, "uint16");
static_assert((int)CAML_BA_INT32 == ANCIENT_BIGARRAY_INT32, "int32");
static_assert((int)CAML_BA_INT64 == ANCIENT_BIGARRAY_INT64, "int64");
static_assert((int)CAML_BA_CAML_INT == ANCIENT_BIGARRAY_INT, "int");
static_assert((int)CAML_BA_NATIVE_INT == ANCIENT_BIGARRAY_NATIVEINT, "nativeint");
static_assert((int)CAML_BA_COMPLEX32 == ANCIENT_BIGARRAY_COMPLEX32, "complex32");
static_assert((int)CAML_BA_COMPLEX64 == ANCIENT_BIGARRAY_COMPLEX64, "complex64");
static_assert((int)CAML_BA_CHAR == ANCIENT_BIGARRAY_CHAR, "char");
#if OCAML_VERSION >= 50200
static_assert((int)CAML_BA_FLOAT16 == ANCIENT_BIGARRAY_FLOAT16, "float16");
#endif

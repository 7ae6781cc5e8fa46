/* tests/ocaml: XXH3-64, for test_files.ml, which changes superblocks that stay valid. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#define CAML_NAME_SPACE
#include <caml/alloc.h>
#include <caml/mlvalues.h>

value check_xxh3(value text);

value check_xxh3(value text)
{
	return caml_copy_int64((int64_t)XXH3_64bits(String_val(text), caml_string_length(text)));
}

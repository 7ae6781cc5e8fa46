/* ocaml/stubs: three functions for the schema library: the hash of spec/FORMAT.md 12.5, the
 * identifier of a custom block, and the number of the word where a block begins.
 */
#include "primitives.h"
#include "stubs.h"

#include <string.h>

#include <caml/alloc.h>
#include <caml/memory.h>

#include <xxhash.h>

/* The 16 bytes of XXH3-128's canonical form. */
CAMLprim value ancient_ml_hash128(value text)
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical,
				 XXH3_128bits(String_val(text), caml_string_length(text)));
	return caml_alloc_initialized_string(sizeof canonical.digest,
					     (const char *)canonical.digest);
}

/* "" where `v` is no custom block. */
CAMLprim value ancient_ml_custom_identifier(value v)
{
	if (!Is_block(v) || Tag_val(v) != Custom_tag)
		return caml_copy_string("");
	/* a file may hold blocks of libraries that are not linked: they have no operations */
	if (Custom_ops_val(v)->identifier == NULL)
		return caml_copy_string("");
	return caml_copy_string(Custom_ops_val(v)->identifier);
}

/* The address of a block in words; unboxed for native code. */
intnat ancient_ml_word_number(value v)
{
	return (intnat)((uintnat)v / sizeof(value));
}

CAMLprim value ancient_ml_word_number_byte(value v)
{
	return Val_long(ancient_ml_word_number(v));
}

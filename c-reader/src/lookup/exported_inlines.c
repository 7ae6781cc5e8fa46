/* c-reader/lookup: the inline functions of the public headers as functions of the library, under
 * the same names, for bindings that read the headers and compile nothing (ctypes, cffi's ABI mode,
 * other languages).  C programs have them inline and do not call these.
 *
 * The headers' own text is what is compiled here, so that the two cannot differ. */
#define ANCIENT_INLINE ANCIENT_API

/* A definition in a header has no declaration before it. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

#include <ancient_bind.h>
#include <ancient_lookup.h>
#include <ancient_reader.h>
#include <ancient_typed.h>

void ancient_key_init_int(struct ancient_key *ret_key, int64_t integer)
{
	*ret_key = ancient_key_int(integer);
}

void ancient_key_init_string(struct ancient_key *ret_key, const char *bytes, size_t length)
{
	*ret_key = ancient_key_string(bytes, length);
}

void ancient_key_init_float(struct ancient_key *ret_key, double number)
{
	*ret_key = ancient_key_float(number);
}

void ancient_key_init_boxed(struct ancient_key *ret_key, enum ancient_key_kind kind,
			    int64_t integer)
{
	*ret_key = ancient_key_boxed(kind, integer);
}

void ancient_key_init_floats(struct ancient_key *ret_key, const double *numbers, size_t count)
{
	*ret_key = ancient_key_floats(numbers, count);
}

void ancient_key_init_block(struct ancient_key *ret_key, unsigned tag,
			    const struct ancient_key *fields, size_t count)
{
	*ret_key = ancient_key_block(tag, fields, count);
}

void ancient_key_init_tuple(struct ancient_key *ret_key, const struct ancient_key *fields,
			    size_t count)
{
	*ret_key = ancient_key_tuple(fields, count);
}

void ancient_key_init_value(struct ancient_key *ret_key, struct ancient_value value)
{
	*ret_key = ancient_key_value(value);
}

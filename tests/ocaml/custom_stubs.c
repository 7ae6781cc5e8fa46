/* tests/ocaml: two custom types that the test program defines: 8 bytes, no pointers.  The program
 * runs with and without registering them in the runtime, as if the library that defines them were
 * linked or not.
 */
#include <string.h>

#include <caml/alloc.h>
#include <caml/custom.h>
#include <caml/intext.h>
#include <caml/mlvalues.h>

#define Stamp_val(v) (*(int64_t *)Data_custom_val(v))

static int stamp_compare(value a, value b)
{
	return (Stamp_val(a) > Stamp_val(b)) - (Stamp_val(a) < Stamp_val(b));
}

static intnat stamp_hash(value v)
{
	return (intnat)Stamp_val(v);
}

static void stamp_serialize(value v, uintnat *size32, uintnat *size64)
{
	caml_serialize_int_8(Stamp_val(v));
	*size32 = *size64 = 8;
}

static uintnat stamp_deserialize(void *to)
{
	*(int64_t *)to = caml_deserialize_sint_8();
	return 8;
}

static struct custom_operations stamps[2] = {
	{
		.identifier = "org.example.stamp",
		.compare = stamp_compare,
		.hash = stamp_hash,
		.serialize = stamp_serialize,
		.deserialize = stamp_deserialize,
	},
	{
		.identifier = "org.example.other-stamp",
		.compare = stamp_compare,
		.hash = stamp_hash,
		.serialize = stamp_serialize,
		.deserialize = stamp_deserialize,
	},
};

value stamp_link(value unit);
value stamp_make(value type, value n);
value stamp_get(value stamp);

value stamp_link(value unit)
{
	caml_register_custom_operations(&stamps[0]);
	caml_register_custom_operations(&stamps[1]);
	return unit;
}

value stamp_make(value type, value n)
{
	value stamp = caml_alloc_custom(&stamps[Int_val(type)], 8, 0, 1);

	Stamp_val(stamp) = Long_val(n);
	return stamp;
}

value stamp_get(value stamp)
{
	return Val_long((intnat)Stamp_val(stamp));
}

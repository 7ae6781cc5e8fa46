/* tests/interop: a custom type that a program defines: 16 bytes, no pointers; Ancient accepts it
 * after Ancient.register_custom.
 */
#include <string.h>

#include <caml/alloc.h>
#include <caml/custom.h>
#include <caml/mlvalues.h>

static int plain_compare(value a, value b)
{
	int order = memcmp(Data_custom_val(a), Data_custom_val(b), 16);

	return (order > 0) - (order < 0);
}

static struct custom_operations plain_operations = {
	.identifier = "org.example.plain",
	.compare = plain_compare,
};

value plain_init(value unit);
value plain_make(value bytes);
value plain_bytes(value plain);

/* Makes the type known to the runtime, which looks for it when it meets the identifier. */
value plain_init(value unit)
{
	caml_register_custom_operations(&plain_operations);
	return unit;
}

/* The first 16 bytes of a string; no allocation but one, so nothing to root. */
value plain_make(value bytes)
{
	unsigned char content[16];
	value plain;

	memcpy(content, Bytes_val(bytes), sizeof content);
	plain = caml_alloc_custom(&plain_operations, sizeof content, 0, 1);
	memcpy(Data_custom_val(plain), content, sizeof content);
	return plain;
}

value plain_bytes(value plain)
{
	unsigned char content[16];
	value bytes;

	memcpy(content, Data_custom_val(plain), sizeof content);
	bytes = caml_alloc_string(sizeof content);
	memcpy(Bytes_val(bytes), content, sizeof content);
	return bytes;
}

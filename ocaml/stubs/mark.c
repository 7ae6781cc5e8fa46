/* ocaml/stubs: Ancient.mark and delete, is_ancient and address_of. */
#include "errors.h"
#include "primitives.h"
#include "ranges.h"
#include "source.h"
#include "trials.h"

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

/* What proxies of copies in memory refer to as their owner.  It says nothing; as a custom block of
 * an unknown type it keeps proxies from being marked, shared, marshalled or compared. */
static struct custom_operations memory_operations = {
	.identifier = "ancient.memory",
	.finalize = custom_finalize_default,
	.compare = custom_compare_default,
	.hash = custom_hash_default,
	.serialize = custom_serialize_default,
	.deserialize = custom_deserialize_default,
	.compare_ext = custom_compare_ext_default,
	.fixed_length = custom_fixed_length_default,
};

static const struct ancient_heap_ranges ranges = {
	.add = ancient_ml_range_add_memory,
	.drop = ancient_ml_range_drop,
};

CAMLprim value ancient_ml_memory(value unit)
{
	(void)unit;
	return caml_alloc_custom(&memory_operations, sizeof(void *), 0, 1);
}

/* (root, bytes).  Nothing is allocated, so nothing moves, while core copies. */
CAMLprim value ancient_ml_mark(value root, value order)
{
	struct ancient_ml_source source;
	struct ancient_copied copied;
	struct ancient_error err;
	enum ancient_code code;
	value result;

	ancient_ml_source_init(&source);
	code = ancient_heap_copy(&source.source, (uint64_t)root, (enum ancient_order)Int_val(order),
				 &ranges, &copied, &err);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.mark", &err);
	result = caml_alloc_small(2, 0);
	Field(result, 0) = (value)copied.root;
	Field(result, 1) = Val_long((intnat)copied.bytes);
	return result;
}

/* Whether there was something to delete: the pointer in the proxy, whose second field it is, until
 * it is overwritten.  Neither it nor what takes its place leads into the heap, so that no collector
 * needs to know. */
CAMLprim value ancient_ml_delete(value proxy)
{
	value root = __atomic_exchange_n(&Field(proxy, 1), Val_unit, __ATOMIC_ACQ_REL);

	if (Is_long(root))
		return Val_false;
	ancient_heap_delete((uint64_t)root, &ranges);
	ancient_ml_trials_step();
	return Val_true;
}

/* A deleted copy may lie in a range that holds others. */
CAMLprim value ancient_ml_is_ancient(value v)
{
	return Val_bool(Is_block(v) && ancient_ml_range_holds((uint64_t)v));
}

CAMLprim value ancient_ml_address_of(value v)
{
	return caml_copy_nativeint(Is_block(v) ? (intnat)v : 0);
}

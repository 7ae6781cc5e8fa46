/* ocaml/stubs: Ancient.mark and delete, is_ancient and address_of. */
#include "errors.h"
#include "primitives.h"
#include "ranges.h"
#include "source.h"

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

#define Heap_val(v) (*(struct ancient_heap **)Data_custom_val(v))

/* No finalizer: a copy that is never deleted stays, because values of it may be in use. */
static struct custom_operations heap_operations = {
	.identifier = "ancient.heap",
	.finalize = custom_finalize_default,
	.compare = custom_compare_default,
	.hash = custom_hash_default,
	.serialize = custom_serialize_default,
	.deserialize = custom_deserialize_default,
	.compare_ext = custom_compare_ext_default,
	.fixed_length = custom_fixed_length_default,
};

/* (heap, root, bytes).  The block for the heap is made first: nothing is allocated, so
 * nothing moves, while core copies. */
CAMLprim value ancient_ml_mark(value root, value order)
{
	CAMLparam1(root);
	CAMLlocal2(heap, result);
	struct ancient_ml_source source;
	struct ancient_copied copied;
	struct ancient_heap *copy;
	struct ancient_error err;
	enum ancient_code code;
	uint64_t start, end;

	heap = caml_alloc_custom(&heap_operations, sizeof(void *), 0, 1);
	Heap_val(heap) = NULL;
	ancient_ml_source_init(&source);
	code = ancient_heap_copy(&source.source, (uint64_t)root, (enum ancient_order)Int_val(order),
				 &copy, &copied, &err);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.mark", &err);
	ancient_heap_range(copy, &start, &end);
	if (start != end && !ancient_ml_range_add(start, end)) {
		ancient_heap_delete(copy);
		caml_raise_out_of_memory();
	}
	Heap_val(heap) = copy;
	result = caml_alloc_small(3, 0);
	Field(result, 0) = heap;
	Field(result, 1) = (value)copied.root;
	Field(result, 2) = Val_long((intnat)copied.bytes);
	CAMLreturn(result);
}

/* Whether there was something to delete. */
CAMLprim value ancient_ml_delete(value heap)
{
	struct ancient_heap *copy = __atomic_exchange_n(&Heap_val(heap), NULL, __ATOMIC_ACQ_REL);
	uint64_t start, end;

	if (copy == NULL)
		return Val_false;
	ancient_heap_range(copy, &start, &end);
	if (start != end)
		ancient_ml_range_drop(start);
#ifdef ANCIENT_ML_PAGE_TABLE
	/* The table never forgets a page, so each new one costs memory for ever. */
	ancient_heap_recycle(copy);
#else
	ancient_heap_delete(copy);
#endif
	return Val_true;
}

/* noalloc */
CAMLprim value ancient_ml_alive(value heap)
{
	return Val_bool(__atomic_load_n(&Heap_val(heap), __ATOMIC_ACQUIRE) != NULL);
}

CAMLprim value ancient_ml_is_ancient(value v)
{
	return Val_bool(Is_block(v) && ancient_ml_range_holds((uint64_t)v));
}

CAMLprim value ancient_ml_address_of(value v)
{
	return caml_copy_nativeint(Is_block(v) ? (intnat)v : 0);
}

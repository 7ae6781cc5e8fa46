/* ocaml/stubs: Ancient.mark and delete, is_ancient and address_of. */
#include "errors.h"
#include "primitives.h"
#include "ranges.h"
#include "source.h"
#include "trials.h"

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

static bool dropped; /* addresses, since the last step */

static void drop(uint64_t start)
{
	ancient_ml_range_drop(start);
	__atomic_store_n(&dropped, true, __ATOMIC_RELEASE);
}

static const struct ancient_heap_ranges ranges = {
	.add = ancient_ml_range_add_memory,
	.drop = drop,
};

/* What small copies leave is let go by a later mark too, when their arena is full. */
static void step(void)
{
	if (__atomic_load_n(&dropped, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(&dropped, false, __ATOMIC_ACQ_REL))
		ancient_ml_trials_step();
}

/* Proxies, abstract blocks, so that they cannot be marked, shared, marshalled or compared: the root
 * of the copy; or, if that is an immediate, it, whether it is there, and nothing. */
#define ROOT 0
#define THERE 1
#define IMMEDIATE_FIELDS 3

static value proxy_of(value root)
{
	value proxy;

	if (Is_block(root)) {
		proxy = caml_alloc_small(1, Abstract_tag);
	} else {
		proxy = caml_alloc_small(IMMEDIATE_FIELDS, Abstract_tag);
		Field(proxy, THERE) = Val_true;
		Field(proxy, IMMEDIATE_FIELDS - 1) = Val_unit;
	}
	Field(proxy, ROOT) = root;
	return proxy;
}

/* Nothing is allocated, so nothing moves, while core copies.  The root may have moved afterwards.
 */
static struct ancient_copied copy(value root, value order)
{
	struct ancient_ml_source source;
	struct ancient_copied copied;
	struct ancient_error err;
	enum ancient_code code;

	ancient_ml_source_init(&source);
	code = ancient_heap_copy(&source.source, (uint64_t)root, (enum ancient_order)Int_val(order),
				 &ranges, &copied, &err);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.mark", &err);
	step();
	return copied;
}

CAMLprim value ancient_ml_mark(value root, value order)
{
	return proxy_of((value)copy(root, order).root);
}

/* (proxy, bytes) */
CAMLprim value ancient_ml_mark_info(value root, value order)
{
	CAMLparam0();
	CAMLlocal2(proxy, result);
	struct ancient_copied copied = copy(root, order);

	proxy = proxy_of((value)copied.root);
	result = caml_alloc_small(2, 0);
	Field(result, 0) = proxy;
	Field(result, 1) = Val_long((intnat)copied.bytes);
	CAMLreturn(result);
}

/* Whether there was something to delete.  The pointer in the proxy is overwritten, so that a proxy
 * that is kept holds no address. */
CAMLprim value ancient_ml_delete(value proxy)
{
	value field = Wosize_val(proxy) == IMMEDIATE_FIELDS ? THERE : ROOT;
	value old = __atomic_exchange_n(&Field(proxy, field), Val_false, __ATOMIC_ACQ_REL);

	if (Is_block(old)) {
		ancient_heap_delete((uint64_t)old, &ranges);
		step();
	}
	return Val_bool(old != Val_false);
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

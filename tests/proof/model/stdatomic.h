/* tests/proof: atomic types as plain ones.  What another thread can change is any value: see where
 * a harness sets it up. */
#ifndef PROOF_STDATOMIC_H
#define PROOF_STDATOMIC_H

#define _Atomic(type) type
typedef _Bool atomic_bool;
typedef unsigned atomic_uint;
enum { memory_order_relaxed, memory_order_acquire, memory_order_release, memory_order_acq_rel };

#define atomic_init(at, value) ((void)(*(at) = (value)))
#define atomic_load(at) (*(at))
#define atomic_load_explicit(at, order) (*(at))
#define atomic_store(at, value) ((void)(*(at) = (value)))
#define atomic_store_explicit(at, value, order) ((void)(*(at) = (value)))
#define atomic_fetch_add_explicit(at, value, order) (*(at) += (value))
#define atomic_fetch_sub_explicit(at, value, order) ((*(at) -= (value)) + (value))
#define atomic_exchange(at, value) proof_exchange(at, value)
static inline unsigned proof_exchange(atomic_uint *at, unsigned value)
{
	unsigned before = *at;

	*at = value;
	return before;
}

/* Whoever else was there first has put the same in. */
#define atomic_compare_exchange_strong(at, expected, value)                                        \
	(*(at) == *(expected) ? (*(at) = (value), 1) : (*(expected) = *(at), 0))
#define atomic_compare_exchange_weak_explicit(at, expected, value, then, otherwise)                \
	atomic_compare_exchange_strong(at, expected, value)

#endif

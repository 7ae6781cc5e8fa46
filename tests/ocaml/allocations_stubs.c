/* tests/ocaml: makes an allocation of the library fail, for test_allocations.ml.  glibc calls the
 * program's malloc in place of its own; whose call it is, its return address tells. */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include <caml/mlvalues.h>

/* glibc's own, which it exports. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void __libc_free(void *block);

value allocations_library(value start, value end, value self);
value allocations_fail(value number);
value allocations_failed(value unit);
value allocations_live(value unit);

static uintptr_t from, to; /* the code of the library */
static long left = -1;     /* allocations of it that succeed before one fails; -1: all do */
static long failed;
static long live; /* of the whole process */

static void *counted(void *block)
{
	if (block != NULL)
		__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	return block;
}

static int fails(void *caller)
{
	if ((uintptr_t)caller < from || (uintptr_t)caller >= to ||
	    __atomic_load_n(&left, __ATOMIC_RELAXED) < 0 ||
	    __atomic_fetch_sub(&left, 1, __ATOMIC_RELAXED) != 0)
		return 0;
	__atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED);
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t bytes)
{
	return fails(__builtin_return_address(0)) ? NULL : counted(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
	return fails(__builtin_return_address(0)) ? NULL : counted(__libc_calloc(count, bytes));
}

void *realloc(void *block, size_t bytes)
{
	void *grown = fails(__builtin_return_address(0)) ? NULL : __libc_realloc(block, bytes);

	return block == NULL ? counted(grown) : grown;
}

void free(void *block)
{
	if (block != NULL)
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	__libc_free(block);
}

/* Where the code of the library begins and ends, and this function lies, as nm says. */
value allocations_library(value start, value end, value self)
{
	intptr_t moved = (intptr_t)allocations_library - Long_val(self);

	from = (uintptr_t)(Long_val(start) + moved);
	to = (uintptr_t)(Long_val(end) + moved);
	return Val_unit;
}

/* The allocation of this number, from 0, fails; of -1, none. */
value allocations_fail(value number)
{
	failed = 0;
	__atomic_store_n(&left, Long_val(number), __ATOMIC_RELAXED);
	return Val_unit;
}

/* Whether it was reached. */
value allocations_failed(value unit)
{
	(void)unit;
	__atomic_store_n(&left, -1, __ATOMIC_RELAXED);
	return Val_bool(__atomic_load_n(&failed, __ATOMIC_RELAXED) > 0);
}

/* How many blocks were allocated and not freed. */
value allocations_live(value unit)
{
	(void)unit;
	return Val_long(__atomic_load_n(&live, __ATOMIC_RELAXED));
}

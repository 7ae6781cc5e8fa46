/* tests/ocaml: counts the allocations of the whole process, for test_leaks.ml.  glibc calls the
 * program's malloc and free in place of its own. */
#include <stddef.h>

#include <caml/mlvalues.h>

/* glibc's own, which it exports. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void __libc_free(void *block);

value leaks_live(value unit);

static long live;

static void *counted(void *block)
{
	if (block != NULL)
		__atomic_add_fetch(&live, 1, __ATOMIC_RELAXED);
	return block;
}

void *malloc(size_t bytes)
{
	return counted(__libc_malloc(bytes));
}

void *calloc(size_t count, size_t bytes)
{
	return counted(__libc_calloc(count, bytes));
}

void *realloc(void *block, size_t bytes)
{
	void *grown = __libc_realloc(block, bytes);

	return block == NULL ? counted(grown) : grown;
}

void free(void *block)
{
	if (block != NULL)
		__atomic_sub_fetch(&live, 1, __ATOMIC_RELAXED);
	__libc_free(block);
}

/* How many blocks were allocated and not freed. */
value leaks_live(value unit)
{
	(void)unit;
	return Val_long(__atomic_load_n(&live, __ATOMIC_RELAXED));
}

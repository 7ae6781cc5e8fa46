/* core: large pieces of memory, in huge pages where the system has some. */
#ifndef CORE_LARGE_H
#define CORE_LARGE_H

#include <stddef.h>

#define CORE_LARGE_STEP ((size_t)2 << 20) /* `bytes` are a multiple of it */

/* Zeroed; NULL where there is none. */
void *core_large_take(size_t bytes);

void core_large_give(void *large, size_t bytes);

#endif

/* core/store: whether the program can have pointers into the custom window of a file that it lets
 * go.  Called by detach. */
#ifndef CORE_WINDOW_USE_H
#define CORE_WINDOW_USE_H

#include <stdbool.h>

#include "store/store_internal.h"

/* False where the file surely has no block whose operations a program copies by address. */
bool ancient_core_window_in_use(const struct ancient_store *store);

#endif

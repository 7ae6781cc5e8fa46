/* c-reader/base: the process's handler for SIGBUS.  The guard installs it at each open and says
 * what it does about a fault. */
#ifndef ANCIENT_READER_BUS_HANDLER_H
#define ANCIENT_READER_BUS_HANDLER_H

#include "base/reader.h"

/* Called by the handler: they take no lock and allocate nothing. */
struct reader_bus_hooks {
	bool (*cover)(uintptr_t address); /* the load can go on; false: the fault is not ours */
	bool (*is_any_lost)(void);        /* a load of ours would fault now */
};

/* Installs the handler unless a fault reaches it already, and keeps the library that holds it from
 * being unloaded: `dlclose` would leave the process a handler that is no longer there.  Always
 * called with the same hooks.
 * Errors: SYSTEM. */
enum ancient_code ancient_reader_bus_handler_install(const struct reader_bus_hooks *hooks,
						     const char *name, struct ancient_error *err);

#endif

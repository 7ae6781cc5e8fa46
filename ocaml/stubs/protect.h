/* ocaml/stubs: tells of changes of values in files that are mapped with protect. */
#ifndef ANCIENT_OCAML_PROTECT_H
#define ANCIENT_OCAML_PROTECT_H

#include <stdbool.h>
#include <stdint.h>

struct ancient_ml_watch;

/* From now on a fault in [start, end) is told of with the file's name, which must live until
 * ancient_ml_watch_drop.  The handler is installed with the first `protect`; a file that is
 * attached without may be mapped as another handle asked for.  NULL where too many files are
 * watched: their faults are silent. */
struct ancient_ml_watch *ancient_ml_watch_add(uint64_t start, uint64_t end, const char *name,
					      bool protect);

/* Both take NULL. */
void ancient_ml_watch_extend(struct ancient_ml_watch *watch, uint64_t end);
void ancient_ml_watch_drop(struct ancient_ml_watch *watch);

#endif

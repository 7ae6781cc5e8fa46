/* ocaml/stubs: trials of the addresses that were let go. */
#ifndef ANCIENT_OCAML_TRIALS_H
#define ANCIENT_OCAML_TRIALS_H

#include "stubs.h"

/* Called where addresses were let go or are needed: runs a trial, or a part of one, where it is due
 * (ancient/quarantine.h).  May collect garbage, so that values move; runs no code of the program
 * and does not raise.  No lock may be held. */
void ancient_ml_trials_step(void);

/* The same, now and to the end, whatever it costs. */
void ancient_ml_trials_finish(void);

#endif

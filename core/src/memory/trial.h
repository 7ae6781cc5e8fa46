/* core/memory: trials: which of the addresses in quarantine no collector can meet any more.  The
 * public functions are declared in ancient/quarantine.h; store/ asks how the collector works. */
#ifndef CORE_TRIAL_H
#define CORE_TRIAL_H

#include <stdbool.h>

/* Whether pages where values were cost memory in the collector's table for ever. */
bool ancient_core_trial_page_table(void);

#endif

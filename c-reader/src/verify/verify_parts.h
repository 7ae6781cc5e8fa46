/* c-reader/verify: the parts of the verification, one source each (verify_extents.c, ...), in the
 * order in which verify.c calls them.  Each returns the first fault it meets. */
#ifndef ANCIENT_READER_VERIFY_PARTS_H
#define ANCIENT_READER_VERIFY_PARTS_H

#include "verify/verify_state.h"

enum ancient_code reader_verify_extents(struct reader_verify *v);     /* E1-E6, V2-V8 */
enum ancient_code reader_verify_customs(struct reader_verify *v);     /* C1 C2 */
enum ancient_code reader_verify_pointers(struct reader_verify *v);    /* V1, V7 */
enum ancient_code reader_verify_directories(struct reader_verify *v); /* D1-D5 */
enum ancient_code reader_verify_schemas(struct reader_verify *v);     /* D1 D2 D6 */

#endif

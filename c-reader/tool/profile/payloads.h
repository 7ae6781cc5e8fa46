/* c-reader/tool/profile: the payloads of bigarrays, which lie in data extents. */
#ifndef ANCIENT_TOOL_PROFILE_PAYLOADS_H
#define ANCIENT_TOOL_PROFILE_PAYLOADS_H

#include "profile/profile.h"
#include "value/gate_bigarray.h"

/* That of a live bigarray, and that of one which no key leads to. */
enum ancient_code profile_payload_add(struct profile *profile, const struct reader_block *block,
				      const struct reader_bigarray *array);
enum ancient_code profile_payload_dead(struct profile *profile, const struct reader_block *block);

/* Divides the data extents among them; where two overlap the bytes are the first's. */
enum ancient_code profile_payloads(struct profile *profile);

#endif

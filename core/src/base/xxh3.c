/* base: XXH3, the format's checksum, compiled into the writer once (XXH_NAMESPACE: see
 * meson.build). */
#define XXH_STATIC_LINKING_ONLY
#define XXH_IMPLEMENTATION
#include <xxhash.h>

/* tests/fuzz: the list of targets. */
#include "fuzz.h"

const struct fuzz_target *const fuzz_targets[] = {
	&fuzz_arrow,  &fuzz_bind, &fuzz_columns, &fuzz_literal, &fuzz_open,
	&fuzz_verify, &fuzz_walk, &fuzz_lookup,  &fuzz_dump,    &fuzz_schema,
	&fuzz_typed,  &fuzz_path, &fuzz_profile, NULL,
};

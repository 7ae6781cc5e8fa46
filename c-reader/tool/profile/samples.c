/* c-reader/tool/profile: a few values of each path, as short texts (samples.h). */
#include "profile/samples.h"

#include <stdlib.h>

#include "output.h"

#define TEXT_BYTES 80u
#define KEY_BYTES 600u
/* What the library writes of a value, of which less is taken: strings come in pieces of half of it.
 */
#define DUMP_BYTES 1024u
/* A text of what has values in it may cost a walk through a list: only so many of them. */
#define COMPOUND_MOST 192u

/* A value as JSON, cut where it is long.  0: no text; UINT32_MAX: no memory. */
static uint32_t text_of(struct profile *profile, uint64_t word, const struct ancient_schema *schema,
			uint32_t type, uint64_t limit)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);
	struct output_sink sink = {.out = out, .limit = limit};
	const struct ancient_dump_options options = {
		.write = output_sink_write, .context = &sink, .limit = DUMP_BYTES};
	const struct ancient_typed typed = {{word}, type, 0};
	enum ancient_code code;
	uint32_t number = 0;

	if (out == NULL)
		return UINT32_MAX;
	code = schema == NULL ? ancient_value_dump(profile->file, typed.value, &options, NULL)
			      : ancient_typed_dump(profile->file, schema, typed, &options, NULL);
	if (sink.cut || code == ANCIENT_E_TOO_LARGE)
		fputs("...", out);
	if (fclose(out) != 0)
		number = UINT32_MAX;
	else if (sink.cut || code == ANCIENT_OK || code == ANCIENT_E_TOO_LARGE)
		number = profile_names_number(&profile->places.names, bytes, length);
	free(bytes);
	return number;
}

static bool is_leaf(const struct profile *profile, uint64_t word)
{
	struct reader_block block;

	return reader_gate(profile->file, word, &block, NULL) == ANCIENT_OK &&
	       (!reader_has_values(block.tag) || block.wosize == 0);
}

enum ancient_code profile_samples(struct profile *profile, struct profile_key *key, uint32_t from)
{
	struct profile_places *places = &profile->places;
	uint32_t text;

	for (uint32_t i = from; i <= places->count; i++) {
		struct profile_place *place = &places->place[i];
		const bool typed = place->role == PROFILE_VALUE;
		if (!typed && place->role != PROFILE_RAW)
			continue;
		for (unsigned j = 0; j < place->samples; j++) {
			if (!is_leaf(profile, place->sample[j]) &&
			    profile->compounds++ >= COMPOUND_MOST)
				continue;
			text = text_of(profile, place->sample[j], typed ? places->schema : NULL,
				       place->type, TEXT_BYTES);
			if (text == UINT32_MAX)
				return profile_no_memory(profile);
			place->sample_text[j] = text;
		}
	}
	if (key == NULL)
		return ANCIENT_OK;
	text = text_of(profile, key->root, places->schema,
		       places->schema == NULL ? 0 : ancient_schema_root(places->schema), KEY_BYTES);
	key->sample = text == UINT32_MAX ? 0 : text;
	return text == UINT32_MAX ? profile_no_memory(profile) : ANCIENT_OK;
}

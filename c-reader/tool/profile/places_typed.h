/* c-reader/tool/profile: what the files of the places share (places.h). */
#ifndef ANCIENT_TOOL_PROFILE_PLACES_TYPED_H
#define ANCIENT_TOOL_PROFILE_PLACES_TYPED_H

#include "profile/places.h"

static inline bool profile_place_is_other(const struct profile_places *places, uint32_t place)
{
	return places->place[place].role == PROFILE_OTHER;
}

/* ---- places.c ---- */

/* A copy of `model` with room for so many `next`; places->other where there is no room. */
uint32_t profile_place_add(struct profile_places *places, const struct profile_place *model,
			   uint32_t next_count);
/* The number of a type's name, which is shown at the path where it is the first there. */
uint32_t profile_place_type(struct profile_places *places, uint32_t path, const char *name);
/* For blocks below `place` that have no type, or not the one that they should have. */
uint32_t profile_place_untyped(struct profile_places *places, uint32_t place);
uint32_t profile_place_raw(struct profile_places *places, uint32_t untyped,
			   const struct reader_block *block);

/* ---- places_typed.c, for places of the schema in use ---- */

/* A new place for a value of type `declared` within `above`; the one of an outer value of the same
 * type where that is one within itself already.
 *
 * step   of the path, "[*]"; NULL: that of `above` */
uint32_t profile_place_value(struct profile_places *places, uint32_t above, uint32_t declared,
			     const char *step, size_t length);
/* The place of what field `index` leads to; PROFILE_NO_PLACE: to no block. */
uint32_t profile_place_field(struct profile_places *places, uint32_t place, uint32_t index);
/* Where a block that should stand at `place` does: inside of a lazy that is forced, or without a
 * type where it is not of its type. */
uint32_t profile_place_settle(struct profile_places *places, uint32_t place, uint64_t word,
			      const struct reader_block *block);
/* profile_places_inside. */
uint32_t profile_place_body(struct profile_places *places, uint32_t place, uint64_t word,
			    const struct reader_block *block);

#endif

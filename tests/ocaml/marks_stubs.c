/* tests/ocaml: watches the header of one block while Ancient.share or Ancient.mark copies it, for
 * test_marks.ml.  The linker sends the stubs' calls of ancient_ml_source_init here (--wrap, see
 * meson.build).
 */
#include "source.h"

#include <caml/memory.h>

void __real_ancient_ml_source_init(struct ancient_ml_source *source);
void __wrap_ancient_ml_source_init(struct ancient_ml_source *source);
value marks_watch(value block);
value marks_seen(value unit);

static value watched = Val_unit; /* the root that will be copied; holds custom blocks */
static header_t header;          /* its header before the copy */
static bool seen;                /* the header was another one during the copy */
static struct ancient_source_custom (*real_custom)(void *context, uint64_t operations);

/* core asks this for each custom block that it meets, after it has marked the root. */
static struct ancient_source_custom custom(void *context, uint64_t operations)
{
	seen |= Hd_val(watched) != header;
	return real_custom(context, operations);
}

/* From here to the end of the copy nothing is allocated, so the block does not move. */
void __wrap_ancient_ml_source_init(struct ancient_ml_source *source)
{
	__real_ancient_ml_source_init(source);
	if (!Is_block(watched))
		return;
	header = Hd_val(watched);
	real_custom = source->source.custom;
	source->source.custom = custom;
}

/* Watches this block from now on, or none where it is an integer. */
value marks_watch(value block)
{
	static bool rooted;

	if (!rooted)
		caml_register_generational_global_root(&watched);
	rooted = true;
	caml_modify_generational_global_root(&watched, block);
	return Val_unit;
}

/* Whether its header was marked by a copy since the last call. */
value marks_seen(value unit)
{
	bool answer = seen;

	(void)unit;
	seen = false;
	return Val_bool(answer);
}

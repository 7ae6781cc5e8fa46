/* ocaml/stubs: prototypes of the functions that ancient.ml and the schema library call as
 * externals, by the file that defines them.  No C code calls them. */
#ifndef ANCIENT_OCAML_PRIMITIVES_H
#define ANCIENT_OCAML_PRIMITIVES_H

#include "stubs.h"

/* commit.c */
value ancient_ml_remove(value handle, value key, value durable);
value ancient_ml_restore(value handle, value generation, value durable);

/* compact.c */
value ancient_ml_compact(value path, value base, value order, value progress, value dedup);
value ancient_ml_compact_schema(value state);
value ancient_ml_compact_set_types(value state, value types);

/* publish.c */
value ancient_ml_publication_begin(value path, value mode);
value ancient_ml_publication_fd(value publication);
value ancient_ml_publication_path(value publication);
value ancient_ml_publication_rename(value publication);
value ancient_ml_publication_sync(value publication);
value ancient_ml_publication_drop(value publication);

/* handles.c */
value ancient_ml_attach(value fd, value base, value reserve, value read_only, value protect,
			value any_protection, value generation, value replaces, value path);
value ancient_ml_attach_byte(value *arguments, int count);
value ancient_ml_detach(value handle, value unseen);
value ancient_ml_attached(value handle);
value ancient_ml_file_name(value handle);
value ancient_ml_get(value handle, value key);
value ancient_ml_get_named(value handle, value name);
value ancient_ml_refresh(value handle);
value ancient_ml_generation(value handle);
value ancient_ml_verify(value handle);
value ancient_ml_advise(value handle, value advice);
value ancient_ml_prefetch(value handle);

/* keys.c */
value ancient_ml_keys(value handle);
value ancient_ml_keys_next(value handle, value walk);

/* log.c */
value ancient_ml_log(value handle);
value ancient_ml_generation_time(value handle);

/* mark.c */
value ancient_ml_mark(value root, value order);
value ancient_ml_mark_info(value root, value order);
value ancient_ml_delete(value proxy);
value ancient_ml_is_ancient(value v);
value ancient_ml_address_of(value v);

/* recover.c */
value ancient_ml_recover(value path, value drop_lost);

/* schema_hash.c */
value ancient_ml_hash128(value text);
value ancient_ml_custom_identifier(value v);
intnat ancient_ml_word_number(value v);
value ancient_ml_word_number_byte(value v);

/* share.c */
value ancient_ml_share(value handle, value bindings, value order, value durable, value dedup);
value ancient_ml_share_many(value handle, value bindings, value order, value durable, value dedup);

/* source.c */
value ancient_ml_register_custom(value identifier);

/* typed.c */
value ancient_ml_entry(value handle, value which, value fingerprint, value ours);

#endif

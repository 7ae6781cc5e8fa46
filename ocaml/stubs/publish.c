/* ocaml/stubs: what Ancient.publish makes and renames (ancient/publication.h).
 *
 * A failed system call raises Unix.Unix_error; ancient.ml puts the path into it.  A publication
 * that an exception has left behind is dropped with its block.
 */
#include "errors.h"
#include "primitives.h"
#include "runtime.h"

#include <string.h>

#include <caml/alloc.h>
#include <caml/memory.h>
#include <caml/unixsupport.h>

#include <ancient/publication.h>

#if OCAML_VERSION < 50000
#define caml_unix_error unix_error
#endif

#define Publication_val(v) (*(struct ancient_publication **)Data_custom_val(v))

static void drop(value v)
{
	if (Publication_val(v) != NULL)
		ancient_publication_drop(Publication_val(v));
	Publication_val(v) = NULL;
}

static struct custom_operations publication_operations = {
	.identifier = "ancient.publication",
	.finalize = drop,
	.compare = custom_compare_default,
	.hash = custom_hash_default,
	.serialize = custom_serialize_default,
	.deserialize = custom_deserialize_default,
	.compare_ext = custom_compare_ext_default,
	.fixed_length = custom_fixed_length_default,
};

CAMLnoreturn_start static void fail(const struct ancient_error *err) CAMLnoreturn_end;

static void fail(const struct ancient_error *err)
{
	if (err->system != 0)
		caml_unix_error(err->system, "publish", caml_copy_string(""));
	ancient_ml_raise("Ancient.publish", err);
}

/* mode: -1: that of the file that is there. */
CAMLprim value ancient_ml_publication_begin(value path, value mode)
{
	CAMLparam1(path);
	CAMLlocal1(publication);
	struct ancient_error err;

	if (strlen(String_val(path)) != caml_string_length(path))
		ancient_ml_invalid_argument("Ancient.publish: a zero byte in the path");
	publication = caml_alloc_custom(&publication_operations,
					sizeof(struct ancient_publication *), 0, 1);
	Publication_val(publication) = NULL;
	if (ancient_publication_begin(String_val(path), Int_val(mode),
				      &Publication_val(publication), &err) != ANCIENT_OK)
		fail(&err);
	CAMLreturn(publication);
}

CAMLprim value ancient_ml_publication_fd(value publication)
{
	return Val_int(ancient_publication_fd(Publication_val(publication)));
}

CAMLprim value ancient_ml_publication_path(value publication)
{
	return caml_copy_string(ancient_publication_path(Publication_val(publication)));
}

/* `step` may wait for the disk. */
static void run(value v,
		enum ancient_code (*step)(struct ancient_publication *, struct ancient_error *))
{
	CAMLparam1(v);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_publication *publication = Publication_val(v);
	struct ancient_error err;
	enum ancient_code code;

	ancient_ml_call_begin(&call, true);
	code = step(publication, &err);
	ancient_ml_call_end(&call);
	if (code != ANCIENT_OK)
		fail(&err);
	CAMLreturn0;
}

CAMLprim value ancient_ml_publication_rename(value publication)
{
	run(publication, ancient_publication_rename);
	return Val_unit;
}

CAMLprim value ancient_ml_publication_sync(value publication)
{
	run(publication, ancient_publication_sync);
	return Val_unit;
}

CAMLprim value ancient_ml_publication_drop(value publication)
{
	drop(publication);
	return Val_unit;
}

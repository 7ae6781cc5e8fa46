/* python/typed: which of many typed values equal one object (search.h). */
#include "typed/search.h"

#include "module/errors.h"
#include "typed/schema.h"
#include "typed/value.h"

#include <string.h>

/* The bytes of a wanted text, where values of the type become such objects. */
static void borrow_text(struct py_search *search, const struct ancient_type *type)
{
	bool bytes = type->kind == ANCIENT_TYPE_BYTES || type->bytes || search->snapshot->as_bytes;
	Py_ssize_t length = 0;

	if (type->kind != ANCIENT_TYPE_STRING && type->kind != ANCIENT_TYPE_BYTES)
		return;
	if (bytes && PyBytes_CheckExact(search->wanted)) {
		search->bytes = PyBytes_AS_STRING(search->wanted);
		length = PyBytes_GET_SIZE(search->wanted);
	} else if (!bytes && PyUnicode_CheckExact(search->wanted)) {
		search->bytes = PyUnicode_AsUTF8AndSize(search->wanted, &length);
		/* Surrogates, which stand for bytes that are no UTF-8: compared as objects. */
		if (search->bytes == NULL)
			PyErr_Clear();
	}
	search->length = (size_t)length;
}

int py_search_init(struct py_search *search, struct py_snapshot *snapshot, struct py_schema *schema,
		   uint32_t type, PyObject *wanted)
{
	const struct py_typed *view = (const struct py_typed *)wanted;

	*search = (struct py_search){.snapshot = snapshot, .schema = schema, .wanted = wanted};
	search->view = py_is_typed(snapshot->state, wanted);
	if (!search->view) {
		borrow_text(search, py_schema_type(schema, type));
		return 0;
	}
	py_digests_init(&search->digests, snapshot, schema, false);
	py_digests_init(&search->wanteds, view->view.snapshot, view->schema, false);
	search->wanteds.nans = UINT64_MAX / 2; /* none equals one of the values' */
	return py_digest(&search->wanteds, py_typed_of(view), &search->want);
}

void py_search_done(struct py_search *search)
{
	if (search->view) {
		py_digests_done(&search->digests);
		py_digests_done(&search->wanteds);
	}
	py_decoding_done(&search->decoding);
}

static int is_view(struct py_search *search, struct ancient_typed candidate)
{
	struct py_digest digest;

	if (py_digest(&search->digests, candidate, &digest) < 0)
		return -1;
	return digest.word[0] == search->want.word[0] && digest.word[1] == search->want.word[1];
}

static int is_text(const struct py_search *search, struct ancient_typed candidate)
{
	struct ancient_error err;
	const char *bytes;
	size_t length;

	if (ancient_typed_string(search->snapshot->file, search->schema->schema, candidate, &bytes,
				 &length, &err) != ANCIENT_OK) {
		py_raise(search->snapshot->state, search->snapshot->name, &err);
		return -1;
	}
	return length == search->length && memcmp(bytes, search->bytes, length) == 0;
}

int py_search_is(struct py_search *search, struct ancient_typed candidate)
{
	PyObject *object;
	int equal;

	if (search->view)
		return is_view(search, candidate);
	if (search->bytes != NULL)
		return is_text(search, candidate);
	object = py_decode(&search->decoding, search->snapshot, search->schema, candidate);
	equal = object == NULL ? -1 : PyObject_RichCompareBool(object, search->wanted, Py_EQ);
	Py_XDECREF(object);
	return equal;
}

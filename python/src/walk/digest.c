/* python/walk: digests of typed values (digest.h). */
#include "walk/digest.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "module/threads.h"
#include "typed/class.h"
#include "typed/value.h"
#include "walk/walk.h"

#include <math.h>
#include <string.h>

/* What a leaf is to Python's ==: numbers, texts, bytes. */
enum { NUMBER = 1, LONG_NUMBER, FRACTION, TEXT, BYTES, NAN_ALONE, FLOATS, BIGARRAY, HASHED, BLOCK };

#define UNDER_WAY UINT64_MAX
#define FEW 16 /* values that are met before they are remembered */

/* A value whose parts are being read. */
struct frame {
	struct py_walk walk;
	struct py_digest all, key;
	uint64_t node; /* in the map; 0: not */
	uint64_t parts;
	struct ancient_typed value; /* of the binding whose key is being read */
	bool in_key, has_key;
};

/* ---- Mixing ------------------------------------------------------------------------ */

static uint64_t fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The seed is secret, because the file chooses the words. */
static void mix(const struct py_digests *d, struct py_digest *digest, uint64_t word)
{
	const uint64_t seed = d->snapshot->state->seed;

	digest->word[0] = fold(digest->word[0] ^ word ^ seed, 0x9E3779B97F4A7C15u ^ seed << 1);
	digest->word[1] =
		fold(digest->word[1] + word + (seed << 7 | seed >> 57), 0xC2B2AE3D27D4EB4Fu ^ seed);
}

static struct py_digest begin(const struct py_digests *d, uint64_t kind)
{
	struct py_digest digest = {{1, 2}};

	mix(d, &digest, kind);
	return digest;
}

static void mix_digest(const struct py_digests *d, struct py_digest *digest,
		       const struct py_digest *part)
{
	mix(d, digest, part->word[0]);
	mix(d, digest, part->word[1]);
}

static struct py_digest of_bytes(const struct py_digests *d, uint64_t kind, const void *bytes,
				 size_t length)
{
	struct py_digest digest = begin(d, kind);
	const char *at = bytes;
	uint64_t word;

	mix(d, &digest, length);
	for (; length >= sizeof word; at += sizeof word, length -= sizeof word) {
		memcpy(&word, at, sizeof word);
		mix(d, &digest, word);
	}
	word = 0;
	memcpy(&word, at, length);
	mix(d, &digest, word);
	return digest;
}

static struct py_digest of_word(const struct py_digests *d, uint64_t kind, uint64_t word)
{
	struct py_digest digest = begin(d, kind);

	mix(d, &digest, word);
	return digest;
}

static int too_large(const struct py_digests *d, const struct py_walk *walk, const char *why)
{
	bool block = !ancient_value_is_int(walk->typed.value) && walk->typed.flat == 0;

	py_fail(d->snapshot, ANCIENT_E_TOO_LARGE,
		block ? walk->typed.value.word - d->snapshot->base : ANCIENT_NO_OFFSET, "%s", why);
	return -1;
}

/* Before `words` of a leaf are read. */
static int take(struct py_digests *d, const struct py_walk *leaf, uint64_t words)
{
	if (d->steps > d->limit || words > d->limit - d->steps)
		return too_large(d, leaf,
				 "the parts of this value overlap, or lie in a hole of the file");
	d->steps += words;
	return 0;
}

/* ---- Leaves ------------------------------------------------------------------------ */

static int raise(const struct py_walk *leaf, const struct ancient_error *err)
{
	py_raise(leaf->snapshot->state, leaf->snapshot->name, err);
	return -1;
}

/* Steals the int. */
static int of_int(const struct py_digests *d, PyObject *number, struct py_digest *ret)
{
	int overflow, failed = -1;
	long long small;
	PyObject *bits, *bytes = NULL;
	size_t length;

	if (number == NULL)
		return -1;
	small = PyLong_AsLongLongAndOverflow(number, &overflow);
	if (overflow == 0 && !(small == -1 && PyErr_Occurred())) {
		*ret = of_word(d, NUMBER, (uint64_t)small);
		Py_DECREF(number);
		return 0;
	}
	bits = PyErr_Occurred() ? NULL : PyObject_CallMethod(number, "bit_length", NULL);
	if (bits != NULL) {
		length = PyLong_AsSize_t(bits) / 8 + 1;
		bytes = PyObject_CallMethod(number, "to_bytes", "ns", (Py_ssize_t)length, "little");
		if (bytes == NULL && PyErr_ExceptionMatches(PyExc_OverflowError)) {
			/* A negative one. */
			PyObject *negated;

			PyErr_Clear();
			negated = PyNumber_Negative(number);
			if (negated != NULL)
				bytes = PyObject_CallMethod(negated, "to_bytes", "ns",
							    (Py_ssize_t)length, "little");
			Py_XDECREF(negated);
		}
		Py_DECREF(bits);
	}
	if (bytes != NULL) {
		*ret = of_bytes(d, LONG_NUMBER + 64u * (overflow < 0), PyBytes_AS_STRING(bytes),
				(size_t)PyBytes_GET_SIZE(bytes));
		failed = 0;
	}
	Py_XDECREF(bytes);
	Py_DECREF(number);
	return failed;
}

/* A float equals the int of the same value. */
static int of_float(struct py_digests *d, double number, struct py_digest *ret)
{
	uint64_t bits;

	if (isnan(number)) {
		*ret = of_word(d, NAN_ALONE, d->hash ? 0 : ++d->nans);
		return 0;
	}
	if (!isinf(number) && number == floor(number)) {
		if (number >= -0x1p62 && number <= 0x1p62) {
			*ret = of_word(d, NUMBER, (uint64_t)(int64_t)number);
			return 0;
		}
		return of_int(d, PyLong_FromDouble(number), ret);
	}
	memcpy(&bits, &number, sizeof bits);
	*ret = of_word(d, FRACTION, bits);
	return 0;
}

static int of_floats(struct py_digests *d, const struct py_walk *leaf, struct py_digest *ret)
{
	struct ancient_error err;
	const double *floats;
	size_t count, i;

	if (ancient_typed_floats(leaf->snapshot->file, leaf->schema->schema, leaf->typed, &floats,
				 &count, &err) != ANCIENT_OK)
		return raise(leaf, &err);
	if (take(d, leaf, count) < 0)
		return -1;
	*ret = begin(d, FLOATS);
	mix(d, ret, count);
	for (i = 0; i < count; i++) {
		struct py_digest one;

		if (of_float(d, floats[i], &one) < 0)
			return -1;
		mix_digest(d, ret, &one);
	}
	return 0;
}

static int of_string(struct py_digests *d, const struct py_walk *leaf, struct py_digest *ret)
{
	struct ancient_error err;
	const char *bytes;
	size_t length;

	if (ancient_typed_string(leaf->snapshot->file, leaf->schema->schema, leaf->typed, &bytes,
				 &length, &err) != ANCIENT_OK)
		return raise(leaf, &err);
	if (take(d, leaf, length / 8) < 0)
		return -1;
	*ret = of_bytes(d, py_walk_is_bytes(leaf) ? BYTES : TEXT, bytes, length);
	return 0;
}

static int of_bigarray(struct py_digests *d, const struct py_walk *leaf, struct py_digest *ret)
{
	struct ancient_bigarray array;
	struct ancient_error err;
	unsigned i;

	if (ancient_typed_bigarray(leaf->snapshot->file, leaf->schema->schema, leaf->typed, &array,
				   &err) != ANCIENT_OK)
		return raise(leaf, &err);
	if (take(d, leaf, array.count * array.item_bytes / 8) < 0)
		return -1;
	*ret = of_bytes(d, BIGARRAY, array.data, array.count * array.item_bytes);
	mix(d, ret, (uint64_t)array.kind);
	for (i = 0; i < array.dims; i++)
		mix(d, ret, array.dim[i]);
	return 0;
}

/* By the hash of Python's object, or its TypeError. */
static int of_hash(const struct py_digests *d, const struct py_walk *leaf, struct py_digest *ret)
{
	PyObject *object = py_typed_value(leaf->snapshot, leaf->schema, leaf->typed);
	Py_hash_t hash = object == NULL ? -1 : PyObject_Hash(object);

	Py_XDECREF(object);
	if (hash == -1)
		return -1;
	*ret = of_word(d, HASHED, (uint64_t)hash);
	return 0;
}

static int of_leaf(struct py_digests *d, const struct py_walk *leaf, struct py_digest *ret)
{
	struct ancient_error err;
	struct ancient_z z;
	unsigned char text[2];
	int64_t number;
	double real;

	switch (leaf->kind) {
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return of_string(d, leaf, ret);
	case ANCIENT_TYPE_FLOAT:
		if (ancient_typed_float(leaf->snapshot->file, leaf->schema->schema, leaf->typed,
					&real, &err) != ANCIENT_OK)
			return raise(leaf, &err);
		return of_float(d, real, ret);
	case ANCIENT_TYPE_Z:
		if (!ancient_value_is_int(leaf->typed.value) &&
		    ancient_typed_z(leaf->snapshot->file, leaf->schema->schema, leaf->typed, &z,
				    &err) == ANCIENT_OK &&
		    take(d, leaf, z.bytes / 8) < 0)
			return -1;
		return of_int(d, py_typed_integer(leaf->snapshot, leaf->schema, leaf->typed), ret);
	case ANCIENT_TYPE_FLOATARRAY:
		return d->hash ? of_hash(d, leaf, ret) : of_floats(d, leaf, ret);
	case ANCIENT_TYPE_BIGARRAY:
		return d->hash ? of_hash(d, leaf, ret) : of_bigarray(d, leaf, ret);
	default:
		if (ancient_typed_int(leaf->snapshot->file, leaf->schema->schema, leaf->typed,
				      &number, &err) != ANCIENT_OK)
			return raise(leaf, &err);
	}
	if (leaf->kind != ANCIENT_TYPE_CHAR) {
		*ret = of_word(d, leaf->kind == ANCIENT_TYPE_UNIT ? BLOCK : NUMBER,
			       (uint64_t)number);
		return 0;
	}
	/* A str of one character, in UTF-8. */
	text[0] = (unsigned char)(number < 0x80 ? number : 0xC0 | (number >> 6 & 3));
	text[1] = (unsigned char)(0x80 | (number & 0x3F));
	*ret = of_bytes(d, TEXT, text, number < 0x80 ? 1 : 2);
	return 0;
}

/* ---- Values with parts --------------------------------------------------------------- */

static bool is_mapping(int kind)
{
	return kind == ANCIENT_TYPE_HASHTBL || kind == ANCIENT_TYPE_HASHTABLE ||
	       kind == ANCIENT_TYPE_MAP;
}

/* What two values must have in common beside their parts, as compare.c has it. */
static int finish(const struct py_digests *d, const struct frame *frame, struct py_digest *ret)
{
	const struct py_walk *walk = &frame->walk;
	int kind = walk->kind == ANCIENT_TYPE_LIST ? ANCIENT_TYPE_ARRAY
		   : is_mapping(walk->kind)        ? ANCIENT_TYPE_MAP
						   : walk->kind;
	PyTypeObject *class = NULL;

	if (kind == ANCIENT_TYPE_RECORD || kind == ANCIENT_TYPE_VARIANT ||
	    kind == ANCIENT_TYPE_POLYVARIANT) {
		class = py_class_of(walk->schema, walk->typed.type);
		if (class == NULL)
			return -1;
	}
	*ret = begin(d, BLOCK + 64u * (unsigned)kind);
	mix(d, ret, (uintptr_t) class);
	mix(d, ret, walk->number);
	mix(d, ret, frame->parts);
	mix_digest(d, ret, &frame->all);
	return 0;
}

static void add(const struct py_digests *d, struct frame *frame, const struct py_digest *part)
{
	struct py_digest pair;

	if (frame->in_key) {
		frame->key = *part;
		frame->has_key = true;
		return;
	}
	frame->parts++;
	if (!is_mapping(frame->walk.kind)) {
		mix_digest(d, &frame->all, part);
		return;
	}
	/* The order of bindings does not matter. */
	pair = frame->key;
	mix_digest(d, &pair, part);
	frame->all.word[0] += pair.word[0];
	frame->all.word[1] += pair.word[1];
}

static int remember(struct py_digests *d, uint64_t node, const struct py_digest *digest)
{
	void *made;
	size_t larger = d->capacity == 0 ? 16 : 2 * d->capacity;

	if (d->count == d->capacity) {
		made = PyMem_Realloc(d->made, larger * sizeof *d->made);
		if (made == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		d->made = made;
		d->capacity = larger;
	}
	d->made[d->count++] = *digest;
	/* The node is in the map since it was met. */
	py_wordmap_at(&d->met, node)->value = d->count;
	return 0;
}

/* 1: *ret is the digest of the value; 0: its parts come first, above the stack's top; -1. */
static int meet(struct py_digests *d, struct frame *frame, struct ancient_typed typed,
		struct py_digest *ret)
{
	struct py_walk *walk = &frame->walk;
	struct wordmap_entry *entry = NULL;
	uint64_t node;

	if (py_walk_look(walk, d->snapshot, d->schema, typed) < 0)
		return -1;
	if (d->steps++ > d->limit)
		return too_large(d, walk,
				 "the parts of this value overlap too often to compare them");
	node = d->steps <= FEW ? 0 : py_walk_node(walk, false);
	if (node != 0) {
		entry = py_wordmap_at(&d->met, node);
		if (entry == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		if (entry->value == UNDER_WAY)
			return too_large(d, walk,
					 "the value contains itself, so it has no hash and is no "
					 "key");
		if (entry->value != 0) {
			*ret = d->made[entry->value - 1];
			return 1;
		}
	}
	if (!py_walk_has_parts(walk)) {
		if (of_leaf(d, walk, ret) < 0)
			return -1;
		return node != 0 && remember(d, node, ret) < 0 ? -1 : 1;
	}
	if (d->hash && (walk->kind == ANCIENT_TYPE_LIST || walk->kind == ANCIENT_TYPE_ARRAY ||
			walk->kind == ANCIENT_TYPE_REF || walk->kind == ANCIENT_TYPE_SET ||
			is_mapping(walk->kind)))
		return of_hash(d, walk, ret) < 0 ? -1 : 1;
	if (entry != NULL)
		entry->value = UNDER_WAY;
	frame->node = node;
	frame->all = begin(d, 0);
	frame->parts = 0;
	frame->in_key = frame->has_key = false;
	if (py_walk_enter(walk) == 0)
		return 0;
	py_walk_done(walk);
	return -1;
}

/* The next part of the frame on top: 1 one in *ret_part, 0 the end, -1. */
static int next_part(struct frame *top, struct ancient_typed *ret_part)
{
	struct ancient_typed key;
	int more;

	if (top->has_key) {
		top->in_key = top->has_key = false;
		*ret_part = top->value;
		return 1;
	}
	more = py_walk_next(&top->walk, &key, ret_part);
	if (more == 1 && top->walk.keyed) {
		top->value = *ret_part;
		*ret_part = key;
		top->in_key = true;
	}
	return more;
}

void py_digests_init(struct py_digests *digests, struct py_snapshot *snapshot,
		     struct py_schema *schema, bool hash)
{
	*digests = (struct py_digests){.snapshot = snapshot,
				       .schema = schema,
				       .met.seed = snapshot->state->seed,
				       .limit = 16 * snapshot->words + (1u << 20),
				       .hash = hash};
}

void py_digests_done(struct py_digests *digests)
{
	if (digests->snapshot != NULL)
		PY_SHARED_ADD(&digests->snapshot->state->steps, digests->steps);
	py_wordmap_done(&digests->met);
	PyMem_Free(digests->made);
	digests->made = NULL;
}

/* What an exception leaves under way would be taken for a value that contains itself. */
static void forget(struct py_digests *d, struct frame *stack, size_t depth)
{
	while (depth > 0) {
		struct frame *top = &stack[--depth];

		if (top->node != 0)
			py_wordmap_at(&d->met, top->node)->value = 0;
		py_walk_done(&top->walk);
	}
}

int py_digest(struct py_digests *digests, struct ancient_typed typed, struct py_digest *ret_digest)
{
	struct frame *stack = NULL, *grown;
	size_t depth = 0, capacity = 0;
	struct py_digest digest = {{0, 0}};
	int met = -1, more;

	for (;;) {
		grown = py_stack_reserve(stack, depth, &capacity, sizeof *stack);
		if (grown == NULL)
			break;
		stack = grown;
		met = py_interrupted(digests->steps) < 0
			      ? -1
			      : meet(digests, &stack[depth], typed, &digest);
		if (met < 0)
			break;
		depth += met == 0;
		if (met == 1 && depth == 0)
			break;
		if (met == 1)
			add(digests, &stack[depth - 1], &digest);
		while ((more = next_part(&stack[depth - 1], &typed)) == 0) {
			met = finish(digests, &stack[depth - 1], &digest);
			if (met == 0 && stack[depth - 1].node != 0)
				met = remember(digests, stack[depth - 1].node, &digest);
			if (met < 0)
				break;
			py_walk_done(&stack[--depth].walk);
			met = 1;
			if (depth == 0)
				break;
			add(digests, &stack[depth - 1], &digest);
		}
		if (more < 0)
			met = -1;
		if (met < 0 || depth == 0)
			break;
	}
	forget(digests, stack, depth);
	PyMem_Free(stack);
	if (met < 0)
		return -1;
	*ret_digest = digest;
	return 0;
}

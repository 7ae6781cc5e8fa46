/* tests/c-reader: schemas are parsed, fingerprinted and refused; typed values are read by
 * them, dumped, and followed by paths. */
#include "build_file.h"

#include <ancient_schema.h>

static struct image f;
static struct ancient_file *file;
static struct ancient_error err;

static struct ancient_schema *parse(const char *text)
{
	struct ancient_schema *schema;
	if (ancient_schema_parse(text, strlen(text), "text", &schema, &err) != ANCIENT_OK) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	return schema;
}

static void types_have_the_fingerprints_of_the_spec(void)
{
	static const char *const rows[][2] = {
		{"val root : int", "7617cc4b435dae7c97211c6082923b47"},
		{"type t = A | B of t * t list val root : t option",
		 "f6b02fd42097b3e073001efb454004eb"},
		{"type 'a p = { x : 'a; y : 'a } val root : int p * float p * int p",
		 "d966f67e4432d536dfd3000d1f6eec5f"},
		{"type j = [ `Null | `List of j list ] val root : j",
		 "bcff1755ab0d320c9ebeb05e16dadbb9"},
		{"type t = T of string [@ancient.bytes] [@@unboxed] val root : t",
		 "2466e0c35d878001354e3c8c3326b0f3"},
		{"module M : Map.S with type key = string [@@ancient.order standard] "
		 "val root : int M.t",
		 "f03fb5b0f06f87647720134bd6f5973c"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ancient_schema *schema = parse(rows[i][0]);
		uint8_t bytes[16];
		char hex[33];
		ancient_schema_fingerprint(schema, bytes);
		for (int k = 0; k < 16; k++)
			snprintf(hex + 2 * k, 3, "%02x", bytes[k]);
		CHECK(strcmp(hex, rows[i][1]) == 0);
		ancient_schema_close(schema);
	}
}

static void refused(const char *text, const char *message)
{
	struct ancient_schema *schema = NULL;
	CHECK(ancient_schema_parse(text, strlen(text), "text", &schema, &err) ==
	      ANCIENT_E_BAD_SCHEMA);
	CHECK(schema == NULL);
	if (strstr(err.message, message) == NULL) {
		fprintf(stderr, "%s: %s\n", text, err.message);
		exit(1);
	}
}

static void what_is_no_schema_is_refused_with_its_place(void)
{
	refused("", "line 1, column 1: expected 'type', 'module' or 'val', found the end");
	refused("type t =\n  foo\nval root : t",
		"line 2, column 3: expected a type declared before, found 'foo'");
	refused("type t = t val root : t", "only itself");
	refused("type t = [ `A of t ] list val root : t", "only itself");
	refused("type t = T of t [@@unboxed] val root : t", "only itself");
	refused("type 'a t = N | C of ('a * 'a) t val root : int t", "no end");
	refused("type t = { a : int; a : int } val root : t", "new here");
	refused("type t = int type t = int val root : t", "new here");
	refused("type ('a, 'b) t = C of 'a * 'b val root : int t", "expected 2 arguments");
	refused("type t = 'a list val root : t", "expected a parameter");
	refused("type t = { a : int; b : int } [@@unboxed] val root : t", "one field");
	refused("type val = int val root : int", "found 'val'");
	refused("val root : int -> int", "'-'");
	refused("val root : < x : int >", "'<'");
	refused("val root : Bigarray.c_layout", "bigarray");
	refused("type a = b type b = int val root : a", "found 'b'");
	refused("val root : int (* \" *)", "comment");
	refused("val root : int val root : int", "the end");
}

/* `piece` repeated up to a mebibyte. */
static void refused_repeated(const char *head, const char *piece, const char *tail)
{
	size_t room = 1u << 20, length = (size_t)snprintf(NULL, 0, "%s", head);
	char *text = malloc(room + 1);
	struct ancient_schema *schema = NULL;
	strcpy(text, head);
	while (length + strlen(piece) + strlen(tail) < room) {
		strcpy(text + length, piece);
		length += strlen(piece);
	}
	strcpy(text + length, tail);
	CHECK(ancient_schema_parse(text, strlen(text), NULL, &schema, &err) ==
	      ANCIENT_E_BAD_SCHEMA);
	free(text);
}

static void hostile_texts_are_refused(void)
{
	refused_repeated("val root : ", "(", "");
	refused_repeated("val root : ", "[`A of ", "");
	refused_repeated("", "(*", "");
	refused_repeated("", "module A : sig ", "");
	refused_repeated("val root : int", " list", "");
	refused_repeated("val root : ", "int * ", "'a");
	refused("type 'a t0 = { a : 'a } type 'a t1 = { l : ('a * int) t0; r : (int * 'a) t0 } "
		"type 'a t2 = { l : ('a * int) t2; r : (int * 'a) t1 } val root : int t2",
		"no end");
}

static void types_are_shown_as_ocaml_writes_them(void)
{
	struct ancient_schema *schema = parse(
		"module P : sig type t = { n : int } end val root : (string, P.t list) Hashtbl.t");
	const struct ancient_type *type = ancient_schema_type(schema, ancient_schema_root(schema));
	CHECK(strcmp(type->name, "(string, P.t list) Hashtbl.t") == 0);
	CHECK(type->path == NULL && type->argument_count == 2);
	type = ancient_schema_type(schema, type->arguments[1]);
	type = ancient_schema_type(schema, type->arguments[0]);
	CHECK(strcmp(type->path, "P.t") == 0 && type->kind == ANCIENT_TYPE_RECORD);
	CHECK(strcmp(type->fields[0].name, "n") == 0);
	CHECK(ancient_schema_type(schema, ancient_schema_type_count(schema)) == NULL);
	CHECK(ancient_schema_ref(schema) == schema);
	ancient_schema_close(schema);
	ancient_schema_close(schema);
}

/* ---- Values ------------------------------------------------------------------------ */

static void build(void)
{
	const double floats[2] = {1.5, 0.1};
	uint64_t list, package, self;
	image_init(&f);
	list = image_block(&f, 0, 2, image_string(&f, "libc"), IMAGE_INT(0));
	package = image_block(&f, 0, 4, image_string(&f, "9.0"), IMAGE_INT(7), list,
			      image_doubles(&f, 254, 2, floats));
	image_key(&f, 0, package, NULL);
	image_key(&f, 1, image_block(&f, 1, 1, IMAGE_INT(5)), NULL);
	image_key(&f, 2, image_doubles(&f, 254, 2, floats), NULL);
	image_key(&f, 3,
		  image_block(&f, 0, 5,
			      image_block(&f, 0, 5, IMAGE_INT(0), image_string(&f, "a"),
					  IMAGE_INT(1), IMAGE_INT(0), IMAGE_INT(1)),
			      image_string(&f, "b"), IMAGE_INT(2), IMAGE_INT(0), IMAGE_INT(2)),
		  NULL);
	self = image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(0));
	image_field(&f, self, 1, self);
	image_key(&f, 4, self, NULL);
	image_key(&f, 5, image_block(&f, 0, 1, IMAGE_INT(0)), NULL);
	list = image_block(&f, 0, 2, image_string(&f, "b"), IMAGE_INT(0));
	image_key(&f, 6,
		  image_block(&f, 0, 3, IMAGE_INT(2),
			      image_block(&f, 0, 2, image_string(&f, "a"), list), list),
		  NULL);
	image_key(&f, 7,
		  image_block(&f, 0, 3, IMAGE_INT(2),
			      image_block(&f, 0, 2, image_string(&f, "a"), image_string(&f, "b")),
			      image_block(&f, 0, 1, IMAGE_INT(0))),
		  NULL);
	image_finish(&f);
}

static const char package_text[] =
	"type p = { x : float; y : float } "
	"type t = { version : string; size : int; depends : string list; at : p } val root : t";

static struct ancient_typed root(const struct ancient_schema *schema, uint64_t key)
{
	struct ancient_value value;
	CHECK(ancient_file_get(file, key, &value, &err) == ANCIENT_OK);
	return ancient_typed_root(schema, value);
}

static void fields_are_read_by_name_flat_ones_too(void)
{
	struct ancient_schema *schema = parse(package_text);
	struct ancient_typed package = root(schema, 0), field;
	const char *text;
	size_t length;
	double number;
	CHECK(ancient_typed_field_named(file, schema, package, "version", &field, &err) ==
	      ANCIENT_OK);
	CHECK(ancient_typed_string(file, schema, field, &text, &length, &err) == ANCIENT_OK);
	CHECK(length == 3 && memcmp(text, "9.0", 3) == 0);
	CHECK(ancient_typed_int(file, schema, field, &(int64_t){0}, &err) == ANCIENT_E_WRONG_KIND);
	CHECK(ancient_path_get(file, schema, package, "at.y", &field, &err) == ANCIENT_OK);
	CHECK(ancient_typed_float(file, schema, field, &number, &err) == ANCIENT_OK);
	CHECK(number == 0.1);
	CHECK(ancient_typed_field_named(file, schema, package, "none", &field, &err) ==
	      ANCIENT_E_NO_FIELD);
	CHECK(ancient_path_get(file, schema, package, "depends[0]", &field, &err) == ANCIENT_OK);
	CHECK(ancient_path_get(file, schema, package, ".depends[1]", &field, &err) ==
	      ANCIENT_E_NO_INDEX);
	CHECK(strstr(err.message, "at .depends: ") != NULL);
	CHECK(ancient_path_get(file, schema, package, "depends[", &field, &err) ==
	      ANCIENT_E_ARGUMENT);
	ancient_schema_close(schema);
}

static void another_shape_is_an_error(void)
{
	static const char *const texts[] = {
		"val root : int",
		"val root : string",
		"val root : float",
		"val root : unit",
		"val root : int * int",
		"val root : int list",
		"val root : bool",
		"type t = A | B val root : t",
		"type t = A of int | B of int | C of int val root : t",
		"val root : int option",
		"val root : (int, int) Hashtbl.t",
		"val root : Z.t",
		"val root : float array",
		"val root : int64",
		"type t = { a : float } val root : t",
		"module M : Map.S with type key = int val root : int M.t",
		"val root : int ref",
		"val root : [ `A | `B of int ]",
		"val root : (int, int) result",
		"val root : char",
		"type t = T of float [@@unboxed] val root : t array",
		"val root : floatarray",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ancient_schema *schema = parse(texts[i]);
		unsigned wrong = 0;
		for (uint64_t key = 0; key <= 5; key++) {
			struct sink sink = {0};
			const struct ancient_dump_options options = {
				.write = sink_write, .context = &sink, .limit = 100000};
			enum ancient_code code =
				ancient_typed_dump(file, schema, root(schema, key), &options, &err);
			CHECK(code == ANCIENT_OK || code == ANCIENT_E_BAD_SHAPE ||
			      code == ANCIENT_E_TOO_LARGE);
			wrong += code == ANCIENT_E_BAD_SHAPE;
			free(sink.text);
		}
		CHECK(wrong > 0);
		ancient_schema_close(schema);
	}
}

static void dumps_as(const char *text, uint64_t key, const char *expected)
{
	struct ancient_schema *schema = parse(text);
	struct sink sink = {0};
	const struct ancient_dump_options options = {.write = sink_write, .context = &sink};
	CHECK(ancient_typed_dump(file, schema, root(schema, key), &options, &err) == ANCIENT_OK);
	if (strcmp(sink.text, expected) != 0) {
		fprintf(stderr, "expected %s\nfound %s\n", expected, sink.text);
		exit(1);
	}
	free(sink.text);
	ancient_schema_close(schema);
}

static void a_dump_has_the_names(void)
{
	dumps_as(
		package_text, 0,
		"{\"version\": \"9.0\", \"size\": 7, \"depends\": [\"libc\"], \"at\": {\"x\": 1.5, "
		"\"y\": 0.1}}");
	dumps_as("type t = N | A of int | B of { n : int } val root : t", 1, "{\"B\": {\"n\": 5}}");
	dumps_as("val root : (unit, int) result", 1, "{\"Error\": 5}");
	dumps_as("val root : float array", 2, "[1.5, 0.1]");
	dumps_as("module M : Map.S with type key = string val root : int M.t", 3,
		 "{\"a\": 1, \"b\": 2}");
	dumps_as("val root : int option option", 5, "{\"Some\": null}");
	dumps_as("type t = T of int [@@unboxed] val root : t ref", 5, "{\"T\": [0]}");
}

static void a_dump_of_a_cycle_has_an_end(void)
{
	dumps_as("val root : int list", 4, "[1, {\"ref\": 1}]");
	dumps_as("type t = { n : int; self : t } val root : t", 4,
		 "{\"n\": 1, \"self\": {\"ref\": 1}}");
}

/* Of a Queue and a Dynarray: the functions for sequences look into them, and so do paths. */
static void sequences_that_are_held_are_looked_into(void)
{
	static const char *const texts[] = {"val root : string Queue.t",
					    "val root : string Dynarray.t"};

	for (uint64_t i = 0; i < 2; i++) {
		struct ancient_schema *schema = parse(texts[i]);
		const struct ancient_type *type =
			ancient_schema_type(schema, ancient_schema_root(schema));
		struct ancient_typed held = root(schema, 6 + i), item;
		struct ancient_iterator iterator;
		uint64_t length, count = 0;
		const char *text;
		size_t bytes;

		CHECK(strcmp(type->name, texts[i] + 11) == 0);
		CHECK(type->kind == (i == 0 ? ANCIENT_TYPE_QUEUE : ANCIENT_TYPE_DYNARRAY));
		CHECK(ancient_typed_length(file, schema, held, &length, &err) == ANCIENT_OK);
		CHECK(length == 2);
		CHECK(ancient_typed_item(file, schema, held, 1, &item, &err) == ANCIENT_OK);
		CHECK(ancient_typed_string(file, schema, item, &text, &bytes, &err) == ANCIENT_OK);
		CHECK(bytes == 1 && text[0] == 'b');
		CHECK(ancient_typed_item(file, schema, held, 2, &item, &err) == ANCIENT_E_NO_INDEX);
		CHECK(ancient_path_get(file, schema, held, "[1]", &item, &err) == ANCIENT_OK);
		CHECK(ancient_iterator_init(file, schema, held, &iterator, &err) == ANCIENT_OK);
		while (ancient_iterator_next(&iterator, &item, NULL, &err) == ANCIENT_OK)
			count++;
		CHECK(err.code == ANCIENT_E_NO_INDEX && count == 2);
		CHECK(ancient_typed_contents(file, schema, held, &item, &err) == ANCIENT_OK);
		CHECK(item.type == type->arguments[0]);
		CHECK(ancient_typed_length(file, schema, item, &length, &err) == ANCIENT_OK);
		CHECK(length == 2);
		ancient_schema_close(schema);
		dumps_as(texts[i], 6 + i, "[\"a\", \"b\"]");
	}
}

static void ring_is_an_error_of_the_walk(void)
{
	struct ancient_schema *schema = parse("val root : int list");
	struct ancient_typed item;
	uint64_t length;
	CHECK(ancient_typed_length(file, schema, root(schema, 4), &length, &err) ==
	      ANCIENT_E_BAD_SHAPE);
	CHECK(ancient_typed_item(file, schema, root(schema, 4), 1u << 20, &item, &err) ==
	      ANCIENT_E_BAD_SHAPE);
	ancient_schema_close(schema);
}

int main(void)
{
	char path[64];
	types_have_the_fingerprints_of_the_spec();
	what_is_no_schema_is_refused_with_its_place();
	hostile_texts_are_refused();
	types_are_shown_as_ocaml_writes_them();
	test_begin();
	build();
	test_path(path, "typed");
	image_write(&f, path);
	CHECK(ancient_file_open(path, NULL, &file, &err) == ANCIENT_OK);
	fields_are_read_by_name_flat_ones_too();
	another_shape_is_an_error();
	a_dump_has_the_names();
	a_dump_of_a_cycle_has_an_end();
	sequences_that_are_held_are_looked_into();
	ring_is_an_error_of_the_walk();
	ancient_file_close(file);
	image_done(&f);
	test_end();
	return 0;
}

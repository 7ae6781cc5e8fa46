/* tests/c-reader: ancient_block_get and the accessors of its parts return what the accessors of
 * single values return. */
#include "typed_file.h"

static struct ancient_parts parts_of(struct ancient_typed typed)
{
	struct ancient_parts parts = {.count = 42};
	CHECK(ancient_typed_parts(file, schema, typed, &parts, &err) == ANCIENT_OK);
	return parts;
}

static void parts_are_what_the_accessors_give(void)
{
	static const double numbers[2] = {1.5, -2};
	struct ancient_parts parts;
	struct ancient_typed part, same;
	double number;
	image_init(&f);
	open_as(image_block(&f, 0, 3, image_string(&f, "a"), IMAGE_INT(7),
			    image_doubles(&f, ANCIENT_TAG_DOUBLE_ARRAY, 2, numbers)),
		"type point = { x : float; y : float }\n"
		"val root : string * int * point");
	parts = parts_of(root);
	CHECK(parts.count == 3 && parts.flat == 0 && parts.words != NULL);
	for (uint32_t i = 0; i < 3; i++) {
		CHECK(ancient_typed_field(file, schema, root, i, &same, &err) == ANCIENT_OK);
		part = ancient_parts_get(&parts, i, same.type);
		CHECK(part.value.word == same.value.word && part.flat == same.flat);
	}
	parts = parts_of(part);
	CHECK(parts.count == 2 && parts.flat != 0);
	part = ancient_parts_get(&parts, 1, ancient_schema_type(schema, same.type)->fields[1].type);
	CHECK(ancient_typed_float(file, schema, part, &number, &err) == ANCIENT_OK);
	CHECK(number == -2);
	CHECK(ancient_file_stands(file, &err) == ANCIENT_OK);
	close_all();
}

static void constructors_are_told(void)
{
	struct ancient_parts parts;
	image_init(&f);
	open_as(image_block(&f, 0, 2, image_block(&f, 1, 1, IMAGE_INT(5)),
			    image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(0))),
		"type t = A | B of string | C of int | D\n"
		"val root : t list");
	parts = parts_of(root);
	CHECK(parts.count == 2 && parts.words[0] != 1);
	parts = parts_of(
		ancient_parts_get(&parts, 0, ancient_schema_type(schema, root.type)->arguments[0]));
	CHECK(parts.constructor == 2 && parts.count == 1 && parts.words[0] == IMAGE_INT(5));
	/* The second cell: a constant constructor, which is no block, and the end. */
	root.value.word = parts_of(root).words[1];
	parts = parts_of(ancient_parts_get(&(struct ancient_parts){parts_of(root).words, 2, 0, 0},
					   0,
					   ancient_schema_type(schema, root.type)->arguments[0]));
	CHECK(parts.constructor == 3 && parts.count == 0 && parts.words == NULL);
	root.value.word = parts_of(root).words[1];
	CHECK(parts_of(root).words == NULL);
	close_all();
}

static void what_is_unboxed_has_no_words(void)
{
	struct ancient_parts parts;
	image_init(&f);
	open_as(image_string(&f, "inside"), "type t = { s : string } [@@unboxed]\nval root : t");
	parts = parts_of(root);
	CHECK(parts.words == NULL && parts.count == 0);
	close_all();
}

static void another_shape_or_kind_is_refused(void)
{
	struct ancient_parts parts = {.count = 42};
	image_init(&f);
	open_as(image_block(&f, 0, 2, IMAGE_INT(1), IMAGE_INT(2)),
		"type t = { a : int; b : int; c : int }\nval root : t");
	CHECK(ancient_typed_parts(file, schema, root, &parts, &err) == ANCIENT_E_BAD_SHAPE);
	root.type = ancient_schema_type(schema, root.type)->fields[0].type;
	root.value.word = IMAGE_INT(1);
	CHECK(ancient_typed_parts(file, schema, root, &parts, &err) == ANCIENT_E_WRONG_KIND);
	root.type = UINT32_MAX;
	CHECK(ancient_typed_parts(file, schema, root, &parts, &err) == ANCIENT_E_ARGUMENT);
	CHECK(parts.count == 42);
	close_all();
}

int main(void)
{
	test_begin();
	parts_are_what_the_accessors_give();
	constructors_are_told();
	what_is_unboxed_has_no_words();
	another_shape_or_kind_is_refused();
	test_end();
	return 0;
}

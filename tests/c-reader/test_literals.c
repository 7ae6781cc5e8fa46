/* tests/c-reader: keys as texts: what each literal of OCaml's becomes, by the type of the keys, and
 * what is said of one that does not fit it. */
#include "build_file.h"

#include <ancient_schema.h>

static struct ancient_error err;

static struct ancient_schema *parse(const char *types)
{
	struct ancient_schema *schema;

	if (ancient_schema_parse(types, strlen(types), "test", &schema, &err) != ANCIENT_OK) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	return schema;
}

/* A key as a text of its own: i3, s"x", f1.5, [f1 f2], l3, L3, n3, and a block 0(i1 i2). */
static char *show(char *to, const struct ancient_key *key)
{
	static const char boxes[] = {[ANCIENT_KEY_INT] = 'i',
				     [ANCIENT_KEY_INT32] = 'l',
				     [ANCIENT_KEY_INT64] = 'L',
				     [ANCIENT_KEY_NATIVEINT] = 'n'};

	switch (key->kind) {
	case ANCIENT_KEY_STRING:
		return to + sprintf(to, "s\"%.*s\"", (int)key->count, key->as.bytes);
	case ANCIENT_KEY_FLOAT:
		return to + sprintf(to, "f%g", key->as.number);
	case ANCIENT_KEY_FLOATS:
		*to++ = '[';
		for (size_t i = 0; i < key->count; i++)
			to += sprintf(to, "%s%g", i > 0 ? " " : "", key->as.numbers[i]);
		return to + sprintf(to, "]");
	case ANCIENT_KEY_BLOCK:
		to += sprintf(to, "%u(", key->tag);
		for (size_t i = 0; i < key->count; i++) {
			if (i > 0)
				*to++ = ' ';
			to = show(to, &key->as.fields[i]);
		}
		return to + sprintf(to, ")");
	default:
		return to + sprintf(to, "%c%lld", boxes[key->kind], (long long)key->as.integer);
	}
}

#define TYPES                                                                                      \
	"type pos = Noun | Verb | Rgb of int * char * bool | Circle of float | C of { x : int; y " \
	": "                                                                                       \
	"string } type wrapped = W of int [@@unboxed] type only = { only : float } [@@unboxed] "   \
	"type ab = { a : int; b : string } type point = { px : float; py : float } "               \
	"type mixed = { m : float; n : int } type tree = Leaf | Node of tree * tree "

static void becomes(const char *type, const char *text, const char *wanted)
{
	char types[2048], shown[4096];
	struct ancient_literal *literal = NULL;
	struct ancient_schema *schema;
	uint32_t keys;

	snprintf(types, sizeof(types), TYPES "val root : (%s, int) Hashtbl.t", type);
	schema = parse(types);
	keys = ancient_schema_type(schema, ancient_schema_root(schema))->arguments[0];
	if (ancient_literal_parse(schema, keys, text, strlen(text), &literal, &err) != ANCIENT_OK) {
		fprintf(stderr, "%s as %s: %s\n", text, type, err.message);
		exit(1);
	}
	*show(shown, ancient_literal_key(literal)) = 0;
	if (strcmp(shown, wanted) != 0) {
		fprintf(stderr, "%s as %s: expected %s, found %s\n", text, type, wanted, shown);
		exit(1);
	}
	ancient_literal_free(literal);
	ancient_schema_close(schema);
}

static void every_literal_becomes_its_key(void)
{
	becomes("int", "3", "i3");
	becomes("int", " -3 ", "i-3");
	becomes("int", "0xFF", "i255");
	becomes("int", "1_000_000", "i1000000");
	becomes("int", "0o17", "i15");
	becomes("int", "0b101", "i5");
	becomes("int", "(3)", "i3");
	becomes("int", "4611686018427387903", "i4611686018427387903");
	becomes("int", "-4611686018427387904", "i-4611686018427387904");
	becomes("int32", "3l", "l3");
	becomes("int32", "-2147483648", "l-2147483648");
	becomes("int64", "9223372036854775807L", "L9223372036854775807");
	becomes("int64", "-9223372036854775808", "L-9223372036854775808");
	becomes("nativeint", "3n", "n3");
	becomes("Z.t", "7", "i7");
	becomes("bool", "true", "i1");
	becomes("bool", "false", "i0");
	becomes("unit", "()", "i0");
	becomes("unit", " ( ( ( ) ) )", "i0");
	becomes("unit", "( )", "i0");
	becomes("char", "'c'", "i99");
	becomes("char", "'\\n'", "i10");
	becomes("char", "'\\''", "i39");
	becomes("char", "'\"'", "i34");
	becomes("char", "'\\065'", "i65");
	becomes("char", "'\\x41'", "i65");
	becomes("char", "'\\o101'", "i65");
	becomes("string", "\"vim\"", "s\"vim\"");
	becomes("string", "\"\"", "s\"\"");
	becomes("string", "\"a\\\"b\\\\\\t\\065\\x42\"", "s\"a\"b\\\tAB\"");
	becomes("string", "{|a\"b|}", "s\"a\"b\"");
	becomes("string", "{id|a|}b|id}", "s\"a|}b\"");
	becomes("bytes", "\"vim\"", "s\"vim\"");
	becomes("float", "1.5", "f1.5");
	becomes("float", "-1.", "f-1");
	becomes("float", "1e3", "f1000");
	becomes("float", "1_000.5", "f1000.5");
	becomes("float", "0x1p3", "f8");
	becomes("float", "nan", "fnan");
	becomes("float", "infinity", "finf");
	becomes("float", "neg_infinity", "f-inf");
	becomes("float", "3", "f3");
	becomes("pos", "Noun", "i0");
	becomes("pos", "Pos.Verb", "i1");
	becomes("pos", "Rgb (1, 'c', true)", "0(i1 i99 i1)");
	becomes("pos", "Circle 1.5", "1(f1.5)");
	becomes("pos", "Circle (1.5)", "1(f1.5)");
	becomes("pos", "C { y = \"t\"; x = 3 }", "2(i3 s\"t\")");
	becomes("wrapped", "W 3", "i3");
	becomes("only", "{ only = 1.5 }", "f1.5");
	becomes("pos * int", "(Noun, 1740)", "0(i0 i1740)");
	becomes("(pos * int) * int", "((Verb, 1), 2)", "0(0(i1 i1) i2)");
	becomes("ab", "{a=1;b=\"x\";}", "0(i1 s\"x\")");
	becomes("point", "{ px = 1.; py = 2. }", "[1 2]");
	becomes("mixed", "{ m = 1.; n = 2 }", "0(f1 i2)");
	becomes("int list", "[1; 2]", "0(i1 0(i2 i0))");
	becomes("int list", "[]", "i0");
	becomes("int list", "[ 1; ]", "0(i1 i0)");
	becomes("int array", "[|1; 2|]", "0(i1 i2)");
	becomes("int array", "[||]", "0()");
	becomes("float array", "[|1.; 2.|]", "[1 2]");
	becomes("float array", "[||]", "0()");
	becomes("only array", "[|{ only = 1. }|]", "[1]");
	becomes("floatarray", "[|1.; 2.|]", "[1 2]");
	becomes("int option", "None", "i0");
	becomes("int option", "Some 3", "0(i3)");
	becomes("int option option", "Some None", "0(i0)");
	becomes("int option option", "Some (Some 3)", "0(0(i3))");
	becomes("(int, string) result", "Ok 1", "0(i1)");
	becomes("(int, string) result", "Error \"x\"", "1(s\"x\")");
	becomes("int ref", "{ contents = 3 }", "0(i3)");
	becomes("int lazy_t", "3", "i3");
	becomes("[ `Noun | `B of int ]", "`Noun", "i870532346");
	becomes("[ `Noun | `B of int ]", "`B 3", "0(i66 i3)");
	becomes("tree", "Node (Leaf, Node (Leaf, Leaf))", "0(i0 0(i0 i0))");
}

static void is_refused(const char *type, const char *text, enum ancient_code code, const char *why)
{
	char types[2048];
	struct ancient_literal *literal = NULL;
	struct ancient_schema *schema;
	uint32_t keys;
	enum ancient_code found;

	snprintf(types, sizeof(types), TYPES "val root : (%s, int) Hashtbl.t", type);
	schema = parse(types);
	keys = ancient_schema_type(schema, ancient_schema_root(schema))->arguments[0];
	found = ancient_literal_parse(schema, keys, text, strlen(text), &literal, &err);
	if (found != code || err.code != code || strstr(err.message, why) == NULL) {
		fprintf(stderr, "%s as %s: %s %s, expected %s %s\n", text, type,
			ancient_code_name(found), err.message, ancient_code_name(code), why);
		exit(1);
	}
	CHECK(literal == NULL);
	ancient_schema_close(schema);
}

static void what_does_not_fit_names_the_type_that_would(void)
{
	const enum ancient_code other = ANCIENT_E_WRONG_KIND, bad = ANCIENT_E_ARGUMENT;

	is_refused("string", "3", other,
		   "type string, written as \"text\" at position 1, found a number");
	is_refused("int", "\"vim\"", other, "type int, written as 3 at position 1, found a string");
	is_refused("int", "Noun", other,
		   "type int, written as 3 at position 1, found a constructor");
	is_refused("int", "1.5", other, "a number that int can be");
	is_refused("int", "4611686018427387904", other, "a number that int can be");
	is_refused("int32", "2147483648", other, "a number that int32 can be");
	is_refused("int32", "3L", other, "type int32");
	is_refused("int", "3l", other, "type int");
	is_refused("char", "'ab'", other, "type char, written as 'c'");
	is_refused("char", "\"a\"", other, "found a string");
	is_refused("bool", "truest", other, "type bool, written as true");
	is_refused("bool", "1", other, "type bool");
	is_refused("unit", "(1)", other, "type unit, written as ()");
	is_refused("pos", "Nuon", other, "Noun, Verb, Rgb, Circle, C; found Nuon");
	is_refused("pos", "`Noun", other, "found a polymorphic variant");
	is_refused("[ `A ]", "A", other, "written as `Tag");
	is_refused("[ `A ]", "`B", other, "A; found B");
	is_refused("pos", "Rgb 1", other, "the constructor's arguments, written as (..., ...)");
	is_refused("pos", "C { x = 3 }", other, "field y of type pos before");
	is_refused("ab", "{ a = 1; c = 2 }", other, "the name of a field of type ab");
	is_refused("ab", "{ a = 1; a = 2 }", other, "each field once");
	is_refused("ab", "(1, \"x\")", other, "type ab, written as { field");
	is_refused("pos * int", "Noun", other, "type pos * int, written as (..., ...)");
	is_refused("pos * int", "(Noun)", bad, "','");
	is_refused("pos * int", "(Noun, 1, 2)", bad, "')'");
	is_refused("pos * int", "(Noun, \"x\")", other, "type int");
	is_refused("int list", "[|1|]", other, "found an array");
	is_refused("int list", "[1, 2]", bad, "';'");
	is_refused("int array", "[1]", other, "found a list");
	is_refused("string", "\"vim", bad, "'\"'");
	is_refused("string", "\"\\q\"", bad, "an escape");
	is_refused("string", "{|vim", other, "type string");
	is_refused("string", "", bad, "found its end");
	is_refused("pos * int", "(Noun, ", bad, "found its end");
	is_refused("int", "3 4", bad, "the end of the key");
	is_refused("float", "inf", other, "type float");
	is_refused("float", "1.5x", other, "type float");
	is_refused("(int, int) Hashtbl.t", "3", other, "not written as literals");
}

static void nesting_has_a_bound(void)
{
	char text[1024], *to = text;

	for (int i = 0; i < 120; i++)
		to += sprintf(to, "(");
	sprintf(to, "3");
	is_refused("int", text, ANCIENT_E_TOO_LARGE, "nested more than 100 deep");
}

int main(void)
{
	every_literal_becomes_its_key();
	what_does_not_fit_names_the_type_that_would();
	nesting_has_a_bound();
	return 0;
}

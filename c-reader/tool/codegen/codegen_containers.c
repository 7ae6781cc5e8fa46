/* c-reader/tool/codegen: the accessors of a generated C header for lists, arrays, tables, maps and
 * sets: lengths, elements, walks, lookups.  Each is a static inline function. */
#include "codegen/codegen_c.h"

/* ---- Sequences and containers --------------------------------------------------------------- */

static void put_length(struct codegen *codegen, const char *self, const char *format)
{
	codegen_begin(codegen, self, "length", "%s", format);
	fputs("uint64_t *ret_length, struct ancient_error *err)\n{\n"
	      "\treturn ancient_typed_length(" FILE_AND_SCHEMA ", self.typed, ret_length, err);\n"
	      "}\n",
	      codegen->out);
}

static void put_item(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	codegen_begin(codegen, self, "item", "Element `index`, from 0; NO_INDEX past the end%s",
		      type->kind == ANCIENT_TYPE_LIST ? "; walks there" : "");
	fputs("uint64_t index, ", codegen->out);
	codegen_finish(codegen, type->arguments[0],
		       "ancient_typed_item(" FILE_AND_SCHEMA ", self.typed, index");
}

static void put_floats(struct codegen *codegen, const char *self)
{
	codegen_begin(codegen, self, "floats",
		      "All elements, in the mapping; BAD_SHAPE where they are boxed");
	fputs("const double **ret_value, size_t *ret_value_count, struct ancient_error *err)\n{\n"
	      "\treturn ancient_typed_floats(" FILE_AND_SCHEMA ", self.typed, ret_value, "
	      "ret_value_count, err);\n}\n",
	      codegen->out);
}

/* The struct of an iterator, what starts it, and what steps it: over elements, or over keys
 * and values. */
static void put_next(struct codegen *codegen, const char *self, const char *iterator,
		     const struct ancient_type *type, bool keyed)
{
	const char *name =
		codegen_checked(codegen, codegen_unique(&codegen->names, "%s_next", self));
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* The next one; NO_INDEX at the end */\nstatic inline enum ancient_code\n"
		"%s(const struct %s_bind *b, struct %s *iterator, ",
		name, codegen->prefix, iterator);
	codegen_put_result(codegen, type->arguments[0], keyed ? "key" : "value");
	if (keyed)
		codegen_put_result(codegen, type->arguments[1], "value");
	fprintf(out,
		"struct ancient_error *err)\n{\n\tstruct ancient_typed %s;\n"
		"\tenum ancient_code code = ancient_iterator_next(&iterator->iterator, %s, "
		"err);\n\n"
		"\t(void)b;\n",
		keyed ? "key, value" : "value", keyed ? "&key, &value" : "&value, NULL");
	codegen_put_hand_out(codegen, type->arguments[0], "", keyed ? "key" : "value",
			     keyed ? "key" : "value");
	if (keyed)
		codegen_put_hand_out(codegen, type->arguments[1], "", "value", "value");
	fputs("\treturn code;\n}\n", out);
}

static const char *put_iterator(struct codegen *codegen, const char *self,
				const struct ancient_type *type, bool keyed)
{
	const char *iterator =
		codegen_checked(codegen, codegen_unique(&codegen->names, "%s_iterator", self));
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* A walk through a value of %s */\nstruct %s {\n"
		"\tstruct ancient_iterator iterator;\n",
		type->name, iterator);
	if (keyed && type->kind != ANCIENT_TYPE_MAP) {
		const char *key = codegen->key[codegen->place[type->arguments[0]]];

		fputs("\tstruct ancient_key wanted; /* of find_all */\n", out);
		if (key != NULL)
			fprintf(out, "\tstruct %s key;\n", key);
	}
	fputs("};\n", out);
	codegen_begin(codegen, self, "iterate", "Starts a walk; it needs no end");
	fprintf(out,
		"struct %s *ret_iterator, struct ancient_error *err)\n{\n"
		"\treturn ancient_iterator_init(" FILE_AND_SCHEMA ", self.typed, "
		"&ret_iterator->iterator, err);\n}\n",
		iterator);
	put_next(codegen, self, iterator, type, keyed);
	return iterator;
}

/* ---- Lookups ------------------------------------------------------------------------------ */

static void put_key_parameter(const struct codegen *codegen, uint32_t type, const char *name)
{
	if (codegen_put_key_parameter(codegen, type, name, false))
		fputs(", ", codegen->out);
}

static void put_find(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	FILE *out = codegen->out;

	codegen_begin(codegen, self, "find", "The value of a key, %s; NO_KEY where there is none",
		      codegen_shown(codegen, type->arguments[0]));
	put_key_parameter(codegen, type->arguments[0], "key");
	codegen_put_result(codegen, type->arguments[1], "value");
	fputs("struct ancient_error *err)\n{\n\tstruct ancient_key wanted = ", out);
	codegen_put_key(codegen, type->arguments[0], "key", false);
	fputs(";\n\tstruct ancient_typed part;\n"
	      "\tenum ancient_code code = ancient_typed_find(" FILE_AND_SCHEMA
	      ", self.typed, &wanted, &part, err);\n\n",
	      out);
	codegen_put_hand_out(codegen, type->arguments[1], "", "part", "value");
	fputs("\treturn code;\n}\n", out);
}

/* The iterator holds the key. */
static void put_find_all(struct codegen *codegen, const char *self, const struct ancient_type *type,
			 const char *iterator)
{
	uint32_t key = type->arguments[0];
	FILE *out = codegen->out;

	codegen_begin(codegen, self, "find_all",
		      "Starts a walk through the values of one key, the newest first; the iterator "
		      "must not be copied, and what the key points to lives as long");
	put_key_parameter(codegen, key, "key");
	fprintf(out, "struct %s *ret_iterator, struct ancient_error *err)\n{\n", iterator);
	if (codegen->key[codegen->place[key]] != NULL)
		fputs("\tret_iterator->key = key;\n", out);
	fputs("\tret_iterator->wanted = ", out);
	codegen_put_key(codegen, key,
			codegen->key[codegen->place[key]] != NULL ? "ret_iterator->key" : "key",
			false);
	fputs(";\n\treturn ancient_iterator_init_key(" FILE_AND_SCHEMA
	      ", self.typed, &ret_iterator->wanted, &ret_iterator->iterator, err);\n}\n",
	      out);
}

void codegen_table(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	const char *iterator;

	put_length(codegen, self,
		   type->kind == ANCIENT_TYPE_MAP
			   ? "How many bindings, by counting"
			   : "How many bindings, those that newer ones hide included, by counting");
	put_find(codegen, self, type);
	iterator = put_iterator(codegen, self, type, true);
	if (type->kind != ANCIENT_TYPE_MAP)
		put_find_all(codegen, self, type, iterator);
}

void codegen_set(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	FILE *out = codegen->out;

	put_length(codegen, self, "How many elements, by counting");
	codegen_begin(codegen, self, "has", "Whether a %s is in the set",
		      codegen_shown(codegen, type->arguments[0]));
	put_key_parameter(codegen, type->arguments[0], "key");
	fputs("bool *ret_has, struct ancient_error *err)\n{\n\tstruct ancient_key wanted = ", out);
	codegen_put_key(codegen, type->arguments[0], "key", false);
	fputs(";\n\tstruct ancient_typed part;\n"
	      "\tenum ancient_code code = ancient_typed_find(" FILE_AND_SCHEMA
	      ", self.typed, &wanted, &part, err);\n\n"
	      "\tif (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)\n\t\treturn code;\n"
	      "\t*ret_has = code == ANCIENT_OK;\n\treturn ANCIENT_OK;\n}\n",
	      out);
	put_iterator(codegen, self, type, false);
}

void codegen_sequence(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	bool array = type->kind == ANCIENT_TYPE_ARRAY;

	put_length(codegen, self, array ? "How many elements" : "How many elements, by counting");
	put_item(codegen, self, type);
	if (array && codegen_type(codegen, type->arguments[0])->kind == ANCIENT_TYPE_FLOAT)
		put_floats(codegen, self);
	put_iterator(codegen, self, type, false);
}

/* c-reader/schema: evaluates type expressions, with a stack of expressions and a stack of results
 * on the heap, so depth takes no stack of the thread.  An alias is evaluated once for each list of
 * arguments.  For build.c. */
#include "schema/build_eval.h"

#include "schema/build_entry.h"
#include "schema/build_make.h"
#include "schema/schema_text.h"

static void push(struct schema_builder *b, uint32_t node, uint32_t env)
{
	struct schema_frame *frame = ancient_reader_schema_build_add(b, &b->frames, sizeof(*frame));

	if (frame != NULL)
		*frame = (struct schema_frame){.node = node,
					       .env = env,
					       .next = schema_build_node(b, node)->child,
					       .base = b->values.count,
					       .entry = SCHEMA_NONE};
	if (++b->steps > SCHEMA_STEPS)
		ancient_reader_schema_refuse(b->text, schema_build_node(b, b->text->root)->at,
					     "expected types whose evaluation ends after %u steps",
					     SCHEMA_STEPS);
}

/* Pops the top frame, and replaces the results of its children by `value`. */
static void finish(struct schema_builder *b, uint32_t value)
{
	const struct schema_frame *top =
		SCHEMA_ITEM(struct schema_frame, b->frames, b->frames.count - 1);

	if (top->entry != SCHEMA_NONE)
		SCHEMA_ITEM(struct schema_entry, b->entries, top->entry)->result = value;
	b->values.count = top->base;
	b->frames.count--;
	ancient_reader_schema_build_add_number(b, &b->values, value);
}

static void finish_alias(struct schema_builder *b, struct schema_frame *top,
			 const struct schema_node *node, const struct schema_decl *decl)
{
	struct schema_entry *entry;
	uint32_t number;

	if (top->inside) {
		finish(b, schema_build_number(&b->values, b->values.count - 1));
		return;
	}
	ancient_reader_schema_build_start_key(b, SCHEMA_KEY_ALIAS, node->decl);
	ancient_reader_schema_build_key_values(b, top->base);
	number = ancient_reader_schema_build_find_entry(b);
	if (b->text->code != ANCIENT_OK)
		return;
	entry = SCHEMA_ITEM(struct schema_entry, b->entries, number);
	if (entry->result != SCHEMA_NONE) {
		finish(b, entry->result);
		return;
	}
	top->entry = number;
	top->inside = true;
	push(b, decl->node, entry->first + SCHEMA_KEY_ARGUMENTS);
}

static void finish_path(struct schema_builder *b, struct schema_frame *top,
			const struct schema_node *node)
{
	const struct schema_decl *decl;

	if (node->decl == SCHEMA_NONE) {
		finish(b, ancient_reader_schema_build_builtin(b, node, top->base));
		return;
	}
	decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, node->decl);
	if (decl->kind == SCHEMA_DECL_ALIAS) {
		finish_alias(b, top, node, decl);
		return;
	}
	if (!ancient_reader_schema_build_check_values(b, top->base, node->at))
		return;
	if (decl->kind != SCHEMA_DECL_CONTAINER) {
		finish(b, ancient_reader_schema_build_instance(b, node->decl, top->base));
	} else if (top->inside) {
		finish(b, ancient_reader_schema_build_container(b, node->decl, top->base));
	} else {
		top->inside = true;
		push(b, decl->node, 0);
	}
}

static void step(struct schema_builder *b)
{
	struct schema_frame *top = SCHEMA_ITEM(struct schema_frame, b->frames, b->frames.count - 1);
	const struct schema_node *node = schema_build_node(b, top->node);

	if (node->kind == SCHEMA_NODE_VARIABLE) {
		finish(b, schema_build_number(&b->keys, top->env + node->variable));
		return;
	}
	if (top->next != SCHEMA_NONE) {
		const struct schema_node *child = schema_build_node(b, top->next);
		uint32_t number = top->next;
		top->next = child->next;
		if (child->kind == SCHEMA_NODE_TAG)
			number = child->child;
		if (number == SCHEMA_NONE)
			ancient_reader_schema_build_add_number(b, &b->values, SCHEMA_NONE);
		else
			push(b, number, top->env);
		return;
	}
	if (node->kind == SCHEMA_NODE_PATH)
		finish_path(b, top, node);
	else if (ancient_reader_schema_build_check_values(b, top->base, node->at))
		finish(b, node->kind == SCHEMA_NODE_TUPLE
				  ? ancient_reader_schema_build_tuple(b, top->base)
				  : ancient_reader_schema_build_poly(b, node, top->base));
}

void ancient_reader_schema_build_evaluate(struct schema_builder *b, uint32_t node, uint32_t env)
{
	uint32_t base = b->values.count;

	push(b, node, env);
	while (b->frames.count > 0 && b->text->code == ANCIENT_OK)
		step(b);
	ancient_reader_schema_build_check_values(b, base, schema_build_node(b, node)->at);
}

/* c-reader/arrow: what the consumer of a stream would like (request.h). */
#include "arrow/request.h"

#include <string.h>

#include "arrow/dictionary.h"
#include "schema/schema.h"

static void request_text(struct arrow_node *node, const char *format)
{
	static const struct {
		char format[4], as[2];
		enum arrow_layout layout;
	} known[] = {
		{"u", "u", ARROW_32}, {"U", "u", ARROW_64}, {"vu", "u", ARROW_VIEW},
		{"z", "z", ARROW_32}, {"Z", "z", ARROW_64}, {"vz", "z", ARROW_VIEW},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].format, format) != 0 || strcmp(known[i].as, node->format) != 0)
			continue;
		node->layout = known[i].layout;
		strcpy(node->format, known[i].format);
		return;
	}
}

static void request_index(struct arrow_node *node, uint32_t count, const char *format)
{
	static const struct {
		char format[2];
		unsigned width;
		uint64_t most;
	} known[] = {
		{"c", 1, 1u << 7},    {"C", 1, 1u << 8},    {"s", 2, 1u << 15},
		{"S", 2, 1u << 16},   {"i", 4, 1u << 31},   {"I", 4, UINT32_MAX},
		{"l", 8, UINT64_MAX}, {"L", 8, UINT64_MAX},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].format, format) != 0 || count > known[i].most)
			continue;
		node->width = known[i].width;
		strcpy(node->format, known[i].format);
		return;
	}
}

static void request_node(const struct arrow_plan *plan, struct arrow_node *node,
			 const struct ArrowSchema *wanted);

/* The child of that name; of a list, the only one. */
static void request_children(const struct arrow_plan *plan, struct arrow_node *const *child,
			     uint32_t count, bool named, const struct ArrowSchema *wanted)
{
	for (uint32_t i = 0; i < count; i++) {
		for (int64_t j = 0; j < wanted->n_children; j++) {
			const struct ArrowSchema *one = wanted->children[j];
			if (named && (one->name == NULL || strcmp(one->name, child[i]->name) != 0))
				continue;
			request_node(plan, child[i], one);
			break;
		}
	}
}

/* As deep as the plan. */
static void request_node(const struct arrow_plan *plan, struct arrow_node *node,
			 const struct ArrowSchema *wanted)
{
	if (wanted->format == NULL)
		return;
	if (node->kind == ARROW_TEXT || node->kind == ARROW_JSON) {
		request_text(node, wanted->format);
	} else if (node->kind == ARROW_DICTIONARY && wanted->dictionary != NULL) {
		request_index(node,
			      ancient_reader_arrow_constructors(&plan->schema->types[node->type]),
			      wanted->format);
	} else if (node->kind == ARROW_DICTIONARY) {
		if (strcmp(wanted->format, "u") != 0 && strcmp(wanted->format, "U") != 0 &&
		    strcmp(wanted->format, "vu") != 0)
			return;
		node->kind = ARROW_NAMES;
		strcpy(node->format, "u");
		request_text(node, wanted->format);
	} else {
		request_children(plan, node->child, node->child_count, node->kind != ARROW_LIST,
				 wanted);
	}
}

void ancient_reader_arrow_request(struct arrow_plan *plan, const struct ArrowSchema *requested)
{
	if (requested != NULL && requested->format != NULL && strcmp(requested->format, "+s") == 0)
		request_children(plan, plan->column, plan->column_count, true, requested);
}

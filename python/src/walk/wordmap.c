/* python/walk: a hash table of 64-bit words (open addressing, linear probing, multiply-shift
 * hashing), and union-find on one. */
#include "walk/wordmap.h"

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define FIRST_BITS 5

static struct wordmap_entry *probe(const struct wordmap *map, uint64_t key)
{
	size_t mask = ((size_t)1 << map->bits) - 1;
	size_t i = (size_t)((key * map->seed) >> (64 - map->bits));

	while (map->entries[i].key != 0 && map->entries[i].key != key)
		i = (i + 1) & mask;
	return &map->entries[i];
}

static bool grow(struct wordmap *map)
{
	struct wordmap larger = *map;
	size_t i, size = map->bits == 0 ? 0 : (size_t)1 << map->bits;

	larger.bits = map->bits == 0 ? FIRST_BITS : map->bits + 1;
	larger.entries = PyMem_Calloc((size_t)1 << larger.bits, sizeof *larger.entries);
	if (larger.entries == NULL)
		return false;
	for (i = 0; i < size; i++)
		if (map->entries[i].key != 0)
			*probe(&larger, map->entries[i].key) = map->entries[i];
	PyMem_Free(map->entries);
	*map = larger;
	return true;
}

struct wordmap_entry *py_wordmap_at(struct wordmap *map, uint64_t key)
{
	struct wordmap_entry *entry = map->bits == 0 ? NULL : probe(map, key);

	if (entry != NULL && entry->key == key)
		return entry;
	/* At most two thirds full. */
	if (entry == NULL || map->used >= ((size_t)1 << map->bits) / 3 * 2) {
		if (!grow(map))
			return NULL;
		entry = probe(map, key);
	}
	entry->key = key;
	map->used++;
	return entry;
}

struct wordmap_entry *py_wordmap_find(const struct wordmap *map, uint64_t key)
{
	struct wordmap_entry *entry = map->bits == 0 ? NULL : probe(map, key);

	return entry != NULL && entry->key == key ? entry : NULL;
}

/* The root above `node`, with the path to it halved. */
static int find_root(struct wordmap *parents, uint64_t node, uint64_t *ret_root)
{
	for (;;) {
		struct wordmap_entry *entry = py_wordmap_at(parents, node);
		uint64_t parent, above;

		if (entry == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		parent = entry->value;
		if (parent == 0)
			break;
		/* The parent is in the map, so this neither adds nor moves an entry. */
		above = py_wordmap_at(parents, parent)->value;
		if (above != 0)
			entry->value = above;
		node = above != 0 ? above : parent;
	}
	*ret_root = node;
	return 0;
}

int py_wordmap_unite(struct wordmap *parents, uint64_t a, uint64_t b)
{
	uint64_t left, right;

	if (find_root(parents, a, &left) < 0 || find_root(parents, b, &right) < 0)
		return -1;
	if (left == right)
		return 1;
	py_wordmap_at(parents, left)->value = right;
	return 0;
}

void py_wordmap_done(struct wordmap *map)
{
	PyMem_Free(map->entries);
	map->entries = NULL;
	map->used = 0;
	map->bits = 0;
}

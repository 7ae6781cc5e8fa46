/* python/walk: a hash table from OCaml words to 64-bit numbers, for walks that must know what
 * they have met. */
#ifndef ANCIENT_PYTHON_WORDMAP_H
#define ANCIENT_PYTHON_WORDMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wordmap_entry {
	uint64_t key; /* 0: free */
	uint64_t value;
};

/* The seed is secret and odd, so that no file can be made whose words collide. */
struct wordmap {
	struct wordmap_entry *entries;
	size_t used;
	unsigned bits; /* 1 << bits entries; 0: none yet */
	uint64_t seed;
};

/* The entry of `key`, which is not 0; a new one has value 0.  NULL: out of memory.  Valid
 * until the next call that adds a key. */
struct wordmap_entry *py_wordmap_at(struct wordmap *map, uint64_t key);

/* The entry of `key`, or NULL where there is none. */
struct wordmap_entry *py_wordmap_find(const struct wordmap *map, uint64_t key);

/* Union-find on a map of its own, whose values are the nodes above the keys, 0 for roots.
 * 1: a and b were one class already; 0: they are united now; -1: out of memory, raised. */
int py_wordmap_unite(struct wordmap *parents, uint64_t a, uint64_t b);

/* Frees the table; the values are the caller's. */
void py_wordmap_done(struct wordmap *map);

#endif

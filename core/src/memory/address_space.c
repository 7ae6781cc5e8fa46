/* core: address space for copies in memory.
 *
 * A copy does not know its size before it is made, and its pointers are final when they are
 * written: so it needs room to grow where it is.  Were each cut out of a reservation of
 * its own, what is left of deleted copies would lie scattered and eat the address space
 * up.  From one region after the other they lie side by side, and their tombstones merge.
 *
 * Where the collector tells by address what is a value (OCaml 4), deleted copies need no
 * tombstone and their addresses are recycled.  They must be: its table of pages never
 * forgets one.
 */
#include "memory/address_space.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RESERVE ((uint64_t)256 << 30)
#define LEAST ((uint64_t)64 << 10)
#define WAITING_MOST 8u /* regions kept for copies that are made at the same time */
#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Address space that waits, by address; no two pieces touch. */
struct piece {
	uint8_t *start;
	uint64_t bytes;
	bool recycled; /* values were there once: never given back */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct piece *pieces;
static size_t count, capacity;
static uint64_t usual; /* size of the copies of late */

static bool reserve(struct core_address_space *ret)
{
	for (uint64_t bytes = RESERVE; bytes >= LEAST; bytes /= 2) {
		void *got = mmap(NULL, bytes, PROT_NONE, FLAGS, -1, 0);

		if (got == MAP_FAILED)
			continue;
		ret->start = got;
		ret->bytes = bytes;
		ret->fresh = true;
		ret->recycled = false;
		/* Where address space is limited, the program needs it more. */
		ret->keep = bytes == RESERVE;
		return true;
	}
	return false;
}

static void remove_piece(size_t i)
{
	count--;
	memmove(pieces + i, pieces + i + 1, (count - i) * sizeof *pieces);
}

/* The smallest piece of at least `least` bytes, or `count`. */
static size_t best_fit(uint64_t least)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++)
		if (pieces[i].bytes >= least &&
		    (best == count || pieces[i].bytes < pieces[best].bytes))
			best = i;
	return best;
}

static size_t largest(void)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (pieces[i].bytes > pieces[best].bytes)
			best = i;
	return best;
}

static void take_piece(size_t i, struct core_address_space *ret)
{
	ret->start = pieces[i].start;
	ret->bytes = pieces[i].bytes;
	ret->fresh = false;
	ret->keep = true;
	ret->recycled = pieces[i].recycled;
	remove_piece(i);
}

/* Adds a piece, merged with its neighbours; false where memory fails. */
static bool add_piece(struct piece piece)
{
	size_t i = 0;

	while (i < count && pieces[i].start < piece.start)
		i++;
	if (i < count && piece.start + piece.bytes == pieces[i].start) {
		piece.bytes += pieces[i].bytes;
		piece.recycled |= pieces[i].recycled;
		remove_piece(i);
	}
	if (i > 0 && pieces[i - 1].start + pieces[i - 1].bytes == piece.start) {
		pieces[i - 1].bytes += piece.bytes;
		pieces[i - 1].recycled |= piece.recycled;
		return true;
	}
	if (count == capacity) {
		size_t more = capacity ? capacity * 2 : 2 * WAITING_MOST;
		struct piece *grown = realloc(pieces, more * sizeof *grown);

		if (!grown)
			return false;
		pieces = grown;
		capacity = more;
	}
	memmove(pieces + i + 1, pieces + i, (count - i) * sizeof *pieces);
	pieces[i] = piece;
	count++;
	return true;
}

bool core_address_space_take(uint64_t least, struct core_address_space *ret)
{
	bool found = true;
	size_t i;

	pthread_mutex_lock(&mutex);
	if (least == 0)
		least = usual + usual / 4 > LEAST ? usual + usual / 4 : LEAST;
	i = best_fit(least);
	if (i < count) {
		take_piece(i, ret);
	} else if (!reserve(ret)) {
		found = count > 0;
		if (found)
			take_piece(largest(), ret);
	}
	pthread_mutex_unlock(&mutex);
	return found;
}

static bool too_many_wait(void)
{
	unsigned waiting = 0;

	for (size_t i = 0; i < count; i++)
		waiting += !pieces[i].recycled;
	return waiting >= WAITING_MOST;
}

void core_address_space_put(struct core_address_space space, uint64_t used, uint64_t touched)
{
	struct piece rest = {space.start + used, space.bytes - used, space.recycled};
	bool keep;

	if (touched > used)
		mmap(rest.start, touched - used, PROT_NONE, FLAGS | MAP_FIXED, -1, 0);
	if (rest.bytes == 0)
		return;
	pthread_mutex_lock(&mutex);
	if (used > 0)
		usual = used > usual ? used : usual - (usual - used) / 8;
	keep = rest.recycled || (space.keep && rest.bytes >= LEAST && !too_many_wait());
	if (keep)
		keep = add_piece(rest) || rest.recycled;
	pthread_mutex_unlock(&mutex);
	if (!keep)
		munmap(rest.start, rest.bytes);
}

void core_address_space_recycle(uint8_t *start, uint64_t bytes)
{
	struct piece piece = {start, bytes, true};

	/* Where this fails the memory stays, and so do its values: nothing to build on. */
	if (mmap(start, bytes, PROT_NONE, FLAGS | MAP_FIXED, -1, 0) == MAP_FAILED)
		return;
	pthread_mutex_lock(&mutex);
	add_piece(piece);
	pthread_mutex_unlock(&mutex);
}

void core_address_space_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void core_address_space_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

/* core/memory: reserved address space, from which copies in memory are cut.
 *
 * The size of a copy is not known before it is made, and its pointers are final when they are
 * written, so it must be able to grow in place.  If each copy had a reservation of its own, the
 * tombstones of deleted copies would lie scattered and use the address space up.  Copies that are
 * cut one after the other from the same reservation are adjacent, and so their tombstones merge.
 *
 * What memory/trial.c has proved to be free comes back, and is preferred to what was never used: on
 * OCaml 4 the runtime's page table never forgets a page.
 */
#include "memory/copy_space.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RESERVE ((uint64_t)256 << 30)
#define LEAST ((uint64_t)64 << 10)
#define UNUSED_MOST 64u /* unused pieces that are kept */
#define FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

/* Unused address space, sorted by address; no two pieces are adjacent. */
struct piece {
	uint8_t *start;
	uint64_t bytes;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct piece *pieces;
static size_t count, capacity;
static bool limited;         /* address space is: what a copy does not use is unmapped */
static uint64_t recent_size; /* of copies: a maximum that decays by an eighth per copy */

static bool reserve(struct core_copy_space *ret)
{
	for (uint64_t bytes = RESERVE; bytes >= LEAST; bytes /= 2) {
		void *got = mmap(NULL, bytes, PROT_NONE, FLAGS, -1, 0);

		if (got == MAP_FAILED)
			continue;
		ret->start = got;
		ret->bytes = bytes;
		ret->fresh = true;
		limited = bytes != RESERVE;
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

static void take_piece(size_t i, struct core_copy_space *ret)
{
	ret->start = pieces[i].start;
	ret->bytes = pieces[i].bytes;
	ret->fresh = false;
	remove_piece(i);
}

/* Adds a piece, merged with its neighbours.  Returns false if memory is out. */
static bool add_piece(struct piece piece)
{
	size_t i = 0;

	while (i < count && pieces[i].start < piece.start)
		i++;
	if (i < count && piece.start + piece.bytes == pieces[i].start) {
		piece.bytes += pieces[i].bytes;
		remove_piece(i);
	}
	if (i > 0 && pieces[i - 1].start + pieces[i - 1].bytes == piece.start) {
		pieces[i - 1].bytes += piece.bytes;
		return true;
	}
	if (count == capacity) {
		size_t more = capacity ? capacity * 2 : 2 * UNUSED_MOST;
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

bool ancient_core_copy_space_take(uint64_t least, struct core_copy_space *ret)
{
	bool found = true;
	size_t i;

	pthread_mutex_lock(&mutex);
	if (least == 0)
		least = recent_size + recent_size / 4 > LEAST ? recent_size + recent_size / 4
							      : LEAST;
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

/* Unmaps the piece, or keeps it for later copies. */
static void keep_or_unmap(struct piece piece)
{
	bool keep;

	pthread_mutex_lock(&mutex);
	keep = !limited && piece.bytes >= LEAST && count < UNUSED_MOST && add_piece(piece);
	pthread_mutex_unlock(&mutex);
	if (!keep)
		munmap(piece.start, piece.bytes);
}

void ancient_core_copy_space_put(struct core_copy_space space, uint64_t used, uint64_t touched)
{
	struct piece rest = {space.start + used, space.bytes - used};

	if (touched > used)
		mmap(rest.start, touched - used, PROT_NONE, FLAGS | MAP_FIXED, -1, 0);
	if (rest.bytes == 0)
		return;
	pthread_mutex_lock(&mutex);
	if (used > 0)
		recent_size = used > recent_size ? used : recent_size - (recent_size - used) / 8;
	pthread_mutex_unlock(&mutex);
	keep_or_unmap(rest);
}

void ancient_core_copy_space_recycle(uint8_t *start, uint64_t bytes)
{
	struct piece piece = {start, bytes};

	/* If this fails the tombstone stays; no other copy may use it. */
	if (mmap(start, bytes, PROT_NONE, FLAGS | MAP_FIXED, -1, 0) != MAP_FAILED)
		keep_or_unmap(piece);
}

void ancient_core_copy_space_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void ancient_core_copy_space_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

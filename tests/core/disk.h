/* tests/core: a disk under a page cache, for files that a test watches (intercept.h).
 *
 * Of each sector it knows every content that may be on the disk: the one that a flush has put
 * there, and those that the sector has had in a dirty page since.  What is in the cache is the last
 * of them.  A flush that fails makes pages clean and puts nothing on the disk for certain; then the
 * cache may lose them.  All of it lies in shared memory: the processes of a test take turns.
 */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>
#include <stdint.h>

#define DISK_PAGE 4096u
#define DISK_SECTOR 512u
#define DISK_MOST (1u << 20) /* bytes of a file */
#define DISK_FILES 24u

/* Forgets all files.  The first call, before any fork, makes the shared memory. */
void disk_reset(void);

/* The number of the file that is open at `fd`, which is watched from then on.  In another process,
 * the same number for the same file. */
unsigned disk_file(int fd);

/* Takes notice of what has changed in the cache since the last call. */
void disk_look(void);

/* The description of `fd` is in use: from now on it is told of errors.  disk_opened: another one
 * had the number. */
void disk_use(unsigned file, int fd);
void disk_opened(int fd);

/* The bytes [offset, offset + length) were written, perhaps to what they were. */
void disk_wrote(unsigned file, uint64_t offset, uint64_t length);

/* fsync or fdatasync.  `fails`: what is dirty is lost.  It also fails where something was lost in
 * the background that this description has not been told of.  Returns 0 or EIO. */
int disk_flush(unsigned file, int fd, bool fails);

/* A child of fork shares the descriptions of its parent. */
void disk_inherit(int parent);

/* The system writes dirty pages in the background: those of the superblocks alone, or any; or fails
 * to, for `some` or all. */
void disk_write_back(unsigned file, bool superblocks);
void disk_fail_in_background(unsigned file, bool some);

/* Evicts clean pages: what was lost is as the disk has it, the `oldest` content or any.  Returns
 * whether the file has changed. */
bool disk_evict(unsigned file, bool oldest);

/* The cache: bytes, DISK_MOST of them, and the size. */
const uint8_t *disk_cache(unsigned file, uint64_t *ret_size);

/* The file after a power cut, in `to`, DISK_MOST bytes; returns its size.  Pages whose content is
 * not certain are numbered from 0 to disk_uncertain() - 1. */
unsigned disk_uncertain(unsigned file);
enum disk_pick { DISK_OLD, DISK_NEW, DISK_ANY };
uint64_t disk_image(unsigned file, uint8_t *to, enum disk_pick (*pick)(unsigned page),
		    enum disk_pick size);

uint64_t disk_draw(void); /* a random number, the same in each run */
void disk_seed(uint64_t seed);

#endif

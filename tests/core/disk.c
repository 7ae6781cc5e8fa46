/* tests/core: a disk under a page cache; see disk.h. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTORS (DISK_MOST / DISK_SECTOR)
#define PAGES (DISK_MOST / DISK_PAGE)
#define VERSIONS 12u
#define SIZES 16u
#define DESCRIPTIONS 512u

#define NEED(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

/* Contents that a sector may have on the disk, the oldest first; the last is the cache's. */
struct sector {
	unsigned count;
	uint8_t versions[VERSIONS][DISK_SECTOR];
};

struct file {
	ino_t inode;
	uint64_t size, reach; /* of the cache; the largest that it has had */
	uint64_t sizes[SIZES];
	unsigned size_count;
	uint64_t errors; /* failures to write, in the background or in a flush */
	bool dirty[PAGES];
	struct sector sectors[SECTORS];
	uint8_t now[DISK_MOST];
};

/* An open file description, by each process and descriptor that leads to it. */
struct description {
	int process, fd;
	unsigned file, shared; /* the description of the parent that it is, or itself */
	uint64_t told;         /* errors that it has reported */
};

static struct disk {
	unsigned file_count, description_count;
	uint64_t state;
	struct description descriptions[DESCRIPTIONS];
	struct file files[DISK_FILES];
} * disk;

static int raw[DISK_FILES]; /* descriptors of this process, for the model alone */
static int raw_of;          /* the process */

void disk_seed(uint64_t seed)
{
	disk->state = seed * 2654435761u + 88172645463325252ull;
}

uint64_t disk_draw(void)
{
	disk->state ^= disk->state << 13;
	disk->state ^= disk->state >> 7;
	return disk->state ^= disk->state << 17;
}

void disk_reset(void)
{
	uint64_t state = disk ? disk->state : 88172645463325252ull;

	for (unsigned i = 0; i < DISK_FILES; i++) {
		if (disk && raw_of == getpid() && raw[i] > 0)
			close(raw[i]);
		raw[i] = 0;
	}
	if (disk)
		munmap(disk, sizeof *disk);
	disk = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	NEED(disk != MAP_FAILED);
	disk->state = state;
}

unsigned disk_file(int fd)
{
	struct stat status;
	char path[64];
	unsigned i = 0;

	NEED(fstat(fd, &status) == 0 && S_ISREG(status.st_mode));
	while (i < disk->file_count && disk->files[i].inode != status.st_ino)
		i++;
	if (i == disk->file_count) {
		NEED(disk->file_count++ < DISK_FILES);
		disk->files[i].inode = status.st_ino;
		disk->files[i].size_count = 1;
	}
	if (raw_of != getpid()) { /* a child: its parent's are closed with it */
		memset(raw, 0, sizeof raw);
		raw_of = getpid();
	}
	if (raw[i] == 0) {
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		raw[i] = open(path, O_RDWR | O_CLOEXEC);
		NEED(raw[i] > 0);
	}
	return i;
}

static void note_size(struct file *f, uint64_t size)
{
	if (f->sizes[f->size_count - 1] == size)
		return;
	if (f->size_count == SIZES) /* forget the second */
		memmove(f->sizes + 1, f->sizes + 2, (--f->size_count - 1) * sizeof f->sizes[0]);
	f->sizes[f->size_count++] = size;
}

static void note_sector(struct sector *s, const uint8_t *bytes)
{
	if (s->count == VERSIONS)
		memmove(s->versions[1], s->versions[2], (--s->count - 1) * DISK_SECTOR);
	memcpy(s->versions[s->count++], bytes, DISK_SECTOR);
}

static void look_at(struct file *f, int fd)
{
	struct stat status;

	NEED(fstat(fd, &status) == 0 && (uint64_t)status.st_size <= DISK_MOST);
	f->size = (uint64_t)status.st_size;
	NEED(pread(fd, f->now, f->size, 0) == (ssize_t)f->size);
	if (f->reach > f->size)
		memset(f->now + f->size, 0, f->reach - f->size);
	f->reach = f->size > f->reach ? f->size : f->reach;
	note_size(f, f->size);
	for (uint64_t i = 0; i * DISK_SECTOR < f->reach; i++) {
		struct sector *s = &f->sectors[i];
		const uint8_t *bytes = f->now + i * DISK_SECTOR;

		if (s->count == 0)
			s->count = 1; /* zeros */
		if (memcmp(s->versions[s->count - 1], bytes, DISK_SECTOR) == 0)
			continue;
		note_sector(s, bytes);
		f->dirty[i * DISK_SECTOR / DISK_PAGE] = true;
	}
}

void disk_look(void)
{
	if (raw_of != getpid())
		return;
	for (unsigned i = 0; i < disk->file_count; i++)
		if (raw[i] > 0)
			look_at(&disk->files[i], raw[i]);
}

static struct description *description_of(unsigned file, int fd)
{
	unsigned i = 0;

	while (i < disk->description_count &&
	       (disk->descriptions[i].process != getpid() || disk->descriptions[i].fd != fd ||
		disk->descriptions[i].file != file))
		i++;
	if (i == disk->description_count) {
		NEED(disk->description_count++ < DESCRIPTIONS);
		disk->descriptions[i] =
			(struct description){getpid(), fd, file, i, disk->files[file].errors};
	}
	return &disk->descriptions[disk->descriptions[i].shared];
}

void disk_opened(int fd)
{
	for (unsigned i = 0; i < disk->description_count; i++)
		if (disk->descriptions[i].process == getpid() && disk->descriptions[i].fd == fd)
			disk->descriptions[i].process = 0;
}

void disk_use(unsigned file, int fd)
{
	description_of(file, fd);
}

void disk_wrote(unsigned file, uint64_t offset, uint64_t length)
{
	for (uint64_t page = offset / DISK_PAGE; page * DISK_PAGE < offset + length; page++)
		disk->files[file].dirty[page] = true;
}

static bool is_uncertain(const struct file *f, uint64_t page)
{
	for (uint64_t i = 0; i < DISK_PAGE / DISK_SECTOR; i++)
		if (f->sectors[page * (DISK_PAGE / DISK_SECTOR) + i].count > 1)
			return true;
	return false;
}

/* The page is on the disk, as `version` (the last where there are fewer). */
static void settle(struct file *f, uint64_t page, unsigned version)
{
	for (uint64_t i = 0; i < DISK_PAGE / DISK_SECTOR; i++) {
		struct sector *s = &f->sectors[page * (DISK_PAGE / DISK_SECTOR) + i];
		unsigned v = version < s->count ? version : s->count - 1;

		if (s->count > 1 && v > 0)
			memcpy(s->versions[0], s->versions[v], DISK_SECTOR);
		s->count = s->count ? 1 : 0;
	}
}

static uint64_t pages_of(const struct file *f)
{
	return (f->reach + DISK_PAGE - 1) / DISK_PAGE;
}

void disk_inherit(int parent)
{
	unsigned count = disk->description_count;

	for (unsigned i = 0; i < count; i++) {
		struct description *d = &disk->descriptions[i];

		if (d->process != parent)
			continue;
		NEED(disk->description_count < DESCRIPTIONS);
		disk->descriptions[disk->description_count] = *d;
		disk->descriptions[disk->description_count++].process = getpid();
	}
}

int disk_flush(unsigned file, int fd, bool fails)
{
	struct file *f = &disk->files[file];
	struct description *d = description_of(file, fd);

	f->errors += fails;
	for (uint64_t page = 0; page < pages_of(f); page++) {
		if (f->dirty[page] && !fails)
			settle(f, page, VERSIONS);
		f->dirty[page] = false;
	}
	if (!fails) {
		f->sizes[0] = f->size;
		f->size_count = 1;
	}
	if (d->told == f->errors)
		return 0;
	d->told = f->errors;
	return EIO;
}

void disk_write_back(unsigned file, bool superblocks)
{
	struct file *f = &disk->files[file];

	for (uint64_t page = 0; page < pages_of(f); page++)
		if (f->dirty[page] && (superblocks ? page < 2 : disk_draw() % 2)) {
			settle(f, page, VERSIONS);
			f->dirty[page] = false;
		}
}

void disk_fail_in_background(unsigned file, bool some)
{
	struct file *f = &disk->files[file];
	bool failed = false;

	for (uint64_t page = 0; page < pages_of(f); page++)
		if (f->dirty[page] && !(some && disk_draw() % 2)) {
			f->dirty[page] = false;
			failed = true;
		}
	f->errors += failed;
}

bool disk_evict(unsigned file, bool oldest)
{
	struct file *f = &disk->files[file];
	bool changed = false;

	disk_look();
	for (uint64_t page = 0; page < pages_of(f); page++) {
		uint64_t first = page * DISK_PAGE, left;

		if (f->dirty[page] || !is_uncertain(f, page))
			continue;
		settle(f, page, oldest || disk_draw() % 2 ? 0 : (unsigned)(disk_draw() % VERSIONS));
		for (uint64_t i = 0; i < DISK_PAGE / DISK_SECTOR; i++)
			memcpy(f->now + first + i * DISK_SECTOR,
			       f->sectors[first / DISK_SECTOR + i].versions[0], DISK_SECTOR);
		left = first < f->size ? f->size - first : 0;
		NEED(pwrite(raw[file], f->now + first, left < DISK_PAGE ? left : DISK_PAGE,
			    (off_t)first) >= 0);
		changed = true;
	}
	return changed;
}

const uint8_t *disk_cache(unsigned file, uint64_t *ret_size)
{
	*ret_size = disk->files[file].size;
	return disk->files[file].now;
}

unsigned disk_uncertain(unsigned file)
{
	unsigned count = 0;

	for (uint64_t page = 0; page < pages_of(&disk->files[file]); page++)
		count += is_uncertain(&disk->files[file], page);
	return count;
}

uint64_t disk_image(unsigned file, uint8_t *to, enum disk_pick (*pick)(unsigned page),
		    enum disk_pick size)
{
	const struct file *f = &disk->files[file];
	unsigned uncertain = 0;

	for (uint64_t page = 0; page < pages_of(f); page++) {
		enum disk_pick which = is_uncertain(f, page) ? pick(uncertain++) : DISK_NEW;

		for (uint64_t i = page * (DISK_PAGE / DISK_SECTOR);
		     i < (page + 1) * (DISK_PAGE / DISK_SECTOR); i++) {
			const struct sector *s = &f->sectors[i];
			unsigned last = s->count ? s->count - 1 : 0,
				 v = which == DISK_OLD   ? 0
				     : which == DISK_NEW ? last
							 : (unsigned)(disk_draw() % (last + 1));

			memcpy(to + i * DISK_SECTOR, s->versions[v], DISK_SECTOR);
		}
	}
	return f->sizes[size == DISK_OLD   ? 0
			: size == DISK_NEW ? f->size_count - 1
					   : disk_draw() % f->size_count];
}

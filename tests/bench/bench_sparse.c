/* tests/bench: makes a huge file out of a small one.
 *
 * Usage: bench_sparse SOURCE TARGET BYTES
 *
 * TARGET holds what SOURCE holds, and a commit more, that an unusual but conforming
 * writer might have made: a data extent of at least BYTES zeros, which is a hole on the
 * disk, and behind it a directory extent with a new leaf for key 0, the only key.  So a
 * reader that opens it and gets key 0 looks at its start, at its end, and at the value.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

#include <ancient/format.h>

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_sparse: %s: %s\n", what, why);
	exit(1);
}

static void read_at(int fd, void *to, size_t length, uint64_t offset)
{
	if (pread(fd, to, length, (off_t)offset) != (ssize_t)length)
		die("reading", errno != 0 ? strerror(errno) : "the file is short");
}

static void write_at(int fd, const void *from, size_t length, uint64_t offset)
{
	if (pwrite(fd, from, length, (off_t)offset) != (ssize_t)length)
		die("writing", strerror(errno));
}

static uint64_t round_up(uint64_t n, uint64_t to)
{
	return (n + to - 1) / to * to;
}

/* The source is small: it is copied whole. */
static void copy_file(int from, int to)
{
	char buffer[65536];
	ssize_t length;
	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)length) != length)
			die("writing", strerror(errno));
	if (length < 0)
		die("reading", strerror(errno));
}

/* The superblock in force (3.2); SOURCE has just been written, so the newer one is good. */
static struct ancient_superblock newest_superblock(int fd)
{
	struct ancient_superblock slots[ANCIENT_SUPERBLOCKS];
	for (unsigned i = 0; i < ANCIENT_SUPERBLOCKS; i++)
		read_at(fd, &slots[i], sizeof(slots[i]), i * ANCIENT_SUPERBLOCK_SLOT);
	return slots[slots[1].generation > slots[0].generation];
}

static uint64_t checksum_of_zeros(uint64_t length)
{
	static const char zeros[1 << 20];
	XXH3_state_t *state = XXH3_createState();
	if (state == NULL || XXH3_64bits_reset(state) != XXH_OK)
		die("XXH3", "out of memory");
	for (uint64_t left = length, step; left > 0; left -= step) {
		step = left < sizeof(zeros) ? left : sizeof(zeros);
		XXH3_64bits_update(state, zeros, step);
	}
	uint64_t checksum = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return checksum;
}

static void write_extent(int fd, uint64_t offset, struct ancient_extent extent)
{
	extent.magic = ANCIENT_EXTENT_MAGIC;
	extent.length = sizeof(extent) + extent.content;
	extent.header_checksum =
		XXH3_64bits(&extent, offsetof(struct ancient_extent, header_checksum));
	write_at(fd, &extent, sizeof(extent), offset);
}

/* Appends the hole and the leaf behind `super->used`; section 4 has the layout. */
static void append_commit(int fd, struct ancient_superblock *super, uint64_t hole)
{
	struct ancient_entry_record leaf;
	uint64_t data = round_up(super->used, ANCIENT_COMMIT_ALIGN);
	uint64_t directory = data + sizeof(struct ancient_extent) + hole;

	if ((super->keys & ANCIENT_NODE_LEAF) == 0)
		die("source", "expected one key");
	read_at(fd, &leaf, sizeof(leaf), super->keys & ~ANCIENT_NODE_LEAF);
	super->generation++;
	write_extent(fd, data,
		     (struct ancient_extent){.kind = ANCIENT_EXTENT_DATA,
					     .content = hole,
					     .generation = super->generation,
					     .content_checksum = checksum_of_zeros(hole)});
	write_extent(fd, directory,
		     (struct ancient_extent){.kind = ANCIENT_EXTENT_DIRECTORY,
					     .flags = ANCIENT_EXTENT_LAST,
					     .content = sizeof(leaf),
					     .generation = super->generation,
					     .content_checksum = XXH3_64bits(&leaf, sizeof(leaf))});
	write_at(fd, &leaf, sizeof(leaf), directory + sizeof(struct ancient_extent));
	super->keys = (directory + sizeof(struct ancient_extent)) | ANCIENT_NODE_LEAF;
	super->used = directory + sizeof(struct ancient_extent) + sizeof(leaf);
	super->checksum = XXH3_64bits(super, offsetof(struct ancient_superblock, checksum));
	write_at(fd, super, sizeof(*super), super->generation % 2 * ANCIENT_SUPERBLOCK_SLOT);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: bench_sparse SOURCE TARGET BYTES\n");
		return 2;
	}
	int source = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (source < 0)
		die(argv[1], strerror(errno));
	int target = open(argv[2], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (target < 0)
		die(argv[2], strerror(errno));
	copy_file(source, target);
	struct ancient_superblock super = newest_superblock(target);
	append_commit(target, &super, round_up(strtoull(argv[3], NULL, 10), ANCIENT_EXTENT_ALIGN));
	if (close(target) != 0)
		die(argv[2], strerror(errno));
	close(source);
	return 0;
}

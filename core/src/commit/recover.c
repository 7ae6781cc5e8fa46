/* core/commit: ancient_recover: superblocks rebuilt from the commit records (FORMAT 8.6).
 *
 * Where a superblock holds, what is newer than it begins behind its `used`.  Where none does, the
 * commits are followed from the first on, and looked for in steps of 64 bytes where a header is
 * damaged.  The newest complete commit gets its slot back; then it is committed once more, so that
 * the other slot is good as well.  All of it under one lock, by reads and writes: neither a mapping
 * nor an attached file is needed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ancient/store.h>

#include "base/clock.h"
#include "base/fail.h"
#include "commit/record_search.h"
#include "commit/write_again.h"
#include "file/commit_record.h"
#include "file/commit_walk.h"
#include "file/disk_space.h"
#include "file/extent.h"
#include "file/file_io.h"
#include "file/folder_flush.h"
#include "file/lock.h"
#include "file/superblock.h"
#include "store/registry.h"

struct recovery {
	const char *path;
	bool drop_lost;
	struct ancient_error *err;
	int fd, lock_fd;
	struct stat status;
	uint64_t length;
	struct core_superblock_observed observed;
	bool known;                    /* a superblock holds, and is in `now` */
	struct ancient_superblock now; /* what is to be in force */
	bool durable;                  /* all of it is on the disk at the next flush */
	struct core_lost lost;         /* of what was never durable */
};

static enum ancient_code fail_read(const struct recovery *r)
{
	return ancient_core_fail_system(r->err, ANCIENT_E_SYSTEM, errno, "%s: cannot be read",
					r->path);
}

static enum ancient_code flush(const struct recovery *r)
{
	if (ancient_core_file_flush(r->fd, true))
		return ANCIENT_OK;
	return ancient_core_fail_system(r->err, ancient_core_fail_code(errno), errno,
					"%s: cannot be flushed", r->path);
}

/* The slots as they are.  A superblock that counts and is not understood is not to be replaced, and
 * neither is one that no writer writes (S2). */
static enum ancient_code look(struct recovery *r)
{
	struct ancient_error err = {.message = ""};
	struct core_file_status status;
	enum ancient_code code =
		ancient_core_superblock_load(r->fd, r->path, &r->now, &r->observed, &err);

	if (!ancient_core_file_status(r->fd, &status))
		return fail_read(r);
	r->length = status.size;
	r->known = code == ANCIENT_OK;
	if (r->known || code == ANCIENT_E_FOREIGN || code == ANCIENT_E_BYTE_ORDER ||
	    (code == ANCIENT_E_BAD_SUPERBLOCK && err.rule == 101))
		return ANCIENT_OK;
	if (r->err)
		*r->err = err;
	return code;
}

/* Follows complete commits behind the superblock that holds. */
static enum ancient_code find_behind(struct recovery *r)
{
	struct core_commit_walk walk = {
		.fd = r->fd, .end = r->length, .like = &r->now, .contents = true};
	struct core_commit_found found;
	enum ancient_code code;

	for (;;) {
		walk.before = ancient_superblock_holds(&r->now) ? &r->now : NULL;
		if (!ancient_core_commit_at(&walk, core_commit_after(r->now.used), &found))
			return fail_read(r);
		if (!found.complete || found.generation <= r->now.generation)
			return ANCIENT_OK;
		code = ancient_core_superblock_test(r->path, &found.record.image, r->err);
		if (code != ANCIENT_OK) /* S2: no writer leaves such a one */
			return code == ANCIENT_E_BAD_SUPERBLOCK ? ANCIENT_OK : code;
		r->now = found.record.image;
	}
}

static enum ancient_code find_anywhere(struct recovery *r)
{
	bool found = false;
	enum ancient_code code =
		ancient_core_record_search(r->fd, r->path, r->length, &r->now, &found, r->err);

	if (code != ANCIENT_OK || found)
		return code;
	return ancient_core_fail(
		r->err, ANCIENT_E_FOREIGN,
		"%s: no superblock counts, and no complete commit with its record is in "
		"the file: expected one, as writers leave it since format 1.2",
		r->path);
}

/* Zeros behind the superblock of each damaged slot (S4), where other bytes may be. */
static enum ancient_code clear_slots(struct recovery *r, unsigned held)
{
	static uint8_t zeros[ANCIENT_SUPERBLOCK_SLOT - ANCIENT_SUPERBLOCK_BYTES];

	for (unsigned slot = 0; slot < ANCIENT_SUPERBLOCKS; slot++) {
		struct iovec part = {zeros, sizeof zeros};

		if (r->known && slot == held)
			continue;
		if (!ancient_core_file_write(r->fd, &part, 1,
					     slot * ANCIENT_SUPERBLOCK_SLOT +
						     ANCIENT_SUPERBLOCK_BYTES))
			return ancient_core_fail_system(r->err, ancient_core_fail_code(errno),
							errno, "%s: cannot be written", r->path);
	}
	return ANCIENT_OK;
}

/* Gives the newest complete commit its slot back, where it is newer than what holds. */
static enum ancient_code bring_back(struct recovery *r, struct ancient_recovered *recovered)
{
	uint64_t held = r->now.generation;
	enum ancient_code code = r->known ? find_behind(r) : find_anywhere(r);

	if (code == ANCIENT_OK)
		code = clear_slots(r, held % ANCIENT_SUPERBLOCKS);
	if (code != ANCIENT_OK || (r->known && r->now.generation == held))
		return code;
	code = ancient_core_superblock_write(r->fd, r->path, &r->now, r->err);
	if (code == ANCIENT_OK)
		code = flush(r);
	if (code == ANCIENT_OK)
		recovered->recovered = r->now.generation;
	return code;
}

/* The fields since 1.2, where an older writer made what is in force. */
static enum ancient_code make_fields(struct recovery *r)
{
	struct ancient_superblock *sb = &r->now;

	if (ancient_superblock_holds(sb))
		return ANCIENT_OK;
	sb->record = 0;
	sb->durable_used = ANCIENT_FIRST_EXTENT;
	return ancient_core_history_of_file(r->fd, r->path, sb, &sb->history, r->err);
}

/* Writes the record of a commit that r->now describes but for its time and place. */
static enum ancient_code write_record(struct recovery *r, uint64_t start)
{
	struct ancient_superblock *sb = &r->now;
	struct core_commit_record record;
	struct iovec part = {&record, sizeof record};

	sb->fields_generation = sb->generation;
	sb->state = ANCIENT_STATE_CURRENT;
	sb->compat_flags &= ANCIENT_COMPAT_KNOWN;
	if (sb->version < ANCIENT_VERSION)
		sb->version = ANCIENT_VERSION;
	memset(sb->zero2, 0, sizeof sb->zero2);
	sb->time = ancient_core_clock_now();
	sb->published = sb->removed = 0;
	if (r->durable)
		sb->durable_used = start + sizeof record;
	ancient_core_commit_record_make(&record, sb, start);
	if (!ancient_core_file_write(r->fd, &part, 1, start))
		return ancient_core_fail_system(r->err, ancient_core_fail_code(errno), errno,
						"%s: cannot be written", r->path);
	return ANCIENT_OK;
}

/* The record in its place, flushed with all before it, and then its superblock. */
static enum ancient_code commit_record(struct recovery *r, uint64_t start)
{
	enum ancient_code code = write_record(r, start);

	if (code == ANCIENT_OK)
		code = flush(r);
	if (code == ANCIENT_OK)
		code = ancient_core_superblock_write(r->fd, r->path, &r->now, r->err);
	return code == ANCIENT_OK ? flush(r) : code;
}

/* Whether a commit record can be at `start`. */
static enum ancient_code check_room(const struct recovery *r, uint64_t start)
{
	uint64_t bytes = sizeof(struct core_commit_record);

	if (bytes > r->now.reserve || start > r->now.reserve - bytes)
		return ancient_core_fail(
			r->err, ANCIENT_E_NO_ROOM,
			"%s: the file has reached the end of the address space reserved "
			"for it, %llu bytes",
			r->path, (unsigned long long)r->now.reserve);
	return ancient_core_disk_space_check(r->path, start + bytes, r->err);
}

/* Makes the other slot good: by one commit or, where nothing was ever published, as the file was
 * made. */
static enum ancient_code commit_again(struct recovery *r)
{
	uint64_t start = core_commit_after(r->now.used), sums[1];
	enum ancient_code code = ancient_core_disk_space_cut(r->fd, r->path, r->now.used, r->err);

	if (code != ANCIENT_OK)
		return code;
	if (r->now.state == ANCIENT_STATE_FILLING) {
		r->now.generation = r->now.fields_generation = 1;
		code = ancient_core_superblock_write_empty(r->fd, r->path, &r->now, r->err);
		return code == ANCIENT_OK ? flush(r) : code;
	}
	code = check_room(r, start);
	if (code == ANCIENT_OK)
		code = make_fields(r);
	if (code != ANCIENT_OK)
		return code;
	r->now.generation++;
	r->now.history = ancient_core_history_after(r->now.history, sums, 0);
	r->now.previous = r->now.record;
	return commit_record(r, start);
}

/* What the superblock that was there before the lost commits says, or an empty file's. */
static struct ancient_superblock superblock_before(const struct recovery *r)
{
	struct ancient_superblock before = r->lost.before;

	if (before.generation != 0)
		return before;
	ancient_core_superblock_init(&before);
	memcpy(before.uuid, r->now.uuid, sizeof before.uuid);
	before.base = r->now.base;
	before.reserve = r->now.reserve;
	before.version = r->now.version;
	before.ocaml_version = r->now.ocaml_version;
	return before;
}

/* Goes back to the newest generation that is as it was committed, by a commit that begins where the
 * lost ones did and covers all of their bytes with a data extent: processes have values in them. */
static enum ancient_code go_back(struct recovery *r)
{
	uint64_t start = r->lost.start, end = r->now.used, sums[2],
		 generation = r->now.generation + 1;
	struct ancient_superblock before = superblock_before(r);
	enum ancient_code code = check_room(r, core_extent_behind(end));

	if (code == ANCIENT_OK)
		code = ancient_core_disk_space_cut(r->fd, r->path, end, r->err);
	if (code == ANCIENT_OK)
		code = ancient_core_write_as_data(r->fd, r->path, start, end, generation, &sums[1],
						  r->err);
	if (code != ANCIENT_OK)
		return code;
	r->now = before;
	r->now.generation = generation;
	r->now.history = ancient_core_history_after(before.history, sums, 1);
	r->now.previous = before.record;
	r->durable = true;
	return commit_record(r, core_extent_behind(end));
}

/* Whether what has been lost begins behind what was durable, and a generation before it is known.
 */
static bool can_go_back(const struct recovery *r)
{
	return r->lost.start >= r->now.durable_used &&
	       (r->lost.before.generation != 0 || r->now.durable_used == ANCIENT_FIRST_EXTENT);
}

/* Makes durable what is in force (FORMAT 11.4).  Where a part of it was never on the disk and has
 * been lost, goes back to before that if the caller says so; otherwise it remains what it is. */
static enum ancient_code settle(struct recovery *r, struct ancient_recovered *recovered)
{
	uint64_t generation = r->now.generation;
	enum ancient_code code;

	if (!ancient_superblock_holds(&r->now))
		return ANCIENT_OK;
	code = ancient_core_write_again(r->fd, r->path, &r->now, &r->lost, r->err);
	r->durable = code == ANCIENT_OK;
	if (code != ANCIENT_E_UNDURABLE)
		return code;
	if (!can_go_back(r)) /* damage of another kind, which verification finds */
		return r->drop_lost ? code : ANCIENT_OK;
	if (!r->drop_lost)
		return recovered->damaged ? ANCIENT_OK : code;
	code = go_back(r);
	if (code == ANCIENT_OK)
		recovered->lost = generation;
	return code;
}

/* Two superblocks that are good, but perhaps not on the disk. */
static enum ancient_code write_superblocks(struct recovery *r)
{
	enum ancient_code code = ancient_core_superblock_write(r->fd, r->path, &r->now, r->err);

	if (code == ANCIENT_OK && r->observed.other_counts)
		code = ancient_core_superblock_write(r->fd, r->path, &r->observed.other, r->err);
	return code == ANCIENT_OK ? flush(r) : code;
}

/* A name that whoever gave it has not flushed is part of what is to be durable. */
static enum ancient_code flush_name(const struct recovery *r)
{
	char *path = realpath(r->path, NULL);
	enum ancient_code code =
		path ? ancient_core_folder_flush_of(path, r->path, r->err) : ANCIENT_OK;

	free(path);
	return code;
}

/* With the file's lock held. */
static enum ancient_code recover_locked(struct recovery *r, struct ancient_recovered *recovered)
{
	enum ancient_code code = look(r);

	if (code != ANCIENT_OK)
		return code;
	/* Where an older writer made what holds, the other slot tells nothing: see commit.c. */
	if (r->known && !r->observed.damaged && !r->observed.other_counts &&
	    !ancient_core_commit_follows(r->fd, &r->now, &r->observed.hidden))
		return fail_read(r);
	recovered->damaged = !r->known ? 2 : r->observed.damaged || r->observed.hidden;
	if (recovered->damaged)
		code = bring_back(r, recovered);
	if (code == ANCIENT_OK)
		code = settle(r, recovered);
	if (code == ANCIENT_OK)
		code = recovered->damaged || recovered->lost ? commit_again(r)
							     : write_superblocks(r);
	if (code == ANCIENT_OK)
		code = flush_name(r);
	recovered->generation = r->now.generation;
	return code;
}

static enum ancient_code recover(struct recovery *r, struct ancient_recovered *recovered)
{
	struct core_lock lock;
	enum ancient_code code =
		ancient_core_lock_open(r->fd, r->path, r->path, O_RDWR, &r->lock_fd, r->err);

	if (code == ANCIENT_OK)
		code = ancient_core_lock_take(&lock, r->lock_fd, r->status.st_dev, r->status.st_ino,
					      r->path, r->err);
	if (code != ANCIENT_OK)
		return code;
	code = recover_locked(r, recovered);
	ancient_core_lock_drop(&lock);
	return code;
}

enum ancient_code ancient_recover(const char *path, bool drop_lost,
				  struct ancient_recovered *ret_recovered,
				  struct ancient_error *err)
{
	struct recovery r = {.path = path, .drop_lost = drop_lost, .err = err, .lock_fd = -1};
	struct ancient_recovered recovered = {0};
	enum ancient_code code;

	ancient_core_registry_prepare();
	r.fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (r.fd < 0)
		return ancient_core_fail_system(err,
						errno == ENOENT   ? ANCIENT_E_MISSING
						: errno == EACCES ? ANCIENT_E_DENIED
								  : ANCIENT_E_SYSTEM,
						errno, "%s: cannot be opened", path);
	if (fstat(r.fd, &r.status) == 0 && S_ISREG(r.status.st_mode))
		code = recover(&r, &recovered);
	else
		code = ancient_core_fail(err, ANCIENT_E_NOT_A_FILE, "%s: is not a regular file",
					 path);
	if (r.lock_fd >= 0)
		close(r.lock_fd);
	close(r.fd);
	if (code == ANCIENT_OK && ret_recovered)
		*ret_recovered = recovered;
	return code;
}

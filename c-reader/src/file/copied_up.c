/* c-reader/file: files of an overlayfs that were copied up after they were opened.
 *
 * A descriptor for reading leads to the file of the lower layer.  When a writer opens the file, it
 * is copied to the upper layer and changes there alone.  From then on reading that descriptor gives
 * the copy, and mapping it still gives the original, which may be shorter or end otherwise.
 */
#include "file/copied_up.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <ancient/format.h>

#include "base/read_at.h"

#define OVERLAYFS_MAGIC 0x794c7630
#define TAIL_BYTES 512u /* that are compared: a commit record, or more */

/* Whether a load at `at` causes no fault: the kernel makes it, and answers EFAULT. */
static bool can_load(const unsigned char *at)
{
	const uintptr_t word = (uintptr_t)at & ~(uintptr_t)3;
	const struct timespec none = {0};

	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, &none, NULL, 0) == 0 ||
	       errno != EFAULT;
}

bool ancient_reader_copied_up(int fd, const unsigned char *start, uint64_t used)
{
	unsigned char tail[TAIL_BYTES];
	uint64_t length = used - ANCIENT_FIRST_EXTENT; /* 3.2: used is no less */
	struct statfs system;
	size_t got;

	if (fstatfs(fd, &system) != 0 || (unsigned long)system.f_type != OVERLAYFS_MAGIC)
		return false;
	if (length > sizeof(tail))
		length = sizeof(tail);
	if (length == 0 || !ancient_reader_read_at(fd, used - length, tail, length, &got))
		return false;
	return !can_load(start + used - 1) || !can_load(start + used - length) ||
	       memcmp(tail, start + used - length, length) != 0;
}

/* c-reader/file: files of an overlayfs that were copied up after they were opened.
 *
 * A descriptor for reading leads to the file of the lower layer.  When a writer opens the file, it
 * is copied to the upper layer and changes there alone.  From then on reading that descriptor gives
 * the copy, and mapping it still gives the original, which may be shorter or end otherwise.
 */
#include "file/copied_up.h"

#include <string.h>
#include <sys/vfs.h>

#include <ancient/format.h>

#include "base/can_load.h"
#include "base/read_at.h"

#define OVERLAYFS_MAGIC 0x794c7630
#define TAIL_BYTES 512u /* that are compared: a commit record, or more */

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
	return !reader_can_load(start + used - 1) || !reader_can_load(start + used - length) ||
	       memcmp(tail, start + used - length, length) != 0;
}

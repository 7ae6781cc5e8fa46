/* c-reader/base: whole reads at an offset (read_at.h).  Superblocks and commit records are read so
 * when a file is opened. */
#include "base/read_at.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool ancient_reader_read_at(int fd, uint64_t offset, void *ret, size_t bytes, size_t *ret_got)
{
	size_t got = 0;

	memset(ret, 0, bytes);
	while (got < bytes) {
		ssize_t n = pread(fd, (char *)ret + got, bytes - got, (off_t)(offset + got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	*ret_got = got;
	return true;
}

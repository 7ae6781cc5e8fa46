/* core/verify: the state of one verification: extents and blocks found so far, and the error
 * report.  The parts of the verifier share it. */
#include "verify/verify_state.h"

#include "base/fail.h"

enum ancient_code ancient_core_verify_wrong(struct core_verify *v, enum ancient_code code,
					    unsigned rule, uint64_t offset, uint64_t expected,
					    uint64_t found, const char *what)
{
	struct core_fault fault = {code, rule, offset, expected, found};

	return ancient_core_fail_fault(
		v->err, fault, "%s: %s: expected 0x%llx, found 0x%llx at offset %llu (rule %c%u)",
		v->pages.name, what, (unsigned long long)expected, (unsigned long long)found,
		(unsigned long long)offset, "?SEVCD"[rule / 100], rule % 100);
}

bool ancient_core_verify_inside(const struct core_verify *v, uint64_t offset, uint64_t bytes,
				uint32_t kind)
{
	const struct core_verify_extent *extent = (const void *)v->extents.data;
	size_t low = 0, high = v->extents.used / sizeof *extent;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (extent[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->extents.used / sizeof *extent && extent[low].kind == kind &&
	       extent[low].start <= offset && bytes <= extent[low].end - offset;
}

bool ancient_core_verify_value(const struct core_verify *v, uint64_t word)
{
	uint64_t at = word - v->superblock.base;

	if (word & 1)
		return true;
	if (at % 8 || at >= v->pages.used)
		return false;
	return v->starts[at / 64] >> (at / 8 % 8) & 1;
}

/* tests/proof: commit records and the extents between them (c-reader/src/file/commit_record.c,
 * log.c). */
#include "file/commit_record.c"

#include "file.h"

static struct ancient_file file;

/* ancient_reader_record_get: at any offset.
 * loop: file/commit_record.c: ancient_reader_record_get: for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
 * assigns: i, __CPROVER_object_whole(words)
 * invariant: i <= sizeof(words) / sizeof(words[0])
 * decreases: sizeof(words) / sizeof(words[0]) - i
 * mutant: file/commit_record.c: s/!reader_inside\(file, offset, ANCIENT_RECORD_BYTES\)/!reader_inside(file, offset, 64)/
 * mutant: file/commit_record.c: s/!reader_inside\(file, offset, sizeof\(record.header\)\)/false/
 * mutant: file/commit_record.c: s/offset % ANCIENT_EXTENT_ALIGN != 0 \|\|// */
void prove_record_get(void)
{
	struct reader_record record;

	proof_file(&file);
	ancient_reader_record_get(&file, nondet_u64(), &record, proof_error());
}

/* ancient_reader_extent_at: at any multiple of 8; the length that it gives stays before `used`.
 * loop: file/commit_record.c: ancient_reader_extent_at: for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
 * assigns: i, __CPROVER_object_whole(words)
 * invariant: i <= sizeof(words) / sizeof(words[0])
 * decreases: sizeof(words) / sizeof(words[0]) - i
 * mutant: file/commit_record.c: s/!reader_inside\(file, offset, sizeof\(\*ret\)\)/!reader_inside(file, offset, 8)/
 * mutant: file/commit_record.c: s/&& reader_inside\(file, offset, ret->length\)// */
void prove_extent_at(void)
{
	struct ancient_extent extent;
	uint64_t offset = nondet_u64();

	ASSUME(offset % ANCIENT_WORD == 0); /* walks: prove_walk_extents */
	proof_file(&file);
	if (ancient_reader_extent_at(&file, offset, &extent))
		CHECK(extent.length >= sizeof(extent) && extent.length <= file.super.used - offset);
}

/* ancient_reader_record_find: the chain of records and the walk over extents come to an end.
 * havoc: ancient_reader_record_get
 * loop: file/commit_record.c: ancient_reader_extent_at: for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
 * assigns: i, __CPROVER_object_whole(words)
 * invariant: i <= sizeof(words) / sizeof(words[0])
 * decreases: sizeof(words) / sizeof(words[0]) - i
 * loop: file/commit_record.c: ancient_reader_record_find: while (at != 0 && ancient_reader_record_get(file, at, &record, NULL) == ANCIENT_OK && record.header.generation >= generation)
 * assigns: at, record
 * invariant: true
 * decreases: at
 * loop: file/commit_record.c: walk_extents: while (ancient_reader_extent_at(file, at, &header))
 * assigns: at, header
 * invariant: at % ANCIENT_EXTENT_ALIGN == 0 && at < 1ull << 48
 * decreases: at < file->super.used ? file->super.used - at : 0
 * mutant: file/commit_record.c: s/record.image.previous >= at/record.image.previous > at/ */
void prove_record_find(void)
{
	struct ancient_superblock image;

	proof_file(&file);
	ancient_reader_record_find(&file, nondet_u64(), &image, proof_error());
}

/* ancient_reader_commit_start: the walk over extents ends.
 * loop: file/commit_record.c: ancient_reader_extent_at: for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
 * assigns: i, __CPROVER_object_whole(words)
 * invariant: i <= sizeof(words) / sizeof(words[0])
 * decreases: sizeof(words) / sizeof(words[0]) - i
 * loop: file/commit_record.c: ancient_reader_commit_start: while (at <= record && ancient_reader_extent_at(file, at, &header))
 * assigns: at, header, before
 * invariant: at % ANCIENT_EXTENT_ALIGN == 0 && at < 1ull << 48
 * decreases: at < file->super.used ? file->super.used - at : 0
 * mutant: file/commit_record.h: s/at \+ header->length, header/at, header/ */
void prove_commit_start(void)
{
	uint64_t start, before;

	proof_file(&file);
	ancient_reader_commit_start(&file, nondet_u64(), nondet_u64(), &start, &before,
				    proof_error());
}

/* ancient_reader_commit_behind: before the file is mapped, behind what it uses.
 * contract: read_at
 * loop: file/commit_record.c: ancient_reader_commit_behind: for (unsigned i = 0; i <= COMMIT_EXTENTS; i++)
 * assigns: i, at, *ret_generation, __CPROVER_object_whole(sums)
 * invariant: i <= COMMIT_EXTENTS + 1 && at < 1ull << 48
 * decreases: COMMIT_EXTENTS + 1 - i
 * mutant: file/commit_record.c: s/if \(i < COMMIT_EXTENTS\)$/if (true)/
 * mutant: file/commit_record.c: s/\|\| header->length > super->reserve - at//
 * mutant: file/commit_record.c: s/if \(at > super->reserve\)/if (false)/ */
void prove_commit_behind(void)
{
	struct ancient_superblock super;
	uint64_t generation;

	ASSUME(proof_super_holds(&super)); /* superblock/super_tests */
	ancient_reader_commit_behind(3, &super, &generation);
}

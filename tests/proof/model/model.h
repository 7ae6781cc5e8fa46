/* tests/proof: the model that each harness is proved in: any file, of any size, whose bytes change
 * at any moment.  Read before every source, by `-include`. */
#ifndef PROOF_MODEL_H
#define PROOF_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK(condition) __CPROVER_assert(condition, #condition)
#define ASSUME(condition) __CPROVER_assume(condition)

/* CBMC gives any value where a function has no body. */
bool nondet_bool(void);
int nondet_int(void);
unsigned nondet_unsigned(void);
uint32_t nondet_u32(void);
uint64_t nondet_u64(void);

/* Loads from the mapping, reader_word and ancient_access_load, are all loads of 8 bytes by this
 * builtin: the address is tested, and what is read is any word, another one each time.  Of other
 * sizes: the mark of a torn file, which another thread may set. */
#define __atomic_load_n(at, order)                                                                 \
	(sizeof(*(at)) == 8 ? proof_load((const void *)(at)) : (uint64_t)nondet_bool())
uint64_t proof_load(const void *at);

/* Any address may be prefetched. */
#define __builtin_prefetch(at) ((void)(at))

/* An operand of hash and compare (value/operand.h): what it leads to can be read.  A macro, for the
 * invariants of loops. */
#define PROOF_VIEW(file, v)                                                                        \
	((v)->tag == LOOKUP_IMMEDIATE ||                                                           \
	 ((v)->in_file ? PROOF_VIEW_IN_FILE(file, v) : PROOF_VIEW_OF_KEY(v)))
#define PROOF_TAG(tag)                                                                             \
	((tag) <= ANCIENT_TAG_LAST_PLAIN || (tag) == ANCIENT_TAG_FORWARD ||                        \
	 ((tag) >= ANCIENT_TAG_STRING && (tag) <= ANCIENT_TAG_CUSTOM))
#define PROOF_VIEW_IN_FILE(file, v)                                                                \
	((file) != NULL && PROOF_TAG((v)->tag) && (v)->offset % 8 == 0 &&                          \
	 (v)->offset >= 8192 + 64 && (v)->offset <= (file)->super.used &&                          \
	 ((v)->tag == ANCIENT_TAG_STRING                                                           \
		  ? (v)->size < (file)->super.used - (v)->offset &&                                \
			    (v)->bytes == (const char *)(file)->map + (v)->offset                  \
		  : (v)->size <= ((file)->super.used - (v)->offset) / 8) &&                        \
	 (((v)->tag != ANCIENT_TAG_DOUBLE && (v)->tag != ANCIENT_TAG_FORWARD) || (v)->size == 1))
#define PROOF_VIEW_OF_KEY(v)                                                                       \
	((v)->tag == ANCIENT_TAG_CUSTOM ? (v)->slot <= ANCIENT_CUSTOM_NATIVEINT                    \
	 : (v)->tag == ANCIENT_TAG_STRING                                                          \
		 ? (v)->size == 0 || __CPROVER_r_ok((v)->bytes, (v)->size)                         \
	 : (v)->tag == ANCIENT_TAG_DOUBLE || (v)->tag == ANCIENT_TAG_DOUBLE_ARRAY                  \
		 ? (v)->size < 1ull << 40 && (v)->size >= 1 &&                                     \
			   __CPROVER_r_ok((v)->floats, (v)->size * 8)                              \
		 : (v)->tag <= ANCIENT_TAG_LAST_PLAIN && (v)->size < 1ull << 40 &&                 \
			   ((v)->size == 0 ||                                                      \
			    __CPROVER_r_ok((v)->fields, (v)->size * sizeof(*(v)->fields))))

#endif

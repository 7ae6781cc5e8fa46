/* tests/proof: functions by what is proved of them elsewhere.  A harness names those that it wants
 * with `contract:`; each says which proof holds it to that. */
#include "file.h"
#include "operand.h"
#include "value/gate_custom.h"
#include "value/gate_bigarray.h"

#ifdef CONTRACT_custom_shape /* gate_custom/custom_shape */
enum ancient_code ancient_reader_custom_shape(const struct ancient_file *file,
					      const struct reader_block *block,
					      struct reader_bigarray *ret_array,
					      struct ancient_error *err)
{
	CHECK(proof_block_inside(file, block));
	if (nondet_bool() || block->wosize == 0)
		return proof_code();
	if (ret_array != NULL)
		proof_array(file, ret_array);
	return ANCIENT_OK;
}
#endif

#ifdef CONTRACT_bigarray_shape /* gate_bigarray/bigarray_shape */
enum ancient_code ancient_reader_bigarray_shape(const struct ancient_file *file,
						const struct reader_block *block,
						struct reader_bigarray *ret_array,
						struct ancient_error *err)
{
	struct reader_bigarray any;

	CHECK(proof_block_inside(file, block));
	if (nondet_bool())
		return proof_code();
	ASSUME(any.tested && proof_array_holds(file, &any));
	*ret_array = any;
	return ANCIENT_OK;
}
#endif

#ifdef CONTRACT_gate_any /* gate/gate_any */
enum ancient_code ancient_reader_gate_any(const struct ancient_file *file, uint64_t word,
					  struct reader_block *ret_block,
					  struct reader_bigarray *ret_array,
					  struct ancient_error *err)
{
	struct reader_block block;

	if (nondet_bool())
		return proof_code();
	ASSUME(reader_is_pointer(word) && proof_block_inside(file, &block) &&
	       proof_shape_holds(&block));
	*ret_block = block;
	if (ret_array != NULL && block.tag == ANCIENT_TAG_CUSTOM)
		proof_array(file, ret_array);
	return ANCIENT_OK;
}
#endif

#ifdef CONTRACT_read_at /* read_at/read_at */
#include "base/read_at.h"

bool ancient_reader_read_at(int fd, uint64_t offset, void *ret, size_t bytes, size_t *ret_got)
{
	CHECK(__CPROVER_w_ok(ret, bytes));
	CHECK(offset <= INT64_MAX - bytes);
	__CPROVER_havoc_slice(ret, bytes);
	if (nondet_bool())
		return false;
	*ret_got = nondet_u64();
	ASSUME(*ret_got <= bytes);
	return true;
}
#endif

#ifdef CONTRACT_commit_behind /* commit_record/commit_behind */
#include "file/commit_record.h"

bool ancient_reader_commit_behind(int fd, const struct ancient_superblock *super,
				  uint64_t *ret_generation)
{
	CHECK(proof_super_holds(super));
	*ret_generation = nondet_u64();
	return nondet_bool();
}
#endif

#ifdef CONTRACT_typed_leaf /* not proved: the calls that inline accessors fall back to */
enum ancient_code ancient_typed_field(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct ancient_typed typed, uint32_t index,
				      struct ancient_typed *ret_field, struct ancient_error *err)
{
	struct ancient_typed field;

	*ret_field = field;
	return nondet_bool() ? ANCIENT_OK : proof_code();
}

enum ancient_code ancient_typed_int(const struct ancient_file *file,
				    const struct ancient_schema *schema, struct ancient_typed typed,
				    int64_t *ret_int, struct ancient_error *err)
{
	*ret_int = (int64_t)nondet_u64();
	return nondet_bool() ? ANCIENT_OK : proof_code();
}

enum ancient_code ancient_typed_float(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct ancient_typed typed, double *ret_float,
				      struct ancient_error *err)
{
	double any;

	*ret_float = any;
	return nondet_bool() ? ANCIENT_OK : proof_code();
}
#endif

#ifdef CONTRACT_guard_none
#include "base/guard.h"
const atomic_bool *ancient_reader_guard_torn(const struct reader_guard *guard)
{
	static const atomic_bool never;
	return &never;
}
#endif

#ifdef CONTRACT_hash_string /* ocaml_hash/hash_string */
#include "value/ocaml_hash.h"
uint32_t ancient_reader_lookup_hash_string(uint32_t seed, const char *bytes, size_t length)
{
	CHECK(length == 0 || __CPROVER_r_ok(bytes, length));
	return nondet_u32();
}
#endif

#ifdef CONTRACT_operand /* operand/operand_open, operand/operand_parts */
#include "value/operand.h"

enum ancient_code ancient_reader_lookup_open(const struct ancient_file *file,
					     struct lookup_item item, struct lookup_view *ret_view,
					     struct ancient_error *err)
{
	struct lookup_view view;

	if (nondet_bool())
		return proof_code();
	proof_view(file, &view);
	*ret_view = view;
	return ANCIENT_OK;
}

struct lookup_item ancient_reader_lookup_field(const struct ancient_file *file,
					       const struct lookup_view *view, uint64_t index)
{
	static const struct ancient_key key;
	struct lookup_item item = {nondet_bool() ? &key : NULL, nondet_u64()};

	CHECK(index < view->size);
	CHECK(view->tag <= ANCIENT_TAG_LAST_PLAIN || view->tag == ANCIENT_TAG_FORWARD);
	return item;
}

double ancient_reader_lookup_float(const struct ancient_file *file, const struct lookup_view *view,
				   uint64_t index)
{
	double number;

	CHECK(index < view->size);
	CHECK(view->tag == ANCIENT_TAG_DOUBLE || view->tag == ANCIENT_TAG_DOUBLE_ARRAY);
	return number;
}
#endif

#ifdef CONTRACT_typed_cell /* gate/gate: tag and size are compared with what is wanted */
#include "typed/elements.h"

enum ancient_code ancient_reader_typed_cell_any(const struct ancient_file *file,
						const struct ancient_type *type, uint64_t word,
						uint64_t size, const char *what,
						struct reader_block *ret_block,
						struct ancient_error *err)
{
	struct reader_block block;

	if (nondet_bool())
		return proof_code();
	ASSUME(proof_block_inside(file, &block) && block.tag == 0 &&
	       (size == 0 || block.wosize == size));
	*ret_block = block;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_typed_bad_shape(const struct ancient_file *file,
						 const struct ancient_type *type, uint64_t word,
						 struct ancient_error *err, const char *format, ...)
{
	return proof_code();
}
#endif

#ifdef CONTRACT_compare /* ocaml_compare/compare_step */
#include "value/ocaml_compare.h"

enum ancient_code ancient_reader_lookup_compare(struct reader_budget *budget,
						struct lookup_item left, struct lookup_item right,
						int *ret_order, struct ancient_error *err)
{
	if (nondet_bool())
		return proof_code();
	*ret_order = nondet_int();
	ASSUME(*ret_order >= -1 && *ret_order <= 1);
	return ANCIENT_OK;
}
#endif

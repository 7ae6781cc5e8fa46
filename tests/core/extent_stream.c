/* tests/core: a value of many megabytes, which a thread writes while the copy goes on: words that
 * are changed after they were handed over reach the file, and an error of that thread is returned.
 */
#include <errno.h>

#include "check.h"
#include "intercept.h"

#define COUNT 900000u /* an array of 7 MB, and 21 MB of what it leads to */

static struct arena heap;

static uint64_t build(void)
{
	uint64_t top;

	heap.used = 0;
	top = block(&heap, 0, COUNT);
	for (uint64_t i = 0; i < COUNT; i++)
		fields(top)[i] = pair(&heap, INT(i), i % 3 || i == 0 ? INT(7) : fields(top)[i / 3]);
	return top;
}

static enum ancient_code publish(struct ancient_store *store, uint64_t root,
				 enum ancient_order order, struct ancient_error *err)
{
	struct ancient_commit *commit = NULL;
	enum ancient_code code = ancient_commit_begin(store, &commit, err);

	if (code == ANCIENT_OK)
		code = ancient_commit_put(commit, 1, NULL, &source, root, order, NULL, err);
	if (code == ANCIENT_OK)
		return ancient_commit_finish(commit, false, err);
	if (commit)
		ancient_commit_abort(commit);
	return code;
}

static void is_copied(struct ancient_store *store)
{
	uint64_t top = get(store, 1);

	EQUAL(header(top) >> ANCIENT_HEADER_WOSIZE_SHIFT, COUNT);
	for (uint64_t i = 0; i < COUNT; i++) {
		const uint64_t *field = fields(fields(top)[i]);

		EQUAL(field[0], INT(i));
		EQUAL(field[1], i % 3 || i == 0 ? INT(7) : fields(top)[i / 3]);
	}
	OK(ancient_store_verify(store, &err));
}

static void what_changes_on_its_way_arrives(enum ancient_order order, bool thread)
{
	uint64_t root = build();
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	intercept_start();
	intercept.fail = CALL_THREAD;
	intercept.fail_at = thread ? UINT64_MAX : 0;
	intercept.error = EAGAIN;
	intercept.for_good = true;
	OK(publish(store, root, order, &err));
	intercept.armed = false;
	CHECK(intercept.count[CALL_THREAD] >= 3);
	is_copied(store);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* One call of the kind after the other fails, until there is none left to fail. */
static void a_failure_is_an_error(enum intercept_call call, int error, enum ancient_code expected)
{
	uint64_t root = build(), failures = 0;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	struct ancient_error error_found;
	enum ancient_code code;

	for (uint64_t at = 0;; at += small_run() ? 3 : 1) {
		intercept_start();
		intercept.fail = call;
		intercept.fail_at = at;
		intercept.error = error;
		intercept.for_good = true;
		code = publish(store, root, ANCIENT_ORDER_DEPTH_FIRST, &error_found);
		intercept.armed = false;
		if (!intercept.failed)
			break;
		EQUAL(code, expected);
		CHECK(strncmp(error_found.message, "test: ", 6) == 0);
		EQUAL(ancient_store_generation(store), 1);
		GIVES(ancient_store_verify(store, &err), ANCIENT_E_EMPTY);
		failures++;
	}
	CHECK(code == ANCIENT_OK && failures >= (small_run() ? 1 : 3));
	is_copied(store);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* A value that cannot be shared is found while a piece is being written, which fails, too. */
static void two_failures_are_one_error(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t root = build(), abstract = block(&heap, ANCIENT_TAG_ABSTRACT, 1), both = 0;

	for (uint64_t place = COUNT - 1; place > COUNT / 2; place -= COUNT / 20) {
		uint64_t kept = fields(root)[place];
		struct ancient_error error_found;
		enum ancient_code code;

		fields(root)[place] = abstract;
		intercept_start();
		intercept.fail = CALL_PWRITEV;
		intercept.error = EIO;
		intercept.fail_at = 3;
		code = publish(store, root, ANCIENT_ORDER_DEPTH_FIRST, &error_found);
		intercept.armed = false;
		if (code == ANCIENT_E_UNSHAREABLE)
			CHECK(strncmp(error_found.message, "abstract value", 14) == 0);
		else
			EQUAL(code, ANCIENT_E_SYSTEM);
		both += intercept.failed && code == ANCIENT_E_UNSHAREABLE;
		EQUAL(ancient_store_generation(store), 1);
		GIVES(ancient_store_verify(store, &err), ANCIENT_E_EMPTY);
		fields(root)[place] = kept;
	}
	CHECK(both > 0);
	OK(publish(store, root, ANCIENT_ORDER_DEPTH_FIRST, &err));
	is_copied(store);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

int main(void)
{
	heap = new_arena(4 * COUNT + 3);
	what_changes_on_its_way_arrives(ANCIENT_ORDER_DEPTH_FIRST, true);
	what_changes_on_its_way_arrives(ANCIENT_ORDER_BREADTH_FIRST, true);
	what_changes_on_its_way_arrives(ANCIENT_ORDER_DEPTH_FIRST, false);
	what_changes_on_its_way_arrives(ANCIENT_ORDER_BREADTH_FIRST, false);
	a_failure_is_an_error(CALL_PWRITEV, EIO, ANCIENT_E_SYSTEM);
	a_failure_is_an_error(CALL_PWRITEV, ENOSPC, ANCIENT_E_DISK_FULL);
	a_failure_is_an_error(CALL_FALLOCATE, ENOSPC, ANCIENT_E_DISK_FULL);
	two_failures_are_one_error();
	free(heap.words);
	return 0;
}

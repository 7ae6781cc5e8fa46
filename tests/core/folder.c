/* tests/core: the first durable commit after an attach flushes the folder that the file is in,
 * once; what happens where that fails. */
#include "generations.h"
#include "intercept.h"

static struct arena arena;

static uint64_t flushes_of(struct ancient_store *store, bool durable)
{
	intercept_start();
	OK(publish(store, &arena, durable, &err));
	intercept.armed = false;
	return intercept.count[CALL_FSYNC];
}

static void once_for_each_attach(void)
{
	char path[64];
	int fd = new_file(path);

	for (int i = 0; i < 3; i++) {
		struct ancient_store *store = attach(fd);

		EQUAL(flushes_of(store, false), 0);
		EQUAL(flushes_of(store, true), 1);
		EQUAL(flushes_of(store, true), 0);
		ancient_store_detach(store);
	}
	unlink(path);
	close(fd);
}

static void again_where_the_name_comes_back(void)
{
	char path[64], other[80];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	snprintf(other, sizeof other, "%s-2", path);
	EQUAL(flushes_of(store, true), 1);
	CHECK(rename(path, other) == 0);
	EQUAL(flushes_of(store, true), 0);
	CHECK(rename(other, path) == 0);
	EQUAL(flushes_of(store, true), 1);
	unlink(path);
	EQUAL(flushes_of(store, true), 0);
	ancient_store_detach(store);
	close(fd);
}

static void not_where_it_gets_another(void)
{
	struct ancient_store_options options = {.reserve = usual_reserve()};
	struct ancient_store *store = NULL;
	char path[64];
	int fd = new_file(path);

	options.replaces = path;
	OK(ancient_store_attach(fd, "test", &options, &store, &err));
	EQUAL(flushes_of(store, true), 0);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* A first durable commit whose call fails so. */
static void fails(enum intercept_call call, int error, bool is_fatal)
{
	struct ancient_error error_found = {.message = ""};
	enum ancient_code code;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	OK(publish(store, &arena, false, &err));
	intercept_start();
	intercept.fail = call;
	intercept.fail_at = 0;
	intercept.error = error;
	code = publish(store, &arena, true, &error_found);
	intercept.armed = false;
	CHECK(intercept.failed);
	EQUAL(code, is_fatal ? ANCIENT_E_SYSTEM : ANCIENT_OK);
	EQUAL(ancient_store_generation(store), is_fatal ? 2 : 3);
	CHECK(!is_fatal || strstr(error_found.message, "its folder cannot be flushed"));
	/* One that cannot be flushed is not tried again. */
	EQUAL(flushes_of(store, true), is_fatal);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

int main(void)
{
	arena = new_arena(40000);
	once_for_each_attach();
	again_where_the_name_comes_back();
	not_where_it_gets_another();
	fails(CALL_FSYNC, EIO, true);
	fails(CALL_FSYNC, EINVAL, false);
	fails(CALL_OPEN, EMFILE, true);
	fails(CALL_OPEN, EACCES, false);
	free(arena.words);
	return 0;
}

/* tests/core: each system call and each allocation of attach and of a commit fails, one at a
 * time.  What is found then is an error with a message, the generation before (or the next
 * one, where it was visible already), complete, and a writer that goes on. */
#include "generations.h"
#include "intercept.h"

static uint64_t failures;

/* The file is at `least` or the generation after, complete. */
static void is_whole(int fd, uint64_t least, const char *where, uint64_t at)
{
	struct ancient_error err = {.message = "another generation"};
	uint64_t g = generation_of(fd, &err);

	if (g == least || g == least + 1)
		return;
	fprintf(stderr, "%s %llu: found generation %llu, expected %llu or the next: %s\n", where,
		(unsigned long long)at, (unsigned long long)g, (unsigned long long)least,
		err.message);
	exit(1);
}

static void is_error(enum ancient_code code, const struct ancient_error *err, int error)
{
	failures++;
	if (code == ANCIENT_OK)
		return; /* it got by without, and what it did is looked at */
	CHECK(err->code == code && err->message[0] && !strchr(err->message, '\n'));
	CHECK(strncmp(err->message, "test: ", 6) == 0 || strncmp(err->message, "attach: ", 8) == 0);
	if (error == ENOSPC)
		EQUAL(code, ANCIENT_E_DISK_FULL);
	if (error == ENOMEM)
		CHECK(code == ANCIENT_E_MEMORY || code == ANCIENT_E_ADDRESS_SPACE ||
		      code == ANCIENT_E_SYSTEM);
}

struct fault {
	enum intercept_call call;
	int error;
	bool for_good, half;
};

static void arm(struct fault fault, uint64_t at)
{
	intercept_start();
	intercept.fail = fault.call;
	intercept.fail_at = at;
	intercept.error = fault.error;
	intercept.for_good = fault.for_good;
	intercept.half = fault.half;
}

/* Commits with a fault at the call `at`; false where there is no such call any more. */
static bool commit_with(struct ancient_store *store, int fd, struct arena *arena,
			struct fault fault, uint64_t at)
{
	uint64_t before = ancient_store_generation(store), now;
	struct ancient_error error = {.message = ""};
	enum ancient_code code;
	bool failed;

	arm(fault, at);
	code = publish(store, arena, true, &error);
	intercept.armed = false;
	failed = intercept.failed;
	if (!failed) {
		CHECK(code == ANCIENT_OK);
		return false;
	}
	is_error(code, &error, fault.error);
	is_whole(fd, before, intercept_names[fault.call], at);
	OK(ancient_store_refresh(store, &err));
	now = ancient_store_generation(store);
	CHECK(now == before || now == before + 1);
	CHECK(code != ANCIENT_OK || now == before + 1);
	/* The next one succeeds, and the writer agrees with the reader. */
	OK(publish(store, arena, true, &err));
	EQUAL(ancient_store_generation(store), now + 1);
	is_whole(fd, now + 1, "after a failure of", at);
	OK(ancient_store_verify(store, &err));
	return true;
}

/* Whether every commit makes such a call. */
static bool is_usual(enum intercept_call call, bool large)
{
	if (call == CALL_FALLOCATE || call == CALL_MMAP)
		return large; /* a small one has its room and its mapping without */
	return call != CALL_OPEN && call != CALL_MPROTECT && call != CALL_FTRUNCATE &&
	       call != CALL_MALLOC;
}

static void a_commit_that_fails_changes_nothing(struct fault fault)
{
	char path[64];
	int fd = new_file(path);
	struct arena arena = new_arena(40000);
	struct ancient_store *store = attach(fd);
	uint64_t at = 0;

	/* The generations after these are small, then large, then small. */
	for (int i = 0; i < 3; i++)
		OK(publish(store, &arena, true, &err));
	for (int large = 0; large < 2; large++) {
		for (at = 0;; at++) {
			while ((ancient_store_generation(store) + 1) % LARGE != (large ? 6 : 2))
				OK(publish(store, &arena, false, &err));
			if (!commit_with(store, fd, &arena, fault, at))
				break;
		}
		CHECK(at > 0 || !is_usual(fault.call, large));
	}
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	free(arena.words);
}

static void an_attach_that_fails_can_be_repeated(struct fault fault, bool empty)
{
	struct arena arena = new_arena(40000);
	char path[64];

	for (uint64_t at = 0;; at++) {
		int fd = new_file(path);
		struct ancient_store_options options = {.ocaml_version = 41301,
							.reserve = usual_reserve()};
		struct ancient_store *store = NULL;
		struct ancient_error error = {.message = ""};
		enum ancient_code code;

		if (!empty) {
			store = attach(fd);
			OK(publish(store, &arena, true, &err));
			ancient_store_detach(store);
			store = NULL;
		}
		arm(fault, at);
		code = ancient_store_attach(fd, "test", &options, &store, &error);
		intercept.armed = false;
		if (intercept.failed)
			is_error(code, &error, fault.error);
		CHECK((code == ANCIENT_OK) == (store != NULL));
		if (code != ANCIENT_OK)
			store = attach(fd);
		OK(publish(store, &arena, true, &err));
		is_whole(fd, empty ? 2 : 3, intercept_names[fault.call], at);
		ancient_store_detach(store);
		unlink(path);
		close(fd);
		if (!intercept.failed)
			break;
	}
	free(arena.words);
}

int main(void)
{
	static const struct fault faults[] = {
		{CALL_PWRITEV, ENOSPC, false, false},   {CALL_PWRITEV, EIO, false, false},
		{CALL_PWRITEV, ENOSPC, false, true},    {CALL_PWRITEV, EINTR, false, false},
		{CALL_FALLOCATE, ENOSPC, false, false}, {CALL_FALLOCATE, EDQUOT, true, false},
		{CALL_FALLOCATE, EINTR, false, false},  {CALL_FALLOCATE, EOPNOTSUPP, true, false},
		{CALL_FTRUNCATE, EIO, false, false},    {CALL_FTRUNCATE, EINTR, false, false},
		{CALL_FDATASYNC, EIO, false, false},    {CALL_FDATASYNC, EINTR, false, false},
		{CALL_FDATASYNC, ENOSPC, false, false}, {CALL_MMAP, ENOMEM, false, false},
		{CALL_MPROTECT, ENOMEM, false, false},  {CALL_PREAD, EIO, false, false},
		{CALL_PREAD, EINTR, false, false},      {CALL_FSTAT, EIO, false, false},
		{CALL_FSTAT, EIO, true, false},         {CALL_FCNTL, ENOLCK, false, false},
		{CALL_FCNTL, EINTR, false, false},      {CALL_OPEN, EMFILE, false, false},
		{CALL_OPEN, EINTR, false, false},       {CALL_MALLOC, ENOMEM, false, false},
		{CALL_CALLOC, ENOMEM, false, false},    {CALL_REALLOC, ENOMEM, false, false},
		{CALL_REALLOC, ENOMEM, true, false},
	};

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		a_commit_that_fails_changes_nothing(faults[i]);
		an_attach_that_fails_can_be_repeated(faults[i], true);
		an_attach_that_fails_can_be_repeated(faults[i], false);
	}
	printf("%llu calls failed, each without a loss\n", (unsigned long long)failures);
	return 0;
}

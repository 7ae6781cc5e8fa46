/* tests/core: attach and detach: bases, relocation, tombstones, descriptors. */
#include <signal.h>
#include <sys/mman.h>

#include "check.h"

static struct arena arena;

static struct ancient_store *attach_with(int fd, const struct ancient_store_options *options)
{
	struct ancient_store *store = NULL;

	OK(ancient_store_attach(fd, "test", options, &store, &err));
	return store;
}

static uint64_t sample(void)
{
	uint64_t number = block(&arena, ANCIENT_TAG_CUSTOM, 2);
	uint64_t bigarray = block(&arena, ANCIENT_TAG_CUSTOM, 6);
	static const double data[2] = {1.5, 2.5};

	fields(number)[0] = OPERATIONS(0);
	fields(number)[1] = 0xABCDE;
	fields(bigarray)[0] = OPERATIONS(3);
	fields(bigarray)[1] = (uint64_t)(uintptr_t)data;
	fields(bigarray)[2] = 1;
	fields(bigarray)[3] = ANCIENT_BIGARRAY_FLOAT64;
	fields(bigarray)[4] = 0;
	fields(bigarray)[5] = 2;
	return pair(&arena, pair(&arena, number, bytes_value(&arena, "text", 4)),
		    pair(&arena, bigarray, block(&arena, 5, 0)));
}

static void check_sample(uint64_t v)
{
	uint64_t a = fields(v)[0], b = fields(v)[1];

	EQUAL(fields(fields(a)[0])[1], 0xABCDE);
	CHECK(strcmp((char *)fields(fields(a)[1]), "text") == 0);
	CHECK(*(double *)(uintptr_t)(fields(fields(b)[0])[1]) == 1.5);
	EQUAL(header(fields(b)[1]), ANCIENT_HEADER(0, 5));
}

static unsigned linked;

static bool link_custom(void *context, const char *identifier, void *room)
{
	(void)context;
	memcpy(room, identifier, strlen(identifier) + 1);
	linked++;
	return true;
}

static void operations_are_linked_once_for_each_slot(void)
{
	struct ancient_store_options options = {.reserve = usual_reserve(),
						.link_custom = link_custom};
	uint64_t mine = block(&arena, ANCIENT_TAG_CUSTOM, 2);
	struct ancient_store *store;
	char path[64];
	int fd = new_file(path);

	store = attach_with(fd, &options);
	EQUAL(linked, 0); /* nothing is there to use them */
	share(store, 0, sample());
	EQUAL(linked, 5);
	CHECK(strcmp((char *)fields(fields(fields(fields(get(store, 0))[0])[0])[0]), "_j") == 0);
	fields(mine)[0] = OPERATIONS(5);
	share(store, 1, mine);
	EQUAL(linked, 6);
	CHECK(strcmp((char *)fields(fields(get(store, 1))[0]), "mine") == 0);
	/* A slot behind those that the file has; theirs stay. */
	fields(mine)[0] = OPERATIONS(7);
	share(store, 2, mine);
	EQUAL(linked, 7);
	CHECK(strcmp((char *)fields(fields(get(store, 2))[0]), "more") == 0);
	CHECK(strcmp((char *)fields(fields(get(store, 1))[0]), "mine") == 0);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

static void a_detached_value_reads_as_an_empty_block(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t root, again, window;

	share(store, 0, sample());
	root = get(store, 0);
	window = fields(fields(fields(root)[0])[0])[0];
	ancient_store_detach(store);
	EQUAL(header(root), ANCIENT_FILLER);
	EQUAL(fields(root)[0], ANCIENT_FILLER);
	EQUAL(*fields(window), 0); /* the operations are where they were */
	/* Nothing else takes the place, and the same file may come back. */
	store = attach(fd);
	again = get(store, 0);
	EQUAL(again, root);
	check_sample(again);
	share(store, 1, again);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

static void attaching_twice_gives_the_same_store(void)
{
	char path[64];
	int fd = new_file(path), fd2 = open(path, O_RDONLY);
	struct ancient_store *a = attach(fd), *b = attach(fd2);

	CHECK(a == b);
	share(a, 0, sample());
	ancient_store_detach(a);
	check_sample(get(b, 0));
	ancient_store_detach(b);
	a = attach(fd2); /* for reading; the second attach can write */
	GIVES(ancient_store_writable(a, &err), ANCIENT_E_READ_ONLY);
	b = attach(fd);
	CHECK(a == b);
	share(a, 0, INT(1));
	ancient_store_detach(a);
	ancient_store_detach(b);
	unlink(path);
	close(fd);
	close(fd2);
}

/* Less room than was reserved, but at its base; what is added later is seen. */
static void a_file_comes_back_though_its_reserve_is_taken(void)
{
	char path[64];
	int fd = new_file(path), pipes[2], status;
	struct ancient_store *store = attach(fd);
	uint64_t start, end, moved;
	char byte = 0;
	pid_t child;

	share(store, 0, sample());
	ancient_store_range(store, &start, &end);
	CHECK(pipe(pipes) == 0);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {        /* writes more when told to */
		close(pipes[1]); /* so that it ends if its parent does */
		CHECK(read(pipes[0], &byte, 1) == 1);
		share(store, 1, pair(&arena, sample(), get(store, 0)));
		_exit(0);
	}
	ancient_store_detach(store);
	/* Somebody settles behind the tombstone. */
	CHECK(mmap((void *)(uintptr_t)(start + (64ull << 20)), 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	store = attach(fd);
	ancient_store_range(store, &moved, &end);
	EQUAL(moved, start);
	check_sample(get(store, 0));
	CHECK(write(pipes[1], &byte, 1) == 1);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	check_sample(fields(get(store, 1))[0]);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	close(pipes[0]);
	close(pipes[1]);
}

static void in_child(void (*run)(int fd), int fd)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		run(fd);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

/* Outside the area that bases are derived in, where another file of this process may lie. */
#define BASE 0x180000200000ull

static void write_at_base(int fd)
{
	struct ancient_store_options options = {.base = BASE, .reserve = usual_reserve()};
	struct ancient_store *store = attach_with(fd, &options);
	uint64_t start, end;

	ancient_store_range(store, &start, &end);
	EQUAL(start, BASE);
	share(store, 0, sample());
	_exit(0);
}

static void add_more(int fd)
{
	struct ancient_store *store = attach(fd);

	share(store, 1, pair(&arena, sample(), get(store, 0)));
}

static void faults_on_a_write_to(uint64_t root)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL); /* a sanitizer's would exit */
		fields(root)[0] = INT(0);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status));
	EQUAL(WTERMSIG(status), SIGSEGV);
}

static void read_elsewhere(int fd)
{
	struct ancient_store_options options = {.protect = true, .link_custom = link_custom};
	struct ancient_store *store;
	struct ancient_commit *commit = NULL;
	uint64_t start, end, root;
	int pipes[2], status;
	char byte = 0;
	pid_t child;

	CHECK(pipe(pipes) == 0);
	child = fork(); /* one that has the base, and adds more when told to */
	CHECK(child >= 0);
	if (child == 0) {
		close(pipes[1]); /* so that it ends if its parent does */
		CHECK(read(pipes[0], &byte, 1) == 1);
		add_more(fd);
		_exit(0);
	}
	CHECK(mmap((void *)(uintptr_t)BASE, 4096, PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	store = attach_with(fd, &options);
	ancient_store_range(store, &start, &end);
	CHECK(start != BASE);
	check_sample(get(store, 0));
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_RELOCATED);
	CHECK(write(pipes[1], &byte, 1) == 1);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	root = get(store, 1);
	check_sample(fields(root)[0]);
	EQUAL(fields(root)[1], get(store, 0));
	faults_on_a_write_to(root);
	faults_on_a_write_to(get(store, 0));
	CHECK(strcmp((char *)fields(fields(fields(fields(fields(root)[0])[0])[0])[0]), "_j") == 0);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	EQUAL(header(root), ANCIENT_FILLER);
}

/* What cannot be relocated is refused each time, not only the first. */
static void refuse_damage_elsewhere(int fd)
{
	uint64_t used = file_size(fd), header = ANCIENT_HEADER(1 << 20, 0), magic, none = 0;
	uint64_t slot = 3 % 2 * ANCIENT_SUPERBLOCK_SLOT; /* of the newer generation */
	struct ancient_store *store;
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) { /* one that has the base */
		add_more(fd);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(mmap((void *)(uintptr_t)BASE, 4096, PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED);
	/* The newer generation is hidden while the older is attached. */
	CHECK(pread(fd, &magic, 8, (off_t)slot) == 8);
	CHECK(pwrite(fd, &none, 8, (off_t)slot) == 8);
	store = attach(fd);
	check_sample(get(store, 0));
	CHECK(pwrite(fd, &header, 8, (off_t)(((used + 4095) & ~4095ull) + 64)) == 8);
	CHECK(pwrite(fd, &magic, 8, (off_t)slot) == 8);
	for (int i = 0; i < 3; i++)
		GIVES(ancient_store_refresh(store, &err), ANCIENT_E_BAD_BLOCK);
	ancient_store_detach(store);
}

static void damage_is_refused_each_time(void)
{
	char path[64];
	int fd = new_file(path);

	in_child(write_at_base, fd);
	in_child(refuse_damage_elsewhere, fd);
	CHECK(ftruncate(fd, 0) == 0);
	unlink(path);
	close(fd);
}

static void a_file_mapped_elsewhere_reads_right(void)
{
	char path[64];
	int fd = new_file(path);

	in_child(write_at_base, fd);
	in_child(read_elsewhere, fd);
	unlink(path);
	close(fd);
}

static void the_same_graph_at_the_same_base_gives_the_same_bytes(void)
{
	char path[64], path2[64];
	int fd = new_file(path), fd2 = new_file(path2);
	uint64_t size, size2;
	uint8_t *a, *b;

	CHECK(setenv("SOURCE_DATE_EPOCH", "0", 1) == 0);
	in_child(write_at_base, fd);
	in_child(write_at_base, fd2);
	CHECK(unsetenv("SOURCE_DATE_EPOCH") == 0);
	a = file_bytes(fd, &size);
	b = file_bytes(fd2, &size2);
	EQUAL(size, size2);
	CHECK(memcmp(a + 40, b + 40, 16) != 0); /* the UUID */
	CHECK(same_but_for_the_uuid(a, b, size));
	free(a);
	free(b);
	unlink(path);
	unlink(path2);
	close(fd);
	close(fd2);
}

static void a_base_that_cannot_be_used_is_refused(void)
{
	static const uint64_t bases[] = {0x1000, 0x10000001, 0x7FFFFFFF0000,
					 UINT64_MAX & ~0xFFFFull};
	struct ancient_store_options options = {.base = BASE, .reserve = usual_reserve()};
	struct ancient_store *store = NULL, *other;
	char path[64], path2[64];
	int fd = new_file(path), fd2 = new_file(path2);

	for (size_t i = 0; i < sizeof bases / 8; i++) {
		options.base = bases[i];
		GIVES(ancient_store_attach(fd, "test", &options, &store, &err), ANCIENT_E_BAD_BASE);
		EQUAL(file_size(fd), 0);
	}
	options.base = BASE;
	store = attach_with(fd, &options);
	GIVES(ancient_store_attach(fd2, "test", &options, &other, &err), ANCIENT_E_BAD_BASE);
	share(store, 0, INT(1));
	ancient_store_detach(store);
	GIVES(ancient_store_attach(fd2, "test", &options, &other, &err), ANCIENT_E_BAD_BASE);
	unlink(path);
	unlink(path2);
	close(fd);
	close(fd2);
}

static void descriptors_that_will_not_do(void)
{
	struct ancient_store_options options = {0};
	struct ancient_store *store = NULL;
	char path[64];
	int fd = new_file(path), pipes[2], other;

	other = open(path, O_RDWR | O_APPEND);
	GIVES(ancient_store_attach(other, "test", &options, &store, &err), ANCIENT_E_APPEND_MODE);
	EQUAL(file_size(fd), 0);
	close(other);
	other = open(path, O_WRONLY);
	GIVES(ancient_store_attach(other, "test", &options, &store, &err), ANCIENT_E_DENIED);
	close(other);
	other = open(".", O_RDONLY);
	GIVES(ancient_store_attach(other, NULL, &options, &store, &err), ANCIENT_E_DIRECTORY);
	close(other);
	CHECK(pipe(pipes) == 0);
	GIVES(ancient_store_attach(pipes[0], NULL, &options, &store, &err), ANCIENT_E_NOT_A_FILE);
	GIVES(ancient_store_attach(-1, NULL, &options, &store, &err), ANCIENT_E_SYSTEM);
	close(pipes[0]);
	close(pipes[1]);
	unlink(path);
	close(fd);
}

static void a_read_only_descriptor_gives_a_reader(void)
{
	char path[64];
	int fd = new_file(path), other;
	struct ancient_store *store = attach(fd);
	struct ancient_commit *commit = NULL;

	share(store, 0, sample());
	ancient_store_detach(store);
	other = open(path, O_RDONLY);
	store = attach(other);
	check_sample(get(store, 0));
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_READ_ONLY);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	close(other);
}

static void protected_values_fault_on_a_write(void)
{
	struct ancient_store_options options = {.protect = true, .reserve = usual_reserve()};
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach_with(fd, &options);

	share(store, 0, sample());
	faults_on_a_write_to(get(store, 0));
	share(store, 1, pair(&arena, INT(1), get(store, 0)));
	faults_on_a_write_to(get(store, 1));
	ancient_store_detach(store);
	store = attach_with(fd, &options);
	faults_on_a_write_to(get(store, 0));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* What a process does to a value never reaches the file. */
static void mutation_stays_in_the_process(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	share(store, 0, pair(&arena, INT(1), INT(2)));
	fields(get(store, 0))[0] = INT(99);
	share(store, 1, INT(0));
	EQUAL(fields(get(store, 0))[0], INT(99));
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	store = attach(fd);
	EQUAL(fields(get(store, 0))[0], INT(1));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

static void copy_file(int from, int to)
{
	char bytes[65536];
	ssize_t got;
	off_t at = 0;

	while ((got = pread(from, bytes, sizeof bytes, at)) > 0) {
		CHECK(pwrite(to, bytes, (size_t)got, at) == got);
		at += got;
	}
	CHECK(got == 0);
}

static uint64_t start_of(struct ancient_store *store)
{
	uint64_t start, end;

	ancient_store_range(store, &start, &end);
	return start;
}

static const char *program;

/* A child alone would have this process's mappings. */
static void in_a_new_program(int fd, const char *what)
{
	char number[16];

	snprintf(number, sizeof number, "%d", fd);
	execl(program, program, number, what, (char *)NULL);
	_exit(127);
}

static int add_one(int fd)
{
	struct ancient_store *store = attach(fd);

	share(store, 1, INT(12));
	ancient_store_detach(store);
	return 0;
}

static void add_otherwise(int fd)
{
	in_a_new_program(fd, "add");
}

/* The same UUID and base: old pointers would lead into other values. */
static void a_tombstone_is_given_up_to_who_continues_its_file(void)
{
	char path[3][64];
	int fd = new_file(path[0]), before = new_file(path[1]), copy = new_file(path[2]);
	struct ancient_store *store = attach(fd);
	struct ancient_commit *commit = NULL;
	uint64_t start = start_of(store);

	share(store, 0, sample());
	copy_file(fd, before);
	copy_file(fd, copy);
	in_child(add_otherwise, copy); /* as many bytes as what follows here */
	share(store, 1, INT(11));
	ancient_store_detach(store);

	store = attach(copy); /* grown otherwise */
	CHECK(start_of(store) != start);
	check_sample(get(store, 0));
	EQUAL(get(store, 1), INT(12));
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_RELOCATED);
	ancient_store_detach(store);

	store = attach(before); /* put back */
	CHECK(start_of(store) != start);
	ancient_store_detach(store);

	copy_file(fd, copy); /* the same bytes, and more behind them */
	in_child(add_otherwise, copy);
	store = attach(copy);
	EQUAL(start_of(store), start);
	EQUAL(get(store, 1), INT(12));
	share(store, 2, INT(13));
	ancient_store_detach(store);

	store = attach(fd); /* the file of the tombstone before, which this one has passed */
	CHECK(start_of(store) != start);
	EQUAL(get(store, 1), INT(11));
	ancient_store_detach(store);
	for (int i = 0; i < 3; i++)
		unlink(path[i]);
	close(fd);
	close(before);
	close(copy);
}

static void many_files_find_a_base(void)
{
	const int count = small_run() ? 10 : 300;

	for (int i = 0; i < count; i++) {
		char path[64];
		int fd = new_file(path);
		struct ancient_store *store = attach(fd);

		share(store, 0, INT(i));
		EQUAL(get(store, 0), INT(i));
		ancient_store_detach(store);
		unlink(path);
		close(fd);
	}
}

static int publish_one(int fd)
{
	struct ancient_store *store = attach(fd);

	share(store, 0, INT(7));
	ancient_store_detach(store);
	return 0;
}

static void publish_in_a_new_program(int fd)
{
	in_a_new_program(fd, "publish");
}

/* Each program knows nothing of the others' addresses, nor of what this process keeps of files that
 * it has detached.  Bases are chances, of one in a hundred that two of 300 files meet; such a file
 * can be read and not written. */
static void files_of_many_processes_are_written_to_one_after_the_other(void)
{
	const int count = small_run() ? 10 : 300;
	struct ancient_error err;
	int taken = 0;

	for (int i = 0; i < count; i++) {
		char path[64];
		int fd = new_file(path);
		struct ancient_store *store;

		in_child(publish_in_a_new_program, fd);
		store = attach(fd);
		EQUAL(get(store, 0), INT(7));
		if (ancient_store_writable(store, &err) == ANCIENT_OK) {
			share(store, 1, INT(i));
			EQUAL(get(store, 1), INT(i));
		} else {
			EQUAL(err.code, ANCIENT_E_RELOCATED);
			taken++;
		}
		ancient_store_detach(store);
		unlink(path);
		close(fd);
	}
	CHECK(taken <= 2);
}

int main(int argc, char **argv)
{
	arena = new_arena(10000);
	if (argc > 2)
		return strcmp(argv[2], "add") == 0 ? add_one(atoi(argv[1]))
						   : publish_one(atoi(argv[1]));
	program = argv[0];
	a_read_only_descriptor_gives_a_reader();
	the_same_graph_at_the_same_base_gives_the_same_bytes();
	a_file_mapped_elsewhere_reads_right();
	damage_is_refused_each_time();
	operations_are_linked_once_for_each_slot();
	a_detached_value_reads_as_an_empty_block();
	attaching_twice_gives_the_same_store();
	a_file_comes_back_though_its_reserve_is_taken();
	a_base_that_cannot_be_used_is_refused();
	descriptors_that_will_not_do();
	mutation_stays_in_the_process();
	protected_values_fault_on_a_write();
	a_tombstone_is_given_up_to_who_continues_its_file();
	many_files_find_a_base();
	files_of_many_processes_are_written_to_one_after_the_other();
	free(arena.words);
	return 0;
}

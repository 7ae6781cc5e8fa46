/* tests/core: publications that are killed, at work at the same time, or meet what stands under
 * their names; and what they keep of the file that they replace. */
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <ancient/publication.h>

#include "check.h"

static struct arena arena;

static bool exists(const char *name)
{
	struct stat status;

	return lstat(name, &status) == 0;
}

static struct ancient_publication *begin(const char *path, int mode)
{
	struct ancient_publication *publication = NULL;

	OK(ancient_publication_begin(path, mode, &publication, &err));
	return publication;
}

static void fill(const struct ancient_publication *publication, uint64_t number)
{
	struct ancient_store *store = attach(ancient_publication_fd(publication));

	share(store, 0, INT(number));
	ancient_store_detach(store);
}

static void finish(struct ancient_publication *publication)
{
	OK(ancient_publication_rename(publication, &err));
	OK(ancient_publication_sync(publication, &err));
	ancient_publication_drop(publication);
}

static void publish(const char *path, int mode, uint64_t number)
{
	struct ancient_publication *publication = begin(path, mode);

	fill(publication, number);
	finish(publication);
}

static void holds(const char *path, uint64_t number)
{
	int fd = open(path, O_RDWR);
	struct ancient_store *store;

	CHECK(fd >= 0);
	store = attach(fd);
	EQUAL(get(store, 0), INT(number));
	ancient_store_detach(store);
	close(fd);
}

static unsigned mode_of(const char *path)
{
	struct stat status;

	CHECK(stat(path, &status) == 0);
	return status.st_mode & 07777;
}

/* ---- Other processes ------------------------------------------------------------- */

enum step { BEGUN, FILLED, RENAMED, STEPS };

struct other {
	pid_t pid;
	int go; /* closing it lets the process finish */
};

/* A process that publishes `number` and waits behind that step. */
static struct other start(enum step step, uint64_t number)
{
	int ready[2], go[2];
	struct other other;
	char byte;

	CHECK(pipe(ready) == 0 && pipe(go) == 0);
	other.pid = fork();
	CHECK(other.pid >= 0);
	if (other.pid == 0) {
		struct ancient_publication *publication = begin("f", ANCIENT_PUBLICATION_KEEP);

		close(go[1]);
		if (step >= FILLED)
			fill(publication, number);
		if (step >= RENAMED)
			OK(ancient_publication_rename(publication, &err));
		CHECK(write(ready[1], "!", 1) == 1);
		CHECK(read(go[0], &byte, 1) == 0);
		if (step < FILLED)
			fill(publication, number);
		if (step < RENAMED)
			OK(ancient_publication_rename(publication, &err));
		ancient_publication_drop(publication);
		_exit(0);
	}
	close(ready[1]);
	close(go[0]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	other.go = go[1];
	return other;
}

static void let_finish(struct other other)
{
	int status;

	close(other.go);
	CHECK(waitpid(other.pid, &status, 0) == other.pid && status == 0);
}

static void end_by_kill(struct other other)
{
	int status;

	CHECK(kill(other.pid, SIGKILL) == 0);
	CHECK(waitpid(other.pid, &status, 0) == other.pid && WTERMSIG(status) == SIGKILL);
	close(other.go);
}

/* ---- Tests ----------------------------------------------------------------------- */

static void compact(void)
{
	OK(ancient_compact("f", NULL, NULL, &err));
}

static void publish_seven(void)
{
	publish("f", ANCIENT_PUBLICATION_KEEP, 7);
}

/* Also of several, and what a killed compaction has left (which holds no lock any more). */
static void the_next_removes_what_killed_ones_have_left(void (*next)(void), uint64_t number)
{
	struct other others[20];

	for (enum step step = BEGUN; step < STEPS; step++) {
		publish("f", ANCIENT_PUBLICATION_KEEP, 1);
		end_by_kill(start(step, 2));
		CHECK(exists(".f.0.publish") == (step < RENAMED));
		holds("f", step < RENAMED ? 1 : 2);
		close(open(".f.compact", O_WRONLY | O_CREAT, 0600));
		next();
		CHECK(!exists(".f.0.publish") && !exists(".f.compact"));
		holds("f", number ? number : step < RENAMED ? 1 : 2);
	}
	for (unsigned i = 0; i < 20; i++)
		others[i] = start(BEGUN, 2);
	CHECK(exists(".f.0.publish") && exists(".f.19.publish"));
	for (unsigned i = 0; i < 20; i++)
		end_by_kill(others[i]);
	next();
	for (unsigned i = 0; i < 20; i++) {
		char name[32];

		snprintf(name, sizeof name, ".f.%u.publish", i);
		CHECK(!exists(name));
	}
}

/* The first of two dies: its slot is free again, the other's is not. */
static void a_living_ones_file_is_left_alone(enum step step)
{
	struct other dead, living;

	publish("f", ANCIENT_PUBLICATION_KEEP, 1);
	dead = start(step, 2);
	living = start(step, 3);
	end_by_kill(dead);
	publish_seven();
	compact();
	CHECK(!exists(".f.0.publish") && exists(".f.1.publish"));
	holds("f", 7);
	let_finish(living);
	CHECK(!exists(".f.1.publish"));
	holds("f", 3);
}

/* As a compaction holds it from the moment at which it has made it. */
static void a_living_compactions_file_is_left_alone(void)
{
	int fd = open(".f.compact", O_RDWR | O_CREAT, 0600);

	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
	publish_seven();
	CHECK(exists(".f.compact"));
	close(fd);
	publish_seven();
	CHECK(!exists(".f.compact"));
}

/* Nothing is renamed that is another's. */
static void a_temporary_file_that_is_replaced_takes_no_name(void)
{
	struct ancient_publication *publication = begin("f", ANCIENT_PUBLICATION_KEEP);

	fill(publication, 9);
	CHECK(remove(".f.0.publish") == 0);
	close(open(".f.0.publish", O_WRONLY | O_CREAT, 0600));
	GIVES(ancient_publication_rename(publication, &err), ANCIENT_E_MISSING);
	ancient_publication_drop(publication);
	holds("f", 7);
	CHECK(exists(".f.0.publish"));
	publish_seven();
	CHECK(!exists(".f.0.publish"));
}

static void a_child_does_not_take_its_parents(void)
{
	struct ancient_publication *publication = begin("f", ANCIENT_PUBLICATION_KEEP);
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		ancient_publication_drop(publication);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(exists(".f.0.publish"));
	fill(publication, 8);
	finish(publication);
	holds("f", 8);
}

static void the_mode_is_kept_or_asked_for(void)
{
	mode_t mask = umask(027);

	CHECK(remove("f") == 0);
	publish_seven();
	EQUAL(mode_of("f"), 0640);
	CHECK(chmod("f", 0464) == 0);
	publish_seven();
	EQUAL(mode_of("f"), 0464);
	publish("f", 0666, 7);
	EQUAL(mode_of("f"), 0640);
	umask(mask);
}

/* As root: what he replaces stays others', and somebody else cuts what a group may do. */
static void owner_and_group_are_kept(void)
{
	struct stat status;
	pid_t child;
	int ended;

	if (geteuid() != 0)
		return;
	CHECK(chown("f", 4321, 8765) == 0 && chmod("f", 0664) == 0);
	for (int mode = ANCIENT_PUBLICATION_KEEP; mode <= 0664; mode += 0665) {
		publish("f", mode, 7);
		CHECK(stat("f", &status) == 0);
		EQUAL(status.st_uid, 4321);
		EQUAL(status.st_gid, 8765);
	}
	CHECK(chmod("f", 0674) == 0 && chmod(".", 0777) == 0);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		CHECK(setgid(1111) == 0 && setuid(4321) == 0);
		publish_seven();
		_exit(0);
	}
	CHECK(waitpid(child, &ended, 0) == child && ended == 0);
	CHECK(stat("f", &status) == 0);
	EQUAL(status.st_uid, 4321);
	EQUAL(status.st_mode & 0777, 0644);
	CHECK(remove("f") == 0);
}

/* A program that gives up its rights works on, where it is, also below folders that it could not
 * come to any more; and by links that lie there. */
static void folders_above_need_not_be_searched(void)
{
	pid_t child;
	int ended;

	if (geteuid() != 0)
		return;
	CHECK(mkdir("private", 0700) == 0 && mkdir("private/open", 0777) == 0);
	CHECK(chmod("private/open", 0777) == 0 && symlink("f", "private/open/l") == 0);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		CHECK(chdir("private/open") == 0 && setgid(1111) == 0 && setuid(4321) == 0);
		publish("l", ANCIENT_PUBLICATION_KEEP, 1);
		publish("./f", ANCIENT_PUBLICATION_KEEP, 2);
		holds("f", 2);
		OK(ancient_compact("l", NULL, NULL, &err));
		holds("f", 2);
		CHECK(remove("f") == 0 && remove("l") == 0);
		_exit(0);
	}
	CHECK(waitpid(child, &ended, 0) == child && ended == 0);
	CHECK(rmdir("private/open") == 0 && rmdir("private") == 0);
}

static void links_are_followed(void)
{
	CHECK(mkdir("d", 0700) == 0);
	CHECK(symlink("d/second", "first") == 0 && symlink("../target", "d/second") == 0);
	for (uint64_t number = 1; number < 3; number++) { /* first it leads nowhere */
		publish("first", ANCIENT_PUBLICATION_KEEP, number);
		holds("target", number);
		CHECK(readlink("first", (char[9]){0}, 9) == 8);
	}
	CHECK(symlink("loop", "loop") == 0);
	CHECK(remove("first") == 0 && remove("d/second") == 0 && remove("target") == 0);
}

static void fails(const char *path, enum ancient_code code, int system)
{
	struct ancient_publication *publication = NULL;

	GIVES(ancient_publication_begin(path, 0600, &publication, &err), code);
	EQUAL(last_error.system, system);
	CHECK(strncmp(last_error.message, path, strlen(path)) == 0);
}

static void errors_name_the_path_as_it_is_written(void)
{
	CHECK(symlink("nowhere/f", "dangling") == 0 && mkfifo("pipe", 0600) == 0);
	fails("loop", ANCIENT_E_SYSTEM, ELOOP);
	fails("./d", ANCIENT_E_DIRECTORY, EISDIR);
	fails("d/../new/", ANCIENT_E_DIRECTORY, EISDIR);
	fails("d/../no/f", ANCIENT_E_MISSING, ENOENT);
	fails("dangling", ANCIENT_E_MISSING, ENOENT);
	fails("", ANCIENT_E_MISSING, ENOENT);
	fails("./pipe", ANCIENT_E_NOT_A_FILE, 0);
	fails("pipe/f", ANCIENT_E_MISSING, ENOTDIR);
	CHECK(remove("loop") == 0 && remove("dangling") == 0 && remove("pipe") == 0);
	CHECK(remove("d") == 0);
}

static void a_long_name_has_temporary_ones_too(void)
{
	char name[256];

	memset(name, 'n', 255);
	name[255] = 0;
	publish(name, 0600, 4);
	holds(name, 4);
	CHECK(remove(name) == 0);
}

int main(void)
{
	char folder[] = "core-publications-XXXXXX";

	alarm(small_run() ? 280 : 60);
	arena = new_arena(100);
	CHECK(mkdtemp(folder) && chdir(folder) == 0);
	the_next_removes_what_killed_ones_have_left(publish_seven, 7);
	the_next_removes_what_killed_ones_have_left(compact, 0);
	a_living_ones_file_is_left_alone(BEGUN);
	a_living_ones_file_is_left_alone(FILLED);
	a_living_compactions_file_is_left_alone();
	a_temporary_file_that_is_replaced_takes_no_name();
	a_child_does_not_take_its_parents();
	the_mode_is_kept_or_asked_for();
	owner_and_group_are_kept();
	folders_above_need_not_be_searched();
	links_are_followed();
	errors_name_the_path_as_it_is_written();
	a_long_name_has_temporary_ones_too();
	CHECK(chdir("..") == 0);
	remove(folder);
	CHECK(!exists(folder) || geteuid() != 0);
	free(arena.words);
	return 0;
}

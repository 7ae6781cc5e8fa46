/* tests/core: whether a commit still has a name to be found by: a file that was removed, moved,
 * replaced, or never had a name. */
#include <sys/mman.h>

#include "check.h"

static struct arena arena;

static void put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static int create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

	CHECK(fd >= 0);
	return fd;
}

static void is_shared_into(struct ancient_store *store)
{
	static uint64_t count;

	share(store, 7, INT(++count));
	EQUAL(get(store, 7), INT(count));
}

static void is_superseded(struct ancient_store *store)
{
	struct ancient_commit *commit = NULL;
	uint64_t generation = ancient_store_generation(store);

	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_SUPERSEDED);
	CHECK(strstr(last_error.message, "attach it again by its name"));
	EQUAL(ancient_store_generation(store), generation);
}

/* ---- What may happen to the file `f` of the folder `d`; `x` is free -------------------- */

static void nothing_happens(void)
{
}

static void is_removed(void)
{
	CHECK(remove("d/f") == 0);
}

static void is_removed_and_made_anew(void)
{
	is_removed();
	put_text("d/f", "");
}

static void is_replaced(void)
{
	put_text("x", "");
	CHECK(rename("x", "d/f") == 0);
}

static void has_another_name_and_is_replaced(void)
{
	CHECK(link("d/f", "d/other") == 0);
	is_replaced();
}

static void has_another_name_and_is_removed(void)
{
	CHECK(link("d/f", "d/other") == 0);
	is_removed();
}

static void is_moved(void)
{
	CHECK(rename("d/f", "d/other") == 0);
}

static void is_moved_and_replaced(void)
{
	is_moved();
	put_text("d/f", "");
}

static void gives_way_to_a_link(void)
{
	is_removed();
	CHECK(symlink("nowhere", "d/f") == 0);
}

static void gives_way_to_a_folder(void)
{
	is_removed();
	CHECK(mkdir("d/f", 0700) == 0);
}

static void its_folder_is_moved(void)
{
	CHECK(rename("d", "e") == 0);
}

static void its_folder_is_replaced(void)
{
	its_folder_is_moved();
	CHECK(mkdir("d", 0700) == 0);
	put_text("d/f", "");
}

static void is_put_back(void)
{
	CHECK(rename("d/f", "x") == 0);
	put_text("d/f", "");
	CHECK(rename("x", "d/f") == 0);
}

static void changes_its_mode(void)
{
	/* Writers open the file again, for which all but root need the right to write. */
	CHECK(chmod("d/f", geteuid() == 0 ? 0400 : 0640) == 0);
}

static const struct {
	void (*happens)(void);
	bool superseded;
} cases[] = {
	{nothing_happens, false},
	{is_removed, false},
	{is_removed_and_made_anew, true},
	{is_replaced, true},
	{has_another_name_and_is_replaced, true},
	{has_another_name_and_is_removed, false},
	{is_moved, false},
	{is_moved_and_replaced, true},
	{gives_way_to_a_link, true},
	{gives_way_to_a_folder, true},
	{its_folder_is_moved, false},
	{its_folder_is_replaced, true},
	{is_put_back, false},
	{changes_its_mode, false},
};

static void clear(void)
{
	CHECK(system("rm -rf d e x") == 0);
}

/* before: it happens between open and attach. */
static void a_file_has_this_fate(unsigned i, bool before)
{
	struct ancient_store *store;
	int fd;

	CHECK(mkdir("d", 0700) == 0);
	fd = create("d/f");
	if (before)
		cases[i].happens();
	store = attach(fd);
	if (!before) {
		if (i % 2)
			share(store, 0, INT(0));
		cases[i].happens();
	}
	/* What was moved before is attached under its new name. */
	if (before && (cases[i].happens == is_moved_and_replaced ||
		       cases[i].happens == its_folder_is_replaced))
		is_shared_into(store);
	else if (cases[i].superseded)
		is_superseded(store);
	else
		is_shared_into(store);
	ancient_store_detach(store);
	close(fd);
	clear();
}

/* A name that ends as the kernel marks those that are gone. */
static void a_name_may_say_deleted(void)
{
	int fd = create("f (deleted)"), other = create("f");
	struct ancient_store *store = attach(fd);

	is_shared_into(store);
	CHECK(remove("f (deleted)") == 0);
	is_shared_into(store);
	ancient_store_detach(store);
	store = attach(fd);
	is_shared_into(store);
	put_text("f (deleted)", "");
	is_superseded(store);
	ancient_store_detach(store);
	CHECK(remove("f (deleted)") == 0 && remove("f") == 0);
	close(fd);
	close(other);
}

static void a_relative_name_is_of_its_folder(void)
{
	int fd = create("f");
	struct ancient_store *store = attach(fd);

	CHECK(mkdir("d", 0700) == 0 && chdir("d") == 0);
	put_text("f", "");
	is_shared_into(store);
	put_text("x", "");
	CHECK(rename("x", "../f") == 0);
	is_superseded(store);
	CHECK(chdir("..") == 0 && remove("f") == 0);
	ancient_store_detach(store);
	close(fd);
	clear();
}

static void in_child(struct ancient_store *store, uint64_t key)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		share(store, key, INT(key));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
	EQUAL(get(store, key), INT(key));
}

/* What has no name is shared into, also by a child, and by another process that has it attached. */
static void a_file_without_a_name_is_nobody_elses(void)
{
	char self[64];
	int fd = memfd_create("f", 0), temporary = open(".", O_TMPFILE | O_RDWR, 0600);
	struct ancient_store *store = attach(fd);

	put_text("f", "");
	in_child(store, 1);
	is_shared_into(store);
	ancient_store_detach(store);
	store = attach(fd);
	in_child(store, 2);
	ancient_store_detach(store);
	CHECK(remove("f") == 0);
	close(fd);
	if (temporary < 0) /* a file system that has none */
		return;
	store = attach(temporary);
	in_child(store, 1);
	is_shared_into(store);
	/* It gets a name, which another file takes then. */
	snprintf(self, sizeof self, "/proc/self/fd/%d", temporary);
	CHECK(linkat(AT_FDCWD, self, AT_FDCWD, "f", AT_SYMLINK_FOLLOW) == 0);
	in_child(store, 3);
	is_shared_into(store);
	put_text("x", "");
	CHECK(rename("x", "f") == 0);
	is_superseded(store);
	ancient_store_detach(store);
	CHECK(remove("f") == 0);
	close(temporary);
}

/* Links that lead to the file are no matter: what counts is where it lies. */
static void a_symbolic_link_leads_to_the_file(void)
{
	struct ancient_store *store;
	int fd, file = create("f");

	CHECK(symlink("f", "x") == 0);
	fd = open("x", O_RDWR);
	store = attach(fd);
	CHECK(remove("x") == 0);
	is_shared_into(store);
	CHECK(symlink("elsewhere", "x") == 0);
	is_shared_into(store);
	put_text("y", "");
	CHECK(rename("y", "f") == 0);
	is_superseded(store);
	ancient_store_detach(store);
	CHECK(remove("f") == 0 && remove("x") == 0);
	close(fd);
	close(file);
}

int main(void)
{
	char folder[] = "core-names-XXXXXX";

	alarm(small_run() ? 280 : 60);
	arena = new_arena(100);
	CHECK(mkdtemp(folder) && chdir(folder) == 0);
	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (unsigned before = 0; before < 2; before++)
			a_file_has_this_fate(i, before);
	a_name_may_say_deleted();
	a_relative_name_is_of_its_folder();
	a_file_without_a_name_is_nobody_elses();
	a_symbolic_link_leads_to_the_file();
	CHECK(chdir("..") == 0 && rmdir(folder) == 0);
	free(arena.words);
	return 0;
}

/* tests/core: prints the result of the writer's own verification of a file, which test_verdict.py
 * compares with the reader's.
 *
 *     verdict FILE      prints code, rule and offset, "OK - -" where nothing is wrong
 */
#include "check.h"

static void print(const struct ancient_error *err)
{
	printf("%s %s ", ancient_code_name(err->code),
	       err->rule ? ancient_rule_name(err->rule) : "-");
	if (err->offset == ANCIENT_NO_OFFSET)
		printf("-\n");
	else
		printf("%llu\n", (unsigned long long)err->offset);
}

int main(int argc, char **argv)
{
	struct ancient_store_options options = {.read_only = true};
	struct ancient_store *store;
	struct ancient_error err;
	enum ancient_code code;
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;

	CHECK(fd >= 0);
	code = ancient_store_attach(fd, argv[1], &options, &store, &err);
	if (code == ANCIENT_OK) {
		code = ancient_store_verify(store, &err);
		ancient_store_detach(store);
	}
	if (code == ANCIENT_OK)
		printf("OK - -\n");
	else
		print(&err);
	close(fd);
	return 0;
}

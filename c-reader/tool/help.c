/* c-reader/tool: the texts of `ancientctl help`.  The manual page, ancientctl.1, says the same in
 * more detail; tests compare both with the options that the commands take. */
#include "help.h"

#include <string.h>

static const char overview[] =
	"ancientctl: look into files of OCaml values written by the ancient library\n"
	"\n"
	"usage: ancientctl COMMAND [OPTION...] FILE [OPERAND...]\n"
	"\n"
	"  info    what the file is: keys, blocks, sizes, generation\n"
	"  keys    a line for each key: name, size, kind of value\n"
	"  get     one value, or a part of it, as JSON\n"
	"  dump    all values as JSON, one key a line\n"
	"  schema  the OCaml types that values were published with\n"
	"  codegen a C header, or a Python stub, for the types of a key\n"
	"  log     a line for each commit: when, keys, bytes\n"
	"  verify  check every byte of the file against the format\n"
	"  compact free the space of values that were replaced\n"
	"  remove  take keys out\n"
	"  restore go back to the keys of an older generation\n"
	"  recover make damaged superblocks good again\n"
	"  help    more about a command: ancientctl help get\n"
	"\n"
	"  -j, --json     print JSON, one object a line, for programs; on failure too:\n"
	"                 {\"ok\": false, \"code\": \"NO_KEY\", \"message\": ...}\n"
	"  -h, --help     this text, or that of a command\n"
	"  -V, --version  version of ancientctl, and the newest format of files\n"
	"\n"
	"Files are only read, never written, but by compact, remove, restore and recover;\n"
	"a file may be looked at while an OCaml program publishes into it.\n"
	"\n"
	"exit status: 0 good, 1 the file is bad, 2 wrong usage, 3 no such key, path or\n"
	"generation, 4 the file cannot be read or written, or the output not be written\n";

static const char info_text[] =
	"usage: ancientctl info [OPTION...] FILE\n"
	"\n"
	"Shows what the file is: format, state, generation, number of keys and blocks, sizes.\n"
	"Takes the same few microseconds for any size; checks nothing but the superblock.\n"
	"\n"
	"  -j, --json          one JSON object\n"
	"      --generation N  as it was in generation N; 'ancientctl log' lists them\n"
	"      --reclaimable   also the bytes that 'ancientctl compact' would free: a walk of\n"
	"                      all values, in memory of 1/64 of the file\n"
	"      --progress      show the bar of that walk from the start, not after a second\n"
	"      --no-progress   no bar\n"
	"\n"
	"  damaged      the superblock that is, and the newer generation that it hides:\n"
	"               'ancientctl recover' brings that back\n"
	"  time         of the commit, the age of the data; not with format 1.0 and 1.1\n"
	"  history      equal for two copies of a file that have grown in the same way\n"
	"  values       bytes of OCaml blocks, headers included\n"
	"  used         bytes of the file that belong to its newest generation\n"
	"  durable      bytes of the file that are known to be on the disk\n"
	"  file         length of the file; more than used while a commit is under way\n"
	"  may grow to  address space that OCaml programs reserve for it\n"
	"  base         address of the file's first byte in OCaml programs\n"
	"\n"
	"examples\n"
	"  ancientctl info packages.ancient\n"
	"  ancientctl info --json packages.ancient | jq .generation\n";

static const char keys_text[] =
	"usage: ancientctl keys [--json] [--generation N] FILE\n"
	"\n"
	"Lists the keys in ascending order: name, bytes and blocks that the publication wrote,\n"
	"the generation that published it, the first digits of its type's fingerprint ('-'\n"
	"without types), and what the value is: its type, and how many bindings or elements it\n"
	"has (of lists, maps and sets up to a million blocks; of tables as the table says).\n"
	"What a value shares with earlier ones is not counted again.\n"
	"\n"
	"  -j, --json          one JSON object a line\n"
	"      --generation N  those of generation N; 'ancientctl log' lists them\n"
	"\n"
	"examples\n"
	"  ancientctl keys packages.ancient\n"
	"  ancientctl keys --json packages.ancient | jq -r 'select(.bytes > 1e6).key'\n";

static const char get_text[] =
	"usage: ancientctl get [OPTION...] FILE KEY [PATH]\n"
	"\n"
	"Prints the value under KEY, a number or a name, as JSON. PATH leads to a part of it:\n"
	"[3][0] is field 3 of the value, field 0 of that, elements of float arrays the same way;\n"
	"in a value with types 'packages[\"vim\"].depends[0].name' follows fields, elements, keys "
	"of\n"
	"tables, maps and sets, written as in OCaml, and constructors. Where the value is a\n"
	"table, map or set, PATH may be a key alone, without brackets, and a string without\n"
	"quotes. KEY and PATH may be one word.\n"
	"\n"
	"Of a map or set, which are ordered, these print a part without reading the rest; keys\n"
	"K are written as PATH is, where it is a key alone:\n"
	"\n"
	"      --from K, --after K    the keys from K on; behind K\n"
	"      --to K, --before K     the keys up to K; before K\n"
	"      --prefix TEXT          strings that begin with TEXT\n"
	"      --first N, --last N    so many of these, or of all\n"
	"\n"
	"  -i, --indent        one member a line (the default on a terminal)\n"
	"      --no-indent     all in one line (the default elsewhere)\n"
	"  -l, --limit BYTES   cut the text after so many bytes; 64k, 10M, 1G are understood\n"
	"                      (the default on a terminal is 8000)\n"
	"  -a, --all           never cut\n"
	"  -n, --name          KEY is a name though it consists of digits\n"
	"  -r, --raw           without types, though the value has some\n"
	"      --generation N  as it was in generation N; 'ancientctl log' lists them\n"
	"  -j, --json          allowed; the output is JSON anyway\n"
	"\n"
	"A value with types is shown by them: a record is {\"a\": 1}, a constructor \"Name\" or\n"
	"{\"Name\": [...]}. What contains itself is {\"ref\": n} there: the n-th value around "
	"that\n"
	"place, 1 the one directly around it. What is merely shared is written each time.\n"
	"\n"
	"A value without types is shown as OCaml keeps it: a record or tuple is\n"
	"{\"tag\": 0, \"fields\": [...]}, an integer, character or constant constructor a number.\n"
	"A block met again is {\"ref\": n}, the one with \"id\": n.\n"
	"\n"
	"examples\n"
	"  ancientctl get packages.ancient 0\n"
	"  ancientctl get packages.ancient packages vim\n"
	"  ancientctl get packages.ancient 'packages[\"vim\"].version'\n"
	"  ancientctl get words.ancient 'senses[(Noun, 1740)]'\n"
	"  ancientctl get packages.ancient meta '[1]'\n"
	"  ancientctl get --prefix lib --first 10 packages.ancient names\n"
	"  ancientctl get --limit 64k packages.ancient words | less\n";

static const char dump_text[] =
	"usage: ancientctl dump [OPTION...] FILE [KEY]\n"
	"\n"
	"Prints every value, or the one under KEY (a number or a name), one key a line:\n"
	"{\"key\": 0, \"name\": \"packages\", \"value\": ...}. Values look as 'ancientctl get'\n"
	"shows them; ids begin again at each key.\n"
	"\n"
	"  -i, --indent        one member a line instead of one key\n"
	"      --no-indent     one key a line (the default)\n"
	"  -n, --name          KEY is a name though it consists of digits\n"
	"  -r, --raw           without types, though values have some\n"
	"      --generation N  as they were in generation N; 'ancientctl log' lists them\n"
	"      --progress      show the bar from the start; otherwise it comes after a second\n"
	"      --no-progress   no bar\n"
	"  -j, --json          allowed; the output is JSON anyway\n"
	"\n"
	"The progress bar is on stderr, only where that is a terminal and stdout is not.\n"
	"\n"
	"examples\n"
	"  ancientctl dump packages.ancient | gzip > packages.json.gz\n"
	"  ancientctl dump packages.ancient meta | jq .value\n";

static const char schema_text[] =
	"usage: ancientctl schema [OPTION...] FILE [KEY]\n"
	"\n"
	"Prints the OCaml types that the value under KEY (a number or a name) was published\n"
	"with: declarations that end in 'val root : TYPE', as in an interface. Without KEY,\n"
	"those of all keys that have types, each below a comment that names the key.\n"
	"\n"
	"  -j, --json          one JSON object a line: key, name, fingerprint, schema\n"
	"  -n, --name          KEY is a name though it consists of digits\n"
	"      --generation N  those of generation N; 'ancientctl log' lists them\n"
	"\n"
	"Types with the same fingerprint are read alike, whatever their names.\n"
	"\n"
	"examples\n"
	"  ancientctl schema packages.ancient 0\n"
	"  ancientctl schema --json packages.ancient | jq -r .fingerprint\n";

static const char codegen_text[] =
	"usage: ancientctl codegen [OPTION...] --prefix NAME FILE KEY\n"
	"       ancientctl codegen [OPTION...] --prefix NAME --schema TEXTFILE\n"
	"\n"
	"Writes a C header for the OCaml types that the value under KEY (a number or a name)\n"
	"was published with: a struct for each type and inline functions that read its fields,\n"
	"elements, constructors and bindings, and make keys, for C from C99 and C++ from C++11.\n"
	"\n"
	"  -o, --output OUT       write OUT instead of the standard output\n"
	"      --prefix NAME      all names in C begin with it; not needed for Python\n"
	"      --drop-modules     leave all modules out of names, not only the first\n"
	"      --lang c|pyi       pyi: a Python stub for editors and type checkers instead\n"
	"      --schema TEXTFILE  take the types from a text: OCaml declarations that end in\n"
	"                         'val root : TYPE'; - is the standard input\n"
	"  -n, --name             KEY is a name though it consists of digits\n"
	"\n"
	"With --prefix idx, field version of Package.t is idx_package_version(), and of\n"
	"Main.package too: the first module, a source file's, is left out unless two types would\n"
	"have one name. A program calls idx_bind_key() once for each open file: it finds fields\n"
	"and constructors by name, so a field that was added or moved changes nothing and a\n"
	"missing one is an error. Link with libancient-reader. The manual page says more.\n"
	"\n"
	"A stub is imported under typing.TYPE_CHECKING and tells the types of what the Python\n"
	"package returns: 'root: idx.Root = db[0]'; 'T: idx.Types = db.types(0)' for patterns.\n"
	"\n"
	"examples\n"
	"  ancientctl codegen --prefix idx -o idx.h packages.ancient 0\n"
	"  ancientctl codegen --lang pyi -o idx.pyi packages.ancient packages\n"
	"  ancientctl codegen --prefix idx --schema index.types -o idx.h\n";

static const char verify_text[] =
	"usage: ancientctl verify [OPTION...] FILE\n"
	"\n"
	"Reads the whole file and checks it against the rules of spec/FORMAT.md, section 10:\n"
	"checksums, every block, every pointer, all directories. Prints what was checked, or\n"
	"the first fault with its rule, its offset, what was expected and what was found.\n"
	"\n"
	"  -j, --json          one JSON object: {\"ok\": true, ...} or {\"ok\": false, ...}\n"
	"      --progress      show the bar from the start; otherwise it comes after a second\n"
	"      --no-progress   no bar\n"
	"      --threads N     so many threads; otherwise one for each processor\n"
	"      --generation N  only what generation N had; 'ancientctl log' lists them\n"
	"\n"
	"Rule S5 says that one of the two superblocks is damaged: 'ancientctl recover' helps.\n"
	"Memory: 1/64 of the file. Ctrl-C stops it at any time. The progress bar is on stderr,\n"
	"only where that is a terminal.\n"
	"\n"
	"exit status: 0 the file is good, 1 it is bad, 4 it could not be read\n"
	"\n"
	"examples\n"
	"  ancientctl verify packages.ancient\n"
	"  ancientctl verify --json packages.ancient | jq .ok\n"
	"  ancientctl verify new.ancient && mv new.ancient packages.ancient\n";

static const char log_text[] =
	"usage: ancientctl log [OPTION...] FILE\n"
	"\n"
	"A line for each commit, the newest first: the generation that it made, when (UTC)\n"
	"and how long ago, the keys that it published and removed, the keys that there\n"
	"were then, the bytes that it added and the size of the file at its end.\n"
	"\n"
	"  -j, --json     one JSON object a line\n"
	"  -l, --limit N  no more than N lines\n"
	"\n"
	"Commits of writers of format 1.0 and 1.1 left no record: where one is met the log\n"
	"ends, and a message says so. The option --generation of info, keys, get, dump,\n"
	"schema and verify shows a generation; 'ancientctl restore' goes back to it.\n"
	"\n"
	"examples\n"
	"  ancientctl log --limit 20 packages.ancient\n"
	"  ancientctl log --json packages.ancient | jq 'select(.removed > 0).generation'\n";

static const char compact_text[] =
	"usage: ancientctl compact [OPTION...] FILE\n"
	"\n"
	"Copies what the keys lead to into a new file and gives it the name: the space of values\n"
	"that were replaced is free again. Keys, names, types, generations, sharing, owner and\n"
	"mode stay. Programs that read the old file do not notice; those that have it attached\n"
	"to write are told to attach it again. The file is verified first; it is never lost or\n"
	"half, whatever happens meanwhile.\n"
	"\n"
	"  -j, --json           one JSON object\n"
	"      --if-above PCT   only where more than PCT percent of the file can be freed:\n"
	"                       a walk of all values finds out; for a job at night\n"
	"      --base ADDRESS   of the new file in OCaml programs; without it, one that differs\n"
	"                       from the old one's unless a program has chosen that\n"
	"      --breadth-first  order of blocks for scans; the default is for lookups\n"
	"      --progress       show the bar from the start; otherwise it comes after a second\n"
	"      --no-progress    no bar\n"
	"\n"
	"Needs permission to write the file and its folder, space for the live data, and memory:\n"
	"1/64 of the file, up to 1/4 of what is copied, and all of its bigarrays. Ctrl-C stops\n"
	"it at any time and leaves the file as it was.\n"
	"\n"
	"examples\n"
	"  ancientctl info --reclaimable packages.ancient\n"
	"  ancientctl compact packages.ancient\n"
	"  ancientctl compact --if-above 30 packages.ancient\n"
	"  ancientctl compact --json packages.ancient | jq .bytes_after\n";

static const char remove_text[] =
	"usage: ancientctl remove [OPTION...] FILE KEY...\n"
	"\n"
	"Takes keys, numbers or names, out in one commit: all of them or, where one is not\n"
	"there, none. Programs see it when they look for a newer generation. The values\n"
	"stay in the file until 'ancientctl compact'; until then 'ancientctl restore' can\n"
	"bring them back.\n"
	"\n"
	"  -j, --json  one JSON object: file, removed, generation, keys that are left\n"
	"  -n, --name  each KEY is a name though it consists of digits\n"
	"\n"
	"Waits for a program that commits to the file. Done when it is on the disk.\n"
	"\n"
	"examples\n"
	"  ancientctl remove packages.ancient meta\n"
	"  ancientctl remove packages.ancient 7 8 9 && ancientctl compact packages.ancient\n";

static const char restore_text[] =
	"usage: ancientctl restore [--json] FILE GENERATION\n"
	"\n"
	"Makes the keys, names and types those of an older generation, by a new commit of\n"
	"some hundred bytes: what came since stays in the file, and can be restored in\n"
	"turn, until 'ancientctl compact'. 'ancientctl log' lists the generations.\n"
	"\n"
	"  -j, --json  one JSON object: file, restored, generation, keys\n"
	"\n"
	"Waits for a program that commits to the file. Done when it is on the disk.\n"
	"\n"
	"examples\n"
	"  ancientctl keys --generation 41 packages.ancient\n"
	"  ancientctl restore packages.ancient 41\n";

static const char recover_text[] =
	"usage: ancientctl recover [OPTION...] FILE\n"
	"\n"
	"Where a superblock is damaged, or both are: brings the newest whole generation\n"
	"back, by what its commit recorded in the file, and makes both superblocks good by\n"
	"a commit that changes no key. Then verifies the file, and says what it found.\n"
	"Where both superblocks are good it changes nothing, and flushes the file to the\n"
	"disk. Make a copy first if the disk may be failing.\n"
	"\n"
	"  -j, --json         one JSON object\n"
	"      --progress     show the bar of the verification from the start\n"
	"      --no-progress  no bar\n"
	"      --threads N    so many threads verify; otherwise one for each processor\n"
	"      --drop-lost    where generations that were never flushed have lost a part,\n"
	"                     go back to the newest one that is whole, by a new commit\n"
	"\n"
	"Needs commits of format 1.2 or later; those of 1.0 and 1.1 recorded nothing.\n"
	"\n"
	"exit status: 0 the file is good now, 1 it is bad or cannot be recovered, 4 it\n"
	"could not be read or written\n"
	"\n"
	"examples\n"
	"  ancientctl recover packages.ancient\n"
	"  ancientctl recover --json packages.ancient | jq .recovered\n";

static const char help_text[] = "usage: ancientctl help [COMMAND]\n"
				"\n"
				"Lists the commands, or explains one.\n"
				"\n"
				"examples\n"
				"  ancientctl help\n"
				"  ancientctl help verify\n";

bool help_print(FILE *out, const char *command)
{
	static const struct {
		const char *command;
		const char *text;
	} texts[] = {
		{"info", info_text},     {"keys", keys_text},       {"get", get_text},
		{"dump", dump_text},     {"schema", schema_text},   {"codegen", codegen_text},
		{"log", log_text},       {"verify", verify_text},   {"compact", compact_text},
		{"remove", remove_text}, {"restore", restore_text}, {"recover", recover_text},
		{"help", help_text},
	};

	if (command == NULL) {
		fputs(overview, out);
		return true;
	}
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(texts[i].command, command) == 0) {
			fputs(texts[i].text, out);
			return true;
		}
	}
	return false;
}

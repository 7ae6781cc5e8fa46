/* python/store: the named tuples Entry, Info, Verified and Commit, which methods of Store
 * return. */
#include "store/named_tuples.h"

static PyStructSequence_Field entry_fields[] = {
	{"key", "the integer key"},
	{"name", "the name, or None"},
	{"bytes", "bytes that this publication wrote, headers included"},
	{"blocks", "blocks that it wrote"},
	{"generation", "of the commit that published it"},
	{NULL, NULL},
};

static PyStructSequence_Desc entry_desc = {
	.name = "ancient.Entry",
	.doc = "What the file says about one key, from Store.entry().",
	.fields = entry_fields,
	.n_in_sequence = 5,
};

static PyStructSequence_Field info_fields[] = {
	{"name", "the file, as it was given to open()"},
	{"uuid", "identifies the file for life, copies included"},
	{"generation", "1 when the file was created, one more with each commit"},
	{"version", "of the format, as '1.1'"},
	{"ocaml_version", "of the last writer, as '4.13.1', or None where unknown"},
	{"keys", "number of keys"},
	{"names", "number of keys that have a name"},
	{"blocks", "number of OCaml blocks in the file"},
	{"value_bytes", "bytes of those blocks, headers included"},
	{"used", "bytes of the file that belong to this generation"},
	{"file_bytes", "length of the file when it was opened"},
	{"reserve", "bytes the file may grow to"},
	{"base", "address of the file in an OCaml process"},
	{"custom_slots", "custom types the file knows, the five of every file included"},
	{"superseded", "True where a compacted file has taken this one's place"},
	{"time", "of the commit, a datetime in UTC, or None where unknown"},
	{"history",
	 "tells two copies of a file apart that have grown differently; 0 where unknown"},
	{"durable_used", "bytes known to be on the disk; 0 where unknown"},
	{"newest_generation", "of the file when it was opened"},
	{"damaged_slot", "the superblock, 0 or 1, that is damaged, or None"},
	{"hidden_generation", "the newer generation that the damage hides, or None"},
	{NULL, NULL},
};

static PyStructSequence_Desc info_desc = {
	.name = "ancient.Info",
	.doc = "What the file says about itself, from Store.info().",
	.fields = info_fields,
	.n_in_sequence = 21,
};

static PyStructSequence_Field verified_fields[] = {
	{"extents", "extents walked"},
	{"blocks", "OCaml blocks checked"},
	{"pointers", "pointers followed"},
	{"keys", "keys in the directory"},
	{"names", "names in the directory"},
	{"bytes", "bytes of the file that were read"},
	{"schemas", "distinct schema texts in the file"},
	{NULL, NULL},
};

static PyStructSequence_Desc verified_desc = {
	.name = "ancient.Verified",
	.doc = "How much Store.verify() checked.",
	.fields = verified_fields,
	.n_in_sequence = 7,
};

static PyStructSequence_Field commit_fields[] = {
	{"generation", "that the commit made"},
	{"time", "of the commit, a datetime in UTC, or None where unknown"},
	{"published", "keys that it published"},
	{"removed", "keys that it removed"},
	{"keys", "number of keys of the generation"},
	{"bytes", "of the file that it added"},
	{"used", "bytes of the file that belong to the generation"},
	{NULL, NULL},
};

static PyStructSequence_Desc commit_desc = {
	.name = "ancient.Commit",
	.doc = "What a commit left in its record, from Store.log().",
	.fields = commit_fields,
	.n_in_sequence = 7,
};

static int add_named_tuple(PyObject *module, PyStructSequence_Desc *desc, const char *name,
			   PyTypeObject **ret_type)
{
	*ret_type = PyStructSequence_NewType(desc);
	return *ret_type == NULL ? -1 : PyModule_AddObjectRef(module, name, (PyObject *)*ret_type);
}

int py_named_tuples_init(PyObject *module, struct py_state *state)
{
	if (add_named_tuple(module, &entry_desc, "Entry", &state->entry) < 0)
		return -1;
	if (add_named_tuple(module, &info_desc, "Info", &state->info) < 0)
		return -1;
	if (add_named_tuple(module, &commit_desc, "Commit", &state->commit) < 0)
		return -1;
	return add_named_tuple(module, &verified_desc, "Verified", &state->verified);
}

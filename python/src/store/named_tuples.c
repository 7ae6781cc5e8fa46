/* python/store: the named tuples Entry, Info, Verified and Commit, which methods of Store
 * return. */
#include "store/named_tuples.h"

#include "docs.h"

static PyStructSequence_Field entry_fields[] = {
	{"key", PY_DOC_Entry_key},
	{"name", PY_DOC_Entry_name},
	{"bytes", PY_DOC_Entry_bytes},
	{"blocks", PY_DOC_Entry_blocks},
	{"generation", PY_DOC_Entry_generation},
	{NULL, NULL},
};

static PyStructSequence_Desc entry_desc = {
	.name = "ancient.Entry",
	.doc = PY_DOC_Entry,
	.fields = entry_fields,
	.n_in_sequence = 5,
};

static PyStructSequence_Field info_fields[] = {
	{"name", PY_DOC_Info_name},
	{"uuid", PY_DOC_Info_uuid},
	{"generation", PY_DOC_Info_generation},
	{"version", PY_DOC_Info_version},
	{"ocaml_version", PY_DOC_Info_ocaml_version},
	{"keys", PY_DOC_Info_keys},
	{"names", PY_DOC_Info_names},
	{"blocks", PY_DOC_Info_blocks},
	{"value_bytes", PY_DOC_Info_value_bytes},
	{"used", PY_DOC_Info_used},
	{"file_bytes", PY_DOC_Info_file_bytes},
	{"reserve", PY_DOC_Info_reserve},
	{"base", PY_DOC_Info_base},
	{"custom_slots", PY_DOC_Info_custom_slots},
	{"superseded", PY_DOC_Info_superseded},
	{"time", PY_DOC_Info_time},
	{"history", PY_DOC_Info_history},
	{"durable_used", PY_DOC_Info_durable_used},
	{"newest_generation", PY_DOC_Info_newest_generation},
	{"damaged_slot", PY_DOC_Info_damaged_slot},
	{"hidden_generation", PY_DOC_Info_hidden_generation},
	{NULL, NULL},
};

static PyStructSequence_Desc info_desc = {
	.name = "ancient.Info",
	.doc = PY_DOC_Info,
	.fields = info_fields,
	.n_in_sequence = 21,
};

static PyStructSequence_Field verified_fields[] = {
	{"extents", PY_DOC_Verified_extents},   {"blocks", PY_DOC_Verified_blocks},
	{"pointers", PY_DOC_Verified_pointers}, {"keys", PY_DOC_Verified_keys},
	{"names", PY_DOC_Verified_names},       {"bytes", PY_DOC_Verified_bytes},
	{"schemas", PY_DOC_Verified_schemas},   {NULL, NULL},
};

static PyStructSequence_Desc verified_desc = {
	.name = "ancient.Verified",
	.doc = PY_DOC_Verified,
	.fields = verified_fields,
	.n_in_sequence = 7,
};

static PyStructSequence_Field commit_fields[] = {
	{"generation", PY_DOC_Commit_generation},
	{"time", PY_DOC_Commit_time},
	{"published", PY_DOC_Commit_published},
	{"removed", PY_DOC_Commit_removed},
	{"keys", PY_DOC_Commit_keys},
	{"bytes", PY_DOC_Commit_bytes},
	{"used", PY_DOC_Commit_used},
	{NULL, NULL},
};

static PyStructSequence_Desc commit_desc = {
	.name = "ancient.Commit",
	.doc = PY_DOC_Commit,
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

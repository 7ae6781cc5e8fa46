/* python/store: Store.info(), what a file says about itself, as an Info. */
#include "store/info.h"

#include "store/log.h"
#include "store/store.h"

#include <stdio.h>

PyObject *py_uuid_text(const uint8_t *uuid)
{
	char text[37];
	size_t i, at = 0;

	for (i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		at += (size_t)snprintf(text + at, sizeof text - at, "%02x", uuid[i]);
	}
	return PyUnicode_FromString(text);
}

static PyObject *ocaml_version(uint32_t version)
{
	if (version == 0)
		Py_RETURN_NONE;
	return PyUnicode_FromFormat("%u.%u.%u", version / 10000, version / 100 % 100,
				    version % 100);
}

static PyObject *number_or_none(bool known, uint64_t number)
{
	if (!known)
		Py_RETURN_NONE;
	return PyLong_FromUnsignedLongLong(number);
}

static PyObject *info_record(struct py_snapshot *snapshot)
{
	struct ancient_info info;
	PyObject *record, *time;
	Py_ssize_t at = 0, i;

	ancient_file_info(snapshot->file, &info);
	time = py_time(snapshot->state, info.time);
	if (time == NULL)
		return NULL;
	record = PyStructSequence_New(snapshot->state->info);
	if (record == NULL) {
		Py_DECREF(time);
		return NULL;
	}
	const uint64_t numbers[] = {info.key_count,   info.name_count, info.block_count,
				    info.value_bytes, info.used,       info.file_bytes,
				    info.reserve,     info.base,       info.custom_slots};
	PyStructSequence_SetItem(record, at++, Py_NewRef(snapshot->name));
	PyStructSequence_SetItem(record, at++, py_uuid_text(info.uuid));
	PyStructSequence_SetItem(record, at++, PyLong_FromUnsignedLongLong(info.generation));
	PyStructSequence_SetItem(
		record, at++,
		PyUnicode_FromFormat("%u.%u", info.version >> 16, info.version & 0xFFFF));
	PyStructSequence_SetItem(record, at++, ocaml_version(info.ocaml_version));
	for (i = 0; i < (Py_ssize_t)Py_ARRAY_LENGTH(numbers); i++)
		PyStructSequence_SetItem(record, at++, PyLong_FromUnsignedLongLong(numbers[i]));
	PyStructSequence_SetItem(record, at++, PyBool_FromLong(info.superseded));
	PyStructSequence_SetItem(record, at++, time);
	PyStructSequence_SetItem(record, at++, PyLong_FromUnsignedLongLong(info.history));
	PyStructSequence_SetItem(record, at++, PyLong_FromUnsignedLongLong(info.durable_used));
	PyStructSequence_SetItem(record, at++, PyLong_FromUnsignedLongLong(info.newest_generation));
	PyStructSequence_SetItem(
		record, at++, number_or_none(info.damaged_slot >= 0, (uint64_t)info.damaged_slot));
	PyStructSequence_SetItem(
		record, at, number_or_none(info.hidden_generation != 0, info.hidden_generation));
	if (PyErr_Occurred())
		Py_CLEAR(record);
	return record;
}

PyObject *py_store_info(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	PyObject *record;

	if (snapshot == NULL)
		return NULL;
	record = info_record(snapshot);
	Py_DECREF(snapshot);
	return record;
}

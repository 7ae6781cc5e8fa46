/* c-reader: interim: what the next commit brings. */
#include "reader.h"

enum ancient_code ancient_value_dump(const struct ancient_file *file, struct ancient_value value,
				     const struct ancient_dump_options *options,
				     struct ancient_error *err)
{
	(void)value;
	(void)options;
	return reader_refuse(file->name, err, ANCIENT_E_SYSTEM, "dump comes next");
}

enum ancient_code ancient_hashtbl_find_string(const struct ancient_file *file,
					      struct ancient_value table, const char *bytes,
					      size_t length, struct ancient_value *ret_value,
					      struct ancient_error *err)
{
	(void)table;
	(void)bytes;
	(void)length;
	(void)ret_value;
	return reader_refuse(file->name, err, ANCIENT_E_SYSTEM, "hash tables come next");
}

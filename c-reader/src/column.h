/* c-reader: columns (ancient_schema.h, Columns): what column.c and scan*.c share. */
#ifndef ANCIENT_READER_COLUMN_H
#define ANCIENT_READER_COLUMN_H

#include "typed.h"

/* What a step does with a value of the type `type` of the schema. */
enum column_step_kind {
	COLUMN_FIELD = 1, /* field or part `index` of a record or tuple that is a block */
	COLUMN_ARGUMENT,  /* argument `argument` of constructor `index` */
	COLUMN_RESULT,    /* Ok where index is 0, Error where it is 1 */
	COLUMN_OPTION,
	COLUMN_REF,
	COLUMN_LAZY,
};

#endif

/* c-reader/base: the shortest decimal of a double, for JSON. */
#ifndef ANCIENT_READER_DOUBLE_TEXT_H
#define ANCIENT_READER_DOUBLE_TEXT_H

/* The shortest decimal that reads back as the same finite double, written as
 * 1.5, 1e+16, -0.0.  `out` has room for READER_DOUBLE_TEXT bytes. */
#define READER_DOUBLE_TEXT 40
void ancient_reader_double_text(double value, char *out);

#endif

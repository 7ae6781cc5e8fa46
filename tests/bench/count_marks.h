/* tests/bench: where callgrind begins and ends to count; see count_marks.c. */
#ifndef COUNT_MARKS_H
#define COUNT_MARKS_H

/* From here on instructions count. */
void count_start(void);

/* What was counted is written down as `path`, done so many times. */
void count_stop(const char *path, unsigned times);

#endif

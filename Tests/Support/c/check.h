/* A small test harness: cases with sentences for names, each in a process of its own. */
#ifndef CHECK_H
#define CHECK_H

#include <stddef.h>

typedef void (*check_function)(const void *argument);

/* Reads the command line (`-v` names every case, any other word selects the cases whose name
   contains it) and prepares the process. Call it once, before anything else. */
void check_start(int argc, char **argv);

/* Names the group that the next cases belong to. */
void check_suite(const char *name);

/* Runs one case in a child process, so that a crash or a hang fails that case alone. */
void check_case(const char *name, check_function run, const void *argument);

/* Says what the running case is busy with; printed when the case fails or dies. */
void check_note(const char *format, ...);

/* Prints a text, cut to a readable length, to explain the failure before it. */
void check_show(const char *label, const char *value);

/* How many checks of the running case failed, for a case that forks. */
int check_failures(void);

/* Marks the running case as impossible here, with the reason. */
void check_skip(const char *reason);

/* Prints the closing line, or leaves the counts in the file CHECK_COUNTS for whoever adds up
   several programs. Returns the exit code of the program. */
int check_finish(void);

/* A failed check is reported and the case goes on; the macros give 1 when the check held, so that
   a case can stop where going on makes no sense. */
#define CHECK(condition) check_that((condition) ? 1 : 0, #condition, __FILE__, __LINE__)
#define CHECK_NUMBER(actual, expected) \
    check_number((long)(actual), (long)(expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_BYTES(actual, length, expected, expected_length) \
    check_bytes((actual), (length), (expected), (expected_length), #actual, __FILE__, __LINE__)

int check_that(int held, const char *condition, const char *file, int line);
int check_number(long actual, long expected, const char *what, const char *file, int line);
int check_text(const char *actual, const char *expected, const char *what, const char *file,
               int line);
int check_bytes(const char *actual, size_t length, const char *expected, size_t expected_length,
                const char *what, const char *file, int line);

#endif

/* How functions report failure: a status for the caller, a sentence for the user. */
#ifndef GD_BASE_STATUS_H
#define GD_BASE_STATUS_H

typedef enum gd_status {
    GD_OK = 0,
    GD_USAGE,    /* the command line, or a file that it names, is wrong; exit code 2 */
    GD_IO,       /* reading or writing failed after the start */
    GD_MEMORY,   /* memory could not be had */
    GD_BACKEND,  /* a compute library refused */
    GD_COMM,     /* a message between ranks failed or came too late */
    GD_INTERNAL, /* a promise within the program was broken */
    GD_STOPPED,  /* told to stop, and can go on from a checkpoint; exit code 75, "try again" of sysexits.h */
} gd_status;

/* One sentence for the user. Each function that can fail takes one as its last parameter and fills it once,
 * where the cause is known; callers hand the status on and leave the sentence alone. */
typedef struct gd_error {
    char message[1024]; /* without a final newline */
} gd_error;

#define GD_CHECKED __attribute__((warn_unused_result))
#define GD_PRINTF(string, first) __attribute__((format(printf, string, first)))

/* Fills the sentence (printf-style: name the value and the remedy) and returns `status`, so that a detector
 * can `return gd_fail(...)`. `error` may be NULL. */
gd_status gd_fail(gd_error *error, gd_status status, const char *format, ...) GD_PRINTF(3, 4);

/* "out of memory for WHAT", where WHAT is the format's; returns GD_MEMORY. The format may end with a remedy:
 * "the windows of a step; use a smaller -ts". */
gd_status gd_no_memory(gd_error *error, const char *format, ...) GD_PRINTF(2, 3);

/* The exit code of the process for a status: 0, 2 for GD_USAGE, 75 for GD_STOPPED, 1 for all else. */
int gd_exit_code(gd_status status);

#endif

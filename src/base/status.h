/* Error reporting: a status for the caller and a message for the user. */
#ifndef GD_BASE_STATUS_H
#define GD_BASE_STATUS_H

typedef enum gd_status {
    GD_OK = 0,
    GD_USAGE,    /* wrong command line, or wrong file named by it; exit code 2 */
    GD_IO,       /* reading or writing failed during the render */
    GD_MEMORY,   /* out of memory */
    GD_BACKEND,  /* a compute library or device failed */
    GD_COMM,     /* communication between ranks failed or timed out */
    GD_INTERNAL, /* an internal invariant was violated */
    GD_STOPPED,  /* stopped on request, can resume from a checkpoint; exit code 75 (EX_TEMPFAIL of sysexits.h)
                  */
} gd_status;

/* A message of one sentence for the user. A function that can fail takes a gd_error as its last parameter.
 * The function that finds the cause fills it; callers return the status and do not change the message. */
typedef struct gd_error {
    char message[1024]; /* without a final newline */
} gd_error;

#define GD_CHECKED __attribute__((warn_unused_result))
#define GD_PRINTF(string, first) __attribute__((format(printf, string, first)))

/* Fills the message (printf-style: name the value and the remedy) and returns `status`, for use as `return
 * gd_fail(...)`. `error` may be NULL. */
gd_status gd_fail(gd_error *error, gd_status status, const char *format, ...) GD_PRINTF(3, 4);

/* Fills the message "out of memory for WHAT", where WHAT is the formatted text; returns GD_MEMORY. The format
 * may end with a remedy: "the windows of a step; use a smaller -ts". */
gd_status gd_no_memory(gd_error *error, const char *format, ...) GD_PRINTF(2, 3);

/* The exit code of the process: 0 for GD_OK, 2 for GD_USAGE, 75 for GD_STOPPED, else 1. */
int gd_exit_code(gd_status status);

#endif

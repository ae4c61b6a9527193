/* The kind of processor that all ranks compute as: the best that each of them can. */
#ifndef GD_JOB_COMMON_PROCESSOR_H
#define GD_JOB_COMMON_PROCESSOR_H

#include "base/status.h"
#include "kernels/backend.h"
#include "mpi/comm.h"

#include <stdint.h>

/* Plain data that can be broadcast. */
typedef struct gd_common_processor {
    int32_t kind;    /* of the backend's kinds; 0: not agreed on, each computes as it is */
    char words[400]; /* which rank keeps the others from what, in a sentence for the user; "": none does */
} gd_common_processor;

/* Agrees on the kind. Before a device is opened on any rank: precision, arithmetic and instruction set follow
 * from it. Collective. */
gd_status gd_common_processor_agree(gd_comm *comm, const gd_backend *backend, gd_common_processor *common,
                                    gd_error *error) GD_CHECKED;

/* GD_USAGE if a checkpoint with this numerics record was computed as on another kind of processor, with what
 * would go on: a setting, where one makes this processor compute like it, or `anew`. `path` is the
 * checkpoint's. Not collective. */
gd_status gd_common_processor_check_resume(const gd_common_processor *common, const gd_backend *backend,
                                           const char *numerics, const char *path, const char *anew,
                                           gd_error *error) GD_CHECKED;

#endif

/* Memory plan of a tape: the offset of every tensor and of every operation's scratch memory in one arena. */
#ifndef GD_NET_MEMORY_PLAN_H
#define GD_NET_MEMORY_PLAN_H

#include "net/tape.h"

#include <stddef.h>

/* Offsets of tensors and scratch memory in the arena. */
typedef struct gd_memory_plan {
    size_t *tensor_at;  /* owned; [tensor_count] bytes from the start, multiples of 64 */
    size_t *scratch_at; /* owned; [op_count] */
    size_t bytes;       /* size of the arena */
    int32_t peak_op;    /* an operation at which it is reached */
} gd_memory_plan;

/* Places tensors (tensor_bytes[tensor_count]) and each operation's scratch (scratch_bytes[op_count]) so that
 * those in use at the same time do not overlap. Deterministic. The caller frees the plan. */
gd_status gd_memory_plan_create(const gd_tape *tape, const size_t *tensor_bytes, const size_t *scratch_bytes,
                                gd_memory_plan *placement, gd_error *error) GD_CHECKED;
void gd_memory_plan_free(gd_memory_plan *placement);

#endif

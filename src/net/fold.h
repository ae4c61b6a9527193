/* Filters of a tape with batch norm folded in. */
#ifndef GD_NET_FOLD_H
#define GD_NET_FOLD_H

#include "net/tape.h"
#include "net/weights.h"

/* Values of a filter with batch norm folded in. */
typedef struct gd_filter_values {
    double *kernel; /* owned; [out, in, rows, cols] */
    double *bias;   /* owned; [out] */
} gd_filter_values;

/* Folds the weights into the filters of a tape: w' = w / sqrt(var + eps), b' = beta - mean / sqrt(var + eps)
 * (Ioffe and Szegedy 2015), times the residual scale. (*values)[tape->filter_count] is freed with
 * gd_filters_free. */
gd_status gd_filters_fold(const gd_tape *tape, const gd_net *net, const gd_weights *weights,
                          gd_filter_values **values, gd_error *error) GD_CHECKED;
void gd_filters_free(gd_filter_values *values, int32_t count);

#endif

/* The slow, obvious reference: a network's nodes evaluated one by one in float64, nothing fused, lowered or
 * left out of memory, and the way back by the book. */
#ifndef GD_TESTS_GRAPH_INTERPRETER_H
#define GD_TESTS_GRAPH_INTERPRETER_H

#include "net/net.h"
#include "net/objective.h"
#include "net/weights.h"

/* gradient[rows, cols, 3] = d objective / d window[rows, cols, 3]; *value (may be NULL) = the objective.
 * GD_MEMORY when memory is short. */
gd_status graph_gradient(const gd_net *net, const gd_weights *weights, const gd_objective *objective,
                         int32_t rows, int32_t cols, const float *window, double *gradient, double *value,
                         gd_error *error) GD_CHECKED;

/* values[channels, rows, cols] of the first term's node. GD_MEMORY when memory is short. */
gd_status graph_values(const gd_net *net, const gd_weights *weights, const gd_objective *objective,
                       int32_t rows, int32_t cols, const float *window, double *values,
                       gd_error *error) GD_CHECKED;

#endif

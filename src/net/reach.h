/* Receptive field, stride and cost of layers, in pixels of the picture. */
#ifndef GD_NET_REACH_H
#define GD_NET_REACH_H

#include "net/net.h"
#include "net/objective.h"

/* Reach of `node`: the larger side of its receptive field, in pixels. Stride: pixels between neighbouring
 * units, the product of the strides on the path to it. Formulas: Araujo et al. 2019, "Computing receptive
 * fields of convolutional neural networks". */
int32_t gd_net_reach(const gd_net *net, int32_t node);
int32_t gd_net_stride(const gd_net *net, int32_t node);

/* Multiply-adds of the forward pass up to `node`, for each pixel of a large window. */
double gd_net_cost(const gd_net *net, int32_t node);

/* The largest reach, and the largest stride, of the objective's nodes. */
int32_t gd_objective_reach(const gd_net *net, const gd_objective *objective);
int32_t gd_objective_stride(const gd_net *net, const gd_objective *objective);

#endif

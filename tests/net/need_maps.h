/* Which units the gradient of a focus needs, unit by unit: maps of single units, dilated along the edges of
 * the graph. The judge of the lowering's intervals; knows nothing of tapes. */
#ifndef GD_TESTS_NEED_MAPS_H
#define GD_TESTS_NEED_MAPS_H

#include "base/rect.h"
#include "net/net.h"
#include "net/objective.h"

/* Units, channels counted, that a tape computes which neither merges convolutions nor sums in place: forward
 * (values), and back (gradients). Concats and their parts are one tensor and so one rectangle; an average
 * pool that only a 1x1 convolution reads comes after it. For a focus that all nodes' fields meet. */
void need_maps_count(const gd_net *net, const gd_objective *objective, int32_t rows, int32_t cols,
                     gd_rect focus, int64_t *forward, int64_t *back);

#endif

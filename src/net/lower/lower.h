/* Lowering: turns a network and an objective into the tape for one window shape. */
#ifndef GD_NET_LOWER_LOWER_H
#define GD_NET_LOWER_LOWER_H

#include "net/lower/options.h"
#include "net/net.h"
#include "net/objective.h"
#include "net/tape.h"

/* Lowers `net` for windows of rows x cols pixels. `options` may be NULL. The caller frees the tape. GD_USAGE
 * if a side is below net->smallest_input, or if a tensor has 2^31 elements or more. */
gd_status gd_tape_lower(const gd_net *net, const gd_objective *objective, int32_t rows, int32_t cols,
                        const gd_lower_options *options, gd_tape **tape, gd_error *error) GD_CHECKED;

#endif

/* What pixel values a file's network was fed; private to this folder. */
#ifndef GD_NET_WEIGHTS_RANGE_H
#define GD_NET_WEIGHTS_RANGE_H

#include "net/weights.h"
#include "net/weights_file.h"

/* Makes the first convolution take [-1, 1], or refuses the file, by the rule in weights.h. */
gd_status gd_weights_settle_range(const gd_weights_file *file, const gd_net *net, gd_weights *weights,
                                  gd_error *error) GD_CHECKED;

#endif

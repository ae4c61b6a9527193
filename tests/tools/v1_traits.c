/* The traits of a version of Inception V1 like TensorFlow's. */
#include "tools/v1_traits.h"

#include "net/inception_v1.h"

gd_net_traits v1_traits_5h(void)
{
    gd_net_traits traits = gd_traits_bvlc;
    traits.late = true;
    traits.channels[3 + 2 * 6 + 2] = 204;
    traits.channels[3 + 7 * 6 + 3] = 48;
    traits.lrn[0] = (gd_lrn){.size = 11, .quarters = 2, .scale = 0.05, .bias = 2};
    traits.lrn[1] = (gd_lrn){.size = 9, .quarters = 3, .scale = 0.02, .bias = 1};
    for (int c = 0; c < 3; c++)
        traits.shift[c] = (127.5 - 117) / 127.5;
    return traits;
}

/* seed_weights FOLDER: writes small weights files into FOLDER, for the fuzz target to start from: the first
 * convolution of Inception V3, in each way in which strings are stored. */
#include "tools/keras_file.h"

#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words)
{
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    bool *first = net ? calloc((size_t)net->node_count, sizeof *first) : NULL;
    if (count != 2 || !first) {
        fprintf(stderr, "usage: seed_weights FOLDER\n");
        return 2;
    }
    first[1] = true; /* node 0 is the picture */
    gd_weights *weights = hash_weights_create(net, first);
    bool ok = weights;
    for (int32_t k = 0; ok && k < 4; k++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%d.h5", words[1], (int)k);
        const keras_file_options options = {
            .first_number = k, .state_range = k % 2, .range = {0, k > 1}, .variable_strings = k > 1};
        ok = keras_file_write(path, net, weights, &options);
    }
    gd_weights_free(weights);
    free(first);
    gd_net_free(net);
    return ok ? 0 : 1;
}

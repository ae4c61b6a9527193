/* write_hash_weights NETWORK FILE [FIRST]: a complete Keras "notop" HDF5 file of inceptionV3 or
 * inceptionResNet with the weights of hash_weights.h; the numbering begins at FIRST (default 1). */
#include "tools/keras_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    const bool v3 = argc > 1 && strcmp(argv[1], "inceptionV3") == 0;
    if (argc < 3 || argc > 4 || (!v3 && strcmp(argv[1], "inceptionResNet") != 0)) {
        fprintf(stderr, "usage: %s inceptionV3|inceptionResNet FILE [FIRST]\n", argv[0]);
        return 2;
    }
    gd_net *net = gd_net_create(v3 ? GD_INCEPTION_V3 : GD_INCEPTION_RESNET_V2);
    bool *all = net ? malloc((size_t)net->node_count * sizeof *all) : NULL;
    gd_weights *weights = NULL;
    if (all) {
        memset(all, true, (size_t)net->node_count * sizeof *all);
        weights = hash_weights_create(net, all);
    }
    const keras_file_options options = {.first_number = argc > 3 ? atoi(argv[3]) : 1, .state_range = true};
    const bool ok = weights && keras_file_write(argv[2], net, weights, &options);
    if (!ok)
        fprintf(stderr, "%s: cannot write %s\n", argv[0], argv[2]);
    gd_weights_free(weights);
    free(all);
    gd_net_free(net);
    return ok ? 0 : 1;
}

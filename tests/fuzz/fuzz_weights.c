/* The reader of weights on damaged and hostile files: what it holds, then the first convolution. HDF5's own
 * crashes stay in the process that reads, as they do for users; what a sanitizer finds there ends it without
 * a signal. */
#include "fuzz.h"

#include "base/apart/apart.h"
#include "net/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(gd_status status, const gd_error *error)
{
    fuzz_check(status, error);
    if (strstr(error->message, "(without a signal)"))
        abort();
}

static void read_weights(const char *path)
{
    gd_error error = {""};
    gd_weights *weights;
    int32_t first = 0;
    gd_apart_start(); /* there are no threads yet, and one server for all inputs */
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    bool *nodes = net ? calloc((size_t)net->node_count, sizeof *nodes) : NULL;
    if (!nodes)
        abort();
    check(gd_weights_probe(path, net, NULL, nodes, &error), &error);
    error.message[0] = '\0';
    memset(nodes, 0, (size_t)net->node_count * sizeof *nodes);
    while (net->nodes[first].kind != GD_NODE_CONV)
        first++;
    nodes[first] = true;
    check(gd_weights_load(path, net, nodes, NULL, &weights, &error), &error);
    gd_weights_free(weights);
    free(nodes);
    gd_net_free(net);
}

/* libFuzzer finds it by name. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    (void)most;
    return fuzz_scribble(data, bytes, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 8 || memcmp(data, "\x89HDF\r\n\x1A\n", 8) != 0)
        return -1; /* not for this target, nor for its corpus */
    fuzz_file(data, bytes, read_weights);
    return 0;
}

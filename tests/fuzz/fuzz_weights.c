/* The reader of weights on damaged and hostile files: what it holds, then the first convolution. */
#include "fuzz.h"

#include "net/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <hdf5.h>

static void check(gd_status status, const gd_error *error)
{
    if ((status != GD_OK) != (error->message[0] != '\0'))
        abort(); /* a failure without a sentence, or a sentence without a failure */
}

static void read_weights(const char *path, const gd_net *net, bool *nodes)
{
    gd_error error = {""};
    gd_weights *weights;
    int32_t first = 0;
    check(gd_weights_probe(path, net, nodes, &error), &error);
    error.message[0] = '\0';
    memset(nodes, 0, (size_t)net->node_count * sizeof *nodes);
    while (net->nodes[first].kind != GD_NODE_CONV)
        first++;
    nodes[first] = true;
    check(gd_weights_load(path, net, nodes, &weights, &error), &error);
    gd_weights_free(weights);
    if (H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL) != 0)
        abort(); /* something was left open */
}

/* Changes up to eight bytes in place: where things lie in the file stays as it is, so that what was changed
 * is looked at. libFuzzer finds it by name. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    (void)most;
    uint32_t random = seed;
    for (int i = 0; i <= (int)(seed % 8) && bytes > 0; i++) {
        random = random * 1664525 + 1013904223; /* Numerical Recipes' generator */
        const size_t at = (size_t)(random >> 8) % bytes;
        random = random * 1664525 + 1013904223;
        data[at] = random >> 31 ? (uint8_t)(random >> 16) : data[at] ^ (uint8_t)(1U << (random >> 28 & 7));
    }
    return bytes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 8 || memcmp(data, "\x89HDF\r\n\x1A\n", 8) != 0)
        return -1; /* not for this target, nor for its corpus */
    char path[64];
    int fd = memfd_create("weights", 0);
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    bool *nodes = net ? calloc((size_t)net->node_count, sizeof *nodes) : NULL;
    if (fd < 0 || write(fd, data, bytes) != (ssize_t)bytes || !nodes)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_weights(path, net, nodes);
    free(nodes);
    gd_net_free(net);
    close(fd);
    return 0;
}

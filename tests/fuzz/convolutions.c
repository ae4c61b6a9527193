/* Asks a file of weights for the convolutions of a network, in this process, so that coverage sees it. */
#include "convolutions.h"

#include "fuzz.h"
#include "net/weights_reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* All convolutions of the network; the caller frees it. */
static gd_weights_request *request_of(const char *path, const gd_net *net)
{
    gd_weights_request *r = calloc(1, sizeof *r + (size_t)net->node_count * sizeof *r->convs);
    if (!r)
        abort();
    snprintf(r->path, sizeof r->path, "%s", path);
    for (int32_t n = 0; n < net->node_count; n++)
        if (net->nodes[n].kind == GD_NODE_CONV)
            r->convs[r->count++] = (gd_conv_layer){
                .node = net->nodes[n], .in = net->nodes[net->nodes[n].inputs[0]].channels, .first = n == 1};
    return r;
}

void fuzz_convolutions(const gd_weights_format *format, const char *path, int fd, const gd_net *net)
{
    gd_weights_request *request = request_of(path, net);
    gd_apart_answer nowhere = {open("/dev/null", O_WRONLY)};
    gd_error error = {""};
    fuzz_check(gd_weights_probe_as(format, request, fd, &nowhere, &error), &error);
    error.message[0] = '\0';
    fuzz_check(gd_weights_read_as(format, request, fd, &nowhere, &error), &error);
    request->count = 1; /* the first, which small files have */
    error.message[0] = '\0';
    fuzz_check(gd_weights_read_as(format, request, fd, &nowhere, &error), &error);
    close(nowhere.fd);
    free(request);
}

/* The reader of Caffe's and TensorFlow's files of Inception V1 on damaged and hostile ones: what they say
 * about the network, then all its convolutions. It runs here, in one process, so that coverage sees it. */
#include "fuzz.h"

#include "net/net.h"
#include "net/weights_v1.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
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

static void read_convolutions(const char *path, int fd, const gd_net *net)
{
    gd_weights_request *request = request_of(path, net);
    gd_apart_answer nowhere = {open("/dev/null", O_WRONLY)};
    gd_error error = {""};
    fuzz_check(gd_v1_probe_all(request, fd, &nowhere, &error), &error);
    error.message[0] = '\0';
    fuzz_check(gd_v1_read_all(request, fd, &nowhere, &error), &error);
    request->count = 1; /* the first, which small files have */
    error.message[0] = '\0';
    fuzz_check(gd_v1_read_all(request, fd, &nowhere, &error), &error);
    close(nowhere.fd);
    free(request);
}

static void read_file(const char *path)
{
    gd_error error = {""};
    gd_net_traits traits = {0};
    const gd_weights_request request = {.path = "fuzzed"};
    gd_apart_answer answer = {memfd_create("answer", 0)};
    const int fd = open(path, O_RDONLY);
    const gd_status status = gd_v1_traits(&request, fd, &answer, &error);
    fuzz_check(status, &error);
    if (status == GD_OK && pread(answer.fd, &traits, sizeof traits, 0) != (ssize_t)sizeof traits)
        abort();
    gd_net *net = gd_net_create_as(GD_INCEPTION_V1, &traits);
    if (!net)
        abort();
    read_convolutions(path, fd, net);
    gd_net_free(net);
    close(answer.fd);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_file(data, bytes, read_file);
    return 0;
}

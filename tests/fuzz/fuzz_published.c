/* The reader of Caffe's and TensorFlow's files of Inception V1 on damaged and hostile ones: what they say
 * about the network, then all its convolutions. It runs here, in one process, so that coverage sees it. */
#include "convolutions.h"
#include "fuzz.h"

#include "net/net.h"
#include "net/weights_v1.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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
    fuzz_convolutions(&gd_weights_v1, path, fd, net);
    gd_net_free(net);
    close(answer.fd);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_file(data, bytes, read_file);
    return 0;
}

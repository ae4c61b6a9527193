/* The reader of safetensors files on damaged and hostile ones: all convolutions of Inception V3. It runs
 * here, in one process, so that coverage sees it. */
#include "convolutions.h"
#include "fuzz.h"

#include "net/weights_torch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void read_file(const char *path)
{
    const int fd = open(path, O_RDONLY);
    gd_net *net = gd_net_create(GD_INCEPTION_V3);
    if (!net)
        abort();
    (void)gd_torch_begins(fd);
    fuzz_convolutions(&gd_weights_torch, path, fd, net);
    gd_net_free(net);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_file(data, bytes, read_file);
    return 0;
}

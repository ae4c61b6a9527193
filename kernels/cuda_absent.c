/* The CUDA backend's table in a build without CUDA: never available, and says how to get it. */
#include "kernels/backend.h"

#include <stdlib.h>

/* In a bundle with CUDA this program stands in for the one that is linked with CUDA's libraries, and
 * scripts/bundle/launch.sh says in the variable why. */
static gd_status refuse(gd_error *error)
{
    const char *why = getenv("GIGADREAM_WITHOUT_CUDA");
    if (why)
        return gd_fail(error, GD_BACKEND, "%.900s", why);
    return gd_fail(
        error, GD_USAGE,
        "this gigadream was built without CUDA; build it with -DGD_CUDA=ON (scripts/setup.sh --cuda brings "
        "the toolkit), or use --backend cpu");
}

static gd_status absent_open(const gd_device_options *options, gd_device **device, gd_error *error)
{
    *device = NULL;
    if (options->described)
        return gd_fail(
            error, GD_USAGE,
            "--device %.300s: what a GPU takes is asked of cuDNN, and this gigadream was built "
            "without CUDA; plan with one that was built with -DGD_CUDA=ON (scripts/setup.sh --cuda "
            "brings the toolkit; no GPU is needed), or leave --device out to plan for processors",
            options->described);
    return refuse(error);
}

static void absent_close(gd_device *device)
{
    (void)device;
}

static void absent_info(FILE *out)
{
    gd_error error;
    (void)!refuse(&error);
    fprintf(out, "cuda: not available: %s\n", error.message);
}

const gd_backend gd_backend_cuda = {
    .name = "cuda",
    .available = refuse,
    .info = absent_info,
    .open = absent_open,
    .close = absent_close,
};

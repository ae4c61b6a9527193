/* Finds a backend by name. */
#include "kernels/backend.h"

#include <string.h>

const gd_backend *gd_backend_find(const char *name)
{
    if (strcmp(name, "cpu") == 0)
        return &gd_backend_cpu;
    if (strcmp(name, "cuda") == 0)
        return &gd_backend_cuda;
    if (strcmp(name, "reference") == 0)
        return &gd_backend_reference;
    return NULL;
}

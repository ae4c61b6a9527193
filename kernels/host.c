/* Functions shared by the backends that compute in host memory. */
#include "kernels/host.h"

#include <stdio.h>

gd_status gd_host_available(gd_error *error)
{
    (void)error;
    return GD_OK;
}

void gd_host_facts(const gd_device *device, gd_device_facts *facts)
{
    (void)device;
    *facts = (gd_device_facts){0};
    snprintf(facts->name, sizeof facts->name, "this host");
}

gd_memory *gd_host_memory(const gd_device *device)
{
    (void)device;
    return gd_memory_host();
}

gd_status gd_host_finish(gd_device *device, gd_error *error)
{
    (void)device;
    (void)error;
    return GD_OK;
}

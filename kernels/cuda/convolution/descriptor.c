/* Makes, sets, reads and destroys cuDNN's backend descriptors, and keeps the first failure. */
#include "kernels/cuda/convolution/descriptor.h"

#include <stdio.h>
#include <string.h>

/* The first line of cuDNN's last error message. */
static void keep_cause(gd_descriptors *all)
{
    char words[sizeof all->cause] = "";
    cudnnGetLastErrorString(words, sizeof words);
    words[sizeof words - 1] = '\0';
    words[strcspn(words, "\r\n")] = '\0';
    snprintf(all->cause, sizeof all->cause, "%s", words[0] ? words : cudnnGetErrorString(all->status));
}

void gd_descriptors_note(gd_descriptors *all, cudnnStatus_t status)
{
    if (status == CUDNN_STATUS_SUCCESS || all->status != CUDNN_STATUS_SUCCESS)
        return;
    all->status = status;
    keep_cause(all);
}

cudnnBackendDescriptor_t gd_descriptor_make(gd_descriptors *all, cudnnBackendDescriptorType_t type)
{
    cudnnBackendDescriptor_t made = NULL;
    if (all->status != CUDNN_STATUS_SUCCESS)
        return NULL;
    if (all->count == GD_DESCRIPTORS_MAX) {
        all->status = CUDNN_STATUS_INTERNAL_ERROR;
        snprintf(all->cause, sizeof all->cause, "more than %d descriptors", GD_DESCRIPTORS_MAX);
        return NULL;
    }
    gd_descriptors_note(all, cudnnBackendCreateDescriptor(type, &made));
    if (all->status == CUDNN_STATUS_SUCCESS)
        all->made[all->count++] = made;
    return made;
}

void gd_descriptor_set(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                       cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                       const void *values)
{
    if (all->status == CUDNN_STATUS_SUCCESS)
        gd_descriptors_note(all, cudnnBackendSetAttribute(descriptor, name, type, count, values));
}

void gd_descriptor_set_int(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                           cudnnBackendAttributeName_t name, int64_t value)
{
    gd_descriptor_set(all, descriptor, name, CUDNN_TYPE_INT64, 1, &value);
}

void gd_descriptor_set_link(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                            cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t other)
{
    gd_descriptor_set(all, descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &other);
}

void gd_descriptor_finalize(gd_descriptors *all, cudnnBackendDescriptor_t descriptor)
{
    if (all->status == CUDNN_STATUS_SUCCESS)
        gd_descriptors_note(all, cudnnBackendFinalize(descriptor));
}

int64_t gd_descriptor_get(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                          cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                          int64_t capacity, void *values)
{
    int64_t count = 0;
    if (all->status == CUDNN_STATUS_SUCCESS)
        gd_descriptors_note(all, cudnnBackendGetAttribute(descriptor, name, type, capacity, &count, values));
    return all->status == CUDNN_STATUS_SUCCESS ? count : 0;
}

void gd_descriptors_free(gd_descriptors *all)
{
    while (all->count > 0)
        cudnnBackendDestroyDescriptor(all->made[--all->count]);
    *all = (gd_descriptors){0};
}

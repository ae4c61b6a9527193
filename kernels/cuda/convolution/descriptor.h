/* cuDNN's backend descriptors, owned in one place. Private to this folder. */
#ifndef GD_CUDA_CONVOLUTION_DESCRIPTOR_H
#define GD_CUDA_CONVOLUTION_DESCRIPTOR_H

#include "base/status.h"

#include <cudnn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GD_DESCRIPTORS_MAX = 96 };

/* Descriptors that live and die together. The first failure stays, and what comes after it does nothing, so
 * that a graph is written down without a check a line. */
typedef struct gd_descriptors {
    cudnnBackendDescriptor_t made[GD_DESCRIPTORS_MAX]; /* owned */
    int32_t count;
    cudnnStatus_t status;
    char cause[256]; /* cuDNN's own words about it, "" before */
} gd_descriptors;

/* NULL after a failure. */
cudnnBackendDescriptor_t gd_descriptor_make(gd_descriptors *all, cudnnBackendDescriptorType_t type);
void gd_descriptor_set(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                       cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                       const void *values);
void gd_descriptor_set_int(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                           cudnnBackendAttributeName_t name, int64_t value);
void gd_descriptor_set_link(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                            cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t other);
void gd_descriptor_finalize(gd_descriptors *all, cudnnBackendDescriptor_t descriptor);

/* How many values the attribute has; at most `room` are read to `values`, which holds made descriptors where
 * the type is CUDNN_TYPE_BACKEND_DESCRIPTOR. room 0: only counts. */
int64_t gd_descriptor_get(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                          cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t room,
                          void *values);

/* Destroys them, last made first, and empties the list. */
void gd_descriptors_free(gd_descriptors *all);

/* Keeps the first failure. */
void gd_descriptors_note(gd_descriptors *all, cudnnStatus_t status);

#endif

/* A list that owns descriptors of cuDNN's backend API. Private to this folder. */
#ifndef GD_CUDA_CONVOLUTION_DESCRIPTOR_H
#define GD_CUDA_CONVOLUTION_DESCRIPTOR_H

#include "base/status.h"

#include <cudnn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GD_DESCRIPTORS_MAX = 96 };

/* Descriptors with one lifetime; all zero is an empty list. After the first failure, which is kept, all
 * functions do nothing, so that callers check `status` once at the end. */
typedef struct gd_descriptors {
    cudnnBackendDescriptor_t made[GD_DESCRIPTORS_MAX]; /* owned */
    int32_t count;
    cudnnStatus_t status;
    char cause[256]; /* cuDNN's message about the failure; "": none yet */
} gd_descriptors;

/* Creates a descriptor, which the list owns; NULL after a failure. Attributes are set before it is finalized,
 * and it can be used by others after that. `set_int` sets one int64, `set_link` one other descriptor. */
cudnnBackendDescriptor_t gd_descriptor_make(gd_descriptors *all, cudnnBackendDescriptorType_t type);
void gd_descriptor_set(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                       cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, int64_t count,
                       const void *values);
void gd_descriptor_set_int(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                           cudnnBackendAttributeName_t name, int64_t value);
void gd_descriptor_set_link(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                            cudnnBackendAttributeName_t name, cudnnBackendDescriptor_t other);
void gd_descriptor_finalize(gd_descriptors *all, cudnnBackendDescriptor_t descriptor);

/* Reads an attribute: at most `capacity` values into values[capacity], which must hold created descriptors if
 * the type is CUDNN_TYPE_BACKEND_DESCRIPTOR. Returns the number of values that it has; 0 after a failure.
 * capacity 0: only counts. */
int64_t gd_descriptor_get(gd_descriptors *all, cudnnBackendDescriptor_t descriptor,
                          cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                          int64_t capacity, void *values);

/* Destroys all descriptors, in reverse order, and empties the list. */
void gd_descriptors_free(gd_descriptors *all);

/* Records `status` and cuDNN's message if it is the first failure. */
void gd_descriptors_note(gd_descriptors *all, cudnnStatus_t status);

#endif

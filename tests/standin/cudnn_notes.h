/* What a program set of its descriptors. Under gd_standin_lock, all of it. */
#ifndef GD_STANDIN_CUDNN_NOTES_H
#define GD_STANDIN_CUDNN_NOTES_H

#include <cudnn.h>
#include <stdbool.h>
#include <stdint.h>

/* false: no memory. What is set of a descriptor that was not noted is not kept. */
bool gd_cudnn_note_made(cudnnBackendDescriptor_t descriptor, cudnnBackendDescriptorType_t type);
bool gd_cudnn_note_set(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                       cudnnBackendAttributeType_t type, int64_t count, const void *values);
void gd_cudnn_note_gone(cudnnBackendDescriptor_t descriptor);

/* Whether it is alive and of this type. */
bool gd_cudnn_note_is(cudnnBackendDescriptor_t descriptor, cudnnBackendDescriptorType_t type);
/* The values that were set, borrowed; NULL, and no count, where there are none. */
const void *gd_cudnn_note_get(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                              int64_t *count);

#endif

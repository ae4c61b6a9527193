/* What the parts of the stand-in's cuDNN share. The names __real_ and __wrap_ are the linker's (--wrap). */
#ifndef GD_STANDIN_CUDNN_INTERNAL_H
#define GD_STANDIN_CUDNN_INTERNAL_H

#include "standin/cudnn_plan.h"
#include "standin/internal.h"

#include <cudnn.h>

/* What a program holds as cudnnHandle_t. */
typedef struct gd_cudnn_handle {
    uint64_t magic;
    int device;
    cudaStream_t stream;
} gd_cudnn_handle;

/* The handle, or NULL with a sentence. */
gd_cudnn_handle *gd_cudnn_handle_of(const char *who, cudnnHandle_t handle);

/* The stand-in's device in cuDNN's own words, for cuDNN's descriptors; NULL when there is none. */
const char *gd_cudnn_device_json(void);

/* A variant pack, as it was set. */
enum { GD_PACK_MAX = 8 };
typedef struct gd_cudnn_pack {
    int64_t uid_count, pointer_count, uids[GD_PACK_MAX];
    void *pointers[GD_PACK_MAX], *workspace;
    bool finalized;
} gd_cudnn_pack;

/* What is known of a descriptor; NULL when nothing is. Kept until the descriptor is destroyed. */
const gd_cudnn_pack *gd_cudnn_pack_of(cudnnBackendDescriptor_t pack);
/* Read once; NULL with a sentence when the plan is none, or not understood. */
const gd_plan *gd_cudnn_plan_of(cudnnBackendDescriptor_t plan, int64_t *workspace);

cudnnStatus_t __real_cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                                  cudnnBackendDescriptor_t *made);
cudnnStatus_t __real_cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor);
cudnnStatus_t __real_cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor);
cudnnStatus_t __real_cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                              cudnnBackendAttributeName_t name,
                                              cudnnBackendAttributeType_t type, int64_t count,
                                              const void *values);

cudnnStatus_t __real_cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor,
                                              cudnnBackendAttributeName_t name,
                                              cudnnBackendAttributeType_t type, int64_t room, int64_t *count,
                                              void *values);

cudnnStatus_t __wrap_cudnnCreate(cudnnHandle_t *handle);
cudnnStatus_t __wrap_cudnnDestroy(cudnnHandle_t handle);
cudnnStatus_t __wrap_cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream);
cudnnStatus_t __wrap_cudnnGetStream(cudnnHandle_t handle, cudaStream_t *stream);
cudnnStatus_t __wrap_cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t type,
                                                  cudnnBackendDescriptor_t *made);
cudnnStatus_t __wrap_cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor);
cudnnStatus_t __wrap_cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor);
cudnnStatus_t __wrap_cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
                                              cudnnBackendAttributeName_t name,
                                              cudnnBackendAttributeType_t type, int64_t count,
                                              const void *values);
cudnnStatus_t __wrap_cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor,
                                              cudnnBackendAttributeName_t name,
                                              cudnnBackendAttributeType_t type, int64_t room, int64_t *count,
                                              void *values);
cudnnStatus_t __wrap_cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t plan,
                                         cudnnBackendDescriptor_t pack);

#endif

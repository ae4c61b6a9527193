/* A convolution as cuDNN sees it. Private to this folder, and to the stand-in of the tests. */
#ifndef GD_CUDA_CONVOLUTION_CONVOLUTION_GRAPH_H
#define GD_CUDA_CONVOLUTION_CONVOLUTION_GRAPH_H

#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/convolution/descriptor.h"

/* Names of the tensors within a graph. The first five are real memory, in the variant pack; the others are
 * values between two operations, which no memory holds. */
typedef enum gd_conv_uid {
    GD_UID_X = 1,
    GD_UID_W = 2,
    GD_UID_BIAS = 3,
    GD_UID_Y = 4,
    GD_UID_BEFORE = 5,  /* what y held before, in the same place */
    GD_UID_SUM = 10,    /* w * x */
    GD_UID_SUMMED = 12, /* w * x + y */
    GD_UID_BIASED = 11  /* all that there is before the ReLU */
} gd_conv_uid;

struct gd_cudnn {
    cudnnHandle_t handle; /* owned; NULL for a device that is only described */
    cudaStream_t stream;  /* borrowed */
    gd_descriptors own;
    cudnnBackendDescriptor_t device; /* its properties; of `own` */
};

struct gd_conv_plan {
    gd_conv_shape shape;
    int64_t workspace;   /* bytes */
    gd_descriptors made; /* graph, engine, its settings, plan */
    cudnnBackendDescriptor_t plan;
};

/* What an engine's notes say about it, one bit a note. */
typedef struct gd_engine_notes {
    uint64_t numerical, behaviour;
} gd_engine_notes;

gd_engine_notes gd_engine_notes_read(gd_descriptors *all, cudnnBackendDescriptor_t engine);
bool gd_engine_on_tensor_cores(gd_engine_notes notes);
/* Whether an engine with these notes must not be used for the shape. */
bool gd_engine_ruled_out(const gd_conv_shape *shape, gd_engine_notes notes);

/* The engine of a number, and a plan that has it do the graph with the knobs of a choice, whose workspace is
 * then in *workspace; all->status says whether they can be. */
cudnnBackendDescriptor_t gd_conv_engine(gd_descriptors *all, const gd_cudnn *cudnn,
                                        cudnnBackendDescriptor_t graph, int64_t index);
cudnnBackendDescriptor_t gd_conv_build(gd_descriptors *all, const gd_cudnn *cudnn,
                                       cudnnBackendDescriptor_t engine, const gd_conv_choice *choice,
                                       int64_t *workspace);

/* The operation graph of a shape; NULL when all->status says why. */
cudnnBackendDescriptor_t gd_conv_graph(gd_descriptors *all, const gd_conv_shape *shape);

#endif

/* Reads the notes of engines, and excludes engines that are not deterministic, not accurate enough or not
 * usable. */
#include "kernels/cuda/convolution/convolution_notes.h"

static uint64_t bit(int32_t note)
{
    return (uint64_t)1 << note;
}

static uint64_t read_list(gd_descriptors *all, cudnnBackendDescriptor_t engine,
                          cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type)
{
    int32_t notes[32]; /* both enums are of this size, and neither has as many notes */
    const int64_t count = gd_descriptor_get(all, engine, name, type, 32, notes);
    uint64_t bits = 0;
    for (int64_t n = 0; n < count && n < 32; n++)
        bits |= bit(notes[n]);
    return bits;
}

_Static_assert(sizeof(cudnnBackendNumericalNote_t) == sizeof(int32_t), "read_list reads them as int32_t");
_Static_assert(sizeof(cudnnBackendBehaviorNote_t) == sizeof(int32_t), "read_list reads them as int32_t");

/* Notes that exclude an engine for this shape.
 * - Nondeterministic: adds with atomics.
 * - Reduced precision reduction: partial sums are rounded to the tensors' type, while sums are float32 here.
 * - FFT and Winograd on 16-bit tensors: the transformed inputs are rounded once more, after sums that grow
 * them (Lavin and Gray 2016, arXiv:1509.09308); in float32 that costs a few units in the last place only.
 * Tiles of 6x6 and 13x13 are inaccurate in float32 as well.
 * - fp32 without tf32: engines on tensor cores, and those that convert inputs to a smaller type. */
static uint64_t unwanted(const gd_conv_shape *shape)
{
    uint64_t notes = bit(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC) |
                     bit(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION) | bit(CUDNN_NUMERICAL_NOTE_FFT) |
                     bit(CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_6x6) |
                     bit(CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_13x13);
    if (shape->type != GD_CUDA_F32)
        notes |= bit(CUDNN_NUMERICAL_NOTE_WINOGRAD) | bit(CUDNN_NUMERICAL_NOTE_WINOGRAD_TILE_4x4);
    else if (!gd_conv_wants_tensor_cores(shape))
        notes |= bit(CUDNN_NUMERICAL_NOTE_TENSOR_CORE) | bit(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS);
    return notes;
}

/* Engines that compile at run time need the driver and NVRTC, so that plans could not be made in advance:
 * they are for graphs that nothing else computes. Reordered filters are for int8. Support for *native* CUDA
 * graphs is not needed, because launches are captured from the stream. */
static uint64_t unusable(const gd_conv_shape *shape)
{
    return (shape->compiled ? 0 : bit(CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION)) |
           bit(CUDNN_BEHAVIOR_NOTE_REQUIRES_FILTER_INT8x32_REORDER) |
           bit(CUDNN_BEHAVIOR_NOTE_REQUIRES_BIAS_INT8x32_REORDER);
}

gd_engine_notes gd_engine_notes_read(gd_descriptors *all, cudnnBackendDescriptor_t engine)
{
    return (gd_engine_notes){
        read_list(all, engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE),
        read_list(all, engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE, CUDNN_TYPE_BEHAVIOR_NOTE),
    };
}

bool gd_engine_on_tensor_cores(gd_engine_notes notes)
{
    return notes.numerical & bit(CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
}

bool gd_engine_ruled_out(const gd_conv_shape *shape, gd_engine_notes notes)
{
    return notes.numerical & unwanted(shape) || notes.behaviour & unusable(shape);
}

/* What the .cu files see of CUDA when they are compiled for the host: their kernels become plain functions,
 * each of whose memory accesses is instrumented (-fsanitize=thread) and checked (access.cpp). */
#ifndef GD_STANDIN_DEVICE_H
#define GD_STANDIN_DEVICE_H

#include "standin/internal.h"

#include <cmath>
#include <cstring>
#include <tuple>
#include <type_traits>

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#undef __global__
#undef __device__
#undef __host__
#undef __forceinline__
#undef __shared__
#undef __constant__
#undef __launch_bounds__
#undef __grid_constant__
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static /* of one block, since one runs at a time */
#define __constant__
#define __launch_bounds__(...)
#define __grid_constant__

/* Which thread is current. */
struct gd_standin_thread {
    uint3 thread, block;
    dim3 block_size, grid_size;
};
extern "C" gd_standin_thread gd_standin_current;
#define threadIdx (gd_standin_current.thread)
#define blockIdx (gd_standin_current.block)
#define blockDim (gd_standin_current.block_size)
#define gridDim (gd_standin_current.grid_size)
#define warpSize 32

extern "C" void gd_barrier(void);
extern "C" double gd_shuffle_down(double value, unsigned delta);

/* Copies within kernels that the compiler would not instrument. */
extern "C" void *gd_standin_memcpy(void *to, const void *from, size_t bytes);
extern "C" void *gd_standin_memset(void *to, int value, size_t bytes);
#define memcpy gd_standin_memcpy
#define memset gd_standin_memset

/* Tells that the thread is about to access `bytes` at `address` atomically. */
extern "C" void gd_standin_atomic(void *address, size_t bytes);

template <typename T> static inline T atomicExch(T *address, T value)
{
    gd_standin_atomic(address, sizeof *address);
    return __atomic_exchange_n(address, value, __ATOMIC_RELAXED);
}

template <typename T> static inline T atomicOr(T *address, T value)
{
    gd_standin_atomic(address, sizeof *address);
    return __atomic_fetch_or(address, value, __ATOMIC_RELAXED);
}

template <typename T> static inline T atomicAdd(T *address, T value)
{
    static_assert(std::is_integral<T>::value, "atomic sums of floats depend on the order");
    gd_standin_atomic(address, sizeof *address);
    return __atomic_fetch_add(address, value, __ATOMIC_RELAXED);
}

template <typename T> static inline T __ldg(const T *address)
{
    return *address;
}

/* Accesses with hints for caches. They are whole; plain ones of float4 may be compiled here as four, each of
 * which is aligned. */
template <typename T> static inline void gd_standin_whole(const T *address)
{
    if ((uintptr_t)address % sizeof(T))
        gd_standin_fail("an access of %zu bytes is not aligned to its size: address %p", sizeof(T),
                        (const void *)address);
}

template <typename T> static inline T __ldca(const T *address)
{
    gd_standin_whole(address);
    return *address;
}

template <typename T> static inline T __ldcs(const T *address)
{
    gd_standin_whole(address);
    return *address;
}

template <typename T> static inline void __stwb(T *address, T value)
{
    gd_standin_whole(address);
    *address = value;
}

template <typename T> static inline void __stcs(T *address, T value)
{
    gd_standin_whole(address);
    *address = value;
}

template <typename T> static inline T min(T a, T b)
{
    return b < a ? b : a;
}

template <typename T> static inline T max(T a, T b)
{
    return a < b ? b : a;
}

static inline int __float_as_int(float value)
{
    int bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float __int_as_float(int bits)
{
    float value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

static inline int __popc(unsigned value)
{
    return __builtin_popcount(value);
}

/* A kernel and its arguments, as they were at the launch. */
template <typename... P> struct gd_standin_call {
    void (*kernel)(P...);
    std::tuple<P...> arguments;

    static void run(const void *from)
    {
        const gd_standin_call &call = *(const gd_standin_call *)from;
        std::apply(call.kernel, call.arguments);
    }
};

template <typename... P, typename... A>
static inline cudaError_t gd_standin_start(const char *name, const char *file, int line, dim3 grid,
                                           dim3 block, cudaStream_t stream, void (*kernel)(P...),
                                           A... arguments)
{
    static_assert((std::is_trivially_copyable<P>::value && ...), "arguments of kernels are copied as bytes");
    const gd_standin_call<P...> call = {kernel, std::tuple<P...>(arguments...)};
    const gd_standin_kernel launch = {name,  file,       line, grid, block, gd_standin_call<P...>::run,
                                      &call, sizeof call};
    return gd_standin_launch(stream, &launch);
}

#define GD_LAUNCH(kernel, grid, block, stream, ...)                                                          \
    gd_standin_start(#kernel, __FILE__, __LINE__, (grid), (block), (stream), kernel, __VA_ARGS__)

#endif

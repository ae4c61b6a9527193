/* Whether what a stream gets next comes after what another has got already. */
#ifndef GD_STANDIN_NCCL_ORDER_H
#define GD_STANDIN_NCCL_ORDER_H

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The last operation of a stream. */
typedef struct gd_standin_moment {
    uint32_t lane, sequence; /* 0, 0: none */
} gd_standin_moment;

gd_standin_moment gd_standin_last(cudaStream_t stream);
bool gd_standin_after(cudaStream_t stream, gd_standin_moment moment);

#ifdef __cplusplus
}
#endif

#endif

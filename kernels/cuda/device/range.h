/* Ranges of a profile (NVTX): what the calling thread does, or queues, between their ends. They nest. A call
 * costs a test of a pointer where no tool listens. */
#ifndef GD_CUDA_DEVICE_RANGE_H
#define GD_CUDA_DEVICE_RANGE_H

#include <stdint.h>

/* `number` is shown beside the name: which of its kind it is. */
void gd_range_begin(const char *name, int32_t number);
void gd_range_end(void);

#endif

/* The shortest way from a convolution to a finalized cuDNN plan, for tests. */
#ifndef GD_STANDIN_PLAN_OF_H
#define GD_STANDIN_PLAN_OF_H

#include "standin/convolve.h"

#include <cudnn.h>

enum { PLAN_X = 1, PLAN_W, PLAN_B, PLAN_Y, PLAN_DESCRIPTORS = 256 };

typedef struct plan_of {
    cudnnBackendDescriptor_t made[PLAN_DESCRIPTORS]; /* owned */
    int count;
    cudnnBackendDescriptor_t plan;
    int64_t workspace; /* bytes */
} plan_of;

/* Fails the test when there is none. Only engines that give the same bits each time; tf32 of `convolve` asks
 * for an engine of that kind (true) or for any other. */
void plan_make(cudnnHandle_t handle, const gd_convolve *convolve, plan_of *plan);
void plan_free(plan_of *plan);

/* Owned by the plan. */
cudnnBackendDescriptor_t plan_pack(plan_of *plan, int count, const int64_t *uids, void *const *pointers,
                                   void *workspace, bool finalize);

#endif

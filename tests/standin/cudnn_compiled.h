/* Plans whose engine a driver would compile: what they compute, from what was set of their descriptors. */
#ifndef GD_STANDIN_CUDNN_COMPILED_H
#define GD_STANDIN_CUDNN_COMPILED_H

#include "standin/cudnn_plan.h"

#include <cudnn.h>

/* Understands a convolution forward (+ z) (+ bias) (ReLU, with its mask), and backward-data (+ z) (x mask);
 * all else, tensors that do not fit each other or are gone included, gives false and a sentence in words.
 * Invents the workspace, which for one engine is beyond any budget; another engine has the bits of masks in
 * an order of its own. Under gd_standin_lock. */
bool gd_cudnn_compile(cudnnBackendDescriptor_t plan, gd_plan *compiled, int64_t *workspace,
                      char words[GD_PLAN_WORDS]);

#endif

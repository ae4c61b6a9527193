/* The cache file of timed choices. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_AUTOTUNE_CACHE_H
#define GD_KERNELS_CUDA_CONVOLUTION_AUTOTUNE_CACHE_H

#include "kernels/cuda/convolution/choices.h"

#include <stdbool.h>
#include <stddef.h>

/* The file of what was timed on this kind of device with this version of cuDNN, in $XDG_CACHE_HOME/gigadream
 * or ~/.cache/gigadream. false: there is no such folder to be had. */
bool gd_autotune_path(const char *device, char *path, size_t bytes);

/* Fills an empty record from the cache. Without a file, or with one that is damaged or another device's, the
 * record stays empty and `remark` says why ("" when there is none). */
void gd_autotune_load(const char *device, gd_choices *known, gd_error *remark);

/* Writes the record beside the cache's file and renames it. GD_IO when it cannot, which is no reason to end a
 * run. */
gd_status gd_autotune_save(const char *device, const gd_choices *known, gd_error *error) GD_CHECKED;

#endif

/* The file that caches timed choices from one run to the next. Not collective. */
#ifndef GD_KERNELS_CUDA_CONVOLUTION_AUTOTUNE_CACHE_H
#define GD_KERNELS_CUDA_CONVOLUTION_AUTOTUNE_CACHE_H

#include "kernels/cuda/convolution/choices.h"

#include <stdbool.h>
#include <stddef.h>

/* Path of the cache for this kind of device (its name) and this version of cuDNN, in
 * $XDG_CACHE_HOME/gigadream or ~/.cache/gigadream. false: neither variable holds an absolute path, or the
 * path does not fit `bytes`. */
bool gd_autotune_path(const char *device, char *path, size_t bytes);

/* Fills an empty record from the cache. The record stays empty without a file, and if the file is damaged or
 * of another device; then remark->message says so (otherwise it is ""). The caller frees the record. */
void gd_autotune_load(const char *device, gd_choices *known, gd_error *remark);

/* Replaces the cache atomically: writes a new file and renames it. GD_IO if it cannot, with the remedy; the
 * render can go on without. */
gd_status gd_autotune_save(const char *device, const gd_choices *known, gd_error *error) GD_CHECKED;

#endif

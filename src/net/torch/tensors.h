/* Files of tensors as Hugging Face's library "safetensors" writes them: eight bytes for the length of a
 * header, the header, which is JSON, and the tensors' values, one tensor after another; private to net.
 * Nothing in a file is trusted. */
#ifndef GD_NET_TORCH_TENSORS_H
#define GD_NET_TORCH_TENSORS_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_TENSOR_RANK_MAX = 4 };

typedef struct gd_tensor {
    const char *name;                 /* borrowed from the header */
    const char *type;                 /* the same; "F32", ... */
    int32_t rank;                     /* above GD_TENSOR_RANK_MAX: more dimensions */
    int64_t dims[GD_TENSOR_RANK_MAX]; /* [rank] */
    int64_t begin, end;               /* of its bytes, behind the header */
} gd_tensor;

typedef struct gd_tensors {
    const char *path; /* borrowed; for messages */
    int fd;           /* borrowed */
    struct cJSON *header;
    gd_tensor *items; /* owned; [count], in the order of their bytes */
    int32_t count;
    int64_t data; /* where the values begin in the file */
} gd_tensors;

/* Whether the file of the descriptor begins as such files do. */
bool gd_tensors_begin(int fd);

/* Reads the header. GD_USAGE if it is damaged, or does not account for all bytes of the file. The caller
 * closes the file, also after a failure. */
gd_status gd_tensors_open(int fd, const char *path, gd_tensors *file, gd_error *error) GD_CHECKED;
void gd_tensors_close(gd_tensors *file);

/* The tensor of that name, or NULL. */
const gd_tensor *gd_tensors_find(const gd_tensors *file, const char *name);

/* What the header notes under that key, in __metadata__; NULL: nothing. */
const char *gd_tensors_note(const gd_tensors *file, const char *key);

/* Reads the values, of 16 or 32 bits, to out[product of the dimensions], which are those that the caller
 * wants. GD_USAGE if they are of another type, or not so many. */
gd_status gd_tensors_read(const gd_tensors *file, const gd_tensor *tensor, float *out,
                          gd_error *error) GD_CHECKED;

#endif

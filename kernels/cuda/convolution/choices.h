/* The record of which engine of cuDNN or which algorithm of cuBLASLt computes which convolution: decided by
 * rank 0, adopted by all ranks, and saved in the log, in checkpoints and in the cache of timed choices. */
#ifndef GD_CUDA_CONVOLUTION_CHOICES_H
#define GD_CUDA_CONVOLUTION_CHOICES_H

#include "base/status.h"
#include "kernels/cuda/convolution/convolution.h"
#include "kernels/cuda/product/product.h"

typedef struct gd_choice_entry {
    char *shape; /* owned; text of gd_conv_shape_text or gd_product_shape_text */
    bool is_product;
    gd_conv_choice choice;     /* of an engine */
    gd_product_choice product; /* of an algorithm */
} gd_choice_entry;

/* All zero is an empty record. */
typedef struct gd_choices {
    gd_choice_entry
        *entries; /* owned; sorted by shape, so that the record does not depend on the order of insertion */
    int32_t count;
    int64_t capacity;
} gd_choices;

enum { GD_CHOICES_MAX = 100000 };

/* Adds a choice, or replaces that of the same shape. GD_MEMORY, and GD_INTERNAL for a shape without text. */
gd_status gd_choices_add(gd_choices *choices, const gd_conv_shape *shape, const gd_conv_choice *choice,
                         gd_error *error) GD_CHECKED;
/* Borrowed until the next change of the record; NULL: no choice for this shape. */
const gd_conv_choice *gd_choices_find(const gd_choices *choices, const gd_conv_shape *shape);
/* The same for products. */
gd_status gd_choices_add_product(gd_choices *choices, const gd_product_shape *shape,
                                 const gd_product_choice *choice, gd_error *error) GD_CHECKED;
const gd_product_choice *gd_choices_find_product(const gd_choices *choices, const gd_product_shape *shape);
void gd_choices_free(gd_choices *choices); /* empties it */

/* The whole record as text, one line "SHAPE: CHOICE" for each entry; the caller frees *text. */
gd_status gd_choices_text(const gd_choices *choices, char **text, gd_error *error) GD_CHECKED;
/* Fills an empty record from such text; the caller frees it. GD_USAGE names the first line that is damaged or
 * a duplicate, and leaves the record empty. */
gd_status gd_choices_parse(const char *text, gd_choices *choices, gd_error *error) GD_CHECKED;

/* 64-bit FNV-1a hash of the text (Fowler, Noll, Vo), in hexadecimal. */
enum { GD_CHOICES_CHECKSUM = 17 };
void gd_choices_checksum(const gd_choices *choices, char checksum[GD_CHOICES_CHECKSUM]);

#endif

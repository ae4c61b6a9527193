/* The epilogue of a convolution: what is done to its results before they are stored. Which way of computing
 * convolutions does what of it itself is one table (epilogue.c); everything else asks here, and a new way is
 * new rows. */
#ifndef GD_CUDA_CONVOLUTION_EPILOGUE_H
#define GD_CUDA_CONVOLUTION_EPILOGUE_H

#include <stdbool.h>

/* Parts of an epilogue, in the order in which they are done. */
typedef enum gd_epilogue_part {
    GD_EPILOGUE_SUM = 1 << 0,      /* adds what the destination holds */
    GD_EPILOGUE_BIAS = 1 << 1,     /* forward only */
    GD_EPILOGUE_RELU = 1 << 2,     /* forward only */
    GD_EPILOGUE_MASK_OUT = 1 << 3, /* forward only: writes one bit for each result, set if above zero */
    GD_EPILOGUE_MASK_IN = 1 << 4,  /* backward only: results whose bit is not set become zero */
} gd_epilogue_part;

/* Ways of computing a convolution. */
typedef enum gd_conv_way {
    GD_WAY_GRAPH = 1 << 0,          /* a graph of cuDNN, by an engine that is compiled in advance */
    GD_WAY_PRODUCT = 1 << 1,        /* a product of cuBLASLt */
    GD_WAY_PRODUCT_MASKED = 1 << 2, /* a product of cuBLASLt that writes or applies the mask */
    GD_WAY_COMPILED = 1 << 3,       /* a graph of cuDNN, by an engine that is compiled at run time */
} gd_conv_way;

/* An epilogue by one way. */
typedef struct gd_epilogue {
    gd_conv_way way;
    unsigned fused; /* gd_epilogue_parts that the way's own kernel does */
    unsigned after; /* the others: one kernel of ours does them all, behind it */
} gd_epilogue;

/* Finds the first way, in the table's order, that can do `parts` (of gd_epilogue_part) among the allowed
 * `ways` (of gd_conv_way). False, and no way, if none can. */
bool gd_epilogue_find(bool backward, unsigned parts, unsigned ways, gd_epilogue *epilogue);

#endif

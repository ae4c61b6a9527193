/* Convolutions that a device computes without its tensor cores, although the precision is made for them. */
#ifndef GD_KERNELS_DEMOTION_H
#define GD_KERNELS_DEMOTION_H

#include <stdbool.h>
#include <stdint.h>

/* Of one tape. All zero: nothing is demoted. */
typedef struct gd_demotion {
    int32_t demoted, convolutions; /* number of those without, and of all */
    double demoted_flop, largest_flop,
        flop; /* of those without, of the largest one of them, and of the tape */
} gd_demotion;

enum { GD_DEMOTION_WORDS = 256 };

/* Writes "14 of 90 convolutions of a window of 11088 x 9432 pixels ...", with the remedy, for a tape of so
 * many rows and columns; "" if nothing is demoted. Returns whether something is. */
bool gd_demotion_text(const gd_demotion *demotion, int32_t rows, int32_t cols, char text[GD_DEMOTION_WORDS]);

/* Keeps in *worst the one with the larger share of demoted FLOP; true if that is now `other`. */
bool gd_demotion_worse(gd_demotion *worst, const gd_demotion *other);

#endif

/* Purposes of random values. */
#ifndef GD_BASE_RANDOM_PURPOSE_H
#define GD_BASE_RANDOM_PURPOSE_H

/* Values for different purposes are independent. */
typedef enum gd_random_purpose {
    GD_RANDOM_ROLL = 1,
    GD_RANDOM_NOISE = 2,
    GD_RANDOM_TIMING = 3 /* what convolutions are timed on */
} gd_random_purpose;

#endif

/* What a checkpoint holds besides its canvas. */
#ifndef GD_MPI_CHECKPOINT_DATA_H
#define GD_MPI_CHECKPOINT_DATA_H

#include <stdint.h>

typedef enum gd_checkpoint_text {
    GD_CHECKPOINT_PROGRAM,  /* the program's version */
    GD_CHECKPOINT_COMMAND,  /* the command line that was given */
    GD_CHECKPOINT_SETTLED,  /* the same with what was left open settled */
    GD_CHECKPOINT_NUMERICS, /* the numerics record */
    GD_CHECKPOINT_CHOICES,  /* how each operation is computed; "": the backend has no choice */
    GD_CHECKPOINT_TEXTS
} gd_checkpoint_text;

typedef struct gd_checkpoint_place {
    int64_t octave;               /* exponent */
    int64_t step;                 /* that comes next in it, from 0; after the last one: their number */
    int64_t base_rows, base_cols; /* of the picture */
    int64_t rows, cols;           /* of the canvas at this octave */
    double dpi_x, dpi_y;          /* of the input */
    /* Of the input's file (gd_checkpoint_sum); 0 for noise. */
    int64_t input_bytes, input_crc;
} gd_checkpoint_place;

typedef struct gd_checkpoint_opened gd_checkpoint_opened; /* the file, and what its first block says */

typedef struct gd_checkpoint {
    gd_checkpoint_place place;
    char *texts[GD_CHECKPOINT_TEXTS]; /* owned */
    int64_t *rolls;                   /* owned; [roll_count, 2]: dy, dx of a replay; NULL: none */
    int64_t roll_count;
    uint8_t *icc; /* owned; [icc_bytes] the input's colour profile; NULL: none */
    int64_t icc_bytes;
    gd_checkpoint_opened *opened; /* owned; set by gd_checkpoint_open, else NULL */
    uint32_t owner;               /* the user whose file it is; set by gd_checkpoint_open */
} gd_checkpoint;

#endif

/* The contents of a checkpoint except its canvas. */
#ifndef GD_MPI_CHECKPOINT_DATA_H
#define GD_MPI_CHECKPOINT_DATA_H

#include <stdint.h>

typedef enum gd_checkpoint_text {
    GD_CHECKPOINT_PROGRAM,  /* the program's version */
    GD_CHECKPOINT_COMMAND,  /* the command line */
    GD_CHECKPOINT_SETTLED,  /* the command line with all settings resolved */
    GD_CHECKPOINT_NUMERICS, /* the numerics record */
    GD_CHECKPOINT_CHOICES,  /* the algorithm of each operation; "": the backend has only one */
    GD_CHECKPOINT_GUIDE,    /* what is known of the guide; "": there is no guide */
    GD_CHECKPOINT_TEXTS
} gd_checkpoint_text;

/* Bytes of a text, of the choices and the guide: a line for each shape of each convolution, and digits for
 * each unit of a guide. */
enum { GD_CHECKPOINT_LONG_TEXT_MAX = 1 << 27 };

typedef struct gd_checkpoint_place {
    int64_t frame;  /* of a sequence, from 0 */
    int64_t octave; /* exponent; the one after the last: the frame is written, and the next one begins */
    int64_t step;   /* the next one in the octave, from 0; the number of steps if none is left */
    int64_t base_rows, base_cols; /* of the picture */
    int64_t rows, cols;           /* of the canvas at this octave */
    double dpi_x, dpi_y;          /* of the input */
    double mean[3], deviation[3]; /* of a sequence: each channel's, which frames keep */
    /* Of the input file (gd_checkpoint_sum); 0 for noise. */
    int64_t input_bytes, input_crc;
} gd_checkpoint_place;

typedef struct gd_checkpoint_opened gd_checkpoint_opened; /* the open file and its first block */

typedef struct gd_checkpoint {
    gd_checkpoint_place place;
    char *texts[GD_CHECKPOINT_TEXTS]; /* owned */
    int64_t *rolls;                   /* owned; [roll_count, 2]: dy, dx of a replay; NULL: none */
    int64_t roll_count;
    uint8_t *icc; /* owned; [icc_bytes] colour profile of the input; NULL: none */
    int64_t icc_bytes;
    gd_checkpoint_opened *opened; /* owned; set by gd_checkpoint_open, else NULL */
    uint32_t owner;               /* user id of the file's owner; set by gd_checkpoint_open */
} gd_checkpoint;

#endif

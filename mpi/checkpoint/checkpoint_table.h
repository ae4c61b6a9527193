/* The layout of a checkpoint's file, and its first block.
 *
 *   0         the first block: text, see checkpoint_table.c
 *   2048      HDF5 metadata, see checkpoint_hdf5.c
 *   8192      texts, rolls, icc, CRCs of the canvas's blocks
 *   n * 4096  the canvas, to the end of the file
 *
 * The place of each piece follows from the sizes alone, and the first block holds all sizes. No other part of
 * the file is used to find a piece. */
#ifndef GD_MPI_CHECKPOINT_TABLE_H
#define GD_MPI_CHECKPOINT_TABLE_H

#include "base/status.h"
#include "mpi/checkpoint/checkpoint_data.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GD_CHECKPOINT_FORMAT = 5,
    GD_CHECKPOINT_BLOCK = 2048, /* the first block; HDF5's user block */
    GD_CHECKPOINT_DATA = 8192,  /* end of the HDF5 metadata */
    GD_IDENTITY_MAX = 33        /* 128 random bits in hexadecimal, with a terminator */
};

/* Pieces of the file: the texts (gd_checkpoint_text), then these. */
enum {
    GD_PIECE_ROLLS = GD_CHECKPOINT_TEXTS, /* [count, 2] int64; may be missing */
    GD_PIECE_ICC,                         /* [bytes] uint8; may be missing */
    GD_PIECE_CRCS,                        /* [blocks] uint32 */
    GD_PIECE_CANVAS,                      /* [rows * cols * 3] float32, block after block of the curve */
    GD_PIECES
};

typedef struct gd_piece {
    int64_t at, bytes; /* at: offset in the file; bytes 0: missing */
} gd_piece;

/* The contents of the first block; plain data, so that it can be broadcast. */
typedef struct gd_checkpoint_table {
    char identity[GD_IDENTITY_MAX];
    gd_checkpoint_place place;
    gd_piece pieces[GD_PIECES];
    int64_t file_bytes;
    uint32_t rest; /* CRC-32 of everything between the first block and the canvas */
} gd_checkpoint_table;

/* A file opened by gd_checkpoint_open. */
struct gd_checkpoint_opened {
    int fd; /* owned */
    gd_checkpoint_table table;
};

/* An attribute of the HDF5 file for each field of gd_checkpoint_place. */
typedef struct gd_checkpoint_field {
    const char *name;
    size_t offset; /* in gd_checkpoint_place */
    bool whole;    /* int64_t; else double */
} gd_checkpoint_field;

extern const gd_checkpoint_field gd_checkpoint_fields[];
extern const int gd_checkpoint_field_count;
extern const char *const gd_piece_names[GD_PIECES];

/* Computes the place of all pieces and the file's length, from `place` and the sizes of texts, rolls and icc.
 * Returns NULL, or the end of a message about a value out of bounds, such as "states an octave beyond 1000".
 */
const char *gd_checkpoint_arrange(gd_checkpoint_table *table);

/* Prints the first block. */
void gd_checkpoint_print(const gd_checkpoint_table *table, char block[GD_CHECKPOINT_BLOCK]);

/* Reads the first block of an open file and checks it: bounds, and equality with the block that would be
 * printed. GD_USAGE if the file is not a checkpoint of this program, has another format or another length
 * than stated, or if the block is damaged. */
gd_status gd_checkpoint_parse(int fd, const char *path, gd_checkpoint_table *table,
                              gd_error *error) GD_CHECKED;

/* Prints the first block of an unfinished file: it has an identity, and every reader refuses it. */
void gd_checkpoint_print_unfinished(const char *identity, char block[GD_CHECKPOINT_BLOCK]);

/* Reads the identity of a file, finished or not; false: it has none. */
bool gd_checkpoint_identify(int fd, char identity[GD_IDENTITY_MAX]);

/* Whether a file begins like a checkpoint of any format. */
bool gd_checkpoint_begins(int fd);

/* The error for a checkpoint that cannot be used; `what` is the reason. */
gd_status gd_checkpoint_unusable(const char *path, const char *what, gd_error *error);

#endif

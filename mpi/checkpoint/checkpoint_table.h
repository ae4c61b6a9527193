/* The file of a checkpoint, as one process sees it.
 *
 *   0         the first block: text, see checkpoint_table.c
 *   2048      what HDF5 knows of the rest, see checkpoint_hdf5.c
 *   8192      texts, rolls, icc, CRCs of the canvas's blocks
 *   n * 4096  the canvas, to the end of the file
 *
 * Where each piece lies follows from the sizes alone, and the first block holds all of it: nothing else in
 * the file is trusted, and HDF5 does not read it. */
#ifndef GD_MPI_CHECKPOINT_TABLE_H
#define GD_MPI_CHECKPOINT_TABLE_H

#include "base/status.h"
#include "mpi/checkpoint/checkpoint_data.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GD_CHECKPOINT_FORMAT = 3,
    GD_CHECKPOINT_BLOCK = 2048, /* the first block; HDF5's user block */
    GD_CHECKPOINT_DATA = 8192,  /* what HDF5 knows ends before */
    GD_IDENTITY_MAX = 33        /* 128 random bits in hexadecimal, with an end */
};

/* Pieces of the file: the texts, by gd_checkpoint_text, and these. */
enum {
    GD_PIECE_ROLLS = GD_CHECKPOINT_TEXTS, /* [count, 2] int64; may be missing */
    GD_PIECE_ICC,                         /* [bytes] uint8; may be missing */
    GD_PIECE_CRCS,                        /* [blocks] uint32 */
    GD_PIECE_CANVAS,                      /* [rows * cols * 3] float32, block after block of the curve */
    GD_PIECES
};

typedef struct gd_piece {
    int64_t at, bytes; /* from the file's start; bytes 0: missing */
} gd_piece;

/* All that the first block says; plain data, so that it can be sent as it is. */
typedef struct gd_checkpoint_table {
    char identity[GD_IDENTITY_MAX];
    gd_checkpoint_place place;
    gd_piece pieces[GD_PIECES];
    int64_t file_bytes;
    uint32_t rest; /* CRC-32 of all between the first block and the canvas */
} gd_checkpoint_table;

/* A file that gd_checkpoint_open has open. */
struct gd_checkpoint_opened {
    int fd; /* owned */
    gd_checkpoint_table table;
};

/* An attribute of the file for each field of the place. */
typedef struct gd_checkpoint_field {
    const char *name;
    size_t offset; /* in gd_checkpoint_place */
    bool whole;    /* int64_t; else double */
} gd_checkpoint_field;

extern const gd_checkpoint_field gd_checkpoint_fields[];
extern const int gd_checkpoint_field_count;
extern const char *const gd_piece_names[GD_PIECES];

/* Sets where all pieces lie and the file's length, from the place and the bytes of texts, rolls and icc.
 * NULL, or what of these is beyond the bounds of any checkpoint, such as "states an octave beyond 1000". */
const char *gd_checkpoint_arrange(gd_checkpoint_table *table);

/* The first block. */
void gd_checkpoint_print(const gd_checkpoint_table *table, char block[GD_CHECKPOINT_BLOCK]);

/* What the first block of an open file says: read, bounded, and as it would be printed. GD_USAGE for a file
 * that is none of ours, of another format, damaged there, or of another length than it says. */
gd_status gd_checkpoint_parse(int fd, const char *path, gd_checkpoint_table *table,
                              gd_error *error) GD_CHECKED;

/* The first block of a file that is being written: it has an identity, and is refused by all who read it. */
void gd_checkpoint_print_unfinished(const char *identity, char block[GD_CHECKPOINT_BLOCK]);

/* The identity that a file states, finished or not; false: none. */
bool gd_checkpoint_identify(int fd, char identity[GD_IDENTITY_MAX]);

/* Whether a file begins as a checkpoint does, of whatever format. */
bool gd_checkpoint_begins(int fd);

/* Fills the sentence for what cannot be used; `what` says why. */
gd_status gd_checkpoint_unusable(const char *path, const char *what, gd_error *error);

#endif

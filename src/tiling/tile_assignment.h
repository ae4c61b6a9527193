/* Tile assignment of a step: its tiles, the rank that computes each tile, and the waves in which they are
 * exchanged. Arithmetic only; not collective. */
#ifndef GD_TILING_TILE_ASSIGNMENT_H
#define GD_TILING_TILE_ASSIGNMENT_H

#include "base/status.h"
#include "engine/engine.h"
#include "image/mask/mask.h"
#include "mpi/exchange/exchange.h"
#include "tiling/tiles.h"

#include <stdbool.h>
#include <stdint.h>

/* The mask of a step's canvas. */
typedef struct gd_step_mask {
    const gd_mask_cells *cells; /* borrowed; NULL: none */
    gd_extent full;             /* of the canvas, or of the one that it is a part of */
    gd_rect at;                 /* the canvas in it */
} gd_step_mask;

/* What a step divides a gradient by. */
typedef enum gd_normalize {
    GD_NORMALIZE_DEVIATION, /* all of it by its deviation */
    GD_NORMALIZE_LAPLACIAN  /* each of its bands by the root of its own mean square */
} gd_normalize;

typedef struct gd_step_parameters {
    int64_t tile, halo; /* pixels; multiples of the objective's stride, unless rules->tile_rounded is false */
    int64_t dy, dx;     /* the roll: rolled[y, x] = canvas[(y - dy) mod rows, (x - dx) mod cols] */
    double step_size;
    double smooth; /* sigma by which the gradient is smoothed, in pixels; 0: not at all */
    double tv;     /* weight of the total variation; 0: none */
    gd_normalize normalize;
    gd_cuts_kind cuts;
    gd_step_mask mask; /* tiles whose cores are black in it are left out */
} gd_step_parameters;

/* One axis of a step's canvas. The caller frees the cuts. */
gd_status gd_step_cut(const gd_engine *engine, int64_t extent, const gd_step_parameters *parameters,
                      gd_cuts *cuts, gd_error *error) GD_CHECKED;

/* The number of tiles of a step without those that a mask leaves out, and the total pixels of their windows.
 */
gd_status gd_step_windows(const gd_engine *engine, int64_t rows, int64_t cols,
                          const gd_step_parameters *parameters, int64_t *count, int64_t *area,
                          gd_error *error) GD_CHECKED;

/* Only the number of tiles. */
gd_status gd_step_tile_count(const gd_engine *engine, int64_t rows, int64_t cols,
                             const gd_step_parameters *parameters, int64_t *count,
                             gd_error *error) GD_CHECKED;

/* What the tape of a tile's window depends on. */
gd_window_shape gd_tile_shape(const gd_tile *tile);

typedef struct gd_tile_assignment {
    gd_tile *tiles;     /* owned; [tile_count], grouped by rank */
    int64_t tile_count; /* without those left out; may be 0 */
    int64_t left_out;   /* tiles that a mask leaves out */
    int64_t *first;     /* owned; [ranks + 1] each rank's first tile */
    int64_t rows, cols; /* of the canvas */
    int32_t ranks;
    int64_t longest;          /* the most tiles of a rank */
    int64_t area, focus_area; /* of the largest window and of the largest focus, pixels */
} gd_tile_assignment;

/* Assigns the tiles of a canvas to the first `ranks` ranks. A tile costs the multiply-adds of its gradient,
 * from its tape; its window's area if the engine has no objective. GD_USAGE if a window is too large. */
gd_status gd_tile_assignment_create(const gd_engine *engine, int64_t rows, int64_t cols, int32_t ranks,
                                    const gd_step_parameters *parameters, gd_tile_assignment *assignment,
                                    gd_error *error) GD_CHECKED;
void gd_tile_assignment_free(gd_tile_assignment *assignment);

/* The cost of the rank with the most over the mean of all ranks. */
double gd_tile_assignment_uneven(const gd_tile_assignment *assignment);

/* Number of windows of a rank in one wave: enough to share their halos and to keep `threads` threads busy
 * (the most of any rank), few enough to bound memory. The same on all ranks. */
int32_t gd_tile_assignment_wave_tiles(const gd_tile_assignment *assignment, int32_t threads);

/* Memory for the pixels and the gradients of two waves that alternate, of one rank. */
typedef struct gd_wave_buffers {
    int64_t window_floats, gradient_floats; /* from one window, and from one gradient, to the next */
    int32_t tiles[2];                       /* of even waves, and of odd waves: the last may have fewer */
} gd_wave_buffers;

/* The same on all ranks. `threads` as in gd_tile_assignment_wave_tiles. */
gd_wave_buffers gd_wave_buffers_of(const gd_tile_assignment *assignment, int32_t threads);

/* Whether buffers `held` are large enough for a step that needs `wanted`. */
bool gd_wave_buffers_serve(const gd_wave_buffers *held, const gd_wave_buffers *wanted);

/* Total bytes of the buffers. */
uint64_t gd_wave_buffers_bytes(const gd_wave_buffers *buffers);

/* The rank's tiles in a wave: [*begin, *end). */
void gd_tile_assignment_wave(const gd_tile_assignment *assignment, int32_t rank, int64_t wave,
                             int32_t wave_tiles, int64_t *begin, int64_t *end);

/* Lists all ranks' windows in a wave, rank after rank, and their cores, in canvas coordinates; both arrays
 * have the capacity wave_tiles * ranks. Returns their number; `pixels` is not set. */
size_t gd_tile_assignment_list(const gd_tile_assignment *assignment, const gd_step_parameters *parameters,
                               int64_t wave, int32_t wave_tiles, gd_window *windows, gd_window *cores);

#endif

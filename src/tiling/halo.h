/* Halo: the pixels around a core that its window also covers. */
#ifndef GD_TILING_HALO_H
#define GD_TILING_HALO_H

#include <stdbool.h>
#include <stdint.h>

/* Part of the numerics record: raised when cuts, halos, or the units that are computed of a window become
 * others, so that a checkpoint of before is not continued in another way. */
enum { GD_TILING_VERSION = 3 };

typedef enum gd_halo_kind { GD_HALO_AUTO, GD_HALO_EXACT, GD_HALO_PIXELS } gd_halo_kind;

/* Halo in pixels, a multiple of `stride`. EXACT: the objective's reach, so that the gradient is that of the
 * whole picture. AUTO: EXACT's where that is `cheap` (gd_halo_find); elsewhere the larger of 64 and a
 * sixteenth of the tile, but at most EXACT's. PIXELS: `pixels`. */
int64_t gd_halo(gd_halo_kind kind, int64_t pixels, int64_t reach, int64_t stride, int64_t tile, bool cheap);

#endif

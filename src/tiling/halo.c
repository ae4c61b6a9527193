/* Computes the size of the halo. */
#include "tiling/halo.h"

#include "base/minmax.h"
#include "base/round.h"

int64_t gd_halo(gd_halo_kind kind, int64_t pixels, int64_t reach, int64_t stride, int64_t tile, bool cheap)
{
    const int64_t exact = gd_round_up(reach, stride);
    if (kind == GD_HALO_EXACT || (kind == GD_HALO_AUTO && cheap))
        return exact;
    if (kind == GD_HALO_PIXELS)
        return gd_round_up(pixels, stride);
    return gd_min_i64(exact, gd_round_up(gd_max_i64(tile / 16, 64), stride));
}

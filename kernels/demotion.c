/* Says which convolutions a device computes without its tensor cores. */
#include "kernels/demotion.h"

#include <stdio.h>

static double share(const gd_demotion *d, double flop)
{
    return d->flop > 0 ? flop / d->flop : 0;
}

bool gd_demotion_text(const gd_demotion *d, int32_t rows, int32_t cols, char text[GD_DEMOTION_WORDS])
{
    text[0] = '\0';
    if (d->demoted == 0)
        return false;
    snprintf(text, GD_DEMOTION_WORDS,
             "%d of %d convolutions of a window of %d x %d pixels %s computed without tensor cores, %.1f %% "
             "of its FLOP, the largest of them %.1f %%: use a smaller -ts",
             d->demoted, d->convolutions, cols, rows, d->demoted == 1 ? "is" : "are",
             100 * share(d, d->demoted_flop), 100 * share(d, d->largest_flop));
    return true;
}

bool gd_demotion_worse(gd_demotion *worst, const gd_demotion *other)
{
    if (other->demoted == 0 || share(other, other->demoted_flop) <= share(worst, worst->demoted_flop))
        return false;
    *worst = *other;
    return true;
}

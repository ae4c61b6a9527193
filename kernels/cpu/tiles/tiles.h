/* Whether the processor's matrix tiles (Intel AMX) may be used by this process. */
#ifndef GD_KERNELS_CPU_TILES_TILES_H
#define GD_KERNELS_CPU_TILES_TILES_H

#include "kernels/cpu/tiles/convolution.h"

#include <stdbool.h>

/* What is asked about tiles, in this order, each only if the answers before it are yes. */
typedef struct gd_tile_answers {
    bool (*present)(void); /* by the processor */
    bool (*granted)(void); /* by the kernel, whose permission then holds for the process; NULL: this program
                              knows no tiles */
    bool (*alike)(void);   /* they give the bits of the emulation */
} gd_tile_answers;

/* Why tiles cannot be used, as the end of a sentence: "this processor has none"; NULL: they can. Without the
 * user's leave (`allowed`), nothing is asked of the kernel. */
const char *gd_tiles_missing(const gd_tile_answers *answers, bool allowed);

/* The function that computes in them, gd_tile_conv_amx: they are here, the user allows them, the system lets
 * this process use them, and they give the bits of the emulation. Otherwise NULL, and *missing says why not,
 * as the end of a sentence: "this processor has none". Asks the kernel for its permission, which then holds
 * for the process, and tries the tiles, once in a process, from whichever thread; without the user's leave,
 * nothing is asked or tried. */
gd_tile_function *gd_tiles_find(bool allowed, const char **missing);

#endif

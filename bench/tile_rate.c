/* Times a loop of tile products without loads and stores. Compiled for AMX where the compiler knows it. */
#include "tile_rate.h"

#ifdef GD_HAVE_AMX

#include "kernels/cpu/tiles/registers.h"

#include <time.h>

/* As a convolution has them: four sums, two tiles of pixels, two of weights. */
enum { ROUNDS = 20000, PRODUCTS = 4, TRIES = 20, ROW_FLOATS = 16 };

static double thread_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double time_rounds(void)
{
    const double start = thread_seconds();
    for (int i = 0; i < ROUNDS; i++) {
        TILE_MULTIPLY(NULL, 0, 4, 6);
        TILE_MULTIPLY(NULL, 1, 4, 7);
        TILE_MULTIPLY(NULL, 2, 5, 6);
        TILE_MULTIPLY(NULL, 3, 5, 7);
    }
    return thread_seconds() - start;
}

/* Each product: 16 rows and columns of sums, of 16 pairs. */
double tile_rate(void)
{
    gd_tile_config config = {.palette = 1};
    double least = 0;
    for (int t = 0; t < GD_TILES; t++) {
        config.rows[t] = GD_TILE_ROWS;
        config.row_bytes[t] = GD_TILE_ROW;
    }
    TILE_CONFIGURE(NULL, &config);
    TILE_ZERO(NULL, 0);
    TILE_ZERO(NULL, 1);
    TILE_ZERO(NULL, 2);
    TILE_ZERO(NULL, 3);
    TILE_ZERO(NULL, 4);
    TILE_ZERO(NULL, 5);
    TILE_ZERO(NULL, 6);
    TILE_ZERO(NULL, 7);
    for (int i = 0; i < TRIES; i++) {
        const double taken = time_rounds();
        if (i == 0 || taken < least)
            least = taken;
    }
    TILE_RELEASE(NULL);
    return 2.0 * GD_TILE_ROWS * ROW_FLOATS * 2 * ROW_FLOATS * PRODUCTS * ROUNDS / least;
}

#else

double tile_rate(void)
{
    return 0;
}

#endif

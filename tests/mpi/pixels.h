/* Planes and windows, in any memory, filled with values that tell where each pixel belongs. A failure fails
 * the test. */
#ifndef GD_TESTS_MPI_PIXELS_H
#define GD_TESTS_MPI_PIXELS_H

#include "mpi/exchange/exchange.h"

enum { PIXELS_GUARD = 5 /* floats after each row of a window, which nobody may touch */ };

/* To and from memory; they wait. */
void put_floats(gd_memory *memory, float *to, const float *values, size_t count);
void take_floats(gd_memory *memory, float *values, const float *from, size_t count);

/* A pixel's value, exact in float: turn tells one filling of a plane from another. */
float value_at(const gd_partition *partition, int64_t y, int64_t x, int channel, int turn);

void fill_plane(gd_plane *plane, int turn);
void poison_plane(gd_plane *plane); /* NaN */
void assert_plane(const gd_plane *plane, int turn);

/* A poisoned window of `rank`, with memory on that rank alone. */
gd_window make_window(const gd_comm *comm, gd_memory *memory, gd_rect rect, int32_t rank);
void fill_window(gd_memory *memory, const gd_partition *partition, const gd_window *window, int turn);
void assert_window(gd_memory *memory, const gd_partition *partition, const gd_window *window, int turn);
float *take_window(gd_memory *memory, const gd_window *window); /* to be freed; NULL on other ranks */
void free_windows(gd_memory *memory, gd_window *windows, int count);

#endif

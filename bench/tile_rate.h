/* The rate of tile products (Intel AMX) whose operands lie in registers: the most that this machine can do.
 */
#ifndef GD_BENCH_TILE_RATE_H
#define GD_BENCH_TILE_RATE_H

/* Floating-point operations for each processor second of one thread, the most of several tries. Only where
 * the backend computes in tiles, which has asked the system for them. 0: this build has no code for tiles. */
double tile_rate(void);

#endif

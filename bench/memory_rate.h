/* The rate of a copy in memory, and the bytes of operations that do little but move memory. */
#ifndef GD_BENCH_MEMORY_RATE_H
#define GD_BENCH_MEMORY_RATE_H

#include "net/tape.h"

/* Processor seconds of a copy of 64 MiB, the least of a few, by one thread; 0: no memory. */
double copy_seconds(void);

/* Bytes that it reads and writes. */
double copy_bytes(void);

/* Bytes that a pool, normalization, seed, mask or copy reads and writes: of its operands' values, `unit`
 * bytes each, its winners and masks, everything once. 0 for other operations. */
double op_bytes(const gd_tape *tape, const gd_op *op, double unit);

#endif

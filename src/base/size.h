/* Sizes of memory as text. */
#ifndef GD_BASE_SIZE_H
#define GD_BASE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a size as --memory takes it: a number (with a fraction, perhaps) and a unit, K, M, G or T, KiB and
 * so on, in any case; all are powers of 1024. Whole KiB, rounded down. False for anything else, and for less
 * than one. */
bool gd_size_parse(const char *text, uint64_t *bytes);

/* The shortest such text for these bytes: "2GiB", "2500MiB". */
void gd_size_text(uint64_t bytes, char text[32]);

/* "12.34 GiB", or in MiB or KiB what would be little of one. Returns text. */
enum { GD_AMOUNT_BYTES = 32 };
const char *gd_amount_text(double bytes, char text[GD_AMOUNT_BYTES]);

#endif

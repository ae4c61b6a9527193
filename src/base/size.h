/* Memory sizes as text. */
#ifndef GD_BASE_SIZE_H
#define GD_BASE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* Parses a size as given to --memory: a number, possibly with a fraction, and a unit (K, M, G, T, KiB and so
 * on, in any case; powers of 1024). *bytes is rounded down to whole KiB. False for any other text, and for
 * less than 1 KiB. */
bool gd_size_parse(const char *text, uint64_t *bytes);

/* The shortest text that gd_size_parse reads as `bytes`: "2GiB", "2500MiB". */
void gd_size_text(uint64_t bytes, char text[32]);

/* "12.34 GiB", or MiB or KiB for smaller amounts. Returns text. */
enum { GD_AMOUNT_BYTES = 32 };
const char *gd_amount_text(double bytes, char text[GD_AMOUNT_BYTES]);

#endif

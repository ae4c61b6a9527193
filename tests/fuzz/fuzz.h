/* What the fuzz targets share. */
#ifndef GD_TESTS_FUZZ_H
#define GD_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Called by libFuzzer with each input; a target takes those of its format. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Reads the bytes as a picture in a file that lies in memory. */
void fuzz_read(const uint8_t *data, size_t bytes);

#endif

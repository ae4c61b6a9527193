/* What the fuzz targets share. */
#ifndef GD_TESTS_FUZZ_H
#define GD_TESTS_FUZZ_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Called by libFuzzer with each input; a target takes those of its format. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Calls `read_it` with the name of a file that lies in memory and has these bytes. */
void fuzz_file(const uint8_t *data, size_t bytes, void (*read_it)(const char *path));

/* The bytes, to be changed; the caller frees them. */
uint8_t *fuzz_copy(const uint8_t *data, size_t bytes);

/* Ends the process unless a failure has a sentence, and a success none. */
void fuzz_check(gd_status status, const gd_error *error);

/* Changes up to eight bytes in place: where things lie in the file stays as it is, so that what was changed
 * is looked at. Returns `bytes`. */
size_t fuzz_scribble(uint8_t *data, size_t bytes, unsigned seed);

/* Reads the bytes as a picture in a file that lies in memory. */
void fuzz_read(const uint8_t *data, size_t bytes);

#endif

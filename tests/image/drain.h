/* Reads a file as far as it can be read, whatever it is: for damaged files. */
#ifndef GD_TESTS_IMAGE_DRAIN_H
#define GD_TESTS_IMAGE_DRAIN_H

#include "base/status.h"

/* Reads up to some thousand rows, one by one. The status of the first call that failed. */
gd_status drain(const char *path, gd_error *error) GD_CHECKED;

#endif

/* What the fuzz targets of weights share. */
#ifndef GD_TESTS_FUZZ_CONVOLUTIONS_H
#define GD_TESTS_FUZZ_CONVOLUTIONS_H

#include "net/net.h"
#include "net/weights_reader.h"

/* Probes and reads all convolutions of the network in the open file of that format, then its first one. */
void fuzz_convolutions(const gd_weights_format *format, const char *path, int fd, const gd_net *net);

#endif

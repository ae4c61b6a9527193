/* A history as a picture: SVG 1.1. */
#ifndef GD_RECORDS_HISTORY_SVG_H
#define GD_RECORDS_HISTORY_SVG_H

#include "records/history.h"

#include <stdbool.h>
#include <stdio.h>

/* Draws seconds a step by purpose, pixels a second, the gradient's deviation, time by phase, and the ranks
 * with their cores and memory. Has no names, paths or hosts, and needs nothing else to be shown. Errors are
 * left to ferror. */
void gd_history_svg(const gd_history *history, FILE *out);

/* Whether the file of `fd` begins as such a picture. */
bool gd_history_svg_is_ours(int fd);

#endif

/* --sheet: a page of small dreams of a photograph's middle, each of another layer or channel. */
#ifndef GD_CLI_SHEET_H
#define GD_CLI_SHEET_H

#include "base/status.h"
#include "mpi/comm.h"

#include <stdbool.h>

/* Runs a command line, as the program would. Collective; only rank 0's words count. */
typedef gd_status gd_sheet_render(void *context, int argc, char *const *argv, gd_error *error);

/* Whether the command asks for a sheet. */
bool gd_sheet_asked(int argc, char *const *argv);

/* Makes the folder PICTURE_dream_sheet, or the first with a number that is not there: the crop, a dream on it
 * for each cell by `render`, by all ranks, and index.html, which has the command of each. Collective. */
gd_status gd_sheet(gd_comm *comm, int argc, char *const *argv, gd_sheet_render *render, void *context,
                   gd_error *error) GD_CHECKED;

#endif

/* --sheet: a page of small dreams of a photograph's middle, each of another layer or channel. */
#ifndef GD_CLI_SHEET_H
#define GD_CLI_SHEET_H

#include "base/status.h"
#include "mpi/comm.h"
#include "options/layers/chosen.h"

#include <stdbool.h>

/* What runs command lines. Collective; only rank 0's words count. */
typedef struct gd_sheet_calls {
    /* Ranks the channels of a render that asks for it; all ranks get the layers with the channels' numbers.
     */
    gd_status (*rank)(void *context, int argc, char *const *argv, gd_chosen_layers *ranked, gd_error *error);
    /* Renders as the program would. */
    gd_status (*render)(void *context, int argc, char *const *argv, gd_error *error);
    void *context; /* borrowed */
} gd_sheet_calls;

/* Whether the command asks for a sheet. */
bool gd_sheet_asked(int argc, char *const *argv);

/* Makes the folder PICTURE_dream_sheet, or the first with a number that is not there: the crop, a dream on it
 * for each cell, by all ranks, and index.html, which has the command of each. Of a layer
 * without a range of channels the cells are its 48 strongest on the crop. Collective. */
gd_status gd_sheet(gd_comm *comm, int argc, char *const *argv, const gd_sheet_calls *calls,
                   gd_error *error) GD_CHECKED;

#endif

/* Where the weights are. Searched in order: --weights, $GIGADREAM_WEIGHTS (a file or a folder),
 * $XDG_DATA_HOME/gigadream (~/.local/share/gigadream), ../share/gigadream beside the program. The bundled
 * file goes before the official one, so that a command gives the same picture before and after a download. */
#ifndef GD_FILES_WEIGHTS_PATH_H
#define GD_FILES_WEIGHTS_PATH_H

#include "base/allowance.h"
#include "base/status.h"
#include "net/net.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_WEIGHTS_FOLDERS_MAX = 3, GD_WEIGHTS_FILES_MAX = 1 + 2 * GD_WEIGHTS_FOLDERS_MAX };

typedef struct gd_weights_file {
    char path[GD_PATH_MAX];
    bool *layers;       /* owned; [net->layer_count]: it holds all that the layer needs */
    char problem[1024]; /* why it cannot be used; "" when it can */
} gd_weights_file;

/* What was found, best first. */
typedef struct gd_weights_search {
    const gd_allowance *allowance; /* borrowed, while it is searched */
    gd_weights_file *files;        /* owned; [file_count] */
    int32_t file_count;
    bool *layers;            /* owned; [net->layer_count]: some file holds all that the layer needs */
    bool bundled;            /* the bundled file is among them, and can be used */
    char fetch[GD_PATH_MAX]; /* the script that downloads the official files */
} gd_weights_search;

/* Searches for weights of `net`, as options->weights says. GD_USAGE when a file that was named (by
 * --weights or $GIGADREAM_WEIGHTS) is not there or is not of use; finding nothing otherwise is left to
 * gd_weights_choose. Reads no values; `allowance` as for gd_weights_probe. The caller frees it. */
gd_status gd_weights_find(const gd_options *options, const gd_net *net, const gd_allowance *allowance,
                          gd_weights_search **search, gd_error *error) GD_CHECKED;
void gd_weights_search_free(gd_weights_search *search); /* NULL is fine */

/* The first file found that holds all of the objective's layers. GD_USAGE names the layer that no file holds
 * and the script that downloads it. */
gd_status gd_weights_choose(const gd_weights_search *search, const gd_options *options, const gd_net *net,
                            const gd_objective *objective, char path[GD_PATH_MAX],
                            gd_error *error) GD_CHECKED;

#endif

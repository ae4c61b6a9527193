/* Search for the weights, in this order: --weights, $GIGADREAM_WEIGHTS (a file or a folder),
 * $XDG_DATA_HOME/gigadream (~/.local/share/gigadream), ../share/gigadream beside the program. The bundled
 * file precedes the official one, so that a command gives the same picture before and after a download. */
#ifndef GD_FILES_WEIGHTS_PATH_H
#define GD_FILES_WEIGHTS_PATH_H

#include "base/allowance.h"
#include "base/status.h"
#include "files/data_folders.h"
#include "net/net.h"
#include "net/objective.h"
#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_WEIGHTS_FILES_MAX = 1 + 4 * GD_DATA_FOLDERS_MAX };

typedef struct gd_weights_file {
    char path[GD_PATH_MAX];
    bool *layers;         /* owned; [net->layer_count]: the file contains all weights for the layer */
    gd_net_traits traits; /* what it says about the network */
    char problem[1024];   /* why it cannot be used; "" if it can */
} gd_weights_file;

/* The files found, best first. */
typedef struct gd_weights_search {
    const gd_allowance *allowance; /* borrowed until gd_weights_choose has returned */
    gd_weights_file *files;        /* owned; [file_count] */
    int32_t file_count;
    bool *layers;            /* owned; [net->layer_count]: some file contains all weights for the layer */
    bool bundled;            /* the bundled file was found and can be used */
    char fetch[GD_PATH_MAX]; /* the script that downloads the official files */
} gd_weights_search;

/* Searches for weights of `net` according to options->weights. GD_USAGE if a named file (--weights or
 * $GIGADREAM_WEIGHTS) does not exist or cannot be used. Otherwise, gd_weights_choose reports an empty result.
 * Reads no values; `allowance` as for gd_weights_probe. The caller frees *search. */
gd_status gd_weights_find(const gd_options *options, const gd_net *net, const gd_allowance *allowance,
                          gd_weights_search **search, gd_error *error) GD_CHECKED;
void gd_weights_search_free(gd_weights_search *search); /* NULL is fine */

/* The first file that contains all of the objective's layers, borrowed from the search. If there is none,
 * GD_USAGE names a missing layer and the download script. */
gd_status gd_weights_choose(const gd_weights_search *search, const gd_options *options, const gd_net *net,
                            const gd_objective *objective, const gd_weights_file **chosen,
                            gd_error *error) GD_CHECKED;

#endif

/* The layers and channels that -ml names. */
#ifndef GD_OPTIONS_CHOSEN_H
#define GD_OPTIONS_CHOSEN_H

#include "net/graph.h"
#include "net/objective.h"

#include <stdint.h>

/* How a layer is measured: as --objective says, or by its own word. */
typedef enum gd_layer_measure { GD_LAYER_AS_OBJECTIVE, GD_LAYER_MEAN, GD_LAYER_L2 } gd_layer_measure;

/* What is taken from --guide. */
typedef enum gd_guide_way { GD_GUIDE_CHANNELS, GD_GUIDE_MATCH } gd_guide_way;

/* How the output's name came about: it was given, or is chosen, as a TIFF or by the picture's size. */
typedef enum gd_output_choice { GD_OUTPUT_NAMED, GD_OUTPUT_TIFF, GD_OUTPUT_BY_SIZE } gd_output_choice;

enum { GD_LAYERS_MAX = 64 };

/* In place of the first channel of a run: the `count` channels with the largest or smallest mean, of those
 * that are not named otherwise (options/layers/ranks.h). */
enum { GD_CHANNELS_STRONG = -1, GD_CHANNELS_WEAK = -2 };

typedef struct gd_layer_choice {
    char name[GD_NODE_NAME_MAX];
    double weight;
    gd_layer_measure measure;
    int32_t run, run_count; /* of channel_runs: the chosen channels, as given; 0: all */
} gd_layer_choice;

/* The layers of -ml by name, and their channels. Plain data. */
typedef struct gd_chosen_layers {
    gd_layer_choice layers[GD_LAYERS_MAX];
    int32_t layer_count;
    gd_channel_run channel_runs[GD_CHANNEL_RUNS_MAX];
    int32_t channel_run_count;
} gd_chosen_layers;

#endif

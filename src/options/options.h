/* The options: one field each, as given on the command line. */
#ifndef GD_OPTIONS_OPTIONS_H
#define GD_OPTIONS_OPTIONS_H

#include "image/kind.h"
#include "image/warp.h"
#include "kernels/backend.h"
#include "net/net.h"
#include "net/objective.h"
#include "options/layers/chosen.h"
#include "text/schedule.h"
#include "tiling/compat_rules.h"
#include "tiling/halo.h"
#include "tiling/tile_assignment.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_PATH_MAX = 4096, GD_OUTPUT_STEM_MAX = 256, GD_FRAMES_MAX = 100000 };

typedef enum gd_action {
    GD_ACTION_RENDER,
    GD_ACTION_HELP,
    GD_ACTION_VERSION,
    GD_ACTION_DEVICE_INFO,
    GD_ACTION_DUMP_TAPE,
    GD_ACTION_DRY_RUN
} gd_action;

/* The backend; AUTO is the GPU if there is one. */
typedef enum gd_backend_kind {
    GD_BACKEND_AUTO,
    GD_BACKEND_CUDA,
    GD_BACKEND_CPU,
    GD_BACKEND_REFERENCE
} gd_backend_kind;

/* The transport of pixels between ranks; AUTO is NCCL if each rank has its own GPU. */
typedef enum gd_transport_kind { GD_TRANSPORT_AUTO, GD_TRANSPORT_MPI, GD_TRANSPORT_NCCL } gd_transport_kind;

/* Unit of the interval between checkpoints. */
typedef enum gd_every { GD_EVERY_SECONDS, GD_EVERY_STEPS, GD_EVERY_OCTAVE } gd_every;

typedef struct gd_options {
    gd_action action;
    char input[GD_PATH_MAX]; /* path, or "random_noise" */
    bool bare;               /* the input was named without -img: what is not said is chosen, and not asked */
    char output[GD_PATH_MAX]; /* or "none"; "": not chosen yet, see gd_output_name_choose */
    gd_output_choice output_choice;
    int64_t max_dim;
    int64_t noise_rows, noise_cols; /* --size WxH; 0 when not given */
    bool enlarge;
    bool save_input;
    double print_width, print_height; /* --print, in cm; 0 when not given */
    double dpi;                       /* 0: not given, see gd_options_dpi */
    int32_t bits;
    gd_compression compression;
    gd_bigtiff bigtiff;
    bool pyramid;
    char preview[GD_PATH_MAX]; /* without ",PIXELS"; "": none */
    int32_t preview_pixels;    /* longest side */
    int32_t preview_every;     /* steps; 0: only after octaves */
    char web[GD_PATH_MAX];     /* folder of tiles for browsers; "": none */
    int32_t web_quality;       /* of its JPEGs, 1 to 100 */
    bool web_private;          /* names of files may be in its pages */
    gd_schedule tile;          /* pixels; start 0: unset (2048, 512 with --compat) */
    bool tile_auto;            /* -ts auto: as the device's memory allows; tile is unset */
    gd_schedule step_size;
    gd_schedule smooth; /* sigma in pixels; 0: off */
    double tv;          /* weight of the total variation; 0: off */
    gd_normalize normalize;
    double octave_scale;
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    bool octaves_auto;                /* -or auto: depends on the picture's size */
    bool keep_detail;
    bool keep_colors;
    double strength;                       /* of the dream over the input, 0 to 1 */
    char mask[GD_PATH_MAX];                /* a picture, or "none" */
    int32_t frames;                        /* of a sequence; 0: a picture */
    double blend;                          /* of the dream of the frame before in each frame of a video */
    char flow[GD_PATH_MAX];                /* of a video; a pattern, or "none" */
    double zoom, rotate, shift_x, shift_y; /* from frame to frame, see gd_motion */
    bool seed_per_frame;
    int32_t steps;
    gd_architecture architecture;
    gd_measure objective;
    char guide[GD_PATH_MAX]; /* a picture; "": none */
    gd_guide_way guide_way;
    gd_chosen_layers chosen; /* no layers: not given, invalid, or two numbers that are not resolved yet */
    int32_t layer_first, layer_end; /* if -ml was two numbers; else both -1 */
    char layers_wrong[256];         /* why -ml is invalid; "": it is valid, or not given */
    gd_halo_kind halo_kind;
    int64_t halo;
    gd_compat compat;
    uint64_t seed;
    gd_backend_kind backend;
    gd_precision precision;
    int32_t threads;           /* 0: all */
    uint64_t memory;           /* limit in bytes of a rank; 0: the host's limit */
    char scratch[GD_PATH_MAX]; /* folder; "": see gd_scratch_folder */
    char device[GD_PATH_MAX];  /* a name or a properties file, to plan for; "": the local one */
    gd_transport_kind transport;
    bool autotune, share_gpu;
    int32_t ranks;             /* to plan for; 0: the ranks of this run */
    char weights[GD_PATH_MAX]; /* file, "bundled", "official", "checksum:..." or "" */
    bool final_resize;
    char log[GD_PATH_MAX];    /* "": none */
    char replay[GD_PATH_MAX]; /* "": none */
    bool quiet;
    char checkpoint[GD_PATH_MAX]; /* "": NAME.EXT.checkpoint.h5, from the output */
    gd_every every;
    int64_t every_count;      /* seconds or steps */
    char resume[GD_PATH_MAX]; /* "": no checkpoint was named */
    bool restart;
    bool trust;               /* accept a checkpoint of another user */
    bool overwrite;           /* replace files that this program did not write */
    bool proof;               /* write a proof instead of the picture */
    char like[GD_PATH_MAX];   /* a picture or log whose look is used; "": none */
    char preset[GD_PATH_MAX]; /* a name, whose flags were put before those of the command; "": none */
    char sheet[GD_PATH_MAX];  /* "layers", or a layer, with a range of channels or none, of a contact sheet;
                                 "": none */
    char save_parameters[GD_PATH_MAX]; /* file to write the options to; "": none */
} gd_options;

/* The rules of --compat. */
const gd_compat_rules *gd_options_rules(const gd_options *options);

/* The name after the input of an output that was not named, without its extension: PICTURE_dream in the
 * current folder, noise_dream, or (--compat) output. */
void gd_options_output_stem(const gd_options *options, char stem[GD_OUTPUT_STEM_MAX]);

/* True if no picture is written, only tiles: -img_out none. */
bool gd_options_tiles_only(const gd_options *options);

/* True if the input is generated noise, not a file. */
bool gd_options_noise(const gd_options *options);

/* True if the dream is blended with the input at the end: --strength below 1, or --keep-colors. */
bool gd_options_blend(const gd_options *options);

/* True if the input is a pattern with a number placeholder, for the frames of a video. */
bool gd_options_inputs(const gd_options *options);

/* How a frame moves to the next one. */
gd_motion gd_options_motion(const gd_options *options);

/* True if gradients are smoothed in any step: --smooth above 0. */
bool gd_options_smooth(const gd_options *options);
/* True if --mask names a picture. */
bool gd_options_masked(const gd_options *options);

/* True if --flow names files. */
bool gd_options_flow(const gd_options *options);

/* True if the name of a file has a number placeholder behind its folder. */
bool gd_options_numbered(const char *path);

/* The checksum in a value of --weights such as "checksum:0123456789abcdef", or NULL for other values. */
const char *gd_weights_checksum(const char *weights);

/* Pixels an inch: --dpi, else 300 with --print, else 0 for the input's. */
double gd_options_dpi(const gd_options *options);

/* True if the network, and so layers and weights, are needed: -os 0 only resizes. */
bool gd_options_need_network(const gd_options *options);

/* True for actions that need the parameters of a render but do not render. */
bool gd_action_plans(gd_action action);

/* End of a message about a checkpoint that cannot be resumed: how to start again. */
const char *gd_options_restart_hint(const gd_options *options);

#endif

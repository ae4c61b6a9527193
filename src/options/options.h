/* What the command line says: a field for each option, as it was given. */
#ifndef GD_OPTIONS_OPTIONS_H
#define GD_OPTIONS_OPTIONS_H

#include "image/kind.h"
#include "kernels/backend.h"
#include "net/net.h"
#include "text/schedule.h"
#include "tiling/compat_rules.h"
#include "tiling/halo.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_PATH_MAX = 4096 };

typedef enum gd_action {
    GD_ACTION_RENDER,
    GD_ACTION_HELP,
    GD_ACTION_VERSION,
    GD_ACTION_DEVICE_INFO,
    GD_ACTION_DUMP_TAPE,
    GD_ACTION_DRY_RUN
} gd_action;

/* What computes; AUTO is the GPU where there is one. */
typedef enum gd_backend_kind {
    GD_BACKEND_AUTO,
    GD_BACKEND_CUDA,
    GD_BACKEND_CPU,
    GD_BACKEND_REFERENCE
} gd_backend_kind;

/* What carries pixels between ranks; AUTO is NCCL where ranks have GPUs of their own. */
typedef enum gd_transport_kind { GD_TRANSPORT_AUTO, GD_TRANSPORT_MPI, GD_TRANSPORT_NCCL } gd_transport_kind;

/* When a checkpoint is due. */
typedef enum gd_every { GD_EVERY_SECONDS, GD_EVERY_STEPS, GD_EVERY_OCTAVE } gd_every;

typedef struct gd_layer_choice {
    char name[GD_NODE_NAME_MAX];
    double weight;
} gd_layer_choice;

typedef struct gd_options {
    gd_action action;
    char input[GD_PATH_MAX]; /* path, or "random_noise" */
    char output[GD_PATH_MAX];
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
    char preview[GD_PATH_MAX]; /* without its pixels; "": none */
    int32_t preview_pixels;    /* longest side */
    int32_t preview_every;     /* steps; 0: octaves alone */
    gd_schedule tile;          /* pixels; start 0: unset (2048, 512 with --compat) */
    bool tile_auto;            /* -ts auto: what the device holds; tile is unset */
    gd_schedule step_size;
    double octave_scale;
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    bool octaves_auto;                /* -or auto, until rank 0 knows the picture's size */
    bool keep_detail;
    int32_t steps;
    gd_architecture architecture;
    gd_layer_choice layers[GD_TERMS_MAX];
    int32_t layer_count;            /* 0: not given, wrong, or two numbers that are not looked up yet */
    int32_t layer_first, layer_end; /* when -ml was two numbers; else both -1 */
    char layers_wrong[256];         /* why -ml cannot be used; "": it can, or was not given */
    gd_halo_kind halo_kind;
    int64_t halo;
    gd_compat compat;
    uint64_t seed;
    gd_backend_kind backend;
    gd_precision precision;
    int32_t threads;           /* 0: all */
    uint64_t memory;           /* most bytes of a rank; 0: as its host allows */
    char scratch[GD_PATH_MAX]; /* folder; "": see gd_scratch_folder */
    char device[GD_PATH_MAX];  /* a name or a file of properties, to plan for; "": the one here */
    gd_transport_kind transport;
    bool autotune, share_gpu;
    int32_t ranks;             /* to plan for; 0: those of this run */
    char weights[GD_PATH_MAX]; /* file, "bundled", "official", "checksum:..." or "" */
    bool final_resize;
    char log[GD_PATH_MAX];    /* "": none */
    char replay[GD_PATH_MAX]; /* "": none */
    bool quiet;
    char checkpoint[GD_PATH_MAX]; /* "": NAME.EXT.checkpoint.h5, after the output */
    gd_every every;
    int64_t every_count;      /* seconds or steps */
    char resume[GD_PATH_MAX]; /* "": no checkpoint was named to go on from */
    bool restart;
    bool trust;                        /* a checkpoint of another user */
    bool overwrite;                    /* files that this program did not write */
    bool proof;                        /* small pictures to look at instead of the picture */
    char like[GD_PATH_MAX];            /* a picture or log whose look was taken; "": none */
    char save_parameters[GD_PATH_MAX]; /* file for these options; "": none */
} gd_options;

/* What --compat changes. */
const gd_compat_rules *gd_options_rules(const gd_options *options);

/* Names the output after the input: PICTURE_dream.tif in the current folder, noise_dream.tif, or (--compat)
 * output. */
void gd_options_name_output(const gd_options *options, char output[GD_PATH_MAX]);

/* True when the input is noise to be made, not a file. */
bool gd_options_noise(const gd_options *options);

/* The checksum in a value of --weights, "checksum:0123456789abcdef", or NULL: it is no such value. */
const char *gd_weights_checksum(const char *weights);

/* Pixels an inch: those given, 300 for --print, else 0, which means the input's. */
double gd_options_dpi(const gd_options *options);

/* True when the network is needed, and so layers and weights: -os 0 only resizes. */
bool gd_options_need_network(const gd_options *options);

/* True for what needs the parameters of a render, and does not render. */
bool gd_action_plans(gd_action action);

/* How to start anew where a checkpoint cannot be gone on from: the end of a sentence. */
const char *gd_options_anew(const gd_options *options);

#endif

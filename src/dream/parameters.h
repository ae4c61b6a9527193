/* All that a render depends on beside its network and its input, and what its caller is told and may decide.
 */
#ifndef GD_DREAM_PARAMETERS_H
#define GD_DREAM_PARAMETERS_H

#include "base/file.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "image/writer_options.h"
#include "text/schedule.h"
#include "tiling/compat_rules.h"
#include "tiling/halo.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct gd_step_report {
    int32_t octave, step;    /* exponent; index within the octave, from 0 */
    const gd_canvas *canvas; /* borrowed; after the step */
    int64_t tile;            /* pixels */
    int64_t dy, dx;
    double step_size;
    double deviation; /* of the gradient; 0 on a rank that holds nothing of the octave */
    double seconds;
    double computing; /* seconds of them in which this rank computed: windows, and the update */
    double updating;  /* those of the update */
} gd_step_report;

/* What a rank wishes of a step's end; the largest wish of all ranks counts. */
typedef enum gd_step_request {
    GD_REQUEST_NONE,
    GD_REQUEST_SAVE, /* the canvas after this step */
    GD_REQUEST_STOP  /* leave this step undone, save the canvas before it, and end */
} gd_step_request;

/* Where the pixels of a render's first canvas, or of its input, come from. */
typedef enum gd_origin { GD_ORIGIN_FILE, GD_ORIGIN_NOISE, GD_ORIGIN_CHECKPOINT } gd_origin;

/* Canvases that are written: the first one, or the last. */
typedef enum gd_written { GD_WRITTEN_INPUT, GD_WRITTEN_RESULT } gd_written;

/* What the caller wants to be told, and may decide. Called on every rank; any may be NULL. */
typedef struct gd_render_hooks {
    void *context;
    /* Fills the first canvas, instead of the render; needed where it goes on. Collective. */
    gd_status (*first)(void *context, gd_canvas *canvas, gd_origin origin, gd_error *error);
    /* Writes a canvas: the first, where parameters->output_first asks for it, and the last. Collective. */
    gd_status (*write)(void *context, const gd_canvas *canvas, gd_written what, gd_error *error);
    gd_status (*step_done)(void *context, const gd_step_report *report, gd_error *error);
    /* Gives the roll of a step instead of the seed's; any integers, taken modulo the canvas. */
    gd_status (*roll)(void *context, int32_t octave, int32_t step, int64_t *dy, int64_t *dx, gd_error *error);
    /* Asked in each step, before the canvas changes, and once more when all steps are done (step is then
     * their number in the last octave). Ranks may wish different things. */
    gd_step_request (*wish)(void *context, int32_t octave, int32_t step);
    /* Saves a canvas, after which `step` comes next in its octave (the octave's number of steps: none). With
     * GD_REQUEST_STOP it must fail, with GD_STOPPED, and all ranks must agree on that. Collective. */
    gd_status (*save)(void *context, const gd_canvas *canvas, int32_t octave, int32_t step,
                      gd_step_request wish, gd_error *error);
    const atomic_bool *stop; /* borrowed; while it is true, the gradients of a step are abandoned, and `wish`
                                must give GD_REQUEST_STOP; false for ever when NULL */
} gd_render_hooks;

/* Where the input comes from again when the canvas grows, for the detail that smaller octaves lost. */
typedef enum gd_detail_kind {
    GD_DETAIL_NONE, /* nothing is added back */
    GD_DETAIL_FILE,
    GD_DETAIL_NOISE /* of the base size, resampled */
} gd_detail_kind;

/* Bytes of the process in the host's memory that the render itself does not take: for plans alone. */
typedef struct gd_outside {
    uint64_t base;           /* the program and its libraries */
    uint64_t reader;         /* rank 0, while the picture is read */
    uint64_t writer;         /* while it is written, beside the windows */
    uint64_t writer_windows; /* and the windows that it passes through; 0: a band of rows on rank 0 */
    uint64_t preview;        /* rank 0, now and then */
} gd_outside;

typedef struct gd_render_parameters {
    int64_t base_rows, base_cols;
    double octave_scale;
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    int32_t steps;                    /* an octave */
    gd_schedule tile, step_size;
    gd_halo_kind halo_kind;
    int64_t halo;                 /* GD_HALO_PIXELS */
    const gd_compat_rules *rules; /* borrowed; gd_compat_rules_of */
    uint64_t seed;
    gd_detail_kind detail;              /* NONE unless rules->keep_detail */
    const char *input;                  /* borrowed; the picture; NULL: noise */
    const char *input_folder;           /* borrowed; see gd_reader_open */
    const gd_file_identity *input_file; /* borrowed; what that file must be, on rank 0; NULL: any */
    bool final_resize;                  /* back to the base size */
    int32_t threads;                    /* windows computed at the same time */
    bool resumed; /* the canvas is an octave's canvas, before step `resume_step` of `resume_octave` */
    int32_t resume_octave, resume_step;
    gd_writer_options output; /* for plans: as what the last canvas is written, but for rows and cols; bits 0:
                                 it goes to rank 0 in bands */
    bool output_first;        /* the first canvas is written, too */
    gd_outside outside;
    gd_render_hooks hooks;
} gd_render_parameters;

#endif

/* Parameters of a render, and its callbacks. */
#ifndef GD_DREAM_PARAMETERS_H
#define GD_DREAM_PARAMETERS_H

#include "base/file.h"
#include "base/status.h"
#include "canvas/canvas.h"
#include "image/mask/mask.h"
#include "image/warp.h"
#include "image/writer_options.h"
#include "text/schedule.h"
#include "tiling/compat_rules.h"
#include "tiling/halo.h"
#include "tiling/tile_assignment.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct gd_step_report {
    int32_t octave, step;    /* exponent; index within the octave, from 0 */
    const gd_canvas *canvas; /* borrowed; after the step */
    int64_t tile;            /* pixels */
    int64_t dy, dx;
    double step_size;
    double deviation; /* of the gradient; 0 on a rank that holds no part of the octave */
    double seconds;
    double computing; /* the part in which this rank computed windows or the update */
    double updating;  /* the part of the update */
} gd_step_report;

/* What a rank requests at the end of a step; the largest request of all ranks counts. */
typedef enum gd_step_request {
    GD_REQUEST_NONE,
    GD_REQUEST_SAVE, /* the canvas after this step */
    GD_REQUEST_STOP  /* save the canvas before this step, and end */
} gd_step_request;

/* Origin of the pixels of the first canvas, or of the input. */
typedef enum gd_origin {
    GD_ORIGIN_FILE,
    GD_ORIGIN_NOISE,
    GD_ORIGIN_CHECKPOINT,
    GD_ORIGIN_MASK,
    GD_ORIGIN_FLOW
} gd_origin;

/* Canvases that are written: the first one, the last, or the input at the size of the last, after it. */
typedef enum gd_written { GD_WRITTEN_INPUT, GD_WRITTEN_RESULT, GD_WRITTEN_BESIDE } gd_written;

/* Mean and deviation of each channel. */
typedef struct gd_tone {
    bool known;
    double mean[3], deviation[3];
} gd_tone;

struct gd_render_parameters;

/* Callbacks, called on every rank; any may be NULL. */
typedef struct gd_render_hooks {
    void *context;
    /* Fills the first canvas, in place of the render itself; required for GD_ORIGIN_CHECKPOINT. Collective.
     */
    gd_status (*first)(void *context, gd_canvas *canvas, gd_origin origin, gd_error *error);
    /* Writes a canvas: the first one if parameters->output_first is set, the last, and with
     * parameters->beside the input. Collective. */
    gd_status (*write)(void *context, const gd_canvas *canvas, gd_written what, gd_error *error);
    /* Called after the steps of an octave. Collective. */
    gd_status (*octave_done)(void *context, const gd_canvas *canvas, int32_t octave, gd_error *error);
    /* A frame of a sequence begins, with these parameters, which stay until the next one begins. Names its
     * input where each has its own. */
    gd_status (*begin_frame)(void *context, struct gd_render_parameters *frame, gd_error *error);
    /* The tone that frames keep has been measured; not collective. */
    void (*toned)(void *context, const gd_tone *tone);
    gd_status (*step_done)(void *context, const gd_step_report *report, gd_error *error);
    /* Sets the roll of a step instead of the one drawn from the seed; any integers, taken modulo the canvas.
     */
    gd_status (*roll)(void *context, int32_t octave, int32_t step, int64_t *dy, int64_t *dx, gd_error *error);
    /* Called in each step, before the canvas changes, and once more after all steps (step is then their
     * number in the last octave). Ranks may return different requests. */
    gd_step_request (*request)(void *context, int32_t octave, int32_t step);
    /* Saves a canvas; `step` is the next step of its octave (equal to the number of steps if none is left).
     * With GD_REQUEST_STOP it must fail with GD_STOPPED on all ranks. Collective. */
    gd_status (*save)(void *context, const gd_canvas *canvas, int32_t octave, int32_t step,
                      gd_step_request request, gd_error *error);
    const atomic_bool *stop; /* borrowed; while it is true, the gradients of a step are abandoned, and
                                `request` must return GD_REQUEST_STOP; NULL: never */
} gd_render_hooks;

/* The source of detail that smaller octaves lost, added back when the canvas grows; also of what the dream is
 * blended with at the end. */
typedef enum gd_detail_kind {
    GD_DETAIL_NONE, /* nothing is added back */
    GD_DETAIL_FILE,
    GD_DETAIL_NOISE /* of the base size, resampled */
} gd_detail_kind;

/* How the dream and its input are blended at the end. */
typedef struct gd_blend {
    double strength;  /* of the dream, 0 to 1 */
    bool keep_colors; /* luma from the dream, chroma from the input */
} gd_blend;

/* Bytes of host memory used by the process besides the render; for plans only. */
typedef struct gd_outside {
    uint64_t base;           /* the program and its libraries */
    uint64_t reader;         /* on rank 0, while the picture is read */
    uint64_t writer;         /* while it is written, without windows */
    uint64_t writer_windows; /* its windows; 0: it uses a band of rows on rank 0 */
    uint64_t preview;        /* on rank 0, while a preview is written */
    uint64_t live;           /* while the tiles of a canvas are written after an octave, without windows */
    uint64_t sample;         /* on rank 0, while channels are ranked, before there is anything else */
} gd_outside;

/* Of a picture: all 0. Of a frame of a sequence: its place, and how it begins. */
typedef struct gd_frame {
    int32_t index, count; /* from 0; of the sequence */
    bool follows;         /* it begins with the last canvas of the frame before, moved; else with the input */
    bool saved;           /* that canvas comes from a checkpoint; else it is still there */
    bool inputs;          /* each begins with a picture of its own, blended with the moved canvas */
    double blend;         /* share of the canvas */
    bool seed_each;       /* each frame has rolls of its own */
    gd_motion motion;
    const char
        *flow; /* borrowed; the file with the offsets of its pixels into the frame before; NULL: none */
    gd_extent picture; /* of its input, and so of its flow; on rank 0 */
    gd_tone tone;      /* of a resumed sequence: that of the input, which frames keep */
} gd_frame;

typedef struct gd_render_parameters {
    int64_t base_rows, base_cols;
    double octave_scale;
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    int32_t steps;                    /* an octave */
    gd_schedule tile, step_size;
    gd_schedule smooth; /* sigma by which the gradient is smoothed, in pixels; 0: not at all */
    double tv;          /* weight of the total variation against the gradient; 0: none */
    gd_normalize normalize;
    gd_halo_kind halo_kind;
    int64_t halo;                 /* GD_HALO_PIXELS */
    const gd_compat_rules *rules; /* borrowed; gd_compat_rules_of */
    uint64_t seed;
    gd_detail_kind detail;  /* NONE unless rules->keep_detail */
    gd_detail_kind blended; /* the input that `blend` takes at the end; NONE: no blend */
    gd_blend blend;
    gd_detail_kind masked;    /* the input that stays where the mask is black; NONE: there is no mask */
    gd_detail_kind beside;    /* the input that is written after the result; NONE: it is not */
    const gd_mask *mask;      /* borrowed; NULL: none */
    const char *mask_path;    /* borrowed; its file, on rank 0 */
    const char *input;        /* borrowed; the picture; NULL: noise */
    const char *input_folder; /* borrowed; see gd_reader_open */
    const gd_file_identity *input_file; /* borrowed; the identity that it must have, on rank 0; NULL: any */
    bool final_resize;                  /* back to the base size */
    int32_t threads;                    /* windows computed at the same time */
    bool resumed;                       /* from a checkpoint, before step `resume_step` of `resume_octave` */
    int32_t resume_octave, resume_step;
    gd_writer_options output; /* for plans: how the last canvas is written, without rows and cols; bits 0: in
                                 bands through rank 0 */
    bool output_first;        /* also write the first canvas */
    bool web, web_only;       /* for plans: canvases are written as tiles for the web, also or only */
    gd_outside outside;
    gd_frame frame;
    gd_render_hooks hooks;
} gd_render_parameters;

/* Whether no other frame follows. */
static inline bool gd_render_last(const gd_render_parameters *p)
{
    return p->frame.index + 1 >= p->frame.count;
}

/* The input that a render takes again, for its detail, for a mask or at the end; GD_DETAIL_NONE: it does not.
 */
static inline gd_detail_kind gd_render_input(const gd_render_parameters *p)
{
    return p->detail != GD_DETAIL_NONE    ? p->detail
           : p->masked != GD_DETAIL_NONE  ? p->masked
           : p->blended != GD_DETAIL_NONE ? p->blended
                                          : p->beside;
}

/* Whether gradients are smoothed in any step. */
static inline bool gd_render_smooths(const gd_render_parameters *p)
{
    return p->smooth.start > 0 || p->smooth.end > 0;
}

#endif

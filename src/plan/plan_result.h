/* What a plan says: of each octave, of memory by purpose, of messages and work. */
#ifndef GD_PLAN_PLAN_RESULT_H
#define GD_PLAN_PLAN_RESULT_H

#include "base/memory.h"
#include "kernels/backend.h"

#include <stddef.h>
#include <stdint.h>

/* On several ranks, of more steps an octave so many stand for all; their messages get an eighth more. */
enum { GD_PLAN_STEPS_WALKED = 1024 };

/* Windows of one size. */
typedef struct gd_plan_shape {
    int32_t rows, cols;
    int64_t windows;    /* in all steps of the octave, or of the render */
    double flop;        /* of the gradient of one window: 2 for each multiply-add of its tape */
    size_t arena_bytes; /* of its tensors; 0: not worked out, since a larger shape takes more */
} gd_plan_shape;

typedef struct gd_plan_shapes {
    gd_plan_shape *shapes; /* owned; in order of appearance */
    int32_t count;
    int64_t room;
} gd_plan_shapes;

typedef struct gd_plan_octave {
    int32_t octave; /* exponent */
    int64_t rows, cols;
    int32_t parts;               /* canvases of that size, one after another: 1, but for parts of a proof */
    int32_t steps;               /* fewer where a render goes on in the middle of it */
    int32_t ranks;               /* that hold it */
    int64_t smallest_tile, tile; /* the smallest and the largest of its steps; 0 without steps */
    int64_t halo;                /* the largest */
    int64_t tiles;               /* of the step that has most, on each canvas */
    int32_t wave_tiles;          /* windows of a rank that travel together, at most */
    gd_plan_shapes shapes;       /* owned; every window shape of its steps */
    uint64_t change_bytes;       /* that all ranks send to others when it begins */
    uint64_t sent_bytes;         /* that all ranks send to others in all its steps */
    double flop;                 /* of all its steps, on all ranks */
} gd_plan_octave;

/* A picture on its way in or out, when no step is under way: what rank 0 has in the host's memory. */
typedef struct gd_plan_pass {
    uint64_t planes, band, messages;
} gd_plan_pass;

/* All that a rank takes. */
typedef struct gd_need {
    uint64_t total_bytes;  /* most that is there at once: on a device everything by purpose, filters, and what
                              its libraries take; in the host's memory also what parameters->outside says */
    uint64_t beside_bytes; /* in the host's memory: most that is there at once beside the planes */
    int64_t plane_slots;   /* blocks that the planes take in a scratch, gaps between first-fit places included
                            */
} gd_need;

/* Memory is that of the rank that has most of each kind. A render that goes on (parameters->resumed) is
 * planned from there on. */
typedef struct gd_plan {
    int32_t ranks, threads;  /* threads: windows that a rank computes at the same time */
    gd_plan_octave *octaves; /* owned */
    int32_t octave_count;
    gd_plan_shapes shapes; /* owned; of all octaves */
    gd_device_facts device;

    /* By purpose. On a device with memory of its own this is what one allocation a purpose must have, gaps
     * between first-fit places included. Planes: canvas and gradient, or old and new canvas. Messages: those
     * of the exchange that has most, since one is under way at a time. */
    uint64_t bytes[GD_PURPOSE_COUNT];
    uint64_t moving_bytes; /* windows and messages at the same time: less than both, which are largest at
                              times of their own */
    uint64_t filter_bytes;
    gd_plan_pass read, write; /* in the host's memory alone; on a device they are within bytes[] */
    gd_need need;

    uint64_t final_bytes; /* that all ranks send to others when the canvas gets its final size */
    uint64_t sent_bytes;  /* by the whole render, but for the picture's way in and out */
    double flop;
} gd_plan;

#endif

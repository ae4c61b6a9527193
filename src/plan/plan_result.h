/* The contents of a plan: octaves, memory by purpose, messages and work. */
#ifndef GD_PLAN_PLAN_RESULT_H
#define GD_PLAN_PLAN_RESULT_H

#include "base/memory.h"
#include "engine/engine.h"
#include "kernels/backend.h"

#include <stddef.h>
#include <stdint.h>

/* On several ranks, at most this many steps of an octave are planned and represent all; their messages are
 * then raised by an eighth. */
enum { GD_PLAN_STEPS_WALKED = 1024 };

/* Windows of one shape. */
typedef struct gd_plan_shape {
    gd_window_shape window;
    int64_t windows;    /* in all steps of the octave, or of the render */
    double units;       /* of its tensors, the most that are alive at once */
    double flop;        /* of the gradient of one window: 2 for each multiply-add of its tape */
    size_t arena_bytes; /* of its tensors; 0: not computed, because a larger shape needs more */
} gd_plan_shape;

typedef struct gd_plan_shapes {
    gd_plan_shape *shapes; /* owned; in order of appearance */
    int32_t count;
    int64_t capacity;
} gd_plan_shapes;

typedef struct gd_plan_octave {
    int32_t octave; /* exponent */
    int64_t rows, cols;
    int32_t parts;               /* canvases of this size, processed in sequence: 1, except in a proof */
    int32_t steps;               /* fewer if a resumed render starts within the octave */
    int32_t ranks;               /* that hold the canvas */
    int64_t smallest_tile, tile; /* smallest and largest tile size of its steps; 0 without steps */
    int64_t halo;                /* the largest */
    int64_t tiles;               /* of the step with the most, for each canvas */
    double uneven;         /* work of the rank with the most over the mean of all, the mean of its steps */
    int32_t wave_tiles;    /* maximum of the windows of a rank in one wave */
    gd_plan_shapes shapes; /* owned; every window shape of its steps */
    uint64_t change_bytes; /* sent by all ranks when the octave starts */
    uint64_t sent_bytes;   /* sent by all ranks in all its steps */
    double flop;           /* of all its steps, on all ranks */
} gd_plan_octave;

/* Host memory of rank 0 while the picture is read or written, outside of steps. */
typedef struct gd_plan_pass {
    uint64_t planes, band, messages;
} gd_plan_pass;

/* Memory need of a rank. */
typedef struct gd_need {
    uint64_t total_bytes; /* peak: on a device all purposes, filters and the libraries' memory; in host memory
                             also parameters->outside */
    uint64_t beside_bytes; /* host memory: peak besides the planes */
    int64_t plane_slots; /* blocks of the planes in a scratch file, gaps between first-fit places included */
} gd_need;

/* Each kind of memory is that of the rank with the most of it. A resumed render (parameters->resumed) is
 * planned from its resume point. Of a sequence, octaves and shapes are those of one frame. */
typedef struct gd_plan {
    int32_t ranks, threads;  /* threads: windows that a rank computes at the same time */
    gd_plan_octave *octaves; /* owned */
    int32_t octave_count;
    gd_plan_shapes shapes; /* owned; of all octaves */
    gd_device_facts device;

    /* Memory by purpose. On a device with its own memory, each is one allocation, gaps between first-fit
     * places included. Planes: canvas and gradient, or old and new canvas. Messages: of the largest exchange,
     * because exchanges do not overlap. */
    uint64_t bytes[GD_PURPOSE_COUNT];
    uint64_t moving_bytes; /* peak of windows plus messages: less than the sum of both peaks, which occur at
                              different times */
    uint64_t filter_bytes;
    gd_plan_pass read, write; /* host memory only; on a device they are included in bytes[] */
    gd_need need;

    uint64_t final_bytes; /* sent by all ranks when the canvas gets its final size */
    uint64_t sent_bytes;  /* of the whole render, without reading and writing the picture */
    double flop;
    double others; /* work of a sequence's other frames, as a multiple of this one's; 0: a picture */
} gd_plan;

#endif

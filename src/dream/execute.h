/* Canvas operations of the walk, executed on pixels. */
#ifndef GD_DREAM_EXECUTE_H
#define GD_DREAM_EXECUTE_H

#include "base/status.h"
#include "canvas/canvas.h"
#include "dream/walk.h"
#include "engine/engine.h"
#include "mpi/comm.h"

/* Maximum number of parts of a canvas in one walk. */
enum { GD_EXECUTE_PARTS = 3 };

/* The canvases of a running render: whole ones, or some parts of each. The functions are those of gd_visitor
 * with a gd_execution as context. All are collective except drop and move. */
typedef struct gd_execution {
    gd_comm *comm; /* borrowed, as are the next two */
    const gd_engine *engine;
    const gd_render_parameters *p;
    int32_t parts;                                        /* 1, except in a proof */
    gd_canvas *canvases[GD_ROLE_COUNT][GD_EXECUTE_PARTS]; /* owned; NULL: does not exist */
    gd_tone tone;                                         /* that frames keep */
    gd_offsets offsets;                 /* bounds of those in GD_ROLE_INPUT; 0: none are there */
    double mask_sums[GD_EXECUTE_PARTS]; /* over the pixels of GD_ROLE_MASK */
} gd_execution;

/* Frees the remaining canvases. */
void gd_execution_end(gd_execution *execution);

/* For whole canvases only. */
gd_status gd_execute_create(void *execution, gd_canvas_role role, const gd_octave *size,
                            gd_error *error) GD_CHECKED;

/* Creates the part `at` of a canvas of size `full`. */
gd_status gd_execute_create_part(gd_execution *execution, gd_canvas_role role, int32_t part, gd_extent full,
                                 gd_rect at, int32_t ranks, gd_error *error) GD_CHECKED;
void gd_execute_drop(void *execution, gd_canvas_role role);
void gd_execute_move(void *execution, gd_canvas_role to, gd_canvas_role from);

/* Fills a canvas from parameters->input or from the seed, or by parameters->hooks.first. For whole canvases
 * only. */
gd_status gd_execute_fill(void *execution, gd_canvas_role role, gd_origin origin, gd_error *error) GD_CHECKED;
gd_status gd_execute_resample(void *execution, gd_canvas_role to, gd_canvas_role from,
                              gd_error *error) GD_CHECKED;
gd_status gd_execute_warp(void *execution, gd_canvas_role to, gd_canvas_role from,
                          gd_error *error) GD_CHECKED;
gd_status gd_execute_blend_frame(void *execution, gd_error *error) GD_CHECKED;
gd_status gd_execute_note_tone(void *execution, gd_error *error) GD_CHECKED;
gd_status gd_execute_keep_tone(void *execution, gd_error *error) GD_CHECKED;
gd_status gd_execute_clear(void *execution, gd_canvas_role role, gd_error *error) GD_CHECKED;
gd_status gd_execute_add(void *execution, gd_canvas_role to, gd_canvas_role from, float factor,
                         gd_error *error) GD_CHECKED;

/* Fills all parts of GD_ROLE_OTHER with the mask. */
gd_status gd_execute_read_mask(void *execution, gd_error *error) GD_CHECKED;
gd_status gd_execute_take_mask(void *execution, gd_error *error) GD_CHECKED;
gd_status gd_execute_keep_input(void *execution, gd_error *error) GD_CHECKED;
gd_status gd_execute_blend(void *execution, gd_error *error) GD_CHECKED;

/* A visitor with these functions and no steps, for walks that only change canvases. */
extern const gd_visitor gd_execute_visitor;

#endif

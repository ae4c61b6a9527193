/* When a preview (--preview) is due, and its file name and size. */
#ifndef GD_FILES_PREVIEW_NAMES_H
#define GD_FILES_PREVIEW_NAMES_H

#include <stdbool.h>
#include <stdint.h>

enum { GD_PREVIEW_NAME_BYTES = 4096 };

/* The steps of a render, and the interval of previews. */
typedef struct gd_preview_interval {
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    int32_t steps;                    /* of each octave */
    int32_t every;                    /* interval in steps; 0: only at the end of each octave */
} gd_preview_interval;

/* The number, from 1, of the preview after step `step` of `octave`: the last step of an octave, or every N-th
 * of the render; 0: none is due. It depends only on the step, so a resumed render continues the numbers. */
int64_t gd_preview_number(const gd_preview_interval *interval, int32_t octave, int32_t step);

/* The number of the last preview; 0 without steps. */
int64_t gd_preview_last(const gd_preview_interval *interval);

/* The name of preview `number`. `pattern` has one number placeholder (%d, %0Nd), or is the name itself. */
void gd_preview_path(const char *pattern, int64_t number, char path[GD_PREVIEW_NAME_BYTES]);

/* Whether `name` is that of one of the previews (or frames) first .. last of `pattern`, which has a number
 * placeholder. */
bool gd_preview_matches(const char *pattern, int64_t first, int64_t last, const char *name);

/* The size of all previews: the picture's (base_rows x base_cols), reduced to `pixels` on the longest side.
 */
void gd_preview_size(int32_t pixels, int64_t base_rows, int64_t base_cols, int64_t *rows, int64_t *cols);

#endif

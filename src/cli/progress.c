#include "cli/progress.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const double seconds_between_lines = 10;
static const double seconds_between_rewrites = 0.1;

gd_progress_mode gd_progress_mode_of(int quiet, FILE *out)
{
    if (quiet)
        return GD_PROGRESS_NONE;
    return isatty(fileno(out)) ? GD_PROGRESS_LINE : GD_PROGRESS_PLAIN;
}

double gd_progress_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void gd_progress_begin(gd_progress *progress, gd_progress_mode mode, FILE *out, int32_t octave_first,
                       int32_t octave_end, int32_t steps, double work, double now)
{
    *progress = (gd_progress){.mode = mode,
                              .out = out,
                              .octave_first = octave_first,
                              .octave_end = octave_end,
                              .steps = steps,
                              .work = work,
                              .started = now,
                              .told = now};
}

void gd_progress_octave(gd_progress *progress, int32_t octave, int64_t rows, int64_t cols)
{
    progress->octave = octave;
    progress->rows = rows;
    progress->cols = cols;
}

/* "1:02:03", "2:03" or "12 s". */
static void duration_text(double seconds, char text[32])
{
    int64_t s = (int64_t)(seconds + 0.5);
    if (s >= 3600)
        snprintf(text, 32, "%" PRId64 ":%02d:%02d", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
    else if (s >= 60)
        snprintf(text, 32, "%d:%02d", (int)(s / 60), (int)(s % 60));
    else
        snprintf(text, 32, "%d s", (int)s);
}

static void tell(const gd_progress *p, int32_t step, double now)
{
    char left[32], line[160];
    double elapsed = now - p->started, rate = elapsed > 0 ? p->work_done / elapsed : 0;
    duration_text(rate > 0 ? (p->work - p->work_done) / rate : 0, left);
    snprintf(line, sizeof line,
             "octave %d (%d of %d) %" PRId64 "x%" PRId64 ", step %d of %d, %.3g Mpx-steps/s, %s left",
             p->octave, p->octave - p->octave_first + 1, p->octave_end - p->octave_first, p->cols, p->rows,
             step + 1, p->steps, rate, left);
    /* ?7l and ?7h: a narrow terminal cuts the line instead of breaking it; K: clears what a longer one left.
     */
    fprintf(p->out, p->mode == GD_PROGRESS_LINE ? "\r\033[?7l%s\033[K\033[?7h" : "%s\n", line);
    fflush(p->out);
}

void gd_progress_step(gd_progress *progress, int32_t step, double now)
{
    progress->work_done += 1e-6 * (double)progress->rows * (double)progress->cols;
    if (progress->mode == GD_PROGRESS_NONE)
        return;
    double pause = progress->mode == GD_PROGRESS_LINE ? seconds_between_rewrites : seconds_between_lines;
    if (step + 1 < progress->steps && now - progress->told < pause)
        return;
    tell(progress, step, now);
    progress->told = now;
}

void gd_progress_end(gd_progress *progress, double now)
{
    char took[32];
    if (progress->mode == GD_PROGRESS_NONE)
        return;
    if (progress->mode == GD_PROGRESS_LINE && progress->told > progress->started)
        fputc('\n', progress->out);
    duration_text(now - progress->started, took);
    fprintf(progress->out, "%.3g Mpx-steps in %s\n", progress->work_done, took);
    fflush(progress->out);
    progress->mode = GD_PROGRESS_NONE;
}

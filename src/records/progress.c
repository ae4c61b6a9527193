/* Shows progress on a terminal (one line, rewritten) or in a file (one line every ten seconds). */
#include "records/progress.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const double seconds_between_lines = 10;
static const double seconds_between_rewrites = 0.1;

gd_progress_mode gd_progress_mode_of(int quiet, FILE *out)
{
    if (quiet)
        return GD_PROGRESS_NONE;
    return isatty(fileno(out)) ? GD_PROGRESS_LINE : GD_PROGRESS_PLAIN;
}

void gd_progress_begin(gd_progress *progress, gd_progress_mode mode, FILE *out, int32_t octave_first,
                       int32_t octave_end, int32_t steps, double work, double now)
{
    *progress = (gd_progress){.mode = mode,
                              .out = out,
                              .octave_first = octave_first,
                              .octave_end = octave_end,
                              .steps = steps,
                              .last_shown = now};
    progress->started = now;
    gd_pace_begin(&progress->pace, work, now);
}

void gd_progress_frame(gd_progress *progress, int32_t frame, int32_t frames)
{
    progress->frame = frame;
    progress->frames = frames;
}

void gd_progress_octave(gd_progress *progress, int32_t octave, int64_t rows, int64_t cols, double step_work)
{
    progress->octave = octave;
    progress->rows = rows;
    progress->cols = cols;
    progress->step_work = step_work;
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

/* ?7l and ?7h: a narrow terminal truncates the line instead of wrapping it. K: clears the rest of a longer
 * previous line. The cursor returns to the start, so that other output does not follow the line. */
static void show(gd_progress *p, int32_t step, const char *rest)
{
    char frame[48] = "", line[208];
    if (p->frames > 0)
        snprintf(frame, sizeof frame, "frame %d of 0 to %d, ", p->frame, p->frames - 1);
    snprintf(line, sizeof line, "%soctave %d of %d, %" PRId64 " x %" PRId64 ", step %d of %d%s", frame,
             p->octave - p->octave_first + 1, p->octave_end - p->octave_first, p->cols, p->rows, step + 1,
             p->steps, rest);
    p->open = p->mode == GD_PROGRESS_LINE;
    fprintf(p->out, p->open ? "\r\033[?7l%s\033[K\033[?7h\r" : "%s\n", line);
    fflush(p->out);
}

void gd_progress_await(gd_progress *progress, int32_t step)
{
    if (progress->mode != GD_PROGRESS_NONE && step < progress->steps)
        show(progress, step, " ...");
}

void gd_progress_step(gd_progress *progress, int32_t step, double now)
{
    char left[32], rest[48] = "";
    gd_pace_step(&progress->pace, progress->step_work, now);
    if (progress->mode == GD_PROGRESS_NONE)
        return;
    double pause = progress->mode == GD_PROGRESS_LINE ? seconds_between_rewrites : seconds_between_lines;
    if (step + 1 < progress->steps && now - progress->last_shown < pause)
        return;
    const double seconds = gd_pace_left(&progress->pace);
    duration_text(seconds, left);
    if (seconds >= 0)
        snprintf(rest, sizeof rest, ", %s left", left);
    show(progress, step, rest);
    progress->last_shown = now;
}

void gd_progress_end(gd_progress *progress)
{
    if (progress->open)
        fputc('\n', progress->out);
    progress->open = false;
    progress->mode = GD_PROGRESS_NONE;
}

void gd_progress_took(const gd_progress *progress, const char *what, double now)
{
    char took[32];
    duration_text(now - progress->started, took);
    fprintf(progress->out, "gigadream: %s took %s\n", what, took);
}

static void bytes_text(int64_t bytes, char text[32])
{
    const double mega = 1e-6 * (double)bytes;
    if (mega < 0.1)
        snprintf(text, 32, "%.1f kB", 1e3 * mega);
    else if (mega < 1000)
        snprintf(text, 32, mega < 10 ? "%.1f MB" : "%.0f MB", mega);
    else
        snprintf(text, 32, "%.1f GB", 1e-3 * mega);
}

void gd_progress_wrote(FILE *out, const char *path, int64_t rows, int64_t cols, int64_t bytes, double seconds)
{
    char size[32], took[32];
    bytes_text(bytes, size);
    if (seconds < 9.95)
        snprintf(took, sizeof took, "%.1f s", seconds);
    else
        duration_text(seconds, took);
    fprintf(out, "wrote %s, %" PRId64 " x %" PRId64 ", %s, %s\n", path, cols, rows, size, took);
}

/* Draws a history. A chart of many steps has a column for several, which shows their mean. */
#include "records/history_svg.h"

#include "records/history_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum {
    WIDTH = 960,
    LEFT = 70,
    RIGHT = 930,
    COLUMNS_MAX = 430,
    RANKS_SHOWN = 64,
    STEPS_TOP = 150, /* the top and bottom of each chart */
    STEPS_BOTTOM = 330,
    RATE_TOP = 375,
    RATE_BOTTOM = 475,
    DEVIATION_TOP = 515,
    DEVIATION_BOTTOM = 615,
    PHASES_TOP = 655,
    RANKS_TOP = 745,
    RANK_HEIGHT = 18
};

static const char begin[] = "<svg xmlns=\"http://www.w3.org/2000/svg\" data-by=\"gigadream log\"";
static const char compute_color[] = "#4477aa", update_color[] = "#66ccee", exchange_color[] = "#ee6677";

typedef struct column {
    int32_t octave;
    double rows, cols;
    double compute, update, exchange, rate, deviation; /* means; NaN: unknown */
} column;

typedef struct drawing {
    FILE *out;
    const gd_history *history;
    int32_t count; /* columns */
    column columns[COLUMNS_MAX];
} drawing;

static void text(FILE *out, double x, double y, const char *anchor, const char *format, ...) GD_PRINTF(5, 6);

static void text(FILE *out, double x, double y, const char *anchor, const char *format, ...)
{
    va_list args;
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fputs("</text>\n", out);
}

static void box(FILE *out, double x, double y, double width, double height, const char *color)
{
    if (width > 0 && height > 0)
        fprintf(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>\n", x, y,
                width, height, color);
}

static void line(FILE *out, double x0, double y0, double x1, double y1)
{
    fprintf(out, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#bbb\"/>\n", x0, y0, x1, y1);
}

/* Mean of the known values among the steps [first, end): `value` of each. */
static double mean(const gd_history *h, int64_t first, int64_t end, double (*value)(const gd_history_step *))
{
    double sum = 0;
    int64_t known = 0;
    for (int64_t i = first; i < end; i++) {
        const double one = value(&h->steps[i]);
        if (isfinite(one)) {
            sum += one;
            known++;
        }
    }
    return known > 0 ? sum / (double)known : NAN;
}

static double update_of(const gd_history_step *s)
{
    return isfinite(s->updating) ? s->updating : s->seconds * 0;
}

static double compute_of(const gd_history_step *s)
{
    return s->computing - update_of(s);
}

static double exchange_of(const gd_history_step *s)
{
    return s->seconds - s->computing;
}

static double rate_of(const gd_history_step *s)
{
    return s->seconds > 0 ? s->rows * s->cols / s->seconds : NAN;
}

static double deviation_of(const gd_history_step *s)
{
    return s->deviation;
}

static void make_columns(drawing *d)
{
    const gd_history *h = d->history;
    d->count = h->count < COLUMNS_MAX ? (int32_t)h->count : COLUMNS_MAX;
    for (int32_t i = 0; i < d->count; i++) {
        const int64_t first = h->count * i / d->count, end = h->count * (i + 1) / d->count;
        d->columns[i] = (column){.octave = h->steps[first].octave,
                                 .rows = h->steps[first].rows,
                                 .cols = h->steps[first].cols,
                                 .compute = mean(h, first, end, compute_of),
                                 .update = mean(h, first, end, update_of),
                                 .exchange = mean(h, first, end, exchange_of),
                                 .rate = mean(h, first, end, rate_of),
                                 .deviation = mean(h, first, end, deviation_of)};
    }
}

static double x_of(const drawing *d, int32_t at)
{
    return LEFT + (double)(RIGHT - LEFT) * at / (d->count > 0 ? d->count : 1);
}

/* Frame of a chart, with a line where an octave begins. */
static void frame(const drawing *d, double top, double bottom, const char *title)
{
    line(d->out, LEFT, bottom, RIGHT, bottom);
    for (int32_t i = 0; i < d->count; i++)
        if (i == 0 || d->columns[i].octave != d->columns[i - 1].octave)
            line(d->out, x_of(d, i), top, x_of(d, i), bottom);
    text(d->out, LEFT, top - 6, "start", "%s", title);
}

static void name_octaves(const drawing *d)
{
    double free_from = 0;
    for (int32_t i = 0; i < d->count; i++) {
        const column *c = &d->columns[i];
        const double x = x_of(d, i), width = 95;
        if ((i > 0 && c->octave == d->columns[i - 1].octave) || x < free_from || x + width > WIDTH)
            continue;
        if (isfinite(c->rows) && isfinite(c->cols))
            text(d->out, x + 2, STEPS_BOTTOM + 14, "start", "%d: %.0f x %.0f", c->octave, c->cols, c->rows);
        else
            text(d->out, x + 2, STEPS_BOTTOM + 14, "start", "%d", c->octave);
        free_from = x + width;
    }
}

static double step_seconds(const column *c)
{
    return c->compute + c->update + fmax(c->exchange, 0);
}

static void legend(FILE *out, double x, double y, const char *color, const char *name)
{
    box(out, x, y - 9, 10, 10, color);
    text(out, x + 14, y, "start", "%s", name);
}

static void draw_steps(const drawing *d)
{
    const double height = STEPS_BOTTOM - STEPS_TOP;
    double most = 0;
    frame(d, STEPS_TOP, STEPS_BOTTOM, "seconds a step, of rank 0");
    legend(d->out, 400, STEPS_TOP - 6, compute_color, "gradients");
    legend(d->out, 500, STEPS_TOP - 6, update_color, "updates");
    legend(d->out, 590, STEPS_TOP - 6, exchange_color, "exchange and waiting");
    for (int32_t i = 0; i < d->count; i++)
        most = fmax(most, step_seconds(&d->columns[i]));
    for (int32_t i = 0; i < d->count && most > 0; i++) {
        const column *c = &d->columns[i];
        const double x = x_of(d, i), width = fmax(x_of(d, i + 1) - x - 0.5, 0.5), scale = height / most;
        double y = STEPS_BOTTOM;
        if (!isfinite(step_seconds(c)))
            continue;
        box(d->out, x, y -= c->compute * scale, width, c->compute * scale, compute_color);
        box(d->out, x, y -= c->update * scale, width, c->update * scale, update_color);
        box(d->out, x, y - fmax(c->exchange, 0) * scale, width, c->exchange * scale, exchange_color);
    }
    text(d->out, LEFT - 6, STEPS_TOP + 8, "end", "%.3g s", most);
    text(d->out, LEFT - 6, STEPS_BOTTOM, "end", "0");
    name_octaves(d);
}

/* A line of values from `low` to `high`, which are printed in units. */
static void draw_line(const drawing *d, double top, double bottom, double (*value)(const column *),
                      double low, double high)
{
    bool drawn = false;
    for (int32_t i = 0; i < d->count; i++) {
        const double v = value(&d->columns[i]);
        if (!isfinite(v))
            continue;
        const double part = high > low ? (v - low) / (high - low) : 0.5;
        fprintf(d->out,
                drawn ? " %.1f,%.1f"
                      : "<polyline fill=\"none\" stroke=\"#228833\" stroke-width=\"1.5\" points=\"%.1f,%.1f",
                (x_of(d, i) + x_of(d, i + 1)) / 2, bottom - part * (bottom - top));
        drawn = true;
    }
    if (drawn)
        fputs("\"/>\n", d->out);
}

static double megapixels(const column *c)
{
    return c->rate / 1e6;
}

static double log_deviation(const column *c)
{
    return c->deviation > 0 ? log10(c->deviation) : NAN;
}

/* The range of the values; false: there are none. */
static bool range(const drawing *d, double (*value)(const column *), double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int32_t i = 0; i < d->count; i++) {
        *low = fmin(*low, value(&d->columns[i]));
        *high = fmax(*high, value(&d->columns[i]));
    }
    return *low <= *high;
}

static void draw_rate(const drawing *d)
{
    double low, high;
    frame(d, RATE_TOP, RATE_BOTTOM, "millions of pixels a second");
    if (!range(d, megapixels, &low, &high))
        return;
    draw_line(d, RATE_TOP, RATE_BOTTOM, megapixels, 0, high);
    text(d->out, LEFT - 6, RATE_TOP + 8, "end", "%.3g", high);
    text(d->out, LEFT - 6, RATE_BOTTOM, "end", "0");
}

static void draw_deviation(const drawing *d)
{
    double low, high;
    frame(d, DEVIATION_TOP, DEVIATION_BOTTOM, "deviation of the gradient, logarithmic");
    if (!range(d, log_deviation, &low, &high))
        return;
    draw_line(d, DEVIATION_TOP, DEVIATION_BOTTOM, log_deviation, low, high);
    text(d->out, LEFT - 6, DEVIATION_TOP + 8, "end", "%.2e", pow(10, high));
    text(d->out, LEFT - 6, DEVIATION_BOTTOM, "end", "%.2e", pow(10, low));
}

static void draw_phases(const drawing *d)
{
    static const char *const colors[GD_PHASE_COUNT] = {"#999933",    "#ddcc77", compute_color, exchange_color,
                                                       update_color, "#aa4499", "#117733",     "#88ccee"};
    const gd_history *h = d->history;
    double all = 0, x = LEFT, name_x = LEFT;
    for (int i = 0; i < GD_PHASE_COUNT; i++)
        all += fmax(h->phases.seconds[i], 0);
    if (!h->ended || all <= 0)
        return;
    text(d->out, LEFT, PHASES_TOP - 6, "start", "time by phase, of rank 0: %.3g s", all);
    for (int i = 0; i < GD_PHASE_COUNT; i++) {
        const double part = fmax(h->phases.seconds[i], 0) / all;
        char name[64];
        box(d->out, x, PHASES_TOP, part * (RIGHT - LEFT), 20, colors[i]);
        snprintf(name, sizeof name, "%s %.0f %%", gd_phase_name(i), 100 * part);
        legend(d->out, name_x, PHASES_TOP + 38, colors[i], name);
        x += part * (RIGHT - LEFT);
        name_x += 30 + 7.0 * (double)strlen(name); /* about its width */
    }
}

static void draw_rank(const drawing *d, int32_t at, double y, double most)
{
    const gd_rank_record *rank = &d->history->records[at];
    const double scale = (RIGHT - LEFT - 330) / most;
    double x = LEFT;
    text(d->out, LEFT - 6, y + 12, "end", "%d", at);
    box(d->out, x, y + 2, rank->computing * scale, RANK_HEIGHT - 4, compute_color);
    x += rank->computing * scale;
    box(d->out, x, y + 2, rank->updating * scale, RANK_HEIGHT - 4, update_color);
    x += rank->updating * scale;
    box(d->out, x, y + 2, rank->exchanging * scale, RANK_HEIGHT - 4, exchange_color);
    text(d->out, RIGHT, y + 12, "end", "%.3g s, %.0f MiB, host %d, %d of %d cores from %d",
         gd_rank_record_busy(rank), (double)rank->peak_bytes / 1048576, rank->host, rank->cores,
         rank->host_cores, rank->first_core);
}

static int32_t ranks_shown(const gd_history *h)
{
    return h->record_count < RANKS_SHOWN ? h->record_count : RANKS_SHOWN;
}

/* The slowest rank comes first where not all are shown. */
static void draw_ranks(const drawing *d)
{
    const gd_history *h = d->history;
    const int32_t shown = ranks_shown(h), slowest = h->record_count > 0 ? gd_history_slowest(h) : 0;
    double most = 0;
    if (shown == 0)
        return;
    for (int32_t i = 0; i < h->record_count; i++)
        most = fmax(most, gd_rank_record_busy(&h->records[i]) + fmax(h->records[i].exchanging, 0));
    text(d->out, LEFT, RANKS_TOP - 6, "start",
         "ranks: seconds of all steps by purpose; computed, peak of memory, cores");
    if (h->record_count > shown)
        text(d->out, RIGHT, RANKS_TOP - 6, "end", "the slowest, then the first %d of %d", shown - 1,
             h->record_count);
    for (int32_t i = 0; i < shown && most > 0; i++) {
        const bool first = h->record_count > shown && i == 0;
        draw_rank(d,
                  first                     ? slowest
                  : h->record_count > shown ? i - 1
                                            : i,
                  RANKS_TOP + i * RANK_HEIGHT, most);
    }
}

void gd_history_svg(const gd_history *history, FILE *out)
{
    drawing d = {.out = out, .history = history};
    char lines[GD_HISTORY_LINES][GD_HISTORY_WORDS];
    const int height = RANKS_TOP + ranks_shown(history) * RANK_HEIGHT + 20;
    double y = 24;
    make_columns(&d);
    gd_history_words(history, lines);
    fprintf(
        out,
        "%s viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<title>What a render of gigadream did</title>\n",
        begin, WIDTH, height, WIDTH, height);
    box(out, 0, 0, WIDTH, height, "#fff");
    for (int i = 0; i < GD_HISTORY_LINES; i++, y += 22)
        text(out, LEFT, y, "start", "%s", lines[i]);
    draw_steps(&d);
    draw_rate(&d);
    draw_deviation(&d);
    draw_phases(&d);
    draw_ranks(&d);
    fputs("</svg>\n", out);
}

bool gd_history_svg_is_ours(int fd)
{
    char head[sizeof begin - 1];
    return pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head && memcmp(head, begin, sizeof head) == 0;
}

/* Draws conclusions from a history. */
#include "records/history_words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

double gd_rank_record_busy(const gd_rank_record *rank)
{
    return rank->computing + rank->updating;
}

int32_t gd_history_slowest(const gd_history *history)
{
    int32_t slowest = 0;
    for (int32_t i = 1; i < history->record_count; i++)
        if (gd_rank_record_busy(&history->records[i]) > gd_rank_record_busy(&history->records[slowest]))
            slowest = i;
    return slowest;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The lower median of the ranks' seconds; NaN: out of memory. */
static double median_busy(const gd_history *h)
{
    double *busy = malloc((size_t)h->record_count * sizeof *busy);
    for (int32_t i = 0; busy && i < h->record_count; i++)
        busy[i] = gd_rank_record_busy(&h->records[i]);
    if (busy)
        qsort(busy, (size_t)h->record_count, sizeof *busy, by_value);
    const double median = busy ? busy[(h->record_count - 1) / 2] : NAN;
    free(busy);
    return median;
}

static void say_size(const gd_history *h, char *line)
{
    int64_t octaves = h->count > 0;
    for (int64_t i = 1; i < h->count; i++)
        octaves += h->steps[i].octave != h->steps[i - 1].octave;
    snprintf(line, GD_HISTORY_WORDS,
             "%" PRId64 " x %" PRId64 " pixels, %d rank%s, %" PRId64 " octave%s, %" PRId64 " step%s%s",
             h->cols, h->rows, h->ranks, h->ranks == 1 ? "" : "s", octaves, octaves == 1 ? "" : "s", h->count,
             h->count == 1 ? "" : "s", h->ended ? "" : "; the render had not ended when the log was read");
}

static void say_time(const gd_history *h, char *line)
{
    double all = 0, computing = 0, updating = 0;
    for (int64_t i = 0; i < h->count; i++) {
        const gd_history_step *s = &h->steps[i];
        if (!isfinite(s->seconds) || !isfinite(s->computing))
            continue;
        all += s->seconds;
        computing += s->computing;
        updating += isfinite(s->updating) ? s->updating : 0;
    }
    if (all > 0)
        snprintf(line, GD_HISTORY_WORDS,
                 "Steps took rank 0 %.3g s: gradients %.0f %%, updates %.0f %%, exchange and waiting %.0f %%",
                 all, 100 * (computing - updating) / all, 100 * updating / all,
                 100 * (all - computing) / all);
}

static void say_slow(const gd_history *h, char *line)
{
    const double worth_saying = 1.1, idle = 100;
    const int32_t slowest = gd_history_slowest(h);
    const double busy = gd_rank_record_busy(&h->records[slowest]), times = busy / median_busy(h);
    if (!(times > 0))
        return;
    if (times > idle)
        snprintf(line, GD_HISTORY_WORDS,
                 "Rank %d computed %.3g s, and most ranks next to nothing: there were fewer tiles than ranks",
                 slowest, busy);
    else if (times > worth_saying)
        snprintf(line, GD_HISTORY_WORDS,
                 "Rank %d was slow: it computed %.3g s, %.2f times as long as the median rank, and others "
                 "waited for it",
                 slowest, busy, times);
    else
        snprintf(line, GD_HISTORY_WORDS,
                 "No rank was slow: rank %d computed longest, %.3g s, %.2f times the median", slowest, busy,
                 times);
}

/* Number of ranks that begin at the same core of their host as another; *hosts is the number of hosts. */
static int32_t count_sharing(const gd_history *h, int32_t *hosts)
{
    int32_t sharing = 0;
    *hosts = 0;
    for (int32_t i = 0; i < h->record_count; i++) {
        const gd_rank_record *a = &h->records[i];
        bool shares = false;
        for (int32_t j = 0; j < h->record_count && !shares; j++)
            shares = j != i && h->records[j].host == a->host && h->records[j].first_core == a->first_core;
        sharing += shares;
        if (a->host >= *hosts)
            *hosts = a->host + 1;
    }
    return sharing;
}

static void say_bound(const gd_history *h, char *line)
{
    int32_t hosts;
    const int32_t sharing = count_sharing(h, &hosts);
    const gd_rank_record *first = &h->records[0];
    if (first->cores == 0)
        return;
    const int begun = snprintf(line, GD_HISTORY_WORDS, "%d host%s; rank 0 could use %d of %d cores", hosts,
                               hosts == 1 ? "" : "s", first->cores, first->host_cores);
    if (h->record_count > hosts && sharing)
        snprintf(line + begun, (size_t)(GD_HISTORY_WORDS - begun),
                 "; not bound: %d ranks share their cores with others", sharing);
    else if (h->record_count > hosts)
        snprintf(line + begun, (size_t)(GD_HISTORY_WORDS - begun), "; bound: each rank has cores of its own");
}

void gd_history_words(const gd_history *history, char lines[GD_HISTORY_LINES][GD_HISTORY_WORDS])
{
    for (int i = 0; i < GD_HISTORY_LINES; i++)
        lines[i][0] = '\0';
    say_size(history, lines[0]);
    say_time(history, lines[1]);
    if (history->record_count > 1)
        say_slow(history, lines[2]);
    if (history->record_count > 0)
        say_bound(history, lines[3]);
}

/* Reads the lines of a log: parameters, steps, and the end. */
#include "records/history.h"

#include "base/file.h"
#include "base/grow.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE_MAX = 100000000, RANKS_MAX = 1000000 };

/* The log and its current line. */
typedef struct scan {
    const char *path;
    FILE *file;  /* owned */
    char *text;  /* owned; the line */
    size_t room; /* bytes of `text` */
    int64_t line;
    int64_t capacity; /* steps */
} scan;

static gd_status damaged(const scan *s, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "%s: line %" PRId64 " is none of a log; name a file that --log has written", s->path,
                   s->line);
}

/* A number of an object; NaN: there is none. */
static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valuedouble : NAN;
}

/* The same as a whole number in [low, high]; false: it is none. */
static bool whole(const cJSON *object, const char *key, double low, double high, int64_t *value)
{
    const double found = number(object, key);
    if (!(found >= low && found <= high) || found != trunc(found))
        return false;
    *value = (int64_t)found;
    return true;
}

static bool read_head(const cJSON *object, gd_history *h)
{
    int64_t ranks = 1;
    if (!whole(object, "rows", 1, SIDE_MAX, &h->rows) || !whole(object, "cols", 1, SIDE_MAX, &h->cols))
        return false;
    (void)whole(object, "ranks", 1, RANKS_MAX, &ranks);
    h->ranks = (int32_t)ranks;
    return true;
}

static gd_status read_step(scan *s, const cJSON *object, gd_history *h, gd_error *error)
{
    static const gd_array_kind kind = {sizeof *h->steps, INT64_C(1) << 32, "the steps of a log"};
    int64_t octave;
    if (!whole(object, "octave", -1000, 1000, &octave))
        return damaged(s, error);
    const gd_status status = gd_grow(&h->steps, &s->capacity, h->count + 1, &kind, error);
    if (status == GD_OK)
        h->steps[h->count++] = (gd_history_step){.octave = (int32_t)octave,
                                                 .seconds = number(object, "seconds"),
                                                 .computing = number(object, "computing"),
                                                 .updating = number(object, "updating"),
                                                 .deviation = number(object, "deviation"),
                                                 .rows = number(object, "rows"),
                                                 .cols = number(object, "cols")};
    return status;
}

static bool read_rank(const cJSON *object, gd_rank_record *rank)
{
    int64_t host, cores, first, all, peak;
    if (!whole(object, "host", 0, RANKS_MAX, &host) || !whole(object, "cores", 0, RANKS_MAX, &cores) ||
        !whole(object, "first_core", 0, RANKS_MAX, &first) ||
        !whole(object, "host_cores", 0, RANKS_MAX, &all) || !whole(object, "peak_bytes", 0, 0x1p60, &peak))
        return false;
    *rank = (gd_rank_record){.host = (int32_t)host,
                             .cores = (int32_t)cores,
                             .first_core = (int32_t)first,
                             .host_cores = (int32_t)all,
                             .computing = number(object, "computing"),
                             .updating = number(object, "updating"),
                             .exchanging = number(object, "exchanging"),
                             .peak_bytes = (uint64_t)peak};
    return rank->computing >= 0 && rank->updating >= 0 && rank->exchanging >= -1;
}

static gd_status read_end(const scan *s, const cJSON *object, gd_history *h, gd_error *error)
{
    const cJSON *phases = cJSON_GetObjectItemCaseSensitive(object, "phases");
    const cJSON *ranks = cJSON_GetObjectItemCaseSensitive(object, "ranks");
    const int32_t count = cJSON_GetArraySize(ranks);
    if (h->ended)
        return damaged(s, error);
    h->ended = true;
    for (int i = 0; i < GD_PHASE_COUNT; i++) {
        if (i == GD_PHASE_WEB && !cJSON_HasObjectItem(phases, gd_phase_name(i)))
            continue; /* a log from before that phase */
        h->phases.seconds[i] = number(phases, gd_phase_name(i));
        if (!isfinite(h->phases.seconds[i]))
            return damaged(s, error);
    }
    h->records = calloc((size_t)count + 1, sizeof *h->records);
    if (!h->records)
        return gd_no_memory(error, "the ranks of %s", s->path);
    for (const cJSON *rank = ranks ? ranks->child : NULL; rank; rank = rank->next)
        if (!read_rank(rank, &h->records[h->record_count++]))
            return damaged(s, error);
    return GD_OK;
}

static gd_status read_line(scan *s, const cJSON *object, gd_history *h, gd_error *error)
{
    if (s->line == 1)
        return read_head(object, h) ? GD_OK : damaged(s, error);
    if (cJSON_HasObjectItem(object, "phases"))
        return read_end(s, object, h, error);
    return read_step(s, object, h, error);
}

/* A last line without an end is still being written. */
static gd_status read_lines(scan *s, gd_history *h, gd_error *error)
{
    ssize_t length;
    while ((length = getline(&s->text, &s->room, s->file)) > 0 && s->text[length - 1] == '\n') {
        s->line++;
        cJSON *object = cJSON_ParseWithOpts(s->text, NULL, 0);
        const gd_status status = cJSON_IsObject(object) ? read_line(s, object, h, error) : damaged(s, error);
        cJSON_Delete(object);
        if (status != GD_OK)
            return status;
    }
    if (s->line > 0)
        return GD_OK;
    s->line = 1;
    return damaged(s, error);
}

gd_status gd_history_read(const char *path, gd_history *history, gd_error *error)
{
    scan s = {.path = path};
    *history = (gd_history){0};
    gd_status status = gd_file_open_stream(path, "name a file that --log has written", &s.file, error);
    if (status == GD_OK)
        status = read_lines(&s, history, error);
    if (s.file)
        fclose(s.file);
    free(s.text);
    return status;
}

void gd_history_free(gd_history *history)
{
    free(history->steps);
    free(history->records);
    *history = (gd_history){0};
}

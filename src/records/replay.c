/* Reads the rolls of a log, and checks that the log has the same steps. */
#include "records/replay.h"

#include "base/file.h"
#include "base/grow.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1 << 20 }; /* a first line with the longest paths and all layers is a tenth of it */
static const double roll_max = 0x1p53; /* whole numbers up to here are exact as double */

/* The log and its current line. */
typedef struct scan {
    FILE *file;
    const char *path;
    int64_t line; /* number of the current line, from 1 */
    char *text;   /* owned; [LINE_MAX_BYTES] */
} scan;

static gd_status damaged(const scan *s, const char *what, gd_error *error)
{
    return gd_fail(error, GD_USAGE, "--replay %s: line %" PRId64 " %s; give a log that --log has written",
                   s->path, s->line, what);
}

/* Reads the next line as an object; NULL at the end of the file. The caller frees it. */
static gd_status read_line(scan *s, cJSON **object, gd_error *error)
{
    *object = NULL;
    s->line++;
    if (!fgets(s->text, LINE_MAX_BYTES, s->file)) {
        if (ferror(s->file))
            return gd_fail(error, GD_USAGE, "--replay %s: cannot be read (%s); give another file", s->path,
                           strerror(errno));
        return GD_OK;
    }
    size_t length = strlen(s->text);
    if (length == 0 || s->text[length - 1] != '\n')
        return damaged(s, "is cut off or too long", error);
    *object = cJSON_ParseWithOpts(s->text, NULL, 1);
    if (!cJSON_IsObject(*object)) {
        cJSON_Delete(*object);
        *object = NULL;
        return damaged(s, "is not a JSON object", error);
    }
    return GD_OK;
}

/* Reads a whole number of magnitude up to 2^53. */
static bool whole(const cJSON *item, int64_t *value)
{
    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= roll_max) ||
        item->valuedouble != trunc(item->valuedouble))
        return false;
    *value = (int64_t)item->valuedouble;
    return true;
}

static bool whole_at(const cJSON *object, const char *key, int64_t *value)
{
    return whole(cJSON_GetObjectItemCaseSensitive(object, key), value);
}

static gd_status check_header(const scan *s, const cJSON *header, const gd_replay_steps *o, gd_error *error)
{
    const cJSON *pair = cJSON_GetObjectItemCaseSensitive(header, "or");
    int64_t first, end, steps, log_rows, log_cols;
    if (cJSON_GetArraySize(pair) != 2 || !whole(cJSON_GetArrayItem(pair, 0), &first) ||
        !whole(cJSON_GetArrayItem(pair, 1), &end) || !whole_at(header, "os", &steps))
        return damaged(s, "does not hold the parameters (\"or\", \"os\")", error);
    if (first != o->octave_first || end != o->octave_end || steps != o->steps)
        return gd_fail(error, GD_USAGE,
                       "--replay %s: the log has -or %" PRId64 " %" PRId64 " -os %" PRId64
                       ", and this render has -or %d %d -os %d; use the same",
                       s->path, first, end, steps, o->octave_first, o->octave_end, o->steps);
    if (whole_at(header, "rows", &log_rows) && whole_at(header, "cols", &log_cols) &&
        (log_rows != o->rows || log_cols != o->cols))
        return gd_fail(error, GD_USAGE,
                       "--replay %s: the log is for a picture of %" PRId64 "x%" PRId64
                       ", and this one is %" PRId64 "x%" PRId64 "; use the same -img and -img_max_dim",
                       s->path, log_cols, log_rows, o->cols, o->rows);
    return GD_OK;
}

/* Reads roll `index` from its line. */
static gd_status read_roll(const scan *s, const cJSON *object, gd_replay *r, int64_t index, gd_error *error)
{
    int64_t octave, step;
    if (!whole_at(object, "octave", &octave) || !whole_at(object, "step", &step) ||
        !whole_at(object, "dy", &r->rolls[2 * index]) || !whole_at(object, "dx", &r->rolls[2 * index + 1]))
        return damaged(s, "has no whole number for octave, step, dy or dx", error);
    if (octave != r->octave_first + index / r->steps || step != index % r->steps)
        return damaged(s, "is not the next step", error);
    return GD_OK;
}

static gd_status read_rolls(scan *s, gd_replay *r, int64_t expected, gd_error *error)
{
    /* Grows with the file, so that a large -os does not allocate memory by itself. */
    static const gd_array_kind kind = {2 * sizeof *r->rolls, INT64_C(1) << 40, "the rolls of a log"};
    int64_t capacity = 0;
    for (; r->count < expected; r->count++) {
        cJSON *object;
        gd_status status = read_line(s, &object, error);
        if (status != GD_OK)
            return status;
        if (!object)
            return gd_fail(error, GD_USAGE,
                           "--replay %s: the log ends after %" PRId64 " of %" PRId64
                           " steps; give the log of a finished render",
                           s->path, r->count, expected);
        status = gd_grow(&r->rolls, &capacity, r->count + 1, &kind, error);
        if (status == GD_OK)
            status = read_roll(s, object, r, r->count, error);
        cJSON_Delete(object);
        if (status != GD_OK)
            return status;
    }
    return GD_OK;
}

static gd_status read_log(scan *s, const gd_replay_steps *o, gd_replay *r, gd_error *error)
{
    cJSON *header;
    gd_status status = read_line(s, &header, error);
    if (status != GD_OK)
        return status;
    status = header ? check_header(s, header, o, error) : damaged(s, "is missing", error);
    cJSON_Delete(header);
    if (status == GD_OK)
        status = read_rolls(s, r, (int64_t)(o->octave_end - o->octave_first) * o->steps, error);
    return status;
}

gd_status gd_replay_open(const char *path, const gd_replay_steps *steps, gd_replay **replay, gd_error *error)
{
    scan s = {.path = path};
    gd_error why;
    *replay = NULL;
    gd_status status = gd_file_open_stream(path, "give a log that --log has written", &s.file, &why);
    if (status != GD_OK)
        return gd_fail(error, status, "--replay %s", why.message);
    gd_replay *r = calloc(1, sizeof *r);
    s.text = malloc(LINE_MAX_BYTES);
    if (!r || !s.text) {
        status = gd_no_memory(error, "the log of --replay %s", path);
        goto cleanup;
    }
    r->octave_first = steps->octave_first;
    r->steps = steps->steps;
    status = read_log(&s, steps, r, error);

cleanup:
    if (status != GD_OK) {
        gd_replay_free(r);
        r = NULL;
    }
    *replay = r;
    free(s.text);
    fclose(s.file);
    return status;
}

gd_status gd_replay_restore(const gd_replay_steps *steps, const int64_t *rolls, int64_t count,
                            const char *restart, gd_replay **replay, gd_error *error)
{
    const int64_t wanted = (int64_t)(steps->octave_end - steps->octave_first) * steps->steps;
    *replay = NULL;
    if (count < wanted)
        return gd_fail(error, GD_USAGE, "the checkpoint holds %" PRId64 " rolls of %" PRId64 "; %s", count,
                       wanted, restart);
    gd_replay *r = calloc(1, sizeof *r);
    if (r)
        *r = (gd_replay){steps->octave_first, steps->steps, wanted,
                         malloc((size_t)wanted * 2 * sizeof *rolls + 1)};
    if (!r || !r->rolls) {
        gd_replay_free(r);
        return gd_no_memory(error, "the rolls of a checkpoint");
    }
    memcpy(r->rolls, rolls, (size_t)wanted * 2 * sizeof *rolls);
    *replay = r;
    return GD_OK;
}

void gd_replay_free(gd_replay *replay)
{
    if (!replay)
        return;
    free(replay->rolls);
    free(replay);
}

void gd_replay_roll(const gd_replay *replay, int32_t octave, int32_t step, int64_t *dy, int64_t *dx)
{
    int64_t index = (int64_t)(octave - replay->octave_first) * replay->steps + step;
    *dy = replay->rolls[2 * index];
    *dx = replay->rolls[2 * index + 1];
}

/* Writes the log: the parameters, a line a step, and the time by phase. Each line is written completely
 * before the next step starts. */
#include "records/run_log.h"

#include "base/file.h"
#include "options/enum_names.h"
#include "options/flag_values.h"
#include "options/layers.h"
#include "options/options_format.h"
#include "text/utf8.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct gd_run_log {
    FILE *file;
    char path[GD_PATH_MAX];
};

/* As raw text: cJSON stores numbers as double, which rounds large seeds. */
static cJSON *add_whole(cJSON *object, const char *key, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return cJSON_AddRawToObject(object, key, text);
}

static cJSON *add_pair(cJSON *object, const char *key, int32_t a, int32_t b)
{
    const int pair[2] = {a, b};
    cJSON *array = cJSON_CreateIntArray(pair, 2);
    if (!cJSON_AddItemToObject(object, key, array)) {
        cJSON_Delete(array);
        return NULL;
    }
    return array;
}

/* A number, or START:END:CURVE as text. */
static cJSON *add_schedule(cJSON *object, const char *key, const gd_schedule *schedule)
{
    char text[GD_SCHEDULE_TEXT];
    gd_schedule_text(schedule, text);
    if (schedule->start == schedule->end)
        return cJSON_AddNumberToObject(object, key, schedule->start);
    return cJSON_AddStringToObject(object, key, text);
}

/* Layers as two numbers or, if given by name, as text; plus all names with their weights. */
static bool add_layers(cJSON *object, const char *key, const gd_options *o)
{
    char text[GD_OPTION_TEXT];
    if (!gd_print_layers(o, text, sizeof text))
        return false;
    bool done = o->layer_first >= 0 ? add_pair(object, key, o->layer_first, o->layer_end) != NULL
                                    : cJSON_AddStringToObject(object, key, text) != NULL;
    cJSON *layers = cJSON_AddArrayToObject(object, "layers");
    for (int32_t i = 0; done && i < o->chosen.layer_count; i++) {
        cJSON *layer = cJSON_CreateObject();
        done =
            cJSON_AddItemToArray(layers, layer) &&
            cJSON_AddStringToObject(layer, "name", o->chosen.layers[i].name) &&
            cJSON_AddNumberToObject(layer, "weight", o->chosen.layers[i].weight); /* channels: in the text */
    }
    return done && layers;
}

static cJSON *add_word(cJSON *object, const gd_flag *flag, const gd_options *o)
{
    const char *key = gd_flag_key(flag), *text = gd_flag_choice_name(flag, o);
    const gd_enum_name *word = gd_enum_find(flag->names, text);
    if (flag->names == gd_on_off_names)
        return cJSON_AddBoolToObject(object, key, strcmp(text, "on") == 0);
    return cJSON_AddStringToObject(object, key, word && word->use != GD_NAME_OFF ? text : "");
}

static cJSON *add_whole_field(cJSON *object, const gd_flag *flag, const gd_options *o)
{
    const void *at = gd_flag_field(flag, o);
    return cJSON_AddNumberToObject(object, gd_flag_key(flag),
                                   flag->bytes == sizeof(int32_t) ? *(const int32_t *)at
                                                                  : (double)*(const int64_t *)at);
}

/* The value of a flag by its kind; text values as on the command line. */
static bool add_flag(cJSON *j, const gd_flag *flag, const gd_options *o)
{
    const char *key = gd_flag_key(flag);
    const void *at = gd_flag_field(flag, o);
    char text[GD_OPTION_TEXT];
    switch (flag->kind) {
    case GD_VALUE_SWITCH:
        return cJSON_AddBoolToObject(j, key, gd_flag_is_on(flag, o));
    case GD_VALUE_WHOLE:
        return add_whole_field(j, flag, o);
    case GD_VALUE_UNSIGNED:
        return add_whole(j, key, *(const uint64_t *)at);
    case GD_VALUE_DOUBLE:
        return cJSON_AddNumberToObject(j, key, *(const double *)at);
    case GD_VALUE_ENUM:
        return add_word(j, flag, o);
    case GD_VALUE_SCHEDULE:
        return add_schedule(j, key, at);
    default:
        return gd_flag_text(flag, o, text, sizeof text) && cJSON_AddStringToObject(j, key, text);
    }
}

/* All flags except those of group OTHER, such as --dry-run; some are written as resolved values. */
static bool add_options(cJSON *j, const gd_options *o)
{
    bool done = true;
    for (int i = 0; done && i < GD_FLAG_COUNT; i++) {
        const char *key = gd_flag_key(&gd_flags[i]);
        if (gd_flags[i].group == GD_GROUP_OTHER)
            continue;
        if (i == GD_FLAG_LAYERS)
            done = add_layers(j, key, o);
        else if (i == GD_FLAG_OCTAVES)
            done = add_pair(j, key, o->octave_first, o->octave_end);
        else if (i == GD_FLAG_DPI)
            done = cJSON_AddNumberToObject(j, key, gd_options_dpi(o));
        else if (i == GD_FLAG_PREVIEW)
            done = cJSON_AddStringToObject(j, key, o->preview);
        else
            done = add_flag(j, &gd_flags[i], o);
    }
    return done;
}

static bool add_text(cJSON *object, const char *key, const char *text)
{
    return text ? cJSON_AddStringToObject(object, key, text) != NULL
                : cJSON_AddNullToObject(object, key) != NULL;
}

/* An object of pairs [2 * count] of names and texts. */
static bool add_pairs(cJSON *j, const char *key, const char *const *pairs, size_t count)
{
    cJSON *object = cJSON_AddObjectToObject(j, key);
    bool done = object != NULL;
    for (size_t i = 0; done && i < count; i++)
        done = cJSON_AddStringToObject(object, pairs[2 * i], pairs[2 * i + 1]) != NULL;
    return done;
}

/* The shares of a layer's channels. */
static bool add_shares(cJSON *object, const char *name, const char **text)
{
    cJSON *numbers = cJSON_AddArrayToObject(object, name);
    bool done = numbers != NULL;
    while (done && **text == ' ') {
        char *end;
        done = cJSON_AddItemToArray(numbers, cJSON_CreateNumber(strtod(*text, &end))) && end > *text;
        *text = end;
    }
    return done;
}

/* The size of a layer's units, and the checksum of their digits. */
static bool add_units(cJSON *object, const char *name, const char **text)
{
    int rows = 0, cols = 0, begin = 0;
    char sum[9];
    cJSON *units = cJSON_AddObjectToObject(object, name);
    if (!units || sscanf(*text, " %dx%d %n", &cols, &rows, &begin) < 2)
        return false;
    *text += begin;
    const size_t digits = strcspn(*text, "\n");
    snprintf(sum, sizeof sum, "%08lx", crc32_z(0, (const Bytef *)*text, digits));
    *text += digits;
    return cJSON_AddNumberToObject(units, "cols", cols) && cJSON_AddNumberToObject(units, "rows", rows) &&
           cJSON_AddStringToObject(units, "crc32", sum);
}

/* An object of layers, from lines of a name and what is known of it. */
static bool add_guide(cJSON *j, const char *text, bool matched)
{
    cJSON *object = cJSON_AddObjectToObject(j, matched ? "guide_units" : "guide_channels");
    bool done = object != NULL;
    while (done && text && *text) {
        char name[GD_NODE_NAME_MAX];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(text, " \n"), text);
        text += strcspn(text, " \n");
        done = (matched ? add_units : add_shares)(object, name, &text);
        text += *text == '\n';
    }
    return done;
}

static bool add_facts(cJSON *j, const gd_run_log_facts *facts)
{
    return add_pairs(j, "versions", facts->versions, facts->version_count) &&
           cJSON_AddNumberToObject(j, "rows", (double)facts->rows) &&
           cJSON_AddNumberToObject(j, "cols", (double)facts->cols) &&
           cJSON_AddNumberToObject(j, "ranks", facts->ranks) &&
           add_text(j, "weights_file", facts->weights_file) &&
           add_text(j, "weights_checksum", facts->weights_checksum) &&
           add_text(j, "numerics", facts->numerics) && add_text(j, "choices", facts->choices) &&
           add_text(j, "demoted", facts->demoted) &&
           (!facts->guide || add_guide(j, facts->guide, facts->matched)) &&
           add_pairs(j, "why", facts->reasons, facts->reason_count);
}

static gd_status write_failed(const gd_run_log *log, gd_error *error)
{
    return gd_fail(error, GD_IO, "%s: cannot write the log (%s); free disk space or give --log another name",
                   log->path, strerror(errno));
}

/* Writes a line of JSON. Bytes that are not UTF-8 are written as "\\xFF". */
static bool write_text(FILE *file, const char *text)
{
    while (*text) {
        const size_t length = gd_utf8_length(text);
        const int written = length ? fprintf(file, "%.*s", (int)length, text)
                                   : fprintf(file, "\\\\x%02x", (unsigned char)*text);
        if (written < 0)
            return false;
        text += length ? length : 1;
    }
    return true;
}

/* Prints the object as one line and flushes it. */
static gd_status write_line(gd_run_log *log, const cJSON *object, gd_error *error)
{
    char *text = cJSON_PrintUnformatted(object);
    if (!text)
        return gd_no_memory(error, "a line of the log %s", log->path);
    bool written = write_text(log->file, text) && fputc('\n', log->file) != EOF && fflush(log->file) == 0;
    cJSON_free(text);
    return written ? GD_OK : write_failed(log, error);
}

static gd_status write_header(gd_run_log *log, const gd_options *options, const gd_run_log_facts *facts,
                              gd_error *error)
{
    cJSON *header = cJSON_CreateObject();
    gd_status status;
    if (header && add_options(header, options) && add_facts(header, facts))
        status = write_line(log, header, error);
    else
        status = gd_no_memory(error, "a line of the log %s", log->path);
    cJSON_Delete(header);
    return status;
}

/* The file appears under its name together with its first line; later lines are appended. */
static gd_status begin(gd_run_log *log, gd_target *target, const gd_options *options,
                       const gd_run_log_facts *facts, gd_error *error)
{
    gd_status status = gd_target_create(target, false, error);
    if (status != GD_OK)
        return status;
    log->file = gd_file_stream(target->fd, "w");
    if (!log->file)
        return write_failed(log, error);
    status = write_header(log, options, facts, error);
    return status == GD_OK ? gd_target_commit(target, error) : status;
}

gd_status gd_run_log_open(gd_target *target, const gd_options *options, const gd_run_log_facts *facts,
                          gd_run_log **runlog, gd_error *error)
{
    gd_run_log *log = calloc(1, sizeof *log);
    if (!log)
        return gd_no_memory(error, "the log %s", target->path);
    snprintf(log->path, sizeof log->path, "%s", target->path);
    const gd_status status = begin(log, target, options, facts, error);
    if (status != GD_OK) {
        gd_target_discard(target);
        if (log->file)
            fclose(log->file);
        free(log);
        return status;
    }
    *runlog = log;
    return GD_OK;
}

gd_status gd_run_log_step(gd_run_log *runlog, const gd_run_log_line *l, gd_error *error)
{
    if (!runlog)
        return GD_OK;
    char frame[32] = "", known[256] =
                             "\"seconds\":null,\"computing\":null,\"updating\":null,\"deviation\":null,"
                             "\"rows\":null,\"cols\":null";
    if (l->timed)
        snprintf(known, sizeof known,
                 "\"seconds\":%.6f,\"computing\":%.6f,\"updating\":%.6f,\"deviation\":%.9g,\"rows\":%" PRId64
                 ",\"cols\":%" PRId64,
                 l->seconds, l->computing, l->updating, isfinite(l->deviation) ? l->deviation : 0.0, l->rows,
                 l->cols);
    if (l->frames > 0)
        snprintf(frame, sizeof frame, "\"frame\":%d,", l->frame);
    const int length =
        fprintf(runlog->file, "{%s\"octave\":%d,\"step\":%d,\"dy\":%" PRId64 ",\"dx\":%" PRId64 ",%s}\n",
                frame, l->octave, l->step, l->dy, l->dx, known);
    return length < 0 || fflush(runlog->file) != 0 ? write_failed(runlog, error) : GD_OK;
}

static bool add_rank(cJSON *ranks, const gd_rank_record *rank)
{
    cJSON *object = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(ranks, object)) {
        cJSON_Delete(object);
        return false;
    }
    return cJSON_AddNumberToObject(object, "host", rank->host) &&
           cJSON_AddNumberToObject(object, "cores", rank->cores) &&
           cJSON_AddNumberToObject(object, "first_core", rank->first_core) &&
           cJSON_AddNumberToObject(object, "host_cores", rank->host_cores) &&
           cJSON_AddNumberToObject(object, "computing", rank->computing) &&
           cJSON_AddNumberToObject(object, "updating", rank->updating) &&
           cJSON_AddNumberToObject(object, "exchanging", rank->exchanging) &&
           cJSON_AddNumberToObject(object, "peak_bytes", (double)rank->peak_bytes);
}

gd_status gd_run_log_finish(gd_run_log *runlog, const gd_run_log_end *end, gd_error *error)
{
    if (!runlog)
        return GD_OK;
    cJSON *line = cJSON_CreateObject();
    cJSON *seconds = line ? cJSON_AddObjectToObject(line, "phases") : NULL;
    bool done = seconds != NULL;
    for (int i = 0; done && i < GD_PHASE_COUNT; i++)
        done = cJSON_AddNumberToObject(seconds, gd_phase_name(i), end->phases->seconds[i]) != NULL;
    done = done && cJSON_AddNumberToObject(line, "scratch_bytes", (double)end->scratch_bytes) != NULL;
    cJSON *ranks = done ? cJSON_AddArrayToObject(line, "ranks") : NULL;
    done = done && ranks;
    for (int32_t i = 0; done && i < end->rank_count; i++)
        done = add_rank(ranks, &end->ranks[i]);
    gd_status status = GD_OK;
    if (done)
        status = write_line(runlog, line, error);
    else
        status = gd_no_memory(error, "a line of the log %s", runlog->path);
    cJSON_Delete(line);
    return status;
}

gd_status gd_run_log_close(gd_run_log **runlog, gd_error *error)
{
    gd_run_log *log = *runlog;
    if (!log)
        return GD_OK;
    *runlog = NULL;
    gd_status status = fclose(log->file) == 0 ? GD_OK : write_failed(log, error);
    free(log);
    return status;
}

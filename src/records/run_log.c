/* Writes the log: the parameters, a line a step, and the time by phase. Each line is complete in the file
 * before the next step starts. */
#include "records/run_log.h"

#include "base/file.h"
#include "base/size.h"
#include "options/enum_names.h"
#include "options/options_format.h"
#include "options/utf8.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gd_run_log {
    FILE *file;
    char path[GD_PATH_MAX];
};

/* cJSON holds numbers as doubles, which would round large seeds. */
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
    char text[96];
    gd_schedule_text(schedule, text);
    if (schedule->start == schedule->end)
        return cJSON_AddNumberToObject(object, key, schedule->start);
    return cJSON_AddStringToObject(object, key, text);
}

static bool add_layers(cJSON *object, const gd_options *o)
{
    char text[4096];
    if (!gd_layers_text(o, text, sizeof text))
        return false;
    bool done = o->layer_first >= 0 ? add_pair(object, "ml", o->layer_first, o->layer_end) != NULL
                                    : cJSON_AddStringToObject(object, "ml", text) != NULL;
    cJSON *layers = cJSON_AddArrayToObject(object, "layers");
    for (int32_t i = 0; done && i < o->layer_count; i++) {
        cJSON *layer = cJSON_CreateObject();
        done = cJSON_AddItemToArray(layers, layer) &&
               cJSON_AddStringToObject(layer, "name", o->layers[i].name) &&
               cJSON_AddNumberToObject(layer, "weight", o->layers[i].weight);
    }
    return done && layers;
}

/* The flags of the table, under their short names. */
static bool add_short(cJSON *j, const gd_options *o)
{
    return cJSON_AddStringToObject(j, "img", o->input) && cJSON_AddStringToObject(j, "img_out", o->output) &&
           cJSON_AddNumberToObject(j, "img_max_dim", (double)o->max_dim) &&
           cJSON_AddBoolToObject(j, "save_input", o->save_input) && add_schedule(j, "ts", &o->tile) &&
           add_schedule(j, "ss", &o->step_size) && cJSON_AddNumberToObject(j, "osc", o->octave_scale) &&
           add_pair(j, "or", o->octave_first, o->octave_end) && cJSON_AddNumberToObject(j, "os", o->steps) &&
           cJSON_AddStringToObject(j, "m", gd_architecture_name(o->architecture)) && add_layers(j, o);
}

static bool add_memory(cJSON *j, const gd_options *o)
{
    char size[32] = "";
    if (o->memory > 0)
        gd_size_text(o->memory, size);
    return cJSON_AddStringToObject(j, "memory", size) && cJSON_AddStringToObject(j, "scratch", o->scratch);
}

/* The others, by their long names. */
static bool add_long(cJSON *j, const gd_options *o)
{
    char halo[32], size[64] = "", paper[64], every[32];
    gd_halo_text(o, halo);
    gd_every_text(o, every);
    gd_print_text(o, paper);
    if (o->noise_rows)
        snprintf(size, sizeof size, "%" PRId64 "x%" PRId64, o->noise_cols, o->noise_rows);
    return cJSON_AddStringToObject(j, "size", size) && cJSON_AddBoolToObject(j, "enlarge", o->enlarge) &&
           cJSON_AddBoolToObject(j, "no-final-resize", !o->final_resize) &&
           cJSON_AddBoolToObject(j, "keep-detail", o->keep_detail) &&
           cJSON_AddStringToObject(j, "print", paper) &&
           cJSON_AddNumberToObject(j, "dpi", gd_options_dpi(o)) &&
           cJSON_AddNumberToObject(j, "bits", o->bits) &&
           cJSON_AddStringToObject(j, "compression", gd_compression_name(o->compression)) &&
           cJSON_AddBoolToObject(j, "pyramid", o->pyramid) &&
           cJSON_AddStringToObject(j, "bigtiff", gd_bigtiff_name(o->bigtiff)) &&
           cJSON_AddStringToObject(j, "halo", halo) &&
           cJSON_AddStringToObject(j, "compat", o->compat_tensorflow ? "tensorflow" : "") &&
           add_whole(j, "seed", o->seed) &&
           cJSON_AddStringToObject(j, "backend", gd_backend_kind_name(o->backend)) &&
           cJSON_AddStringToObject(j, "precision", gd_precision_name(o->precision)) &&
           cJSON_AddNumberToObject(j, "threads", o->threads) && add_memory(j, o) &&
           cJSON_AddStringToObject(j, "transport", gd_transport_kind_name(o->transport)) &&
           cJSON_AddBoolToObject(j, "autotune", o->autotune) &&
           cJSON_AddBoolToObject(j, "share-gpu", o->share_gpu) &&
           cJSON_AddStringToObject(j, "weights", o->weights) && cJSON_AddStringToObject(j, "log", o->log) &&
           cJSON_AddStringToObject(j, "replay", o->replay) && cJSON_AddBoolToObject(j, "quiet", o->quiet) &&
           cJSON_AddStringToObject(j, "preview", o->preview) &&
           cJSON_AddNumberToObject(j, "preview-every", o->preview_every) &&
           cJSON_AddStringToObject(j, "checkpoint", o->checkpoint) &&
           cJSON_AddStringToObject(j, "checkpoint-every", every) &&
           cJSON_AddStringToObject(j, "resume", o->resume) &&
           cJSON_AddBoolToObject(j, "restart", o->restart) && cJSON_AddBoolToObject(j, "trust", o->trust) &&
           cJSON_AddBoolToObject(j, "overwrite", o->overwrite);
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

static bool add_facts(cJSON *j, const gd_run_log_facts *facts)
{
    return add_pairs(j, "versions", facts->versions, facts->version_count) &&
           cJSON_AddNumberToObject(j, "rows", (double)facts->rows) &&
           cJSON_AddNumberToObject(j, "cols", (double)facts->cols) &&
           cJSON_AddNumberToObject(j, "ranks", facts->ranks) &&
           add_text(j, "weights_file", facts->weights_file) &&
           add_text(j, "weights_checksum", facts->weights_checksum) &&
           add_text(j, "numerics", facts->numerics) && add_text(j, "choices", facts->choices) &&
           add_pairs(j, "why", facts->reasons, facts->reason_count);
}

static gd_status write_failed(const gd_run_log *log, gd_error *error)
{
    return gd_fail(error, GD_IO, "%s: cannot write the log (%s); free some room or give --log another name",
                   log->path, strerror(errno));
}

/* Writes a line of JSON. Bytes of names that are no UTF-8 become "\xFF", behind a backslash of their own. */
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

/* Prints the object as one line; a line is complete in the file before the next step starts. */
static gd_status write_line(gd_run_log *log, const cJSON *object, gd_error *error)
{
    char *text = cJSON_PrintUnformatted(object);
    if (!text)
        return gd_fail(error, GD_MEMORY, "%s: out of memory for a line of the log", log->path);
    bool written = write_text(log->file, text) && fputc('\n', log->file) != EOF && fflush(log->file) == 0;
    cJSON_free(text);
    return written ? GD_OK : write_failed(log, error);
}

static gd_status write_header(gd_run_log *log, const gd_options *options, const gd_run_log_facts *facts,
                              gd_error *error)
{
    cJSON *header = cJSON_CreateObject();
    gd_status status;
    if (header && add_short(header, options) && add_long(header, options) && add_facts(header, facts))
        status = write_line(log, header, error);
    else
        status = gd_fail(error, GD_MEMORY, "%s: out of memory for a line of the log", log->path);
    cJSON_Delete(header);
    return status;
}

/* The file comes into being with its first line, and grows under its name. */
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
        return gd_fail(error, GD_MEMORY, "%s: out of memory for the log", target->path);
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

gd_status gd_run_log_step(gd_run_log *runlog, int32_t octave, int32_t step, int64_t dy, int64_t dx,
                          double seconds, double computing, gd_error *error)
{
    if (!runlog)
        return GD_OK;
    char took[32] = "null", computed[32] = "null";
    if (seconds >= 0) {
        snprintf(took, sizeof took, "%.6f", seconds);
        snprintf(computed, sizeof computed, "%.6f", computing);
    }
    int length = fprintf(runlog->file,
                         "{\"octave\":%d,\"step\":%d,\"dy\":%" PRId64 ",\"dx\":%" PRId64
                         ",\"seconds\":%s,\"computing\":%s}\n",
                         octave, step, dy, dx, took, computed);
    return length < 0 || fflush(runlog->file) != 0 ? write_failed(runlog, error) : GD_OK;
}

gd_status gd_run_log_phases(gd_run_log *runlog, const gd_phases *phases, uint64_t scratch_bytes,
                            gd_error *error)
{
    if (!runlog)
        return GD_OK;
    cJSON *line = cJSON_CreateObject();
    cJSON *seconds = line ? cJSON_AddObjectToObject(line, "phases") : NULL;
    bool done = seconds != NULL;
    for (int i = 0; done && i < GD_PHASE_COUNT; i++)
        done = cJSON_AddNumberToObject(seconds, gd_phase_name(i), phases->seconds[i]) != NULL;
    done = done && cJSON_AddNumberToObject(line, "scratch_bytes", (double)scratch_bytes) != NULL;
    gd_status status = GD_OK;
    if (done)
        status = write_line(runlog, line, error);
    else
        status = gd_fail(error, GD_MEMORY, "%s: out of memory for a line of the log", runlog->path);
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

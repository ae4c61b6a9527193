/* Reads two pictures row by row, blends them as a render does at its end, and writes the result. */
#include "job/blend/blend_files.h"

#include "base/clock.h"
#include "base/target_resolve.h"
#include "files/scratch_folder.h"
#include "image/mark.h"
#include "image/reader.h"
#include "image/writer.h"
#include "job/memory_check.h"
#include "kernels/backend.h"
#include "options/argv_split.h"
#include "options/options_format.h"
#include "options/options_parse.h"
#include "records/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 16 };

typedef struct blend {
    const gd_options *options; /* borrowed, as is the next */
    const char *path;          /* of the dream */
    gd_reader *dream, *input;  /* owned */
    char *text;                /* owned; [TEXT_MAX]; for the text field */
    char output[GD_PATH_MAX];  /* with its extension */
    char folder[GD_PATH_MAX];  /* for a picture that is turned upright; "": none */
    gd_writer_options writing;
    gd_profile profile; /* its ICC profile is the dream's */
} blend;

static void warn(const blend *b, const char *path, const char *warning)
{
    if (warning && *warning && !b->options->quiet)
        fprintf(stderr, "gigadream: warning: %s: %s\n", path, warning);
}

/* Checks both within the memory that they may take, and opens the input at the dream's size. */
static gd_status open_both(blend *b, gd_error *error)
{
    const gd_options *o = b->options;
    gd_allowance allowance = gd_memory_check_allowance(o, 1);
    bool in_memory = false;
    if (gd_scratch_folder(o, b->folder, &in_memory, NULL) != GD_OK || in_memory)
        b->folder[0] = '\0';
    gd_reader *checked = NULL;
    gd_status status = gd_reader_open(b->path, b->folder, &allowance, &b->dream, error);
    if (status == GD_OK)
        status = gd_reader_open(o->input, b->folder, &allowance, &checked, error);
    if (status == GD_OK) {
        const gd_picture_info *dream = gd_reader_info(b->dream);
        warn(b, b->path, dream->warning);
        warn(b, o->input, gd_reader_info(checked)->warning);
        status = gd_reader_open_resized(o->input, b->folder, dream->rows, dream->cols, &b->input, error);
    }
    if (status == GD_OK)
        status = gd_reader_check(b->input, &gd_reader_info(checked)->file, error);
    gd_reader_close(checked);
    return status;
}

/* Samples are blended as they are: a render has given the dream the input's profile. */
static void compare_profiles(const blend *b)
{
    const gd_profile *dream = &gd_reader_info(b->dream)->profile, *input = &gd_reader_info(b->input)->profile;
    const bool same = dream->icc && input->icc ? dream->icc_bytes == input->icc_bytes &&
                                                     memcmp(dream->icc, input->icc, dream->icc_bytes) == 0
                                               : !dream->icc && !input->icc;
    if (!same)
        warn(b, b->path,
             "it has another colour profile than the input; the result has the dream's, and its colours are "
             "not right unless you convert one of both first");
}

/* Refuses to write over a file that is read. */
static gd_status check_names(blend *b, gd_error *error)
{
    const gd_reader *const readers[] = {b->dream, b->input};
    const char *const paths[] = {b->path, b->options->input};
    struct stat there;
    gd_status status =
        gd_file_kind_of(b->options->output, &b->writing.kind, b->output, sizeof b->output, error);
    if (status != GD_OK || stat(b->output, &there) != 0)
        return status;
    for (int i = 0; i < 2; i++) {
        const gd_file_identity *file = &gd_reader_info(readers[i])->file;
        if (file->device == there.st_dev && file->inode == there.st_ino)
            return gd_fail(error, GD_USAGE,
                           "-img_out would overwrite %s, which is blended; give -img_out another name",
                           paths[i]);
    }
    return GD_OK;
}

/* The dream's own command with the strength that the result has; false: it has none of this version. */
static bool repeat_command(const blend *b, const char *found, gd_options *all)
{
    bool given[GD_FLAG_COUNT] = {false};
    gd_argv_words words = {0};
    gd_options_default(all);
    bool fits = gd_argv_words_split(found, &words, NULL) == GD_OK && !words.open &&
                gd_options_parse_flags(words.count, words.items, all, given, NULL) == GD_OK;
    all->strength *= b->options->strength;
    all->keep_colors |= b->options->keep_colors;
    all->bits = b->writing.bits;
    all->compression = b->writing.compression;
    all->bigtiff = b->writing.bigtiff;
    all->pyramid = b->options->pyramid;
    if (b->options->dpi > 0)
        all->dpi = b->options->dpi;
    const char *note = fits && *words.remark ? words.remark + strspn(words.remark, " ") : NULL;
    fits = fits && gd_options_text(all, note, b->text, TEXT_MAX) == GD_OK;
    gd_argv_words_free(&words);
    return fits;
}

static gd_status write_text(blend *b, gd_error *error)
{
    char *found = malloc(TEXT_MAX);
    gd_options *all = malloc(sizeof *all);
    b->text = malloc(TEXT_MAX);
    int fd = -1;
    gd_status status = GD_OK;
    if (!found || !all || !b->text)
        status = gd_no_memory(error, "the text of %s", b->path);
    if (status == GD_OK)
        status = gd_file_open_input(b->path, "name a picture", &fd, error);
    if (status == GD_OK && (!gd_picture_text(fd, found, TEXT_MAX) || !repeat_command(b, found, all)))
        snprintf(b->text, TEXT_MAX, "gigadream blend --strength %.17g%s # two pictures", b->options->strength,
                 b->options->keep_colors ? " --keep-colors" : "");
    if (fd >= 0)
        close(fd);
    free(found);
    free(all);
    return status;
}

static gd_status prepare_writer(blend *b, gd_claims *claims, const gd_confirm *confirm, gd_error *error)
{
    const gd_options *o = b->options;
    const gd_picture_info *dream = gd_reader_info(b->dream);
    gd_writer_options *w = &b->writing;
    b->profile = dream->profile;
    if (o->dpi > 0)
        b->profile.dpi_x = b->profile.dpi_y = o->dpi;
    w->rows = dream->rows;
    w->cols = dream->cols;
    w->bits = w->kind == GD_FILE_JPEG || o->compression == GD_COMPRESSION_JPEG ? 8
              : o->bits > 0                                                    ? o->bits
                                                                               : dream->bits;
    w->compression = o->compression;
    w->bigtiff = o->bigtiff;
    w->pyramid = o->pyramid && w->kind == GD_FILE_TIFF;
    w->profile = &b->profile;
    gd_status status = gd_writer_check(b->output, w, error);
    if (status == GD_OK)
        status = gd_claims_take_picture(claims, o, b->output, confirm, error);
    if (status == GD_OK)
        status = write_text(b, error);
    w->text = b->text;
    w->target = gd_claims_target(claims, GD_CLAIM_OUTPUT);
    return status;
}

/* rows: [2, cols, 3]. The host's blend is the same on all backends, and needs no device. */
static gd_status blend_rows(const blend *b, gd_writer *writer, float *rows, gd_error *error)
{
    const int64_t cols = b->writing.cols;
    float *const dream = rows, *const input = rows + 3 * cols;
    gd_status status = GD_OK;
    for (int64_t y = 0; status == GD_OK && y < b->writing.rows; y++) {
        status = gd_reader_rows(b->dream, 1, dream, error);
        if (status == GD_OK)
            status = gd_reader_rows(b->input, 1, input, error);
        if (status == GD_OK)
            status = gd_backend_cpu.blend(NULL, dream, input, cols, (float)b->options->strength,
                                          b->options->keep_colors, error);
        if (status == GD_OK)
            status = gd_writer_rows(writer, 1, dream, error);
    }
    return status;
}

/* The files must be the same ones until the last row. */
static gd_status check_unchanged(const blend *b, gd_error *error)
{
    const gd_status status = gd_reader_check(b->dream, &gd_reader_info(b->dream)->file, error);
    return status == GD_OK ? gd_reader_check(b->input, &gd_reader_info(b->input)->file, error) : status;
}

static gd_status write_picture(const blend *b, gd_error *error)
{
    gd_writer *writer = NULL;
    float *rows = malloc((size_t)b->writing.cols * 6 * sizeof *rows);
    gd_status status = rows ? GD_OK : gd_no_memory(error, "two rows of %s", b->path);
    if (status == GD_OK)
        status = gd_writer_open(b->output, &b->writing, &writer, error);
    if (status == GD_OK)
        status = blend_rows(b, writer, rows, error);
    if (status == GD_OK)
        status = check_unchanged(b, error);
    if (status == GD_OK)
        status = gd_writer_finish(writer, error);
    else
        gd_writer_abandon(writer);
    free(rows);
    warn(b, b->path, gd_reader_late_warning(b->dream));
    warn(b, b->options->input, gd_reader_late_warning(b->input));
    return status;
}

static void say_written(const blend *b, double start)
{
    struct stat there;
    if (!b->options->quiet && stat(b->output, &there) == 0)
        gd_progress_wrote(stderr, b->output, b->writing.rows, b->writing.cols, (int64_t)there.st_size,
                          gd_clock() - start);
}

gd_status gd_blend_files(const gd_options *options, const char *dream, gd_claims *claims,
                         const gd_confirm *confirm, gd_error *error)
{
    const double start = gd_clock();
    blend *b = calloc(1, sizeof *b);
    if (!b)
        return gd_no_memory(error, "a blend of two pictures");
    b->options = options;
    b->path = dream;
    gd_status status = open_both(b, error);
    if (status == GD_OK)
        status = check_names(b, error);
    if (status == GD_OK) {
        compare_profiles(b);
        status = prepare_writer(b, claims, confirm, error);
    }
    if (status == GD_OK)
        status = write_picture(b, error);
    if (status == GD_OK)
        say_written(b, start);
    gd_reader_close(b->dream);
    gd_reader_close(b->input);
    free(b->text);
    free(b);
    return status;
}

/* copy_picture [--NAME=VALUE ...] IN OUT BITS TEXT [COLS ROWS]: reads a picture and writes it, resized when a
 * size is given. IN may be "noise", of the size given. --compression, --bigtiff, --dpi and --pyramid=on|off
 * are the program's;
 * --peak=1 prints the most memory that was used, in KiB. */

#include "image/reader.h"
#include "image/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct job {
    const char *in, *out;
    int64_t rows, cols; /* 0: as the input has them */
    gd_writer_options options;
    double dpi; /* 0: the input's */
    bool peak;
} job;

static gd_status copy_rows(gd_reader *reader, gd_writer *writer, gd_error *error)
{
    const gd_picture_info *info = gd_reader_info(reader);
    float *row = malloc((size_t)info->cols * 3 * sizeof *row);
    gd_status status = row ? GD_OK : gd_fail(error, GD_MEMORY, "no memory for a row");
    for (int64_t y = 0; status == GD_OK && y < info->rows; y++) {
        status = gd_reader_rows(reader, 1, row, error);
        if (status == GD_OK)
            status = gd_writer_rows(writer, 1, row, error);
    }
    free(row);
    return status;
}

/* Grey noise (Marsaglia 2003), of whatever bits. */
static gd_status write_noise(const gd_writer_options *options, gd_writer *writer, gd_error *error)
{
    const size_t sample = (size_t)options->bits / 8, bytes = (size_t)options->cols * 3 * sample;
    uint8_t *row = malloc(bytes);
    uint32_t random = 1;
    gd_status status = row ? GD_OK : gd_fail(error, GD_MEMORY, "no memory for a row");
    for (int64_t y = 0; status == GD_OK && y < options->rows; y++) {
        for (size_t i = 0; i < bytes; i += 3 * sample) {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            for (size_t c = 0; c < 3; c++)
                memcpy(row + i + c * sample, &random, sample);
        }
        status = gd_writer_samples(writer, 1, row, error);
    }
    free(row);
    return status;
}

static gd_status copy(const job *j, gd_reader *reader, gd_error *error)
{
    gd_writer_options options = j->options;
    gd_profile profile = {0};
    char full[4096];
    gd_writer *writer = NULL;
    if (reader)
        profile = gd_reader_info(reader)->profile;
    if (j->dpi > 0)
        profile.dpi_x = profile.dpi_y = j->dpi;
    options.profile = &profile;
    options.rows = reader ? gd_reader_info(reader)->rows : j->rows;
    options.cols = reader ? gd_reader_info(reader)->cols : j->cols;
    gd_status status = gd_file_kind_of(j->out, &options.kind, full, sizeof full, error);
    if (status == GD_OK)
        status = gd_writer_check(full, &options, error);
    if (status == GD_OK)
        status = gd_writer_open(full, &options, &writer, error);
    if (status != GD_OK)
        return status;
    status = reader ? copy_rows(reader, writer, error) : write_noise(&options, writer, error);
    if (status == GD_OK)
        return gd_writer_finish(writer, error);
    gd_writer_abandon(writer);
    return status;
}

/* "--name=value" in `word`: its value, or NULL. */
static const char *value_of(const char *word, const char *name)
{
    const size_t length = strlen(name);
    return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static bool read_word(const gd_enum_name *words, const char *text, int *value)
{
    const gd_enum_name *word = gd_enum_find(words, text);
    if (word)
        *value = word->value;
    return word != NULL;
}

static bool read_option(const char *word, job *j)
{
    const char *value;
    if ((value = value_of(word, "--compression")))
        return read_word(gd_compression_names, value, (int *)&j->options.compression);
    if ((value = value_of(word, "--bigtiff")))
        return read_word(gd_bigtiff_names, value, (int *)&j->options.bigtiff);
    if ((value = value_of(word, "--pyramid")))
        j->options.pyramid = strcmp(value, "on") == 0;
    else if ((value = value_of(word, "--dpi")))
        j->dpi = atof(value);
    else if ((value = value_of(word, "--peak")))
        j->peak = true;
    return value != NULL;
}

static bool read_words(int count, char **words, job *j)
{
    int first = 1;
    while (first < count && strncmp(words[first], "--", 2) == 0)
        if (!read_option(words[first++], j))
            return false;
    count -= first;
    words += first;
    if (count != 4 && count != 6)
        return false;
    j->in = words[0];
    j->out = words[1];
    j->options.bits = atoi(words[2]);
    j->options.text = words[3];
    j->cols = count == 6 ? atoll(words[4]) : 0;
    j->rows = count == 6 ? atoll(words[5]) : 0;
    return true;
}

static void print_peak(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmHWM:", 6) == 0)
            printf("%ld\n", atol(line + 6));
    if (file)
        fclose(file);
}

int main(int count, char **words)
{
    job j = {0};
    gd_error error;
    gd_reader *reader = NULL;
    gd_status status = GD_OK;
    if (!read_words(count, words, &j)) {
        fprintf(stderr, "usage: copy_picture [--NAME=VALUE ...] IN OUT BITS TEXT [COLS ROWS]\n");
        return 2;
    }
    if (strcmp(j.in, "noise") != 0)
        status = j.rows ? gd_reader_open_resized(j.in, NULL, j.rows, j.cols, &reader, &error)
                        : gd_reader_open(j.in, NULL, NULL, &reader, &error);
    if (status == GD_OK)
        status = copy(&j, reader, &error);
    if (reader && gd_reader_info(reader)->warning)
        fprintf(stderr, "warning: %s\n", gd_reader_info(reader)->warning);
    if (reader && gd_reader_late_warning(reader)[0])
        fprintf(stderr, "late warning: %s\n", gd_reader_late_warning(reader));
    gd_reader_close(reader);
    if (status != GD_OK)
        fprintf(stderr, "%s\n", error.message);
    if (j.peak)
        print_peak();
    return gd_exit_code(status);
}

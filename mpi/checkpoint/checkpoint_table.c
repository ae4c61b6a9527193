/* Prints and parses the first block of a checkpoint's file, and computes where its pieces lie.
 *
 * States of a file, by its first block:
 *   1. foreign     it does not begin like a checkpoint: it is never used, replaced or removed
 *   2. unfinished  "gigadream checkpoint, unfinished" and an identity: every reader refuses it
 *   3. finished    "gigadream checkpoint, format N" and the table
 * Invariants of a table that gd_checkpoint_arrange or gd_checkpoint_parse accepted:
 *   1. All numbers are within the bounds of check_place and check_sizes.
 *   2. Pieces are in the order of gd_piece_names without overlap; the canvas begins at a multiple of 4096
 *      and ends the file, and the others begin at multiples of 8.
 *   3. The offsets and the length of the file follow from `place` and the sizes of texts, rolls and icc.
 *   4. A parsed block is, byte for byte, the one that gd_checkpoint_print prints of its table, and the file
 *      has the stated length. */
#include "mpi/checkpoint/checkpoint_table.h"

#include "base/file.h"
#include "base/round.h"
#include "canvas/partition.h"
#include "mpi/checkpoint/checkpoint_bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BLOCK = GD_CHECKPOINT_BLOCK,
    OWN_CRC = BLOCK - 8, /* offset of the block's own CRC: 8 digits, of all bytes before it */
    OCTAVE_MAX = 1000,   /* as for -or */
    TEXT_MAX = 1 << 16,
    ICC_MAX = 1 << 26,
    ROLLS_MAX = 1 << 28, /* bytes; 16 for each step */
    PAGE = 4096
};
static const int64_t side_max = INT64_C(1) << 30; /* as in gd_partition_create */
static const char first_line[] = "gigadream checkpoint, format ";
static const char unfinished[] = "gigadream checkpoint, unfinished\n";
static const char identity_word[] = "identity: ";

const gd_checkpoint_field gd_checkpoint_fields[] = {
    {"frame", offsetof(gd_checkpoint_place, frame), true},
    {"octave", offsetof(gd_checkpoint_place, octave), true},
    {"step", offsetof(gd_checkpoint_place, step), true},
    {"base_rows", offsetof(gd_checkpoint_place, base_rows), true},
    {"base_cols", offsetof(gd_checkpoint_place, base_cols), true},
    {"rows", offsetof(gd_checkpoint_place, rows), true},
    {"cols", offsetof(gd_checkpoint_place, cols), true},
    {"dpi_x", offsetof(gd_checkpoint_place, dpi_x), false},
    {"dpi_y", offsetof(gd_checkpoint_place, dpi_y), false},
    {"mean_red", offsetof(gd_checkpoint_place, mean[0]), false},
    {"mean_green", offsetof(gd_checkpoint_place, mean[1]), false},
    {"mean_blue", offsetof(gd_checkpoint_place, mean[2]), false},
    {"deviation_red", offsetof(gd_checkpoint_place, deviation[0]), false},
    {"deviation_green", offsetof(gd_checkpoint_place, deviation[1]), false},
    {"deviation_blue", offsetof(gd_checkpoint_place, deviation[2]), false},
    {"input_bytes", offsetof(gd_checkpoint_place, input_bytes), true},
    {"input_crc", offsetof(gd_checkpoint_place, input_crc), true},
};
const int gd_checkpoint_field_count = sizeof gd_checkpoint_fields / sizeof *gd_checkpoint_fields;

const char *const gd_piece_names[GD_PIECES] = {
    [GD_CHECKPOINT_PROGRAM] = "program",
    [GD_CHECKPOINT_COMMAND] = "command",
    [GD_CHECKPOINT_SETTLED] = "settled",
    [GD_CHECKPOINT_NUMERICS] = "numerics",
    [GD_CHECKPOINT_CHOICES] = "choices",
    [GD_CHECKPOINT_GUIDE] = "guide",
    [GD_PIECE_ROLLS] = "rolls",
    [GD_PIECE_ICC] = "icc",
    [GD_PIECE_CRCS] = "crcs",
    [GD_PIECE_CANVAS] = "canvas",
};

gd_status gd_checkpoint_unusable(const char *path, const char *what, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "the checkpoint %s %s; give another, or start again, with --restart and without --resume",
                   path, what);
}

static bool within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

static const char *check_place(const gd_checkpoint_place *p)
{
    if (!within(p->octave, -OCTAVE_MAX, OCTAVE_MAX))
        return "states an octave beyond 1000";
    if (!within(p->frame, 0, INT32_MAX))
        return "states a frame out of range";
    if (!within(p->step, 0, INT32_MAX))
        return "states a step out of range";
    if (!within(p->base_rows, 1, side_max) || !within(p->base_cols, 1, side_max) ||
        !within(p->rows, 1, side_max) || !within(p->cols, 1, side_max))
        return "states a size out of range";
    if (!(p->dpi_x >= 0 && isfinite(p->dpi_x) && p->dpi_y >= 0 && isfinite(p->dpi_y)))
        return "states a resolution that is not a number";
    for (int c = 0; c < 3; c++)
        if (!isfinite(p->mean[c]) || !isfinite(p->deviation[c]) || p->deviation[c] < 0)
            return "states a mean or deviation that is not a number";
    if (p->input_bytes < 0 || !within(p->input_crc, 0, UINT32_MAX))
        return "states an input size or checksum out of range";
    return NULL;
}

static const char *check_sizes(const gd_piece *pieces)
{
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        if (!within(pieces[i].bytes, 1, i >= GD_CHECKPOINT_CHOICES ? GD_CHECKPOINT_LONG_TEXT_MAX : TEXT_MAX))
            return "states a text whose length is out of range";
    if (!within(pieces[GD_PIECE_ROLLS].bytes, 0, ROLLS_MAX) || pieces[GD_PIECE_ROLLS].bytes % 16 != 0)
        return "states more rolls than a render may replay (16777216 steps)";
    if (!within(pieces[GD_PIECE_ICC].bytes, 0, ICC_MAX))
        return "states a colour profile of more than 64 MiB";
    return NULL;
}

const char *gd_checkpoint_arrange(gd_checkpoint_table *table)
{
    const gd_checkpoint_place *p = &table->place;
    gd_piece *pieces = table->pieces;
    const char *wrong = check_place(p);
    if (!wrong)
        wrong = check_sizes(pieces);
    if (wrong)
        return wrong;
    const int64_t blocks =
        gd_round_up(p->rows, GD_BLOCK) / GD_BLOCK * (gd_round_up(p->cols, GD_BLOCK) / GD_BLOCK);
    int64_t at = GD_CHECKPOINT_DATA;
    pieces[GD_PIECE_CRCS].bytes = blocks * (int64_t)sizeof(uint32_t);
    if (__builtin_mul_overflow(p->rows * p->cols, (int64_t)(3 * sizeof(float)),
                               &pieces[GD_PIECE_CANVAS].bytes))
        return "states a canvas that is too large for a file";
    for (int i = 0; i < GD_PIECES; i++) {
        at = gd_round_up(at, i == GD_PIECE_CANVAS ? PAGE : 8);
        pieces[i].at = pieces[i].bytes ? at : 0;
        if (__builtin_add_overflow(at, pieces[i].bytes, &at))
            return "states a canvas that is too large for a file";
    }
    table->file_bytes = at;
    return NULL;
}

static char *end_of(char *block)
{
    return block + strlen(block);
}

/* Appends text to the block, which is large enough for the longest one. */
static void add(char *block, const char *format, ...) GD_PRINTF(2, 3);
static void add(char *block, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(end_of(block), (size_t)(block + OWN_CRC - end_of(block)), format, values);
    va_end(values);
}

static const void *field_of(const gd_checkpoint_place *place, const gd_checkpoint_field *field)
{
    return (const char *)place + field->offset;
}

void gd_checkpoint_print(const gd_checkpoint_table *table, char block[BLOCK])
{
    char own[9];
    memset(block, 0, BLOCK);
    add(block, "%s%d\n%s%s\nbytes of this file: %" PRId64 "\n", first_line, GD_CHECKPOINT_FORMAT,
        identity_word, table->identity, table->file_bytes);
    for (int i = 0; i < gd_checkpoint_field_count; i++) {
        const gd_checkpoint_field *field = &gd_checkpoint_fields[i];
        const void *value = field_of(&table->place, field);
        if (field->whole)
            add(block, "%s: %" PRId64 "\n", field->name, *(const int64_t *)value);
        else
            add(block, "%s: %.17g\n", field->name, *(const double *)value);
    }
    for (int i = 0; i < GD_PIECES; i++)
        add(block, "%s at byte: %" PRId64 ", bytes: %" PRId64 "\n", gd_piece_names[i], table->pieces[i].at,
            table->pieces[i].bytes);
    add(block,
        "CRC-32 of all between this block and the canvas: %08" PRIx32
        "\nCRC-32 of this block: in its last 8 bytes\n",
        table->rest);
    snprintf(own, sizeof own, "%08" PRIx32, gd_checkpoint_crc(block, OWN_CRC));
    memcpy(block + OWN_CRC, own, 8);
}

void gd_checkpoint_print_unfinished(const char *identity, char block[BLOCK])
{
    memset(block, 0, BLOCK);
    add(block, "%s%s%s\n", unfinished, identity_word, identity);
}

bool gd_checkpoint_begins(int fd)
{
    char head[sizeof first_line] = "";
    if (pread(fd, head, sizeof first_line - 1, 0) < (ssize_t)sizeof first_line - 1)
        return false;
    const size_t common = strlen("gigadream checkpoint, ");
    return strcmp(head, first_line) == 0 || memcmp(head + common, unfinished + common, 7) == 0;
}

/* Skips `words`; false if they do not follow. */
static bool skip(const char **at, const char *words)
{
    const size_t length = strlen(words);
    if (strncmp(*at, words, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_identity(const char **at, char identity[GD_IDENTITY_MAX])
{
    const size_t length = GD_IDENTITY_MAX - 1;
    if (!skip(at, identity_word) || strspn(*at, "0123456789abcdef") != length)
        return false;
    memcpy(identity, *at, length);
    identity[length] = '\0';
    *at += length;
    return skip(at, "\n");
}

bool gd_checkpoint_identify(int fd, char identity[GD_IDENTITY_MAX])
{
    char block[BLOCK + 1] = "";
    const char *at = block;
    if (!gd_file_read_at(fd, block, BLOCK, 0))
        return false;
    if (!skip(&at, unfinished)) {
        if (!skip(&at, first_line))
            return false;
        at += strspn(at, "0123456789");
        if (!skip(&at, "\n"))
            return false;
    }
    return take_identity(&at, identity);
}

static bool take_whole(const char **at, const char *name, const char *words, int base, int64_t *value)
{
    char *end;
    if (!skip(at, name) || !skip(at, words))
        return false;
    *value = strtoll(*at, &end, base);
    *at = end;
    return true;
}

static bool take_field(const char **at, const gd_checkpoint_field *field, gd_checkpoint_place *place)
{
    void *value = (char *)place + field->offset;
    char *end;
    if (field->whole)
        return take_whole(at, field->name, ": ", 10, value) && skip(at, "\n");
    if (!skip(at, field->name) || !skip(at, ": "))
        return false;
    *(double *)value = strtod(*at, &end);
    *at = end;
    return skip(at, "\n");
}

/* Parses the numbers of a block. Input that strtoll and strtod accept too leniently is found when the block
 * is printed again and compared. */
static bool take_all(const char *at, gd_checkpoint_table *table)
{
    int64_t format, rest;
    bool done = take_whole(&at, first_line, "", 10, &format) && skip(&at, "\n") &&
                take_identity(&at, table->identity) &&
                take_whole(&at, "", "bytes of this file: ", 10, &table->file_bytes) && skip(&at, "\n");
    for (int i = 0; done && i < gd_checkpoint_field_count; i++)
        done = take_field(&at, &gd_checkpoint_fields[i], &table->place);
    for (int i = 0; done && i < GD_PIECES; i++)
        done = take_whole(&at, gd_piece_names[i], " at byte: ", 10, &table->pieces[i].at) &&
               take_whole(&at, "", ", bytes: ", 10, &table->pieces[i].bytes) && skip(&at, "\n");
    done = done && take_whole(&at, "", "CRC-32 of all between this block and the canvas: ", 16, &rest);
    table->rest = done ? (uint32_t)rest : 0;
    return done;
}

/* The remedy must not suggest removing the file. */
static gd_status foreign(const char *path, gd_error *error)
{
    return gd_fail(error, GD_USAGE,
                   "%s is not a checkpoint of this program, or is damaged in its first line; give another "
                   "name, or move it away",
                   path);
}

static gd_status unreadable(const char *path, gd_error *error)
{
    char what[160];
    if (errno == 0)
        return gd_checkpoint_unusable(path, "is cut short", error);
    snprintf(what, sizeof what, "cannot be read (%s)", strerror(errno));
    return gd_checkpoint_unusable(path, what, error);
}

/* Accepts only a block that this program would have written: its numbers are within bounds, and all places
 * match them. */
static gd_status accept(const char *path, const char block[BLOCK + 1], gd_checkpoint_table *table,
                        gd_error *error)
{
    char again[BLOCK];
    if (!take_all(block, table))
        return gd_checkpoint_unusable(path, "lacks a number in its first block", error);
    const char *wrong = gd_checkpoint_arrange(table);
    if (wrong)
        return gd_checkpoint_unusable(path, wrong, error);
    gd_checkpoint_print(table, again);
    if (memcmp(again, block, BLOCK) != 0)
        return gd_checkpoint_unusable(path, "contradicts itself in its first block", error);
    return GD_OK;
}

static gd_status check_format(const char *path, const char *block, gd_error *error)
{
    char what[100];
    const char *at = block;
    if (memcmp(block, unfinished, sizeof unfinished - 1) == 0)
        return gd_checkpoint_unusable(path, "is not finished", error);
    if (!skip(&at, first_line))
        return foreign(path, error);
    const long format = strtol(at, NULL, 10);
    if (format == GD_CHECKPOINT_FORMAT)
        return GD_OK;
    snprintf(what, sizeof what, "is of format %ld, and this program reads format %d", format,
             GD_CHECKPOINT_FORMAT);
    return gd_checkpoint_unusable(path, what, error);
}

gd_status gd_checkpoint_parse(int fd, const char *path, gd_checkpoint_table *table, gd_error *error)
{
    char block[BLOCK + 1] = "", own[9];
    struct stat about;
    *table = (gd_checkpoint_table){0};
    if (!gd_checkpoint_begins(fd))
        return foreign(path, error);
    const bool whole = gd_file_read_at(fd, block, BLOCK, 0);
    const int cause = errno;
    gd_status status = check_format(path, block, error);
    errno = cause;
    if (status != GD_OK)
        return status;
    if (!whole || fstat(fd, &about) != 0)
        return unreadable(path, error);
    snprintf(own, sizeof own, "%08" PRIx32, gd_checkpoint_crc(block, OWN_CRC));
    if (memcmp(own, block + OWN_CRC, 8) != 0)
        return gd_checkpoint_unusable(path, "is damaged in its first block", error);
    status = accept(path, block, table, error);
    if (status == GD_OK && about.st_size < table->file_bytes)
        return gd_checkpoint_unusable(path, "is cut short", error);
    if (status == GD_OK && about.st_size > table->file_bytes)
        return gd_checkpoint_unusable(path, "is damaged: it is longer than it says", error);
    return status;
}

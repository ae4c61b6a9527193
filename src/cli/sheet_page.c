/* Cuts the crop of a sheet, and writes its page and commands. */
#include "cli/sheet_page.h"

#include "image/reader.h"
#include "image/writer.h"
#include "job/picture_size.h"
#include "options/layers.h"
#include "options/options_format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 512, COMMAND_MAX = 1 << 14 };

gd_status gd_sheet_page_add(gd_sheet_page *page, const char *layer, int channel, gd_error *error)
{
    gd_sheet_cell *cells = realloc(page->cells, (size_t)(page->count + 1) * sizeof *cells);
    if (!cells)
        return gd_no_memory(error, "the cells of a sheet");
    page->cells = cells;
    gd_sheet_cell *cell = &cells[page->count++];
    if (channel < 0)
        snprintf(cell->layers, sizeof cell->layers, "%s", layer);
    else
        snprintf(cell->layers, sizeof cell->layers, "%s:%d", layer, channel);
    snprintf(cell->file, sizeof cell->file, "%s.jpg", cell->layers);
    for (char *at = cell->file; *at; at++)
        if (*at == '/' || *at == ':')
            *at = '_';
    return GD_OK;
}

void gd_sheet_page_free(gd_sheet_page *page)
{
    free(page->cells);
    page->cells = NULL;
}

static int64_t side_of(int64_t length)
{
    return length < SIDE ? length : SIDE;
}

/* Copies the middle of all rows. */
static gd_status copy_rows(gd_reader *reader, gd_writer *writer, int64_t rows, int64_t cols, gd_error *error)
{
    const gd_picture_info *info = gd_reader_info(reader);
    const int64_t top = (info->rows - rows) / 2, left = (info->cols - cols) / 2;
    float *row = malloc((size_t)info->cols * 3 * sizeof *row);
    gd_status status = row ? GD_OK : gd_no_memory(error, "a row of the photograph");
    for (int64_t y = 0; y < top + rows && status == GD_OK; y++) {
        status = gd_reader_rows(reader, 1, row, error);
        if (status == GD_OK && y >= top)
            status = gd_writer_rows(writer, 1, row + 3 * left, error);
    }
    free(row);
    return status;
}

static gd_status write_crop(gd_reader *reader, const char *path, gd_error *error)
{
    const gd_picture_info *info = gd_reader_info(reader);
    gd_writer_options options = {.kind = GD_FILE_PNG,
                                 .rows = side_of(info->rows),
                                 .cols = side_of(info->cols),
                                 .bits = 8,
                                 .profile = &info->profile};
    gd_writer *writer = NULL;
    gd_status status = gd_writer_open(path, &options, &writer, error);
    if (status != GD_OK)
        return status;
    status = copy_rows(reader, writer, options.rows, options.cols, error);
    if (status == GD_OK)
        return gd_writer_finish(writer, error);
    gd_writer_abandon(writer);
    return status;
}

gd_status gd_sheet_crop(const gd_options *o, const char *path, gd_error *error)
{
    gd_reader *reader = NULL;
    gd_picture_size size;
    gd_allowance allowance = {.left = UINT64_MAX};
    gd_status status = gd_reader_open(o->input, NULL, &allowance, &reader, error);
    if (status != GD_OK)
        return status;
    gd_picture_size_find(o, gd_reader_info(reader)->rows, gd_reader_info(reader)->cols, &size);
    gd_reader_close(reader);
    status = gd_reader_open_resized(o->input, NULL, size.rows, size.cols, &reader, error);
    if (status != GD_OK)
        return status;
    status = write_crop(reader, path, error);
    gd_reader_close(reader);
    return status;
}

/* Prints text of HTML. */
static void put_text(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '<')
            fputs("&lt;", out);
        else
            fputc(*text, out);
    }
}

/* The command that dreams so on the whole picture. */
static bool command_of(const gd_sheet_cell *cell, const gd_options *options, gd_options *scratch, char *text)
{
    *scratch = *options;
    gd_layers_read(cell->layers, scratch);
    return gd_options_command(scratch, text, COMMAND_MAX) == GD_OK;
}

static bool put_cells(const gd_sheet_page *page, const gd_options *options, FILE *out)
{
    gd_options *scratch = malloc(sizeof *scratch);
    char *command = malloc(COMMAND_MAX);
    bool fits = scratch && command;
    for (int32_t i = 0; i < page->count && fits; i++) {
        const gd_sheet_cell *cell = &page->cells[i];
        fits = command_of(cell, options, scratch, command);
        fprintf(out, "<figure><img src=\"%s\" alt=\"\"><figcaption>%s<pre>", cell->file, cell->layers);
        put_text(command, out);
        fputs("</pre></figcaption></figure>\n", out);
        printf("%s\n", command);
    }
    free(scratch);
    free(command);
    return fits;
}

gd_status gd_sheet_page_write(const gd_sheet_page *page, const gd_options *options, gd_error *error)
{
    static const char head[] =
        "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>Sheet</title>\n<style>body{margin:1em;font:14px "
        "sans-serif;display:flex;flex-wrap:wrap;gap:1em}figure{margin:0;width:320px}img{width:320px}"
        "pre{white-space:pre-wrap;overflow-wrap:anywhere;user-select:all}</style>\n"
        "<figure><img src=\"crop.png\" alt=\"\"><figcaption>the photograph";
    char path[sizeof page->folder + 16];
    snprintf(path, sizeof path, "%s/index.html", page->folder);
    FILE *out = fopen(path, "wx");
    if (!out)
        return gd_fail(error, GD_IO, "%s: cannot be written (%s)", path, strerror(errno));
    fprintf(out, "%s%s</figcaption></figure>\n", head, page->note);
    const bool fits = put_cells(page, options, out), failed = ferror(out);
    if (fclose(out) != 0 || failed)
        return gd_fail(error, GD_IO, "%s: cannot be written; free some space", path);
    if (!fits)
        return gd_no_memory(error, "the commands of a sheet");
    fprintf(stderr, "wrote %s, %d cells\n", path, page->count);
    return GD_OK;
}

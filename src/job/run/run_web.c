/* Writes the folder of --web: rank 0 its page, every rank its tiles. */
#include "job/run/run_web.h"

#include "files/data_folders.h"
#include "job/disks.h"
#include "mpi/agree.h"
#include "records/made_page.h"
#include "transfer/web_sink.h"
#include "web/clear.h"
#include "web/page.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* What rank 0 tells the others. */
typedef struct opened {
    char key[GD_WEB_KEY];
    bool goes_on;
} opened;

static bool is_asked(const gd_run_state *r)
{
    return *r->decision.files.web;
}

/* The final picture; of a render that runs, `octaves` is set. */
static gd_web_facts facts_of(const gd_run_state *r)
{
    const gd_writer_options picture = gd_disks_output(&r->decision);
    return (gd_web_facts){.rows = picture.rows,
                          .cols = picture.cols,
                          .dpi_x = r->profile->dpi_x,
                          .dpi_y = r->profile->dpi_y,
                          .input = r->parameters->beside != GD_DETAIL_NONE,
                          .made = r->log != NULL};
}

/* Tells of the canvas after `done` octaves. */
static gd_status tell_canvas(const gd_run_state *r, int64_t rows, int64_t cols, int32_t done, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    gd_web_facts facts = facts_of(r);
    facts.dpi_x *= (double)cols / (double)facts.cols;
    facts.dpi_y *= (double)rows / (double)facts.rows;
    facts.rows = rows;
    facts.cols = cols;
    facts.input = facts.made = false;
    facts.octaves = p->octave_end - p->octave_first;
    facts.done = done;
    return gd_web_page_tell(&facts, &r->web.folder, error);
}

/* One line that names the picture without its name: the flags that its pixels depend on, and the input. */
static void name_picture(const gd_run_state *r, char key[GD_WEB_KEY])
{
    const gd_file_identity *input = &r->decision.input_file;
    const unsigned long flags = crc32_z(0, (const Bytef *)r->text, strlen(r->text));
    snprintf(key, GD_WEB_KEY,
             "gigadream " GD_VERSION ", %s, quality %d, flags %08lx, input %" PRId64 " %" PRId64
             ".%09" PRId64,
             gd_icc_available() ? "lcms2" : "no lcms2", r->decision.options.web_quality, flags, input->bytes,
             input->written_s, input->written_ns);
}

static gd_status open_root(gd_run_state *r, opened *shared, gd_error *error)
{
    char source[GD_PATH_MAX];
    const char *page = gd_data_folders_installed("share/gigadream-page", source) ? source : NULL;
    gd_web_folder *folder = &r->web.folder;
    gd_status status = gd_web_page_check(page, error);
    if (status != GD_OK)
        return status;
    name_picture(r, shared->key);
    status =
        gd_web_folder_open(r->decision.files.web, shared->key, r->decision.options.overwrite, folder, error);
    shared->goes_on = folder->goes_on;
    if (status == GD_OK)
        status = gd_web_page_copy(page, folder, error);
    if (status == GD_OK && !folder->goes_on) /* else the last view stays */
        status = tell_canvas(r, 0, 0, 0, error);
    return status;
}

/* Makes the conversion to sRGB on all ranks. Only rank 0 has the profile. */
static gd_status share_colours(gd_run_state *r, gd_error *error)
{
    const size_t bytes = (size_t)r->decision.profile_bytes;
    if (bytes == 0)
        return GD_OK;
    uint8_t *icc = malloc(bytes);
    gd_status status = icc ? GD_OK : gd_no_memory(error, "a colour profile of %zu bytes", bytes);
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK && gd_run_is_root(r))
        memcpy(icc, r->profile->icc, bytes);
    if (status == GD_OK)
        status = gd_comm_broadcast(r->comm, icc, bytes, error);
    if (status == GD_OK)
        r->web.colours = gd_icc_conversion_create(icc, bytes);
    if (status == GD_OK && !r->web.colours && gd_run_is_root(r) && !r->decision.options.quiet)
        fprintf(stderr,
                "gigadream: warning: --web %s: the colour profile was left out, since this build has no "
                "lcms2; the tiles' colours will not be right\n",
                r->decision.options.web);
    free(icc);
    return status;
}

gd_status gd_run_web_begin(gd_run_state *r, gd_error *error)
{
    opened shared = {.goes_on = false};
    if (!is_asked(r))
        return GD_OK;
    gd_status status = gd_run_is_root(r) ? open_root(r, &shared, error) : GD_OK;
    status = gd_comm_agree(r->comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(r->comm, &shared, sizeof shared, error);
    if (status != GD_OK)
        return status;
    if (!gd_run_is_root(r))
        status = gd_web_folder_join(r->decision.files.web, shared.key, shared.goes_on, gd_comm_rank(r->comm),
                                    &r->web.folder, error);
    status = gd_comm_agree(r->comm, status, error);
    return status == GD_OK ? share_colours(r, error) : status;
}

static gd_status write_tree(const gd_run_state *r, const gd_canvas *canvas, const char *tree, gd_error *error)
{
    const gd_web_tiles_options options = {.quality = r->decision.options.web_quality,
                                          .tree = tree,
                                          .conversion = r->web.colours,
                                          .folder = &r->web.folder};
    return gd_web_sink(r->comm, r->engine, canvas, r->decision.files.web, &options, error);
}

/* Shows the new tiles. Those before the last are removed: a browser may still be loading the last. */
static gd_status show(const gd_run_state *r, const gd_canvas *canvas, int32_t done, gd_error *error)
{
    char old[GD_WEB_TREE];
    const gd_status status = tell_canvas(r, canvas->partition->rows, canvas->partition->cols, done, error);
    if (status == GD_OK && done > 2)
        (void)gd_web_clear(r->web.folder.fd, gd_web_live_tree(done - 2, old));
    return status;
}

gd_status gd_run_web_octave(gd_run_state *r, const gd_canvas *canvas, int32_t octave, gd_error *error)
{
    const gd_render_parameters *p = r->parameters;
    const int32_t done = octave - p->octave_first + 1;
    char tree[GD_WEB_TREE];
    if (!is_asked(r) || octave == p->octave_end - 1)
        return GD_OK;
    gd_status status = write_tree(r, canvas, gd_web_live_tree(done, tree), error);
    if (status == GD_OK)
        status = gd_comm_agree(r->comm, gd_run_is_root(r) ? show(r, canvas, done, error) : GD_OK, error);
    if (status != GD_USAGE && status != GD_IO && status != GD_MEMORY)
        return status;
    gd_comm_clear_failure(r->comm);
    if (gd_run_is_root(r) && !r->decision.options.quiet && !r->web.failed)
        fprintf(stderr, "gigadream: no view of this octave, but the render continues: %s\n", error->message);
    r->web.failed = true;
    return GD_OK;
}

gd_status gd_run_web_picture(gd_run_state *r, const gd_canvas *canvas, gd_written what, gd_error *error)
{
    return is_asked(r) ? write_tree(r, canvas, what == GD_WRITTEN_BESIDE ? "input" : "dream", error) : GD_OK;
}

/* The last files: the page of the log, and what tells the page of the picture. */
static gd_status complete(const gd_run_state *r, gd_error *error)
{
    const gd_web_folder *folder = &r->web.folder;
    const gd_options *o = &r->decision.options;
    const gd_web_facts facts = facts_of(r);
    char *html = NULL;
    gd_status status = r->log ? gd_made_page_text(o->log, o->web_private, &html, error) : GD_OK;
    if (status == GD_OK && html)
        status = gd_web_folder_write(folder, GD_WEB_MADE, html, strlen(html), error);
    if (status == GD_OK)
        status = gd_web_page_tell(&facts, folder, error);
    if (status == GD_OK)
        (void)gd_web_clear(folder->fd, "live");
    free(html);
    return status;
}

/* One rank of each host writes to disk what is in that host's memory. */
gd_status gd_run_web_end(gd_run_state *r, gd_error *error)
{
    const gd_web_folder *folder = &r->web.folder;
    const bool flushes = gd_comm_node_rank(r->comm) == 0;
    if (!is_asked(r))
        return GD_OK;
    gd_status status = gd_comm_agree(r->comm, gd_run_is_root(r) ? complete(r, error) : GD_OK, error);
    if (status == GD_OK)
        status = gd_comm_agree(r->comm, flushes ? gd_web_folder_flush(folder, error) : GD_OK, error);
    if (status == GD_OK)
        status =
            gd_comm_agree(r->comm, gd_run_is_root(r) ? gd_web_folder_finish(folder, error) : GD_OK, error);
    return status;
}

void gd_run_web_close(gd_run_state *r)
{
    gd_web_folder_close(&r->web.folder);
    gd_icc_conversion_free(r->web.colours);
    r->web.colours = NULL;
}

/* Checks before the start whether the disks of this host have space for a render's files, summed for each
 * disk. */
#include "job/disks.h"

#include "base/disk.h"
#include "base/size.h"
#include "image/writer.h"
#include "job/prepare.h"
#include "options/flag_values.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

gd_writer_options gd_disks_output(const gd_decision *d)
{
    const gd_options *o = &d->options;
    gd_writer_options w = gd_prepare_writer(d);
    w.rows = d->settings.base_rows;
    w.cols = d->settings.base_cols;
    if (o->final_resize)
        return w;
    const gd_extent last = gd_settings_octave(&d->options, &d->settings, d->settings.octave_end - 1);
    w.rows = last.rows;
    w.cols = last.cols;
    return w;
}

/* Disk space of one kind of file. */
typedef struct claim {
    const char *what; /* in messages, after "for " */
    const char *path; /* borrowed; a file, or a folder */
    double bytes;
    bool must;
} claim;

/* Sum of all claims on one disk. Optional claims (not `must`) count only with `all`. `wants` receives a list
 * for the message. */
static double sum_claims(const claim *claims, const gd_disk *disks, const bool *known, int count, int first,
                         bool all, char *wants, size_t bytes)
{
    double sum = 0;
    size_t length = 0;
    wants[0] = '\0';
    for (int i = 0; i < count; i++) {
        if (!known[i] || disks[i].device != disks[first].device || claims[i].bytes <= 0 ||
            !(all || claims[i].must))
            continue;
        char size[GD_AMOUNT_BYTES];
        sum += claims[i].bytes;
        const int more = snprintf(wants + length, bytes - length, "%s%s for %s", length ? ", " : "",
                                  gd_amount_text(claims[i].bytes, size), claims[i].what);
        length += more > 0 && (size_t)more < bytes - length ? (size_t)more : 0;
    }
    return sum;
}

static gd_status check_claims(const claim *claims, int count, bool quiet, gd_error *error)
{
    enum { MOST = 6 };
    gd_disk disks[MOST];
    bool known[MOST];
    char wants[512];
    for (int i = 0; i < count; i++)
        known[i] = claims[i].bytes > 0 && gd_disk_find(claims[i].path, &disks[i]);
    for (int all = 0; all < 2; all++) {
        for (int i = 0; i < count; i++) {
            if (!known[i])
                continue;
            const double sum = sum_claims(claims, disks, known, count, i, all, wants, sizeof wants);
            if (sum <= disks[i].free_bytes)
                continue;
            char space[GD_AMOUNT_BYTES], needed[GD_AMOUNT_BYTES];
            gd_amount_text(disks[i].free_bytes, space);
            gd_amount_text(sum, needed);
            if (!all)
                return gd_fail(error, GD_USAGE,
                               "the disk of %.300s has %s of free space, and this render may need %s (%s); "
                               "free some space, or name a folder on another disk for one of these",
                               disks[i].folder, space, needed, wants);
            if (!quiet)
                fprintf(stderr,
                        "gigadream: the disk of %s has %s of free space, and with checkpoints this render "
                        "may need %s (%s); name another place for them with --checkpoint\n",
                        disks[i].folder, space, needed, wants);
            return GD_OK;
        }
    }
    return GD_OK;
}

/* Pictures that are still to be written. */
static double count_pictures(const gd_decision *d)
{
    const int64_t done = *d->files.resume ? d->place.frame : 0;
    return *d->files.frames ? (double)(d->options.frames - done) : 1;
}

double gd_disks_pictures(const gd_decision *d)
{
    gd_writer_options writer = gd_disks_output(d);
    const gd_profile profile = {.icc_bytes = d->profile_bytes};
    writer.profile = &profile;
    return count_pictures(d) * gd_writer_disk_bytes(&writer);
}

double gd_disks_checkpoint(const gd_decision *d)
{
    const gd_options *o = &d->options;
    const gd_settings *s = &d->settings;
    double largest = (double)s->base_rows * (double)s->base_cols;
    if (o->steps == 0)
        return 0;
    for (int32_t i = s->octave_first; i < s->octave_end; i++)
        largest = fmax(largest, (double)gd_extent_area(gd_settings_octave(o, s, i)));
    return (access(d->files.checkpoint, F_OK) == 0 ? 1 : 2) *
           (largest * 3 * sizeof(float) + (double)d->guide_text);
}

gd_web_space gd_disks_tiles(const gd_decision *d)
{
    const gd_settings *s = &d->settings;
    const gd_writer_options picture = gd_disks_output(d);
    gd_web_space space = gd_web_space_of(picture.rows, picture.cols, d->options.web_quality);
    const double trees = gd_options_noise(&d->options) ? 1 : 2;
    space.tiles *= (int64_t)trees;
    space.bytes = trees * space.bytes + GD_WEB_SPACE_PAGE;
    for (int32_t shown = 1; shown <= 2 && s->octave_end - 1 - shown >= s->octave_first; shown++) {
        const gd_extent size = gd_settings_octave(&d->options, s, s->octave_end - 1 - shown);
        space.bytes += gd_web_space_of(size.rows, size.cols, d->options.web_quality).bytes;
    }
    return space;
}

gd_status gd_disks_check(const gd_decision *d, const gd_fit *fit, const char *folder, int32_t ranks,
                         bool root, gd_error *error)
{
    char scratch[64];
    gd_options defaults;
    gd_options_default(&defaults);
    const gd_options *o = &d->options;
    const double pictures = root && *d->files.output ? gd_disks_pictures(d) : 0;
    const double copy = d->files.input_copy[0] ? pictures / count_pictures(d) : 0;
    const double tiles =
        root && *d->files.web && !gd_web_space_taken(d->files.web) ? gd_disks_tiles(d).bytes : 0;
    const bool asked =
        o->checkpoint[0] || o->every != defaults.every || o->every_count != defaults.every_count;
    snprintf(scratch, sizeof scratch, "the scratch of %d rank%s", ranks, ranks == 1 ? "" : "s");
    const double scratch_bytes = (double)fit->scratch_bytes * ranks;
    const claim claims[] = {
        {scratch, folder, scratch_bytes, true},
        {"turning the input upright", d->input_folder, root ? (double)d->input_waiting : 0, true},
        {*d->files.frames ? "the frames" : "the picture", d->files.output, pictures, true},
        {"the copy of the input", d->files.input_copy, copy, true},
        {"the tiles", d->files.web, tiles, true},
        {"checkpoints", d->files.checkpoint, root && d->files.checkpoint[0] ? gd_disks_checkpoint(d) : 0,
         asked},
    };
    return check_claims(claims, sizeof claims / sizeof *claims, o->quiet, error);
}

/* Derived file names: of the checkpoint, the copy of the input, and a proof. */
#include "files/file_names.h"

#include "options/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

gd_status gd_file_names_absolute(const char *given, char path[GD_PATH_MAX], gd_error *error)
{
    if (gd_path_real(given, path))
        return GD_OK;
    return gd_fail(error, GD_USAGE, "the checkpoint's name is longer than %d characters; use --checkpoint",
                   GD_PATH_MAX - 1);
}

/* NAME.EXT.checkpoint.h5, with EXT, so that outputs that differ only in EXT have separate checkpoints; beside
 * a folder of tiles, if there is no picture. */
static void default_checkpoint(const gd_options *o, char path[GD_PATH_MAX])
{
    const char *output = gd_options_tiles_only(o) ? o->web : o->output;
    static const char ending[] = ".checkpoint.h5";
    char full[GD_PATH_MAX];
    gd_file_kind kind;
    if (gd_options_tiles_only(o) ||
        gd_file_kind_of(output, &kind, full, sizeof full, NULL) != GD_OK) /* reported later */
        snprintf(full, sizeof full, "%s", output);
    snprintf(path, GD_PATH_MAX, "%.*s%s", (int)(GD_PATH_MAX - sizeof ending), full, ending);
}

static gd_status check_folder(const char *path, gd_error *error)
{
    char folder[GD_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[1] = '\0';
    if (access(slash ? folder : ".", W_OK) == 0)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "--checkpoint %s: its folder cannot be written to (%s); give another",
                   path, strerror(errno));
}

gd_status gd_file_names_checkpoint(const gd_options *o, char path[GD_PATH_MAX], gd_error *error)
{
    char given[GD_PATH_MAX];
    if (*o->checkpoint)
        snprintf(given, sizeof given, "%s", o->checkpoint);
    else if (*o->resume)
        snprintf(given, sizeof given, "%s", o->resume);
    else
        default_checkpoint(o, given);
    const gd_status status = gd_file_names_absolute(given, path, error);
    return status == GD_OK && *o->checkpoint ? check_folder(path, error) : status;
}

gd_status gd_file_names_frames(const char *output, char pattern[GD_PATH_MAX], gd_error *error)
{
    const char *dot = strrchr(output, '.');
    const int length = snprintf(pattern, GD_PATH_MAX, "%.*s_%%05d%s", (int)(dot - output), output, dot);
    if (length < GD_PATH_MAX)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "the names of the frames are longer than %d characters; shorten -img_out",
                   GD_PATH_MAX - 1);
}

void gd_file_names_input_copy(const char *output, char path[GD_PATH_MAX])
{
    const char *dot = strrchr(output, '.');
    snprintf(path, GD_PATH_MAX, "%.*s_input%s", (int)(dot - output), output, dot);
}

gd_status gd_file_names_proof(const char *output, int index, char path[GD_PATH_MAX], gd_error *error)
{
    static const char *const names[GD_PROOF_FILES] = {"whole", "1", "2", "3"};
    const char *dot = strrchr(output, '.');
    const int length =
        snprintf(path, GD_PATH_MAX, "%.*s.proof-%s.jpg", (int)(dot - output), output, names[index]);
    if (length < GD_PATH_MAX)
        return GD_OK;
    return gd_fail(error, GD_USAGE, "the name of the proof is longer than %d characters; shorten -img_out",
                   GD_PATH_MAX - 1);
}

/* Reads a whole picture into memory, for tests to compare. */
#include "picture_check.h"
#include "image/reader.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

gd_status picture_try(const char *path, picture *p, gd_error *error)
{
    gd_reader *reader;
    *p = (picture){0};
    gd_status status = gd_reader_open(path, NULL, NULL, &reader, error);
    if (status != GD_OK)
        return status;
    const gd_picture_info *info = gd_reader_info(reader);
    *p = (picture){.rows = info->rows,
                   .cols = info->cols,
                   .dpi_x = info->profile.dpi_x,
                   .dpi_y = info->profile.dpi_y,
                   .icc_bytes = info->profile.icc_bytes};
    snprintf(p->warning, sizeof p->warning, "%s", info->warning ? info->warning : "");
    p->rgb = malloc((size_t)(p->rows * p->cols) * 3 * sizeof *p->rgb);
    assert_non_null(p->rgb);
    /* A row, then the rest. */
    status = gd_reader_rows(reader, 1, p->rgb, error);
    if (status == GD_OK)
        status = gd_reader_rows(reader, p->rows - 1, p->rgb + p->cols * 3, error);
    gd_reader_close(reader);
    if (status != GD_OK)
        picture_free(p);
    return status;
}

picture picture_read(const char *path)
{
    picture p;
    gd_error error;
    check_ok(picture_try(path, &p, &error), error);
    return p;
}

void picture_free(picture *p)
{
    free(p->rgb);
    *p = (picture){0};
}

int folder_enter(void **state)
{
    char name[] = "picturesXXXXXX";
    if (!mkdtemp(name) || chdir(name) != 0)
        return -1;
    *state = getcwd(NULL, 0);
    return *state ? 0 : -1;
}

int folder_leave(void **state)
{
    DIR *folder = opendir(".");
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        unlink(entry->d_name); /* "." and ".." stay */
    if (folder)
        closedir(folder);
    int status = chdir("..") == 0 && rmdir(*state) == 0 ? 0 : -1;
    free(*state);
    return status;
}

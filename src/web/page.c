/* Copies the page's files, and writes the script that tells the page about the picture. */
#include "web/page.h"

#include "web/tiles.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {"index.html",  "page.css",   "page.js",
                                    "leaflet.css", "leaflet.js", "leaflet-licence.txt"};
enum { NAMES = sizeof names / sizeof *names, BYTES_MAX = 4 << 20 };

gd_status gd_web_page_check(const char *source, gd_error *error)
{
    char path[PATH_MAX];
    bool there = source != NULL;
    for (int i = 0; there && i < NAMES; i++)
        there = snprintf(path, sizeof path, "%s/%s", source, names[i]) < (int)sizeof path &&
                access(path, R_OK) == 0;
    if (there)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "this installation has no Leaflet, which shows tiles in a browser, so nothing was written; "
        "install it (Debian: libjs-leaflet), then configure, build and install gigadream again");
}

/* Reads a whole file; NULL with errno set on failure. The caller frees it. */
static char *read_file(const char *path, size_t *bytes)
{
    struct stat about;
    char *data = NULL;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return NULL;
    if (fstat(fileno(file), &about) == 0 && about.st_size < BYTES_MAX &&
        (data = malloc((size_t)about.st_size + 1)))
        *bytes = fread(data, 1, (size_t)about.st_size, file);
    fclose(file);
    return data;
}

gd_status gd_web_page_copy(const char *source, const gd_web_folder *folder, gd_error *error)
{
    gd_status status = GD_OK;
    for (int i = 0; status == GD_OK && i < NAMES; i++) {
        char path[PATH_MAX];
        size_t bytes = 0;
        snprintf(path, sizeof path, "%s/%s", source, names[i]);
        char *data = read_file(path, &bytes);
        status = data ? gd_web_folder_write(folder, names[i], data, bytes, error)
                      : gd_fail(error, GD_IO, "%s: cannot be read: %s; install gigadream again", path,
                                strerror(errno));
        free(data);
    }
    return status;
}

const char *gd_web_live_tree(int32_t done, char tree[GD_WEB_TREE])
{
    snprintf(tree, GD_WEB_TREE, "live/%d", done);
    return tree;
}

gd_status gd_web_page_tell(const gd_web_facts *facts, const gd_web_folder *folder, gd_error *error)
{
    char text[512], live[128] = "";
    const int32_t levels = facts->rows > 0 ? gd_web_level_count(facts->rows, facts->cols) : 0;
    if (facts->octaves > 0)
        snprintf(live, sizeof live, ", \"live\": {\"octaves\": %d, \"done\": %d}", facts->octaves,
                 facts->done);
    const int length =
        snprintf(text, sizeof text,
                 "gigadream({\"rows\": %" PRId64 ", \"cols\": %" PRId64
                 ", \"levels\": %d, \"shard\": %d, \"dpi\": [%.6g, %.6g], \"input\": %s, \"made\": %s%s});\n",
                 facts->rows, facts->cols, levels, GD_WEB_SHARD, facts->dpi_x, facts->dpi_y,
                 facts->input ? "true" : "false", facts->made ? "true" : "false", live);
    return gd_web_folder_write(folder, "picture.js", text, (size_t)length, error);
}

/* Reads and writes the cache of timed choices: a header that names device and cuDNN version, the record, and
 * its checksum. */
#include "kernels/cuda/convolution/autotune_cache.h"

#include "base/file.h"
#include "base/target.h"
#include "base/target_resolve.h"
#include "kernels/cuda/convolution/cudnn_handle.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, CACHE_BYTES_MAX = 64 << 20 };

static const char checksum_word[] = "checksum ";

/* The first line, line end included. */
static void header_of(const char *device, char *line, size_t bytes)
{
    char version[32];
    gd_cudnn_version(version, sizeof version);
    snprintf(line, bytes, "gigadream convolutions 2, %s, cuDNN %s\n", device, version);
}

/* The folder, without a trailing slash. */
static bool folder_of(char *path, size_t bytes)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (cache && cache[0] == '/')
        length = snprintf(path, bytes, "%s/gigadream", cache);
    else if (home && home[0] == '/')
        length = snprintf(path, bytes, "%s/.cache/gigadream", home);
    return length > 0 && (size_t)length < bytes;
}

bool gd_autotune_path(const char *device, char *path, size_t bytes)
{
    char name[160], version[32];
    size_t n = 0;
    for (; device[n] && n + 1 < sizeof name; n++)
        name[n] = isalnum((unsigned char)device[n]) ? device[n] : '-';
    name[n] = '\0';
    gd_cudnn_version(version, sizeof version);
    if (!folder_of(path, bytes))
        return false;
    const size_t at = strlen(path);
    const int length = snprintf(path + at, bytes - at, "/convolutions-%s-cudnn-%s.txt", name, version);
    return length > 0 && (size_t)length < bytes - at;
}

/* The contents of the file, or NULL; the caller frees it. *there: the file exists. */
static char *read_whole(const char *path, bool *there)
{
    gd_error ignored;
    struct stat info;
    char *text = NULL;
    FILE *in = NULL;
    *there = gd_file_open_stream(path, "", &in, &ignored) == GD_OK;
    if (!*there)
        return NULL;
    if (fstat(fileno(in), &info) == 0 && info.st_size < CACHE_BYTES_MAX)
        text = calloc((size_t)info.st_size + 1, 1);
    if (text && fread(text, 1, (size_t)info.st_size, in) != (size_t)info.st_size) {
        free(text);
        text = NULL;
    }
    fclose(in);
    return text;
}

/* Parses the record between header and checksum; modifies `text`. */
static bool unpack(char *text, const char *header, gd_choices *known)
{
    char checksum[GD_CHOICES_CHECKSUM];
    gd_error why;
    if (strncmp(text, header, strlen(header)) != 0)
        return false;
    char *body = text + strlen(header), *last = strstr(body, checksum_word);
    if (!last)
        return false;
    char *said = last + sizeof checksum_word - 1;
    said[strcspn(said, "\n")] = '\0';
    *last = '\0';
    if (gd_choices_parse(body, known, &why) != GD_OK)
        return false;
    gd_choices_checksum(known, checksum);
    if (!strcmp(said, checksum))
        return true;
    gd_choices_free(known);
    return false;
}

void gd_autotune_load(const char *device, gd_choices *known, gd_error *remark)
{
    char path[PATH_BYTES], header[256];
    bool there = false;
    remark->message[0] = '\0';
    if (!gd_autotune_path(device, path, sizeof path))
        return;
    header_of(device, header, sizeof header);
    char *text = read_whole(path, &there);
    if (!there)
        return;
    if (!text || !unpack(text, header, known))
        snprintf(remark->message, sizeof remark->message,
                 "what was timed before (%.700s) is damaged or of another device, and is timed again", path);
    free(text);
}

/* Creates the folder and its missing parents. */
static bool make_folder(void)
{
    char path[PATH_BYTES];
    if (!folder_of(path, sizeof path))
        return false;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return false;
        *slash = '/';
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static gd_status write_whole(gd_target *target, const char *header, const char *text, const char *checksum,
                             gd_error *error)
{
    gd_status status = gd_target_create(target, false, error);
    if (status != GD_OK)
        return status;
    if (dprintf(target->fd, "%s%s%s%s\n", header, text, checksum_word, checksum) < 0)
        return gd_fail(error, GD_IO, "%s: %s", target->path, strerror(errno));
    return gd_target_commit(target, error);
}

/* Follows symbolic links, because the cache belongs to the user. */
static gd_status replace(const char *path, const char *header, const char *text, const char *checksum,
                         gd_error *error)
{
    gd_target target;
    if (!make_folder())
        return gd_fail(error, GD_IO, "%s: its folder cannot be made: %s", path, strerror(errno));
    gd_status status = gd_target_resolve(path, GD_TARGET_FOLLOW, &target, error);
    if (status == GD_OK)
        status = write_whole(&target, header, text, checksum, error);
    gd_target_release(&target);
    return status;
}

gd_status gd_autotune_save(const char *device, const gd_choices *known, gd_error *error)
{
    char path[PATH_BYTES], header[256], checksum[GD_CHOICES_CHECKSUM], *text;
    gd_error why;
    if (!gd_autotune_path(device, path, sizeof path))
        return gd_fail(error, GD_IO, "timings are not kept: set XDG_CACHE_HOME or HOME to a full path");
    gd_status status = gd_choices_text(known, &text, error);
    if (status != GD_OK)
        return status;
    header_of(device, header, sizeof header);
    gd_choices_checksum(known, checksum);
    if (replace(path, header, text, checksum, &why) != GD_OK)
        status =
            gd_fail(error, GD_IO, "timings cannot be kept (%.700s); set XDG_CACHE_HOME to a folder of yours",
                    why.message);
    free(text);
    return status;
}

/* Opens the file of --like, a picture or a log, and applies the command line on top of its look. */
#include "options/like.h"

#include "base/file.h"
#include "image/mark.h"
#include "options/look.h"
#include "options/look_log.h"
#include "options/options_parse.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than the size of a text field or of the first line of a log. */
enum { TEXT_MAX = 1 << 20 };

/* Reads the first line of a file; false if the file is empty. */
static bool read_line(int fd, char *text)
{
    const ssize_t bytes = pread(fd, text, TEXT_MAX - 1, 0);
    if (bytes <= 0)
        return false;
    text[bytes] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return true;
}

gd_status gd_like_read(const char *path, gd_options *options, bool *given, gd_error *error)
{
    const gd_look look = {path, options, given};
    int fd = -1;
    gd_error why;
    gd_status status = gd_file_open_input(path, "name a picture or a log that gigadream wrote", &fd, &why);
    if (status != GD_OK)
        return gd_fail(error, status, "--like %.900s", why.message);
    char *text = malloc(TEXT_MAX);
    if (!text)
        status = gd_no_memory(error, "the look of %s", path);
    else if (gd_picture_text(fd, text, TEXT_MAX))
        status = gd_look_read_text(&look, text, error);
    else if (read_line(fd, text) && text[0] == '{')
        status = gd_look_read_log(&look, text, error);
    else
        status =
            gd_fail(error, GD_USAGE,
                    "--like %.300s: it is neither a picture nor a log that gigadream wrote; name one", path);
    free(text);
    close(fd);
    return status;
}

gd_status gd_like_parse(int argc, char *const *argv, gd_options *options, gd_error *error)
{
    const char *path = gd_options_last_value(argc, argv, GD_FLAG_LIKE);
    bool seen[GD_FLAG_COUNT] = {false}, given[GD_FLAG_COUNT] = {false};
    if (!path)
        return gd_options_parse(argc, argv, options, error);
    gd_options_default(options);
    gd_status status = gd_like_read(path, options, seen, error);
    if (status != GD_OK)
        return status;
    given[GD_FLAG_STEPS] = seen[GD_FLAG_STEPS]; /* else --compat would set them */
    status = gd_options_parse_given(argc, argv, options, given, error);
    if ((given[GD_FLAG_MODEL] || given[GD_FLAG_LAYERS]) && !given[GD_FLAG_WEIGHTS])
        options->weights[0] = '\0'; /* the checksum is for other layers */
    return status;
}

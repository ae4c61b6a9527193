/* Makes a folder for browsers of a picture that is there. */
#include "cli/command_web.h"

#include "cli/arguments.h"
#include "files/data_folders.h"
#include "host/budget.h"
#include "options/value.h"
#include "web/picture.h"

#include <inttypes.h>
#include <stdio.h>

static const char usage[] =
    "the command is gigadream web PICTURE FOLDER [INPUT] [--web-quality Q] [--overwrite] "
    "[--quiet]";

static void say(const gd_web_request *request, const gd_web_result *result)
{
    if (result->warning[0])
        fprintf(stderr, "gigadream: %s\n", result->warning);
    printf("wrote %s, %" PRId64 " x %" PRId64 " pixels: %" PRId64
           " tiles in %d level%s; open %s/index.html\n",
           request->folder, result->cols, result->rows, result->tiles, result->levels,
           result->levels == 1 ? "" : "s", request->folder);
}

gd_status gd_command_web(int argc, char *const *argv, gd_error *error)
{
    enum { QUALITY = 90, QUALITY_MAX = 100, WORDS = 3 };
    const char *quality_text = NULL, *words[WORDS];
    bool overwrite = false, quiet = false;
    int64_t quality = QUALITY;
    char page[GD_PATH_MAX];
    gd_web_result result;
    const gd_argument_flag flags[] = {{.name = "--web-quality", .value = &quality_text},
                                      {.name = "--overwrite", .on = &overwrite},
                                      {.name = "--quiet", .on = &quiet},
                                      {.name = NULL}};
    gd_status status = gd_arguments_read(argc, argv, flags, usage, words, 2, WORDS, error);
    if (status == GD_OK && quality_text)
        status = gd_value_whole("--web-quality", quality_text, 1, QUALITY_MAX, &quality, error);
    if (status != GD_OK)
        return status;
    const gd_web_request request = {.picture = words[0],
                                    .folder = words[1],
                                    .input = words[2],
                                    .page =
                                        gd_data_folders_installed("share/gigadream-page", page) ? page : NULL,
                                    .quality = (int32_t)quality,
                                    .overwrite = overwrite,
                                    .memory = gd_budget_find("", 1).bytes};
    status = gd_web_make(&request, &result, error);
    if (status == GD_OK && !quiet)
        say(&request, &result);
    return status;
}

/* Makes a folder for browsers of a picture that is there. */
#include "cli/command_web.h"

#include "cli/arguments.h"
#include "files/data_folders.h"
#include "host/budget.h"
#include "options/value.h"
#include "records/made_page.h"
#include "web/picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "the command is gigadream web PICTURE FOLDER [INPUT] [--web-quality Q] [--log RUN.jsonl] "
    "[--web-private] [--overwrite] [--quiet]";

/* What the words after `web` say. */
typedef struct request {
    const char *words[3], *quality, *log;
    bool with_names, overwrite, quiet;
} request;

static void say(const gd_web_request *made, const gd_web_result *result)
{
    if (result->warning[0])
        fprintf(stderr, "gigadream: %s\n", result->warning);
    printf("wrote %s, %" PRId64 " x %" PRId64 " pixels: %" PRId64
           " tiles in %d level%s; open %s/index.html\n",
           made->folder, result->cols, result->rows, result->tiles, result->levels,
           result->levels == 1 ? "" : "s", made->folder);
}

static gd_status make(const request *r, int64_t quality, gd_error *error)
{
    char page[GD_PATH_MAX], *html = NULL;
    gd_web_result result;
    gd_status status = r->log ? gd_made_page_text(r->log, r->with_names, &html, error) : GD_OK;
    const gd_web_request wanted = {.picture = r->words[0],
                                   .folder = r->words[1],
                                   .input = r->words[2],
                                   .page =
                                       gd_data_folders_installed("share/gigadream-page", page) ? page : NULL,
                                   .made = html,
                                   .quality = (int32_t)quality,
                                   .overwrite = r->overwrite,
                                   .memory = gd_budget_find("", 1).bytes};
    if (status == GD_OK)
        status = gd_web_make(&wanted, &result, error);
    if (status == GD_OK && !r->quiet)
        say(&wanted, &result);
    free(html);
    return status;
}

gd_status gd_command_web(int argc, char *const *argv, gd_error *error)
{
    enum { QUALITY = 90, QUALITY_MAX = 100, WORDS = 3 };
    request r = {0};
    int64_t quality = QUALITY;
    const gd_argument_flag flags[] = {{.name = "--web-quality", .value = &r.quality},
                                      {.name = "--log", .value = &r.log},
                                      {.name = "--web-private", .on = &r.with_names},
                                      {.name = "--overwrite", .on = &r.overwrite},
                                      {.name = "--quiet", .on = &r.quiet},
                                      {.name = NULL}};
    gd_status status = gd_arguments_read(argc, argv, flags, usage, r.words, 2, WORDS, error);
    if (status == GD_OK && r.quality)
        status = gd_value_whole("--web-quality", r.quality, 1, QUALITY_MAX, &quality, error);
    return status == GD_OK ? make(&r, quality, error) : status;
}

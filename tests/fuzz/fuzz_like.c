/* The readers of --like and @FILE on hostile text: what a picture says of itself, a log's first line, a file
 * of flags. What was taken must print and read back as a command. */
#include "fuzz.h"

#include "options/like.h"
#include "options/options_format.h"
#include "options/options_parse.h"
#include "options/parameter_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 17 };

/* A look has no paths, and its command is understood. */
static void check_look(const gd_options *o)
{
    static char text[TEXT_MAX];
    gd_options again;
    gd_argv_words words;
    gd_error error = {""};
    bool given[GD_FLAG_COUNT] = {false};
    if (strcmp(o->input, "random_noise") != 0 || *o->output || *o->log || *o->replay || *o->resume ||
        *o->scratch || o->overwrite || o->trust || o->action != GD_ACTION_RENDER)
        abort();
    if (*o->weights && !gd_weights_checksum(o->weights))
        abort();
    if (gd_options_text(o, NULL, text, sizeof text) != GD_OK || o->layers_wrong[0])
        return;
    gd_options_default(&again);
    if (gd_argv_words_split(text, &words, &error) != GD_OK ||
        gd_options_parse_flags(words.count, words.items, &again, given, &error) != GD_OK)
        abort();
    gd_argv_words_free(&words);
}

static void read_look(const char *path)
{
    gd_options options;
    gd_error error = {""};
    bool given[GD_FLAG_COUNT] = {false};
    gd_options_default(&options);
    const gd_status status = gd_like_read(path, &options, given, &error);
    fuzz_check(status, &error);
    if (status == GD_OK)
        check_look(&options);
}

static void read_flags(const char *path)
{
    char name[80], program[] = "gigadream";
    char *argv[] = {program, name, NULL};
    gd_argv_words words;
    gd_error error = {""};
    snprintf(name, sizeof name, "@%s", path);
    fuzz_check(gd_parameters_expand(2, argv, &words, &error), &error);
    gd_argv_words_free(&words);
}

/* A byte says what the rest is: a file as it is, the text field of a JPEG, or a file of flags. Flags are kept
 * from naming other files, which would be read. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (bytes < 1 || bytes > 60000)
        return -1;
    if (data[0] == 'f') {
        if (!memchr(data, '@', bytes))
            fuzz_file(data + 1, bytes - 1, read_flags);
    } else if (data[0] == 't') {
        const size_t length = bytes - 1 + 10 + 2;
        uint8_t *jpeg = malloc(length + 4);
        if (!jpeg)
            abort();
        memcpy(jpeg, "\xFF\xD8\xFF\xFE", 4);
        jpeg[4] = (uint8_t)(length >> 8);
        jpeg[5] = (uint8_t)length;
        memcpy(jpeg + 6, "gigadream ", 10);
        memcpy(jpeg + 16, data + 1, bytes - 1);
        fuzz_file(jpeg, length + 4, read_look);
        free(jpeg);
    } else {
        fuzz_file(data, bytes, read_look);
    }
    return 0;
}

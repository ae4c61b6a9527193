/* Tells from a log how a picture was made. What is a path by its flag is left out. */
#include "records/made_page.h"

#include "base/file.h"
#include "options/flags.h"
#include "records/history_svg.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>How it was "
    "made</title>\n"
    "<link rel=\"icon\" href=\"data:,\">\n<style>\n"
    "body { max-width: 60em; margin: 1em auto; padding: 0 1em; font: 15px/1.5 system-ui, sans-serif; }\n"
    "pre { padding: 0.7em; background: #eee; white-space: pre-wrap; overflow-wrap: anywhere; }\n"
    "td { padding: 0 1em 0 0; vertical-align: top; overflow-wrap: anywhere; }\n"
    "td:first-child { overflow-wrap: normal; }\n"
    "#history { overflow-x: auto; }\n"
    "svg { width: 100%; min-width: 45em; height: auto; }\n</style>\n</head>\n<body>\n<p><a "
    "href=\"index.html\">The "
    "picture</a></p>\n"
    "<h1>How it was made</h1>\n";
static const char script[] =
    "<script>\ndocument.getElementById(\"copy\").onclick = function () {\n"
    "  var command = document.getElementById(\"command\");\n  getSelection().selectAllChildren(command);\n"
    "  if (navigator.clipboard) {\n    navigator.clipboard.writeText(command.textContent).catch(function () "
    "{});\n"
    "  } else {\n    document.execCommand(\"copy\");\n  }\n};\n</script>\n";

static void escape(FILE *out, const char *text)
{
    for (; *text; text++)
        if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else
            fputc(*text, out);
}

/* A word of a command line, in quotes if a shell would change it. */
static void word(FILE *out, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
    const bool quotes = !*text || text[strspn(text, plain)] != '\0';
    fputs(quotes ? " '" : " ", out);
    for (; *text; text++) {
        const char one[2] = {*text, '\0'};
        escape(out, *text == '\'' ? "'\\''" : one);
    }
    if (quotes)
        fputc('\'', out);
}

/* The first line of the log as text; NULL with a message. The caller frees it. */
static gd_status read_first(const char *path, char **line, gd_error *error)
{
    FILE *file;
    size_t room = 0;
    gd_status status = gd_file_open_stream(path, "name a file that --log has written", &file, error);
    *line = NULL;
    if (status != GD_OK)
        return status;
    if (getline(line, &room, file) <= 0)
        status = gd_fail(error, GD_USAGE, "%s: is no log; name a file that --log has written", path);
    fclose(file);
    return status;
}

/* Numbers stand as they do in the log, since a double does not hold every seed. */
static void number(FILE *out, const char *line, const cJSON *member)
{
    char key[GD_FLAG_NAME_MAX + 4];
    snprintf(key, sizeof key, "\"%s\":", member->string);
    const char *at = strstr(line, key);
    if (at)
        fprintf(out, " %.*s", (int)strspn(at + strlen(key), "0123456789+-.eE"), at + strlen(key));
}

/* Whether a value names a file. A layer's name may have a slash. */
static bool is_name(int id, const cJSON *member)
{
    const gd_flag *flag = &gd_flags[id];
    const char *text = cJSON_GetStringValue(member);
    return flag->kind == GD_VALUE_PATH || flag->traits & GD_FLAG_REAL || id == GD_FLAG_PREVIEW ||
           (text && id != GD_FLAG_LAYERS && strchr(text, '/'));
}

/* Whether a number is the flag's default, which a command need not say. */
static bool is_preset(const gd_flag *flag, const cJSON *member)
{
    return cJSON_IsNumber(member) && flag->traits & GD_FLAG_BRIEF && flag->preset &&
           member->valuedouble == strtod(flag->preset, NULL);
}

/* False: the flag was not given, or its value is its default or a name that is left out. */
static bool is_told(int id, const cJSON *member, bool with_names)
{
    const char *text = cJSON_GetStringValue(member);
    if (!member || cJSON_IsNull(member) || (text && !*text) ||
        (cJSON_IsFalse(member) && gd_flags[id].kind == GD_VALUE_SWITCH))
        return false;
    if (cJSON_IsNumber(member) && gd_flags[id].kind == GD_VALUE_WHOLE &&
        member->valuedouble < gd_flags[id].low)
        return false; /* as --frames 0: none */
    if (cJSON_IsNumber(member) && member->valuedouble == 0 && (id == GD_FLAG_DPI || id == GD_FLAG_TILE))
        return false; /* none, and "auto" */
    return !is_preset(&gd_flags[id], member) && (with_names || !is_name(id, member));
}

static void value(FILE *out, const gd_flag *flag, const char *line, const cJSON *member)
{
    if (cJSON_IsString(member))
        word(out, member->valuestring);
    else if (cJSON_IsArray(member))
        for (const cJSON *one = member->child; one; one = one->next)
            fprintf(out, " %g", one->valuedouble);
    else if (cJSON_IsNumber(member))
        number(out, line, member);
    else if (flag->kind != GD_VALUE_SWITCH)
        fputs(cJSON_IsTrue(member) ? " on" : " off", out);
}

static bool is_given(const cJSON *log, int id)
{
    const char *text =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(log, gd_flag_key(&gd_flags[id])));
    return text && *text;
}

/* Whether the flag goes with the file that the command writes, and with the other flags. */
static bool fits(int id, const cJSON *log, const char *dot)
{
    const bool tiff = !dot || strncasecmp(dot, ".tif", 4) == 0;
    if (id == GD_FLAG_PRECISION && is_given(log, GD_FLAG_COMPAT))
        return false;
    if (id == GD_FLAG_MAX_DIM)
        return !is_given(log, GD_FLAG_SIZE) && !is_given(log, GD_FLAG_PRINT);
    return tiff || (id != GD_FLAG_COMPRESSION && id != GD_FLAG_BIGTIFF && id != GD_FLAG_PYRAMID);
}

/* Whether a word is one that is printed and never read, such as a precision that follows from the backend. */
static bool is_derived(const gd_flag *flag, const cJSON *member)
{
    const char *text = cJSON_GetStringValue(member);
    const gd_enum_name *found = flag->kind == GD_VALUE_ENUM && text ? gd_enum_find(flag->names, text) : NULL;
    return found && found->use == GD_NAME_DERIVED;
}

static void tell_command(FILE *out, const char *line, const cJSON *log, bool with_names)
{
    const char *input = cJSON_GetStringValue(cJSON_GetObjectItem(log, "img"));
    const char *output = cJSON_GetStringValue(cJSON_GetObjectItem(log, "img_out"));
    const char *dot = output ? strrchr(output, '.') : NULL;
    const bool noise = input && strcmp(input, "random_noise") == 0;
    fputs("<p><button id=\"copy\">Copy the command</button></p>\n<pre id=\"command\">gigadream -img", out);
    word(out, with_names || noise ? input ? input : "" : "photo.jpg");
    fputs(" -img_out", out);
    if (with_names && output && strcmp(output, "none") != 0)
        word(out, output);
    else
        fprintf(out, " dream%s", dot && strlen(dot) < 6 && !strpbrk(dot, "<&/") ? dot : ".tif");
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const gd_flag *flag = &gd_flags[i];
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(log, gd_flag_key(flag));
        if (!(flag->traits & GD_FLAG_PIXELS) || i == GD_FLAG_INPUT || i == GD_FLAG_OUTPUT ||
            !is_told(i, member, with_names) || is_derived(flag, member) || !fits(i, log, dot))
            continue;
        fprintf(out, " --%s", flag->long_name);
        value(out, flag, line, member);
    }
    fputs("</pre>\n", out);
}

static void row(FILE *out, const char *name, const char *text)
{
    fprintf(out, "<tr><td>%s</td><td>", name);
    escape(out, text ? text : "");
    fputs("</td></tr>\n", out);
}

static void tell_facts(FILE *out, const char *line, const cJSON *log, bool with_names)
{
    const cJSON *versions = cJSON_GetObjectItemCaseSensitive(log, "versions");
    fputs("<h2>Computed by</h2>\n<table>\n", out);
    row(out, "gigadream", cJSON_GetStringValue(cJSON_GetObjectItem(versions, "gigadream")));
    row(out, "device of rank 0", cJSON_GetStringValue(cJSON_GetObjectItem(versions, "backend")));
    row(out, "weights, checksum", cJSON_GetStringValue(cJSON_GetObjectItem(log, "weights_checksum")));
    fputs("</table>\n<h2>Parameters</h2>\n<table>\n", out);
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(log, gd_flag_key(&gd_flags[i]));
        if (!is_told(i, member, with_names))
            continue;
        fprintf(out, "<tr><td>--%s</td><td>", gd_flags[i].long_name);
        value(out, &gd_flags[i], line, member);
        fputs("</td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

gd_status gd_made_page(const char *path, bool with_names, FILE *out, gd_error *error)
{
    gd_history history = {0};
    char *line = NULL;
    gd_status status = gd_history_read(path, &history, error);
    if (status == GD_OK)
        status = read_first(path, &line, error);
    cJSON *log = line ? cJSON_Parse(line) : NULL;
    if (status == GD_OK) {
        fputs(head, out);
        tell_command(out, line, log, with_names);
        fputs("<h2>What it did</h2>\n<div id=\"history\" tabindex=\"0\">\n", out);
        gd_history_svg(&history, out);
        fputs("</div>\n", out);
        tell_facts(out, line, log, with_names);
        fputs(script, out);
        fputs("</body>\n</html>\n", out);
    }
    cJSON_Delete(log);
    free(line);
    gd_history_free(&history);
    return status;
}

gd_status gd_made_page_text(const char *path, bool with_names, char **html, gd_error *error)
{
    size_t bytes = 0;
    *html = NULL;
    FILE *out = open_memstream(html, &bytes);
    if (!out)
        return gd_no_memory(error, "the page of %s", path);
    gd_status status = gd_made_page(path, with_names, out, error);
    const bool failed = ferror(out);
    if ((fclose(out) != 0 || failed) && status == GD_OK)
        status = gd_no_memory(error, "the page of %s", path);
    return status;
}

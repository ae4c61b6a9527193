/* Reads the look from a log's first line: converts each of its members to a flag with values. */
#include "options/look_log.h"

#include "options/flag_find.h"
#include "text/schedule.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

enum { VALUES_MAX = 2 };

/* Members that are not flags. */
static bool is_fact(const char *key)
{
    static const char *const facts[] = {
        "layers",         "versions",         "rows",     "cols",    "ranks",
        "weights_file",   "weights_checksum", "numerics", "choices", "demoted",
        "guide_channels", "guide_units",      "why"};
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
        if (strcmp(key, facts[i]) == 0)
            return true;
    return false;
}

/* The seed is read from the line itself, because cJSON's doubles round large seeds. Quotation marks within
 * strings are escaped, so the match is the member itself. */
static bool find_seed(const char *line, char text[GD_NUMBER_TEXT])
{
    static const char key[] = ",\"seed\":";
    const char *at = strstr(line, key);
    const size_t digits = at ? strspn(at + sizeof key - 1, "0123456789") : 0;
    if (digits == 0 || digits >= GD_NUMBER_TEXT)
        return false;
    snprintf(text, GD_NUMBER_TEXT, "%.*s", (int)digits, at + sizeof key - 1);
    return true;
}

/* Converts a number or an array of numbers to words; -1 for other members. */
static int number_words(const cJSON *member, char numbers[VALUES_MAX][GD_NUMBER_TEXT])
{
    const int count = cJSON_IsArray(member) ? cJSON_GetArraySize(member) : 1;
    for (int i = 0; i < count && i < VALUES_MAX; i++) {
        const cJSON *one = cJSON_IsArray(member) ? cJSON_GetArrayItem(member, i) : member;
        if (!cJSON_IsNumber(one))
            return -1;
        gd_number_text(one->valuedouble, numbers[i]);
    }
    return count <= VALUES_MAX ? count : -1;
}

static gd_status take_member(const gd_look *look, int id, const cJSON *member, const char *line,
                             gd_error *error)
{
    char name[GD_FLAG_NAME_MAX], numbers[VALUES_MAX][GD_NUMBER_TEXT] = {"", ""};
    char *words[2 + VALUES_MAX] = {name, name, numbers[0], numbers[1]};
    gd_flag_name(&gd_flags[id], name);
    if (cJSON_IsFalse(member) || (cJSON_IsString(member) && !*member->valuestring))
        return GD_OK; /* not given */
    if (cJSON_IsTrue(member))
        return gd_look_take(look, 2, words, error);
    if (cJSON_IsString(member)) {
        words[2] = member->valuestring;
        return gd_look_take(look, 3, words, error);
    }
    const int count = number_words(member, numbers);
    if (id == GD_FLAG_TILE && count == 1 && member->valuedouble == 0)
        return GD_OK;
    if (count < 1 || (id == GD_FLAG_SEED && !find_seed(line, numbers[0])))
        return gd_fail(error, GD_USAGE,
                       "--like %.300s: the value of '%.60s' is not valid for a flag; name an unmodified log "
                       "of gigadream",
                       look->path, member->string);
    return gd_look_take(look, 2 + count, words, error);
}

static gd_status take_members(const gd_look *look, const cJSON *object, const char *line, gd_error *error)
{
    gd_status status = GD_OK;
    for (const cJSON *member = object->child; member && status == GD_OK; member = member->next) {
        const char *key = member->string;
        const int id = gd_flag_find_bare(key, strlen(key));
        if (strcmp(key, "weights_checksum") == 0 && cJSON_IsString(member))
            status = gd_look_take_weights(look, member->valuestring, error);
        else if (is_fact(key)) /* includes "layers", the names of -ml */
            continue;
        else if (id >= 0 && gd_flags[id].traits & GD_FLAG_LOOK)
            status = take_member(look, id, member, line, error);
        else if (id < 0)
            status = gd_fail(error, GD_USAGE,
                             "--like %.300s: it has '%.100s', which is not a flag of this version; use the "
                             "gigadream that wrote it, or give the flags instead of --like",
                             look->path, key);
    }
    return status;
}

gd_status gd_look_read_log(const gd_look *look, const char *line, gd_error *error)
{
    cJSON *object = cJSON_Parse(line);
    const cJSON *versions = cJSON_GetObjectItemCaseSensitive(object, "versions");
    gd_status status;
    if (!cJSON_IsObject(object) || !cJSON_GetObjectItemCaseSensitive(versions, "gigadream"))
        status = gd_fail(error, GD_USAGE,
                         "--like %.300s: it is neither a picture nor a log that gigadream wrote; name one",
                         look->path);
    else
        status = take_members(look, object, line, error);
    cJSON_Delete(object);
    return status;
}

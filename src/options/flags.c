/* The rows of flags.def as an array, and texts derived from a row. */
#include "options/flags.h"

#include "options/enum_names.h"
#include "options/layers.h"
#include "options/preview.h"
#include "options/special_values.h"
#include "text/schedule.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

const char *const gd_flag_groups[GD_GROUP_COUNT] = {
    [GD_GROUP_PICTURE] = "Pictures",         [GD_GROUP_DREAM] = "The dream",
    [GD_GROUP_SEQUENCE] = "Sequences",       [GD_GROUP_TILES] = "Tiles",
    [GD_GROUP_MACHINE] = "Machine",          [GD_GROUP_RECORD] = "Records",
    [GD_GROUP_CHECKPOINT] = "Interruptions", [GD_GROUP_OTHER] = "Other",
};

static const gd_enum_name noise_words[] = {{.text = "random_noise"}, {0}};
static const gd_enum_name none_words[] = {{.text = "none"}, {0}};
static const gd_enum_name weights_words[] = {{.text = "bundled"}, {.text = "official"}, {0}};

/* Common fields of the rows of one kind. */
#define FIELD(field) .offset = offsetof(gd_options, field), .bytes = sizeof((gd_options *)0)->field
#define SWITCH(field) .kind = GD_VALUE_SWITCH, FIELD(field)
#define ACTION(action) .kind = GD_VALUE_ACTION, .low = action
#define PATH(field) .kind = GD_VALUE_PATH, FIELD(field)
#define WHOLE(field, least, most) .kind = GD_VALUE_WHOLE, FIELD(field), .low = least, .high = most
#define DOUBLE(field, least, most) .kind = GD_VALUE_DOUBLE, FIELD(field), .low = least, .high = most
#define ENUM(field, list) .kind = GD_VALUE_ENUM, FIELD(field), .names = list
#define OWN(reader, printer) .read = reader, .print = printer

#define GD_FLAG(id, ...) [GD_FLAG_##id] = {__VA_ARGS__},
const gd_flag gd_flags[GD_FLAG_COUNT] = {
#include "options/flags.def"
};
#undef GD_FLAG

int gd_flag_values(const gd_flag *flag)
{
    if (flag->kind == GD_VALUE_OWN_PAIR)
        return 2;
    return flag->kind != GD_VALUE_SWITCH && flag->kind != GD_VALUE_ACTION;
}

void gd_flag_argument(const gd_flag *flag, char text[GD_FLAG_ARGUMENT_MAX])
{
    size_t used = 0;
    text[0] = '\0';
    if (flag->argument)
        snprintf(text, GD_FLAG_ARGUMENT_MAX, "%s", flag->argument);
    else if (flag->kind == GD_VALUE_ENUM)
        for (const gd_enum_name *name = flag->names; name->text && used < GD_FLAG_ARGUMENT_MAX; name++)
            if (name->use != GD_NAME_DERIVED)
                used += (size_t)snprintf(text + used, GD_FLAG_ARGUMENT_MAX - used, "%s%s", used ? "|" : "",
                                         name->text);
}

const char *gd_flag_key(const gd_flag *flag)
{
    return flag->short_name ? flag->short_name : flag->long_name;
}

void gd_flag_name(const gd_flag *flag, char name[GD_FLAG_NAME_MAX])
{
    snprintf(name, GD_FLAG_NAME_MAX, "%s%s", flag->short_name ? "-" : "--", gd_flag_key(flag));
}

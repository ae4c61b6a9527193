/* Reads and prints values by their kind, unless the flag's row has its own reader or printer. */
#include "options/flag_values.h"

#include "base/size.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void *field(const gd_flag *flag, gd_options *options)
{
    return (char *)options + flag->offset;
}

const void *gd_flag_field(const gd_flag *flag, const gd_options *options)
{
    return (const char *)options + flag->offset;
}

/* Enumerations are stored as int or bool. */
static void set_choice(const gd_flag *flag, int value, gd_options *options)
{
    if (flag->bytes == sizeof(bool))
        *(bool *)field(flag, options) = value;
    else
        *(int *)field(flag, options) = value;
}

static int choice(const gd_flag *flag, const gd_options *options)
{
    const void *at = gd_flag_field(flag, options);
    return flag->bytes == sizeof(bool) ? *(const bool *)at : *(const int *)at;
}

static gd_status read_switch(const gd_flag *flag, const char *name, const char *value, gd_options *options,
                             gd_error *error)
{
    const bool on = !value || strcmp(value, "on") == 0;
    if (!on && strcmp(value, "off") != 0)
        return gd_fail(error, GD_USAGE, "%s=%s: %s takes no value; write %s alone, or %s=off", name, value,
                       name, name, name);
    *(bool *)field(flag, options) = on != (flag->preset != NULL);
    return GD_OK;
}

static gd_status read_whole(const gd_flag *flag, const char *name, const char *value, gd_options *options,
                            gd_error *error)
{
    int64_t number = 0;
    const gd_status status =
        gd_value_whole(name, value, (int64_t)flag->low, (int64_t)flag->high, &number, error);
    if (status != GD_OK)
        return status;
    if (flag->bytes == sizeof(int32_t))
        *(int32_t *)field(flag, options) = (int32_t)number;
    else
        *(int64_t *)field(flag, options) = number;
    return GD_OK;
}

static gd_status read_double(const gd_flag *flag, const char *name, const char *value, gd_options *options,
                             gd_error *error)
{
    double number;
    const bool finite = gd_number_parse(value, &number);
    const char *trouble = finite ? "" : "not a finite number: ";
    if (finite && number >= flag->low && number <= flag->high) {
        *(double *)field(flag, options) = number;
        return GD_OK;
    }
    if (flag->wrong)
        return gd_fail(error, GD_USAGE, "%s %s: %s%s", name, value, trouble, flag->wrong);
    return gd_fail(error, GD_USAGE, "%s %s: %sgive a number from %g to %g", name, value, trouble, flag->low,
                   flag->high);
}

/* Lists the allowed words: "a, b or c". */
static void list_names(const gd_enum_name *words, char *text, size_t bytes)
{
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; words[i].text && words[i].use != GD_NAME_DERIVED && used < bytes; i++) {
        const bool last = !words[i + 1].text || words[i + 1].use == GD_NAME_DERIVED;
        used += (size_t)snprintf(text + used, bytes - used, "%s%s",
                                 i == 0 ? ""
                                 : last ? " or "
                                        : ", ",
                                 words[i].text);
    }
}

static gd_status read_word(const gd_flag *flag, const char *name, const char *value, gd_options *options,
                           gd_error *error)
{
    char list[GD_FLAG_ARGUMENT_MAX];
    const gd_enum_name *found = gd_enum_find(flag->names, value);
    if (found && found->use != GD_NAME_DERIVED) {
        set_choice(flag, found->value, options);
        return GD_OK;
    }
    list_names(flag->names, list, sizeof list);
    return gd_fail(error, GD_USAGE, "%s %s: %s%sgive %s", name, value, flag->wrong ? flag->wrong : "",
                   flag->wrong ? "; " : "", list);
}

static gd_status read_bytes(const gd_flag *flag, const char *name, const char *value, gd_options *options,
                            gd_error *error)
{
    if (gd_size_parse(value, (uint64_t *)field(flag, options)))
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "%s %s: give a size with a unit of 1024, such as 2GiB, 1.5G or 2500M (K, M, G or T)", name,
                   value);
}

gd_status gd_flag_read(const gd_flag *flag, const char *name, const char *const *values, gd_options *options,
                       gd_error *error)
{
    if (flag->read)
        return flag->read(name, values, options, error);
    switch (flag->kind) {
    case GD_VALUE_SWITCH:
        return read_switch(flag, name, values[0], options, error);
    case GD_VALUE_ACTION:
        options->action = (gd_action)flag->low;
        return GD_OK;
    case GD_VALUE_PATH:
        return gd_value_path(name, values[0], field(flag, options), error);
    case GD_VALUE_WHOLE:
        return read_whole(flag, name, values[0], options, error);
    case GD_VALUE_UNSIGNED:
        return gd_value_unsigned(name, values[0], field(flag, options), error);
    case GD_VALUE_DOUBLE:
        return read_double(flag, name, values[0], options, error);
    case GD_VALUE_ENUM:
        return read_word(flag, name, values[0], options, error);
    case GD_VALUE_SCHEDULE:
        return gd_schedule_parse(values[0], name, field(flag, options), error);
    case GD_VALUE_BYTES:
        return read_bytes(flag, name, values[0], options, error);
    case GD_VALUE_OWN:
    case GD_VALUE_OWN_PAIR:
        break;
    }
    return gd_fail(error, GD_INTERNAL, "%s: its row of the table of flags has no reader", name);
}

bool gd_flag_is_on(const gd_flag *flag, const gd_options *options)
{
    return *(const bool *)gd_flag_field(flag, options) != (flag->preset != NULL);
}

const char *gd_flag_choice_name(const gd_flag *flag, const gd_options *options)
{
    return gd_enum_text(flag->names, choice(flag, options));
}

/* Derived words are not printed: the reference backend accepts no --precision, because it has only one. */
static const char *word_to_say(const gd_flag *flag, const gd_options *options)
{
    const char *text = gd_flag_choice_name(flag, options);
    const gd_enum_name *found = gd_enum_find(flag->names, text);
    return found && found->use == GD_NAME_PLAIN ? text : "";
}

static bool print_whole(const gd_flag *flag, const void *at, char *text, size_t bytes)
{
    const int64_t value = flag->bytes == sizeof(int32_t) ? *(const int32_t *)at : *(const int64_t *)at;
    /* A value below the minimum means "not given". */
    if ((double)value < flag->low)
        return gd_value_print(text, bytes, "%s", "");
    return gd_value_print(text, bytes, "%" PRId64, value);
}

bool gd_flag_text(const gd_flag *flag, const gd_options *options, char *text, size_t bytes)
{
    const void *at = gd_flag_field(flag, options);
    char value[GD_SCHEDULE_TEXT] = "";
    if (flag->print)
        return flag->print(options, text, bytes);
    switch (flag->kind) {
    case GD_VALUE_SWITCH:
        return gd_value_print(text, bytes, "%s", gd_flag_is_on(flag, options) ? "on" : "");
    case GD_VALUE_ACTION:
        return gd_value_print(text, bytes, "%s", options->action == (gd_action)flag->low ? "on" : "");
    case GD_VALUE_PATH:
        return gd_value_print(text, bytes, "%s", (const char *)at);
    case GD_VALUE_WHOLE:
        return print_whole(flag, at, text, bytes);
    case GD_VALUE_UNSIGNED:
        return gd_value_print(text, bytes, "%" PRIu64, *(const uint64_t *)at);
    case GD_VALUE_DOUBLE:
        gd_number_text(*(const double *)at, value);
        break;
    case GD_VALUE_ENUM:
        return gd_value_print(text, bytes, "%s", word_to_say(flag, options));
    case GD_VALUE_SCHEDULE:
        gd_schedule_text(at, value);
        break;
    case GD_VALUE_BYTES:
        if (*(const uint64_t *)at > 0)
            gd_size_text(*(const uint64_t *)at, value);
        break;
    case GD_VALUE_OWN:
    case GD_VALUE_OWN_PAIR:
        break;
    }
    return gd_value_print(text, bytes, "%s", value);
}

/* A blank separates the two values of a preset. */
static void set_preset(const gd_flag *flag, gd_options *options)
{
    char copy[64];
    const char *values[2] = {copy, NULL};
    snprintf(copy, sizeof copy, "%s", flag->preset);
    char *blank = strchr(copy, ' ');
    if (blank) {
        *blank = '\0';
        values[1] = blank + 1;
    }
    const gd_status status = gd_flag_read(flag, flag->long_name, values, options, NULL);
    (void)status; /* a test parses all presets */
}

void gd_options_default(gd_options *options)
{
    *options = (gd_options){.preview_pixels = 1024, .layer_first = -1, .layer_end = -1};
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const gd_flag *flag = &gd_flags[i];
        if (flag->kind == GD_VALUE_SWITCH)
            *(bool *)field(flag, options) = flag->preset != NULL;
        else if (flag->preset)
            set_preset(flag, options);
    }
}

void gd_flags_copy(const gd_options *from, unsigned traits, gd_options *options)
{
    for (int i = 0; i < GD_FLAG_COUNT; i++)
        if (gd_flags[i].traits & traits)
            memcpy(field(&gd_flags[i], options), gd_flag_field(&gd_flags[i], from), gd_flags[i].bytes);
}

void gd_flags_reset(gd_options *options, unsigned traits)
{
    gd_options preset;
    gd_options_default(&preset);
    gd_flags_copy(&preset, traits, options);
}

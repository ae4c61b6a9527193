/* Values derived from options alone, without files, ranks or defaults. */
#include "options/options.h"

#include "text/placeholder.h"

#include <stdio.h>
#include <string.h>

bool gd_options_noise(const gd_options *options)
{
    return strcmp(options->input, "random_noise") == 0;
}

bool gd_options_blend(const gd_options *o)
{
    return o->strength < 1 || o->keep_colors;
}

bool gd_options_numbered(const char *path)
{
    const char *percent = strrchr(path, '%');
    int width;
    return percent && !strchr(percent, '/') && gd_placeholder(percent, &width) > 0;
}

bool gd_options_inputs(const gd_options *o)
{
    return gd_options_numbered(o->input);
}

gd_motion gd_options_motion(const gd_options *o)
{
    return (gd_motion){o->zoom, o->rotate, o->shift_x, o->shift_y};
}

bool gd_options_smooth(const gd_options *o)
{
    return o->smooth.start > 0 || o->smooth.end > 0;
}

bool gd_options_tiles_only(const gd_options *o)
{
    return strcmp(o->output, "none") == 0;
}

bool gd_options_masked(const gd_options *o)
{
    return *o->mask && strcmp(o->mask, "none") != 0;
}

bool gd_options_flow(const gd_options *o)
{
    return *o->flow && strcmp(o->flow, "none") != 0;
}

const char *gd_weights_checksum(const char *weights)
{
    static const char start[] = "checksum:";
    return strncmp(weights, start, sizeof start - 1) == 0 ? weights + sizeof start - 1 : NULL;
}

const gd_compat_rules *gd_options_rules(const gd_options *options)
{
    return gd_compat_rules_of(options->compat);
}

double gd_options_dpi(const gd_options *options)
{
    const double print = 300.0;
    return options->dpi == 0 && options->print_width > 0 ? print : options->dpi;
}

bool gd_options_need_network(const gd_options *options)
{
    return options->steps > 0 || options->action == GD_ACTION_DUMP_TAPE;
}

bool gd_action_plans(gd_action action)
{
    return action == GD_ACTION_DUMP_TAPE || action == GD_ACTION_DRY_RUN;
}

const char *gd_options_restart_hint(const gd_options *options)
{
    return *options->resume ? "start again with --restart instead of --resume" : "start again with --restart";
}

void gd_options_output_stem(const gd_options *o, char stem[GD_OUTPUT_STEM_MAX])
{
    enum { KEPT = 200 }; /* names have at most 255 bytes, and longer names are derived from it */
    const char *fixed = gd_options_rules(o)->output;
    if (fixed || gd_options_noise(o)) {
        strcpy(stem, fixed ? fixed : "noise_dream");
        return;
    }
    const char *slash = strrchr(o->input, '/'), *name = slash ? slash + 1 : o->input;
    const char *dot = strrchr(name, '.');
    if (gd_options_inputs(o) && strrchr(name, '%') > name) /* frame_%05d.png: frame */
        dot = strrchr(name, '%') - (strrchr(name, '%')[-1] == '_');
    int length = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    if (length > KEPT)
        for (length = KEPT; length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80; length--) {
        }
    snprintf(stem, GD_OUTPUT_STEM_MAX, "%.*s_dream", length, name);
}

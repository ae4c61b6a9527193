/* Prints --help, from the table of flags, and --version. */
#include "options/help.h"

#include "options/flags.h"

#include <string.h>

enum { TEXT_COLUMN = 8, WIDTH = 78 };

/* Prints `text` indented, wrapped between words. */
static void print_wrapped(const char *text, FILE *out)
{
    int column = fprintf(out, "%*s", TEXT_COLUMN, "");
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column + 1 + length > WIDTH && column > TEXT_COLUMN) {
            fputc('\n', out);
            column = fprintf(out, "%*s", TEXT_COLUMN, "");
        }
        column += fprintf(out, "%s%.*s", column > TEXT_COLUMN ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_flag(const gd_flag *flag, FILE *out)
{
    char text[512], argument[GD_FLAG_ARGUMENT_MAX];
    const char *preset = flag->preset_for_people ? flag->preset_for_people : flag->preset;
    const bool tells = preset && flag->kind != GD_VALUE_SWITCH;
    gd_flag_argument(flag, argument);
    fputs("  ", out);
    if (flag->short_name)
        fprintf(out, "-%s, ", flag->short_name);
    fprintf(out, "--%s%s%s\n", flag->long_name, *argument ? " " : "", argument);
    snprintf(text, sizeof text, "%s%s%s%s", flag->meaning, tells ? " (default: " : "", tells ? preset : "",
             tells ? ")" : "");
    print_wrapped(text, out);
}

void gd_help_print(FILE *out)
{
    fputs("Usage: gigadream PATH [flags]\n"
          "       gigadream -img PATH -ml A B [flags]\n"
          "       mpirun -n RANKS gigadream -img PATH -ml A B [flags]\n"
          "       gigadream blend DREAM INPUT --strength X -img_out NAME [flags]\n"
          "       gigadream web PICTURE FOLDER [INPUT] [--web-quality Q]\n"
          "       gigadream log RUN.jsonl [-o OUT.svg]\n\n"
          "Deep Dream for pictures of any size. For example:\n\n"
          "  gigadream -img photo.jpg -img_out dream.tif -img_max_dim 1024 -ml 3 5\n\n"
          "A value follows its flag, or an equals sign: -ts 512, --tile=512. A flag given\n"
          "twice counts as it was given last. gigadream(1) has the details.\n",
          out);
    for (int group = 0; group < GD_GROUP_COUNT; group++) {
        fprintf(out, "\n%s:\n", gd_flag_groups[group]);
        for (int i = 0; i < GD_FLAG_COUNT; i++)
            if ((int)gd_flags[i].group == group)
                print_flag(&gd_flags[i], out);
    }
}

void gd_help_print_short(FILE *out)
{
    fputs("Usage: gigadream PICTURE [flags]\n\n"
          "Dreams on a picture: it draws what an image network sees in it. For example:\n\n"
          "  gigadream photo.jpg\n"
          "  gigadream -img photo.jpg -img_out dream.jpg -ml 3 5\n\n"
          "The first writes photo_dream.jpg, and replaces nothing. -ml 0 3 draws lines and scales,\n"
          "-ml 3 6 eyes, swirls and feathers. All flags: gigadream --help, or man gigadream.\n",
          out);
}

void gd_version_print(FILE *out)
{
    fprintf(out, "gigadream %s\n", GD_VERSION);
}

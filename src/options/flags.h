/* The table of flags, used to parse, print, log, document and complete flags. A new flag is a row of
 * flags.def, a field of gd_options, and its use. */
#ifndef GD_OPTIONS_FLAGS_H
#define GD_OPTIONS_FLAGS_H

#include "options/value.h"
#include "text/enum_name.h"

#include <stddef.h>
#include <stdint.h>

#define GD_FLAG(id, ...) GD_FLAG_##id,
typedef enum gd_flag_id {
#include "options/flags.def"
    GD_FLAG_COUNT
} gd_flag_id;
#undef GD_FLAG

typedef enum gd_flag_group {
    GD_GROUP_PICTURE,
    GD_GROUP_DREAM,
    GD_GROUP_SEQUENCE,
    GD_GROUP_TILES,
    GD_GROUP_MACHINE,
    GD_GROUP_RECORD,
    GD_GROUP_CHECKPOINT,
    GD_GROUP_OTHER,
    GD_GROUP_COUNT
} gd_flag_group;

typedef enum gd_value_kind {
    GD_VALUE_SWITCH,   /* bool; without a value, the opposite of its default; accepts =on and =off */
    GD_VALUE_ACTION,   /* no value; gd_options.action becomes `low` */
    GD_VALUE_PATH,     /* char [GD_PATH_MAX]; `names`: values that are not paths */
    GD_VALUE_WHOLE,    /* int32_t or int64_t in [low, high] */
    GD_VALUE_UNSIGNED, /* uint64_t */
    GD_VALUE_DOUBLE,   /* double in [low, high]; `wrong` is the remedy, NULL: the bounds */
    GD_VALUE_ENUM,     /* an enumeration or bool, one of `names`; `wrong` starts the error message */
    GD_VALUE_SCHEDULE, /* gd_schedule */
    GD_VALUE_BYTES,    /* uint64_t; a size such as 2GiB, 0: unset */
    GD_VALUE_OWN,      /* only through `read` and `print` */
    GD_VALUE_OWN_PAIR  /* the same with two values; -or also accepts one word, and -ml one or none */
} gd_value_kind;

/* Further properties of a flag. */
enum {
    GD_FLAG_PIXELS = 1 << 0,     /* affects the picture's file, and is part of its text field */
    GD_FLAG_BRIEF = 1 << 1,      /* left out of the text field if it has its default */
    GD_FLAG_LOOK = 1 << 2,       /* part of the look that --like uses */
    GD_FLAG_REAL = 1 << 3,       /* a path that a checkpoint stores as an absolute path */
    GD_FLAG_LATE = 1 << 4,       /* may change when a render is resumed */
    GD_FLAG_PERMISSION = 1 << 5, /* accepted only on the command line, never from a file */
    GD_FLAG_ONCE = 1 << 6,       /* for this run only: not in checkpoints or parameter files */
    GD_FLAG_UNSPELLED = 1 << 7   /* not in printed commands: other flags replace it */
};

typedef struct gd_flag {
    const char *short_name;        /* without its dash; NULL: none */
    const char *long_name;         /* without its dashes */
    const char *argument;          /* placeholder in the help, "A B"; NULL: none, or those of `names` */
    const char *meaning;           /* for --help: one sentence without a full stop */
    const char *preset;            /* the default, as typed; NULL: off, 0 or none */
    const char *preset_for_people; /* the default as text for the help; NULL: `preset` */
    const char *wrong;
    const char *offers;        /* words for the completion of a value; NULL: those of the argument */
    const gd_enum_name *names; /* ENUM, PATH */
    gd_value_reader *read;     /* NULL: default for the kind */
    gd_value_printer *print;   /* NULL: default for the kind */
    double low, high;
    size_t offset, bytes; /* of the field in gd_options; 0 bytes: several fields, or none */
    gd_flag_group group;
    gd_value_kind kind;
    unsigned traits;
} gd_flag;

extern const gd_flag gd_flags[GD_FLAG_COUNT];
extern const char *const gd_flag_groups[GD_GROUP_COUNT]; /* headings */

enum { GD_FLAG_NAME_MAX = 64, GD_FLAG_ARGUMENT_MAX = 96 };

/* Maximum number of values of a flag. */
int gd_flag_values(const gd_flag *flag);

/* The placeholder of its value, "auto|mpi|nccl" for a list of names; "": no value. */
void gd_flag_argument(const gd_flag *flag, char text[GD_FLAG_ARGUMENT_MAX]);

/* The key of its value in logs and messages: its short name, else the long one. */
const char *gd_flag_key(const gd_flag *flag);

/* Its name with dashes, the short one if it has one. */
void gd_flag_name(const gd_flag *flag, char name[GD_FLAG_NAME_MAX]);

#endif

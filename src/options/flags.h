/* The one table of flags. What reads, prints, records, explains or completes flags goes through it; a new
 * flag is a row of flags.def, a field of gd_options, and its use. */
#ifndef GD_OPTIONS_FLAGS_H
#define GD_OPTIONS_FLAGS_H

#include "options/value.h"
#include "text/words.h"

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
    GD_GROUP_TILES,
    GD_GROUP_MACHINE,
    GD_GROUP_RECORD,
    GD_GROUP_CHECKPOINT,
    GD_GROUP_OTHER,
    GD_GROUP_COUNT
} gd_flag_group;

typedef enum gd_value_kind {
    GD_VALUE_SWITCH,   /* bool; given alone, it is the opposite of its default; =on and =off say it */
    GD_VALUE_ACTION,   /* given alone, gd_options.action becomes `low` */
    GD_VALUE_PATH,     /* char [GD_PATH_MAX]; `words`: values that are no files */
    GD_VALUE_WHOLE,    /* int32_t or int64_t in [low, high] */
    GD_VALUE_UNSIGNED, /* uint64_t */
    GD_VALUE_DOUBLE,   /* double in [low, high]; `wrong` says what to give */
    GD_VALUE_ENUM,     /* an enumeration or bool, one of `words`; `wrong` says what there is none of */
    GD_VALUE_SCHEDULE, /* gd_schedule */
    GD_VALUE_BYTES,    /* uint64_t; a size such as 2GiB, 0: unset */
    GD_VALUE_OWN,      /* by `read` and `print` alone */
    GD_VALUE_OWN_PAIR  /* the same of two values; -or also takes one word, and -ml one or none */
} gd_value_kind;

/* What else is known of a flag. */
enum {
    GD_FLAG_PIXELS = 1 << 0,     /* has a say in the picture's file, and stands in its text */
    GD_FLAG_BRIEF = 1 << 1,      /* not even there when it has its default */
    GD_FLAG_LOOK = 1 << 2,       /* of the look, which --like takes */
    GD_FLAG_REAL = 1 << 3,       /* a path that a checkpoint holds from the root on */
    GD_FLAG_LATE = 1 << 4,       /* may be another when a render goes on from a checkpoint */
    GD_FLAG_PERMISSION = 1 << 5, /* for this command to say, not for a file */
    GD_FLAG_ONCE = 1 << 6,       /* of this run alone: in no checkpoint, and no file of parameters */
    GD_FLAG_UNSPELLED = 1 << 7   /* in no command that is printed: others stand for it */
};

typedef struct gd_flag {
    const char *short_name; /* without its dash; NULL: none */
    const char *long_name;  /* without its dashes */
    const char *argument;   /* for people: "A B"; NULL: none, or those of `words` */
    const char *meaning;    /* for --help: one sentence, without a final point */
    const char *preset;     /* the value when it is not given, as it is written; NULL: off, 0 or none */
    const char *preset_for_people; /* where that does not say it; NULL: it does */
    const char *wrong;
    const char *offers;      /* words that complete a value; NULL: those of the argument */
    const gd_word *words;    /* ENUM, PATH */
    gd_value_reader *read;   /* NULL: that of the kind */
    gd_value_printer *print; /* NULL: that of the kind */
    double low, high;
    size_t offset, bytes; /* of the field in gd_options; 0 bytes: several, or none */
    gd_flag_group group;
    gd_value_kind kind;
    unsigned traits;
} gd_flag;

extern const gd_flag gd_flags[GD_FLAG_COUNT];
extern const char *const gd_flag_groups[GD_GROUP_COUNT]; /* headings */

enum { GD_FLAG_NAME_MAX = 64, GD_FLAG_ARGUMENT_MAX = 96 };

/* How many values follow it at most. */
int gd_flag_values(const gd_flag *flag);

/* Its argument for people, "auto|mpi|nccl" where it has words alone; "": it has none. */
void gd_flag_argument(const gd_flag *flag, char text[GD_FLAG_ARGUMENT_MAX]);

/* The key of its value in a log, and in texts about it: its short name, else the long one. */
const char *gd_flag_key(const gd_flag *flag);

/* Its name with dashes, the short one if there is one. */
void gd_flag_name(const gd_flag *flag, char name[GD_FLAG_NAME_MAX]);

#endif

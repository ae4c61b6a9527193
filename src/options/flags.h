/* The one table of flags: the parser, --help, and the checks of man page and completion read it. */
#ifndef GD_OPTIONS_FLAGS_H
#define GD_OPTIONS_FLAGS_H

#include <stddef.h>

typedef enum gd_flag_id {
    GD_FLAG_INPUT,
    GD_FLAG_SIZE,
    GD_FLAG_MAX_DIM,
    GD_FLAG_ENLARGE,
    GD_FLAG_OUTPUT,
    GD_FLAG_OVERWRITE,
    GD_FLAG_SAVE_INPUT,
    GD_FLAG_NO_FINAL_RESIZE,
    GD_FLAG_PRINT,
    GD_FLAG_DPI,
    GD_FLAG_BITS,
    GD_FLAG_COMPRESSION,
    GD_FLAG_PYRAMID,
    GD_FLAG_BIGTIFF,
    GD_FLAG_PREVIEW,
    GD_FLAG_PREVIEW_EVERY,
    GD_FLAG_MODEL,
    GD_FLAG_LAYERS,
    GD_FLAG_OCTAVES,
    GD_FLAG_OCTAVE_SCALE,
    GD_FLAG_STEPS,
    GD_FLAG_STEP_SIZE,
    GD_FLAG_KEEP_DETAIL,
    GD_FLAG_SEED,
    GD_FLAG_TILE,
    GD_FLAG_HALO,
    GD_FLAG_COMPAT,
    GD_FLAG_BACKEND,
    GD_FLAG_PRECISION,
    GD_FLAG_THREADS,
    GD_FLAG_MEMORY,
    GD_FLAG_SCRATCH,
    GD_FLAG_TRANSPORT,
    GD_FLAG_AUTOTUNE,
    GD_FLAG_SHARE_GPU,
    GD_FLAG_WEIGHTS,
    GD_FLAG_LOG,
    GD_FLAG_REPLAY,
    GD_FLAG_QUIET,
    GD_FLAG_CHECKPOINT,
    GD_FLAG_CHECKPOINT_EVERY,
    GD_FLAG_RESUME,
    GD_FLAG_RESTART,
    GD_FLAG_TRUST,
    GD_FLAG_PROOF,
    GD_FLAG_DRY_RUN,
    GD_FLAG_DEVICE,
    GD_FLAG_RANKS,
    GD_FLAG_DEVICE_INFO,
    GD_FLAG_DUMP_TAPE,
    GD_FLAG_HELP,
    GD_FLAG_VERSION,
    GD_FLAG_COUNT
} gd_flag_id;

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

typedef struct gd_flag {
    gd_flag_group group;
    int values;             /* how many follow it; -ml, which also takes none or one, has 2 */
    const char *short_name; /* without its dash; NULL: none */
    const char *long_name;  /* without its dashes */
    const char *argument;   /* for people: "A B"; NULL: none */
    const char *meaning;    /* for --help: one sentence, without a final point */
    const char *preset;     /* the value when it is not given, for people; NULL: nothing to say */
} gd_flag;

extern const gd_flag gd_flags[GD_FLAG_COUNT];
extern const char *const gd_flag_groups[GD_GROUP_COUNT]; /* headings */

enum { GD_FLAG_NAME_MAX = 64 };

/* The flag of that name (short or long, one dash or two, "=..." behind it or not), or -1. */
int gd_flag_find(const char *argument);

/* The name, with its dashes, that is nearest to `argument`: one that begins as it does, else the one with the
 * fewest typing errors (Damerau 1964). */
void gd_flag_nearest(const char *argument, char name[GD_FLAG_NAME_MAX]);

#endif

#include "options/flags.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

const char *const gd_flag_groups[GD_GROUP_COUNT] = {
    [GD_GROUP_PICTURE] = "Pictures", [GD_GROUP_DREAM] = "The dream", [GD_GROUP_TILES] = "Tiles",
    [GD_GROUP_MACHINE] = "Machine",  [GD_GROUP_RECORD] = "Records",  [GD_GROUP_CHECKPOINT] = "Interruptions",
    [GD_GROUP_OTHER] = "Other",
};

const gd_flag gd_flags[GD_FLAG_COUNT] = {
    [GD_FLAG_INPUT] = {GD_GROUP_PICTURE, 1, "img", "input", "PATH",
                       "picture to dream on (JPEG, PNG, TIFF), or random_noise: grey noise made from --seed",
                       "random_noise"},
    [GD_FLAG_SIZE] = {GD_GROUP_PICTURE, 1, NULL, "size", "WxH",
                      "size of random_noise in pixels, instead of a square of -img_max_dim", NULL},
    [GD_FLAG_MAX_DIM] = {GD_GROUP_PICTURE, 1, "img_max_dim", "max-dim", "N",
                         "longest side in pixels after resizing; a smaller picture stays as it is", "1024"},
    [GD_FLAG_ENLARGE] = {GD_GROUP_PICTURE, 0, NULL, "enlarge", NULL,
                         "bring a picture smaller than -img_max_dim up to it", NULL},
    [GD_FLAG_OUTPUT] = {GD_GROUP_PICTURE, 1, "img_out", "output", "NAME",
                        "file to write: .tif .tiff .jpg .jpeg .png; without an extension, .tif",
                        "PICTURE_dream.tif in the current folder, after -img; with --compat output.tif"},
    [GD_FLAG_OVERWRITE] =
        {GD_GROUP_PICTURE, 0, NULL, "overwrite", NULL,
         "replace files that gigadream did not write; else it asks on a terminal, or refuses", NULL},
    [GD_FLAG_SAVE_INPUT] = {GD_GROUP_PICTURE, 0, "save_input", "save-input", NULL,
                            "also write the resized input, or the noise, as NAME_input.EXT", NULL},
    [GD_FLAG_NO_FINAL_RESIZE] = {GD_GROUP_PICTURE, 0, NULL, "no-final-resize", NULL,
                                 "leave the result at the last octave's size", NULL},
    [GD_FLAG_PRINT] = {GD_GROUP_PICTURE, 1, NULL, "print", "WxHcm",
                       "make the picture as large as fits on such paper at --dpi; also mm and in", NULL},
    [GD_FLAG_DPI] = {GD_GROUP_PICTURE, 1, NULL, "dpi", "N", "pixels an inch that the file states",
                     "the input's, with --print 300"},
    [GD_FLAG_BITS] = {GD_GROUP_PICTURE, 1, NULL, "bits", "8|16", "bits a channel; 16 for TIFF and PNG", "8"},
    [GD_FLAG_COMPRESSION] = {GD_GROUP_PICTURE, 1, NULL, "compression", "deflate|lzw|zstd|jpeg|none",
                             "of a TIFF; jpeg (quality 95) is for 8 bits and loses a little", "deflate"},
    [GD_FLAG_PYRAMID] = {GD_GROUP_PICTURE, 1, NULL, "pyramid", "on|off",
                         "smaller copies in a TIFF, each half as large, for viewers", "on"},
    [GD_FLAG_BIGTIFF] = {GD_GROUP_PICTURE, 1, NULL, "bigtiff", "auto|always|never",
                         "auto makes a BigTIFF only where 4 GB may not suffice", "auto"},
    [GD_FLAG_PREVIEW] = {GD_GROUP_PICTURE, 1, NULL, "preview", "FILE[,PIXELS]",
                         "write a small .jpg or .png after each octave; frame_%03d.jpg numbers them", NULL},
    [GD_FLAG_PREVIEW_EVERY] = {GD_GROUP_PICTURE, 1, NULL, "preview-every", "N", "also after every N steps",
                               NULL},
    [GD_FLAG_MODEL] = {GD_GROUP_DREAM, 1, "m", "model", "NAME", "network: inceptionV3 or inceptionResNet",
                       "inceptionV3"},
    [GD_FLAG_LAYERS] = {GD_GROUP_DREAM, 2, "ml", "layers", "A B | NAME[=WEIGHT],...",
                        "what to enhance: layers A .. B-1 of the network's list (B is at most 6 with the "
                        "bundled weights), or "
                        "layers by name with weights",
                        "asks on a terminal"},
    [GD_FLAG_OCTAVES] = {GD_GROUP_DREAM, 2, "or", "octaves", "A B | auto",
                         "octaves by exponent, A .. B-1; below 0 is smaller than the picture; auto goes from "
                         "a long side of about 600 pixels to the picture's size",
                         "-4 2"},
    [GD_FLAG_OCTAVE_SCALE] = {GD_GROUP_DREAM, 1, "osc", "octave-scale", "X",
                              "how much larger each octave is than the one before; above 1", "1.2"},
    [GD_FLAG_STEPS] = {GD_GROUP_DREAM, 1, "os", "steps", "N", "steps in each octave; 0 only resizes",
                       "20, with --compat 80"},
    [GD_FLAG_STEP_SIZE] =
        {GD_GROUP_DREAM, 1, "ss", "step-size", "X[:Y[:CURVE]]",
         "strength of a step, good from 0.001 (faint) to 0.02; X:Y goes from X to Y over all steps, "
         "CURVE is linear, cosine or exp",
         "0.01"},
    [GD_FLAG_KEEP_DETAIL] = {GD_GROUP_DREAM, 0, NULL, "keep-detail", NULL,
                             "in each octave, add back what the smaller one lost of the input", NULL},
    [GD_FLAG_SEED] = {GD_GROUP_DREAM, 1, NULL, "seed", "N", "number that all randomness comes from", "1"},
    [GD_FLAG_TILE] = {GD_GROUP_TILES, 1, "ts", "tile", "auto|N[:M[:CURVE]]",
                      "tile size in pixels; larger than the canvas means one tile; N:M changes as -ss does; "
                      "auto is what the GPU's memory holds",
                      "2048, with --compat 512"},
    [GD_FLAG_HALO] = {GD_GROUP_TILES, 1, NULL, "halo", "auto|exact|N",
                      "pixels that a tile sees around itself; with exact, the tile size cannot be seen",
                      "auto"},
    [GD_FLAG_COMPAT] = {GD_GROUP_TILES, 1, NULL, "compat", "tensorflow",
                        "repeat the published TensorFlow program, to compare with it", NULL},
    [GD_FLAG_BACKEND] = {GD_GROUP_MACHINE, 1, NULL, "backend", "auto|cuda|cpu|reference",
                         "what computes: cuDNN on GPUs, oneDNN, or plain loops in double precision (slow); "
                         "auto is cuda where there is a GPU, and else cpu",
                         "auto"},
    [GD_FLAG_PRECISION] = {GD_GROUP_MACHINE, 1, NULL, "precision", "auto|bf16|fp16|tf32|fp32",
                           "arithmetic; auto is bf16 on GPUs and where the processor is faster in it, else "
                           "fp32, also with --compat; fp16 and tf32 are for GPUs",
                           "auto"},
    [GD_FLAG_THREADS] = {GD_GROUP_MACHINE, 1, NULL, "threads", "N",
                         "most cores to use; never changes the picture", "all"},
    [GD_FLAG_MEMORY] =
        {GD_GROUP_MACHINE, 1, NULL, "memory", "SIZE",
         "most memory of a rank, such as 2GiB or 2500M; what does not fit goes to --scratch; never "
         "changes the picture",
         "a fair share of what the host, Slurm or the control group allows"},
    [GD_FLAG_SCRATCH] =
        {GD_GROUP_MACHINE, 1, NULL, "scratch", "DIR",
         "folder on a disk of the host for what does not fit into memory; nothing stays in it",
         "$SLURM_TMPDIR, $TMPDIR, /tmp or /var/tmp"},
    [GD_FLAG_TRANSPORT] = {GD_GROUP_MACHINE, 1, NULL, "transport", "auto|mpi|nccl",
                           "what carries pixels between ranks; never changes the picture", "auto"},
    [GD_FLAG_AUTOTUNE] = {GD_GROUP_MACHINE, 0, NULL, "autotune", NULL,
                          "let rank 0 time cuDNN's engines on its GPU and choose the fastest for all ranks",
                          NULL},
    [GD_FLAG_SHARE_GPU] = {GD_GROUP_MACHINE, 0, NULL, "share-gpu", NULL, "allow several ranks on one GPU",
                           NULL},
    [GD_FLAG_WEIGHTS] = {GD_GROUP_MACHINE, 1, NULL, "weights", "FILE|bundled|official",
                         "weights to use; unset, the bundled ones when they hold the layers", NULL},
    [GD_FLAG_LOG] = {GD_GROUP_RECORD, 1, NULL, "log", "FILE",
                     "write parameters, then one line a step, as JSON Lines", NULL},
    [GD_FLAG_REPLAY] = {GD_GROUP_RECORD, 1, NULL, "replay", "FILE",
                        "take the random shifts of such a log instead of those of --seed", NULL},
    [GD_FLAG_QUIET] = {GD_GROUP_RECORD, 0, NULL, "quiet", NULL, "say nothing but errors", NULL},
    [GD_FLAG_CHECKPOINT] = {GD_GROUP_CHECKPOINT, 1, NULL, "checkpoint", "FILE",
                            "where the render is saved on its way; removed when the picture is written",
                            "NAME.EXT.checkpoint.h5 beside the picture"},
    [GD_FLAG_CHECKPOINT_EVERY] = {GD_GROUP_CHECKPOINT, 1, NULL, "checkpoint-every", "TIME|Nsteps|octave",
                                  "how often: 10min, 90s or 2h, 100steps, or after each octave", "10min"},
    [GD_FLAG_RESUME] =
        {GD_GROUP_CHECKPOINT, 1, NULL, "resume", "FILE",
         "go on from a checkpoint, which holds all parameters; -os and the end of -or may grow", NULL},
    [GD_FLAG_RESTART] = {GD_GROUP_CHECKPOINT, 0, NULL, "restart", NULL,
                         "start anew where the same command would go on from its checkpoint", NULL},
    [GD_FLAG_TRUST] = {GD_GROUP_CHECKPOINT, 0, NULL, "trust", NULL,
                       "go on from a checkpoint that is another user's: what it says is done as yours", NULL},
    [GD_FLAG_PROOF] = {GD_GROUP_OTHER, 0, NULL, "proof", NULL,
                       "write no picture, but what to look at before a long render: NAME.proof-whole.jpg, "
                       "small, and three crops in true size, NAME.proof-1.jpg to -3.jpg, and end",
                       NULL},
    [GD_FLAG_DRY_RUN] = {GD_GROUP_OTHER, 0, NULL, "dry-run", NULL,
                         "print the plan (octaves, tiles, memory by purpose, messages, work), and end", NULL},
    [GD_FLAG_DEVICE] = {GD_GROUP_OTHER, 1, NULL, "device", "NAME|FILE.json",
                        "plan for a GPU that need not be here: a100, h100, b200, rtx4090, or a file of its "
                        "properties",
                        "the one here"},
    [GD_FLAG_RANKS] = {GD_GROUP_OTHER, 1, NULL, "ranks", "N", "plan for so many ranks", "those of this run"},
    [GD_FLAG_DEVICE_INFO] = {GD_GROUP_OTHER, 0, NULL, "device-info", NULL,
                             "print what can compute here, and what is missing for the rest, and end", NULL},
    [GD_FLAG_DUMP_TAPE] = {GD_GROUP_OTHER, 0, NULL, "dump-tape", NULL,
                           "print the lowered network for one tile (operations, shapes, memory), and end",
                           NULL},
    [GD_FLAG_HELP] = {GD_GROUP_OTHER, 0, "h", "help", NULL, "print this, and end", NULL},
    [GD_FLAG_VERSION] = {GD_GROUP_OTHER, 0, NULL, "version", NULL, "print the version, and end", NULL},
};

static const char *skip_dashes(const char *argument)
{
    for (int i = 0; i < 2 && *argument == '-'; i++)
        argument++;
    return argument;
}

static bool is_named(const char *name, const char *text, size_t length)
{
    return name && strlen(name) == length && memcmp(name, text, length) == 0;
}

int gd_flag_find(const char *argument)
{
    if (argument[0] != '-')
        return -1;
    const char *text = skip_dashes(argument);
    size_t length = strcspn(text, "=");
    for (int i = 0; i < GD_FLAG_COUNT; i++)
        if (is_named(gd_flags[i].short_name, text, length) || is_named(gd_flags[i].long_name, text, length))
            return i;
    return -1;
}

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Insertions, deletions, substitutions and swaps of neighbours from a[length] to b; both shorter than
 * GD_FLAG_NAME_MAX. */
static int distance(const char *a, size_t length, const char *b)
{
    int d[GD_FLAG_NAME_MAX][GD_FLAG_NAME_MAX];
    size_t columns = strlen(b);
    for (size_t i = 0; i <= length; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = (int)(i + j);
                continue;
            }
            d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[length][columns];
}

/* How far a name is from what was typed; a beginning counts as nearly right. */
static int far_from(const char *name, const char *text, size_t length)
{
    if (length > 2 && strncmp(name, text, length) == 0)
        return 0;
    return distance(text, length, name);
}

void gd_flag_nearest(const char *argument, char name[GD_FLAG_NAME_MAX])
{
    const char *text = skip_dashes(argument);
    size_t length = strcspn(text, "=");
    if (length >= GD_FLAG_NAME_MAX)
        length = GD_FLAG_NAME_MAX - 1;
    int best = GD_FLAG_NAME_MAX + 1;
    for (int i = 0; i < GD_FLAG_COUNT; i++) {
        const char *names[2] = {gd_flags[i].short_name, gd_flags[i].long_name};
        for (int j = 0; j < 2; j++) {
            if (!names[j] || far_from(names[j], text, length) >= best)
                continue;
            best = far_from(names[j], text, length);
            snprintf(name, GD_FLAG_NAME_MAX, "%s%s", j == 0 ? "-" : "--", names[j]);
        }
    }
}

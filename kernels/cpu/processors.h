/* Kinds of processor: which one this is, what each can also compute as, and what was measured on it.
 *
 * --precision auto takes bf16 only where it was measured to be the faster one; it never times anything, since
 * timings would choose bits. A kind in this table is the whole of what the choice of precision and arithmetic
 * depends on. */
#ifndef GD_KERNELS_CPU_PROCESSORS_H
#define GD_KERNELS_CPU_PROCESSORS_H

#include "kernels/backend.h"
#include "kernels/cpu/isa.h"
#include "kernels/cpu/tiles/convolution.h"

#include <stdbool.h>
#include <stdint.h>

/* A kind stands after those that it can compute as. */
typedef enum gd_cpu_kind {
    GD_CPU_OLDER = 1, /* than AVX2 */
    GD_CPU_AVX2,
    GD_CPU_AVX512,
    GD_CPU_BF16,       /* AVX-512 with bf16, of none of the kinds below */
    GD_CPU_INTEL_BF16, /* no tiles, or not to be used */
    GD_CPU_AMX,        /* tiles that may be used */
    GD_CPU_ZEN4,
    GD_CPU_ZEN5,
    GD_CPU_KINDS /* one more than the last */
} gd_cpu_kind;

enum { GD_PROCESSOR_LAYERS = 3 };

/* The layers of Inception V3 at which `ratio` is measured: "mixed3", ... */
extern const char *const gd_processor_layers[GD_PROCESSOR_LAYERS];

typedef struct gd_processor {
    const char *name;       /* for people and for the numerics record: without commas and semicolons */
    gd_cpu_kind below;      /* the best kind that it can also compute as; GD_CPU_OLDER: itself */
    gd_cpu_isa isa;         /* the least that it has, and the most that the library may use */
    gd_precision precision; /* that --precision auto takes */
    bool native;            /* multiplies bf16 as such; else tensors of bf16 are multiplied in float32 */
    /* Seconds of a gradient in bf16 by those in fp32, one window of 512 x 512, medians by turns
     * (bench/step.py --row prints them); 0: not measured. */
    double ratio[GD_PROCESSOR_LAYERS];
    const char *measured; /* where, when, and on which commit; or why not */
    const char *advice;   /* what may be faster than `precision`, for the user; NULL: nothing */
} gd_processor;

/* The table's row of a kind. */
const gd_processor *gd_processor_of(gd_cpu_kind kind);

/* What a kind follows from. */
typedef struct gd_cpu_identity {
    char vendor[13]; /* "GenuineIntel", "AuthenticAMD" */
    int32_t family, model;
    gd_cpu_isa isa;       /* the greatest of the processor, as far as ONEDNN_MAX_CPU_ISA lets it be used */
    const char *no_tiles; /* why tiles cannot be used; NULL: they can */
    gd_tile_function *tile_conv; /* what computes in them; NULL: nothing does */
} gd_cpu_identity;

/* Of this processor. Tries the tiles if there are any, the first time in a process. Does not touch the
 * library, whose instruction set can be lowered only before its first use. */
gd_cpu_identity gd_cpu_identify(void);

gd_cpu_kind gd_cpu_kind_of(const gd_cpu_identity *identity);

/* The kind of this processor: gd_cpu_kind_of(gd_cpu_identify()). As gd_backend's entries. */
int32_t gd_cpu_kind_here(void);
/* The best kind that both can compute as. */
int32_t gd_cpu_kind_common(int32_t a, int32_t b);
const char *gd_cpu_kind_name(int32_t kind); /* NULL past the last */
/* What lets this processor compute as one of that kind, for messages: "ONEDNN_MAX_CPU_ISA=AVX2"; NULL:
 * nothing does. */
const char *gd_cpu_kind_limit(int32_t kind);
/* "AMD Zen 5", with what keeps it from a better kind: "Intel with bf16, no tiles (AMX): ...". */
void gd_cpu_identity_words(const gd_cpu_identity *identity, char words[GD_KIND_WORDS]);
void gd_cpu_kind_words(char words[GD_KIND_WORDS]); /* of this processor */

#endif

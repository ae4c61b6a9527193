/* Names of precisions on the command lines of benchmarks. */
#include "precision_named.h"

#include <stddef.h>
#include <string.h>

gd_precision precision_named(const char *name)
{
    static const struct {
        const char *name;
        gd_precision precision;
    } names[] = {{"bf16", GD_PRECISION_BF16},
                 {"fp16", GD_PRECISION_FP16},
                 {"tf32", GD_PRECISION_TF32},
                 {"auto", GD_PRECISION_AUTO}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i].name) == 0)
            return names[i].precision;
    return GD_PRECISION_FP32;
}

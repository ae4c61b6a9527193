/* Names and prints the phases of a render with their times. */
#include "records/phases.h"

const char *gd_phase_name(gd_phase phase)
{
    static const char *const names[GD_PHASE_COUNT] = {"read",   "scatter", "compute", "exchange",
                                                      "update", "between", "write",   "web"};
    return names[phase];
}

void gd_phases_print(const gd_phases *phases, FILE *out)
{
    const double worth_telling = 0.5; /* percent */
    const char *between = "";
    double all = 0;
    for (int i = 0; i < GD_PHASE_COUNT; i++)
        all += phases->seconds[i];
    for (int i = 0; i < GD_PHASE_COUNT; i++) {
        const double share = 100 * phases->seconds[i] / all;
        if (share < worth_telling)
            continue;
        fprintf(out, "%s%s %.1f s (%.0f %%)", between, gd_phase_name(i), phases->seconds[i], share);
        between = ", ";
    }
    fputc('\n', out);
}

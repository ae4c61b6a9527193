#include "cli/layers.h"
#include "cli/text.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *gd_terminal(int32_t ranks)
{
    if (ranks != 1 || !isatty(STDIN_FILENO))
        return NULL;
    if (isatty(STDERR_FILENO))
        return stderr;
    return isatty(STDOUT_FILENO) ? stdout : NULL;
}

/* The sentence for those who cannot be asked. */
static gd_status tell(const gd_options *o, const gd_net *net, int32_t ranks, gd_error *error)
{
    gd_options proposal = *o;
    char command[700], start[64] = "";
    gd_layers_proposal(net, &proposal.layer_first, &proposal.layer_end);
    if (gd_options_command(&proposal, command, sizeof command) != GD_OK)
        snprintf(command, sizeof command, "gigadream ... -ml %d %d", proposal.layer_first,
                 proposal.layer_end);
    else if (ranks > 1)
        snprintf(start, sizeof start, "mpirun -n %d ", ranks);
    return gd_fail(error, GD_USAGE,
                   "-ml %.200s: give A B with 0 <= A < B <= %d, or names from %s to %s; for example: %s%s",
                   o->layers_wrong[0] ? o->layers_wrong : "is missing", net->layer_count, net->layers[0].name,
                   net->layers[net->layer_count - 1].name, start, command);
}

static void question(const gd_options *o, const gd_net *net, FILE *out)
{
    int32_t first, end;
    gd_layers_proposal(net, &first, &end);
    if (o->layers_wrong[0])
        fprintf(out, "\n-ml %s", o->layers_wrong);
    fprintf(out, "\nLayers A B (A .. B-1 of 0 .. %d), or names with commas [%d %d]: ", net->layer_count - 1,
            first, end);
    fflush(out);
}

static void take_answer(gd_options *o, const gd_net *net, const char *line)
{
    gd_layers_read(line, o);
    if (o->layer_count == 0 && o->layer_first < 0 && !o->layers_wrong[0])
        gd_layers_proposal(net, &o->layer_first, &o->layer_end);
}

gd_status gd_options_ask_layers(gd_options *options, const gd_net *net, const bool *held, bool interactive,
                                int32_t ranks, FILE *in, FILE *out, gd_error *error)
{
    if (gd_layers_resolve(options, net))
        return GD_OK;
    if (!interactive)
        return tell(options, net, ranks, error);
    char line[4096];
    gd_layers_print(net, held, out);
    do {
        question(options, net, out);
        if (!fgets(line, sizeof line, in)) {
            fputc('\n', out);
            return tell(options, net, ranks, error);
        }
        take_answer(options, net, line);
    } while (!gd_layers_resolve(options, net));
    return GD_OK;
}

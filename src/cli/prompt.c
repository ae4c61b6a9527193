/* Asks the user at a terminal for layers, and whether a file or checkpoint may be replaced. */
#include "cli/prompt.h"

#include "options/options_format.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

FILE *gd_prompt_terminal(int32_t ranks)
{
    if (ranks != 1 || !isatty(STDIN_FILENO))
        return NULL;
    if (isatty(STDERR_FILENO))
        return stderr;
    return isatty(STDOUT_FILENO) ? stdout : NULL;
}

/* Limit on B when the weights hold fewer layers than the network: a clause, or "". */
static void bound_text(const gd_net *net, const gd_layers_available *there, char text[96])
{
    const int32_t held = gd_layers_available_count(net, there->held);
    text[0] = '\0';
    if (there->needed && held > 0 && held < net->listed_count)
        snprintf(text, 96, "B is at most %d with %s", held, gd_layers_weights(there));
}

/* Name of the last layer that can be chosen. */
static const char *last_name(const gd_net *net, const gd_layers_available *there)
{
    const int32_t held = gd_layers_available_count(net, there->held);
    return net->layers[(there->needed && held > 0 ? held : net->listed_count) - 1].name;
}

/* The error message when no terminal is available to ask. */
static gd_status tell(const gd_options *o, const gd_net *net, const gd_layers_available *there, int32_t ranks,
                      gd_error *error)
{
    gd_options proposal = *o;
    char command[600], start[64] = "", bound[96];
    gd_layers_proposal(net, &proposal.layer_first, &proposal.layer_end);
    if (o->output_choice != GD_OUTPUT_NAMED)
        proposal.output[0] = '\0';
    bound_text(net, there, bound);
    if (gd_options_command(&proposal, command, sizeof command) != GD_OK)
        snprintf(command, sizeof command, "gigadream ... -ml %d %d", proposal.layer_first,
                 proposal.layer_end);
    else if (ranks > 1)
        snprintf(start, sizeof start, "mpirun -n %d ", ranks);
    return gd_fail(
        error, GD_USAGE,
        "-ml%s%.200s; give A B with 0 <= A < B <= %d%s%s, or names from %s to %s; for example: %s%s",
        o->layers_wrong[0] ? ": " : "", o->layers_wrong[0] ? o->layers_wrong : " is missing",
        net->listed_count, bound[0] ? ", where " : "", bound, net->layers[0].name, last_name(net, there),
        start, command);
}

static void question(const gd_options *o, const gd_net *net, const gd_layers_available *there, FILE *out)
{
    int32_t first, end;
    char bound[96];
    gd_layers_proposal(net, &first, &end);
    bound_text(net, there, bound);
    if (o->layers_wrong[0])
        fprintf(out, "\n%s.\n", o->layers_wrong);
    fprintf(out,
            "\nWhich ones? Two numbers A B select layers A to B-1%s%s.\n"
            "Names separated by commas are accepted, too. Enter takes [%d %d]: ",
            bound[0] ? ";\n" : "", bound, first, end);
    fflush(out);
}

/* Takes the proposal where no layers were given. */
static void propose(gd_options *o, const gd_net *net)
{
    if (o->chosen.layer_count == 0 && o->layer_first < 0 && !o->layers_wrong[0])
        gd_layers_proposal(net, &o->layer_first, &o->layer_end);
}

static bool fits(gd_options *o, const gd_net *net, const gd_layers_available *there)
{
    return gd_layers_resolve(o, net) && gd_layers_all_available(o, net, there);
}

gd_status gd_prompt_layers(gd_options *options, const gd_net *net, const gd_layers_available *there,
                           bool interactive, int32_t ranks, FILE *in, FILE *out, gd_error *error)
{
    if (options->bare)
        propose(options, net);
    if (!interactive)
        return gd_layers_resolve(options, net) ? GD_OK : tell(options, net, there, ranks, error);
    if (fits(options, net, there))
        return GD_OK;
    char line[4096];
    gd_layers_print(net, there, out);
    do {
        question(options, net, there, out);
        if (!fgets(line, sizeof line, in)) {
            fputc('\n', out);
            return tell(options, net, there, ranks, error);
        }
        gd_layers_read(line, options);
        propose(options, net);
    } while (!fits(options, net, there));
    return GD_OK;
}

bool gd_prompt_confirm(void *context, const char *question)
{
    const gd_prompt *prompt = context;
    char line[64];
    fputs(question, prompt->out);
    fflush(prompt->out);
    if (fgets(line, sizeof line, prompt->in))
        return line[0] == 'y' || line[0] == 'Y';
    fputc('\n', prompt->out);
    return false;
}

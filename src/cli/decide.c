/* Makes the decision for a command line: options, checkpoint, layers, weights, settings and file names. */
#include "cli/decide.h"

#include "base/file.h"
#include "base/target.h"
#include "base/target_resolve.h"
#include "cli/bare.h"
#include "cli/output_name.h"
#include "cli/prompt.h"
#include "files/file_clashes.h"
#include "files/input_frames.h"
#include "files/presets.h"
#include "files/save_parameters.h"
#include "files/weights_path.h"
#include "host/stop.h"
#include "image/kind.h"
#include "image/profile.h"
#include "job/memory_check.h"
#include "job/prepare.h"
#include "options/enum_names.h"
#include "options/help.h"
#include "options/layers.h"
#include "options/like.h"
#include "options/parameter_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* State while a decision is made. All borrowed. */
typedef struct deciding {
    int32_t ranks;
    gd_prompt prompt; /* out: NULL without a terminal */
    gd_confirm confirm;
    gd_decision *d;
    gd_resumed *resumed;
    gd_settings_facts facts;
} deciding;

/* Notes the file of the weights, and what it says about the network. */
static gd_status take_weights(gd_decision *d, const gd_net *net, const gd_weights_search *search,
                              gd_error *error)
{
    const gd_weights_file *chosen = NULL;
    gd_error ignored;
    const bool plans = gd_action_plans(d->options.action); /* which need no weights */
    const gd_status status =
        gd_weights_choose(search, &d->options, net, &d->objective, &chosen, plans ? &ignored : error);
    d->files.weights[0] = '\0';
    if (chosen) {
        strcpy(d->files.weights, chosen->path);
        d->traits = chosen->traits;
    }
    return plans ? GD_OK : status;
}

static gd_status choose_layers(const deciding *c, const gd_net *net, gd_error *error)
{
    gd_decision *d = c->d;
    gd_weights_search *search = NULL;
    const bool plans = gd_action_plans(d->options.action);
    gd_status status = gd_weights_find(&d->options, net, &d->allowance, &search, error);
    if (status == GD_OK) {
        const gd_layers_available there = {
            .held = search->layers, .bundled = search->bundled, .needed = !plans, .fetch = search->fetch};
        status = gd_prompt_layers(&d->options, net, &there, c->prompt.out != NULL, c->ranks, c->prompt.in,
                                  c->prompt.out, error);
    }
    if (status == GD_OK)
        status = gd_options_objective(&d->options, net, &d->objective, error);
    if (status == GD_OK)
        status = take_weights(d, net, search, error);
    gd_weights_search_free(search);
    d->objective.own_units = gd_options_rules(&d->options)->own_units;
    return status;
}

static void print_devices(void)
{
    gd_backend_cuda.info(stdout);
    gd_backend_cpu.info(stdout);
    gd_backend_reference.info(stdout);
}

/* A proof always starts at the first octave. A tape dump and a plan for another device use a checkpoint only
 * when --resume names it. */
static bool may_resume(const gd_options *o)
{
    return !o->proof && (*o->resume || (o->action != GD_ACTION_DUMP_TAPE && !*o->device));
}

/* A render can be resumed only on the backend that started it. */
static gd_status check_device(const deciding *c, gd_error *error)
{
    const gd_options *o = &c->d->options;
    if (!*o->device || !c->facts.continued || c->facts.backend == GD_BACKEND_CUDA)
        return GD_OK;
    return gd_fail(error, GD_USAGE,
                   "--device %.300s and --resume %.300s: that render was started on \"%s\" and can only be "
                   "resumed there; leave one of them out",
                   o->device, c->d->files.resume, gd_enum_text(gd_backend_names, (int)c->facts.backend));
}

/* Checks the output name as given, before other names are derived from it. A name without extension is
 * checked unchanged, too: /dev/stdout does not mean a file beside it. */
static gd_status check_output(const gd_options *o, gd_error *error)
{
    char full[GD_PATH_MAX];
    gd_file_kind kind;
    struct stat about;
    gd_status status = gd_file_kind_of(o->output, &kind, full, sizeof full, error);
    if (status != GD_OK)
        return status;
    if (strcmp(full, o->output) != 0 && lstat(o->output, &about) == 0 && !S_ISREG(about.st_mode))
        return gd_fail(error, GD_USAGE, "%s: is %s, and will not be replaced; name a file", o->output,
                       gd_file_kind_name(about.st_mode));
    gd_target target;
    status = gd_target_resolve(full, GD_TARGET_FOLLOW, &target, error);
    gd_target_release(&target);
    return status;
}

/* Finds the start of the render: a checkpoint, or the first octave. */
static gd_status find_start(deciding *c, int argc, char *const *argv, gd_claims *claims, gd_error *error)
{
    gd_decision *d = c->d;
    const gd_resume_command command = {argc, argv, c->confirm};
    gd_status status = GD_OK;
    if (d->options.action == GD_ACTION_RENDER && !*d->options.resume && !gd_options_tiles_only(&d->options))
        status = check_output(&d->options, error);
    if (status != GD_OK)
        return status;
    if (may_resume(&d->options))
        status = gd_resume_find(&command, d, &c->facts, c->resumed, claims, error);
    else
        status = gd_file_names_checkpoint(&d->options, d->files.checkpoint, error);
    return status == GD_OK ? check_device(c, error) : status;
}

/* Completes the decision: layers and weights first, then settings and files. */
static gd_status complete(deciding *c, gd_claims *claims, gd_error *error)
{
    gd_decision *d = c->d;
    gd_status status = GD_OK;
    gd_net *net = gd_net_create(d->options.architecture);
    if (!net)
        return gd_no_memory(error, "the network's table");
    if (gd_options_need_network(&d->options))
        status = choose_layers(c, net, error);
    if (status == GD_OK)
        gd_bare_tell(&d->options, stdout);
    gd_net_free(net);
    net = status == GD_OK ? gd_net_create_as(d->options.architecture, &d->traits) : NULL;
    if (status == GD_OK && !net)
        return gd_no_memory(error, "the network's table");
    if (status == GD_OK)
        status = gd_prepare(net, d, &c->facts, &c->resumed->profile, error);
    if (status == GD_OK && d->settings.chosen.layer_count > 0)
        status = gd_settings_objective(&d->options, &d->settings, net, &d->objective, error);
    if (status == GD_OK)
        status = gd_file_clashes_check(&d->options, &d->files, error);
    if (status == GD_OK)
        status = gd_claims_take(claims, &d->options, &d->files, &c->confirm, error);
    if (status == GD_OK)
        status = gd_save_parameters(&d->options, &c->confirm, error);
    gd_net_free(net);
    return status;
}

static gd_status decide(int argc, char *const *argv, int32_t ranks, gd_decision *decision,
                        gd_resumed *resumed, gd_claims *claims, gd_error *error)
{
    deciding c = {
        .ranks = ranks, .prompt = {stdin, gd_prompt_terminal(ranks)}, .d = decision, .resumed = resumed};
    if (c.prompt.out)
        c.confirm = (gd_confirm){gd_prompt_confirm, &c.prompt};
    gd_status status = gd_like_parse(argc, argv, &decision->options, error);
    if (status != GD_OK)
        return status;
    const gd_action action = decision->options.action;
    if (action != GD_ACTION_RENDER || c.prompt.out)
        gd_stop_release(); /* nothing to save yet, and a prompt may block */
    if (action == GD_ACTION_DEVICE_INFO)
        print_devices();
    if (action == GD_ACTION_HELP)
        gd_help_print(stdout);
    if (action == GD_ACTION_VERSION)
        gd_version_print(stdout);
    if (action != GD_ACTION_RENDER && !gd_action_plans(action))
        return GD_OK;
    /* Rank 0 reads before the other ranks allocate. */
    decision->allowance = gd_memory_check_allowance(&decision->options, 1);
    status = gd_input_frames_find(&decision->options, &decision->files.frame_first, error);
    if (status == GD_OK)
        status = gd_flow_frames_check(&decision->options, decision->files.frame_first, error);
    if (status == GD_OK)
        status = gd_output_name_choose(&decision->options, decision->files.frame_first, &decision->allowance,
                                       error);
    if (status == GD_OK)
        status = find_start(&c, argc, argv, claims, error);
    return status == GD_OK ? complete(&c, claims, error) : status;
}

gd_status gd_decide(int argc, char *const *argv, int32_t ranks, gd_decision *decision, gd_resumed *resumed,
                    gd_claims *claims, gd_error *error)
{
    gd_argv_words words;
    if (argc <= 1) {
        gd_help_print_short(stderr);
        return gd_fail(error, GD_USAGE, "name a picture with -img, or see gigadream --help");
    }
    gd_status status = gd_parameters_expand(argc, argv, &words, error);
    if (status == GD_OK)
        status = gd_presets_expand(&words, error);
    if (status == GD_OK)
        status = decide(words.count, words.items, ranks, decision, resumed, claims, error);
    gd_argv_words_free(&words);
    return status;
}

#include "cli/decide.h"

#include "base/file.h"
#include "base/target.h"
#include "image/kind.h"
#include "image/profile.h"
#include "job/file_clashes.h"
#include "job/resume.h"
#include "job/stop.h"
#include "job/weights_path.h"
#include "options/enum_names.h"
#include "options/help.h"
#include "options/layers.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static gd_status choose_layers(const gd_net *net, int32_t ranks, gd_decision *d, gd_error *error)
{
    gd_weights_search *search = NULL;
    FILE *terminal = gd_terminal(ranks);
    gd_status status = gd_weights_find(&d->options, net, &search, error);
    if (status == GD_OK) {
        const gd_layers_there there = {.held = search->layers,
                                       .bundled = search->bundled,
                                       .needed = !gd_action_plans(d->options.action),
                                       .fetch = search->fetch};
        status =
            gd_options_ask_layers(&d->options, net, &there, terminal != NULL, ranks, stdin, terminal, error);
    }
    if (status == GD_OK)
        status = gd_options_objective(&d->options, net, &d->objective, error);
    gd_error ignored;
    if (status == GD_OK && !gd_action_plans(d->options.action))
        status = gd_weights_choose(search, &d->options, net, &d->objective, d->weights, error);
    else if (status == GD_OK && /* a plan needs no weights */
             gd_weights_choose(search, &d->options, net, &d->objective, d->weights, &ignored) != GD_OK)
        d->weights[0] = '\0';
    gd_weights_search_free(search);
    d->objective.own_units = gd_options_rules(&d->options)->own_units;
    return status;
}

/* What `auto` means on this host; the other ranks follow. In a program that was built for GPUs the user is
 * told why there is none, once all else is in order. */
static void settle_backend(gd_decision *decision)
{
    gd_options *o = &decision->options;
    gd_error why;
    if (o->backend != GD_BACKEND_AUTO)
        return;
    const bool gpu = *o->device || gd_backend_cuda.available(&why) == GD_OK;
    o->backend = gpu ? GD_BACKEND_CUDA : GD_BACKEND_CPU;
    if (!gpu && gd_backend_cuda.compile)
        snprintf(decision->no_gpu, sizeof decision->no_gpu, "%s", why.message);
}

static void print_devices(void)
{
    gd_backend_cuda.info(stdout);
    gd_backend_cpu.info(stdout);
    gd_backend_reference.info(stdout);
}

/* Layers that were asked for on the terminal are as if they had been given. */
static void note_given(gd_decision *d)
{
    const gd_options *o = &d->options;
    memcpy(d->given.layers, o->layers, sizeof d->given.layers);
    d->given.layer_count = o->layer_count;
    d->given.layer_first = o->layer_first;
    d->given.layer_end = o->layer_end;
}

/* A proof begins with the first octave, and a tape and another device are not of what is left on this host,
 * unless it is named. */
static bool may_go_on(const gd_options *o)
{
    return !o->proof && (*o->resume || (o->action != GD_ACTION_DUMP_TAPE && !*o->device));
}

/* A render goes on with the backend that began it. */
static gd_status check_device(const gd_decision *d, gd_error *error)
{
    const gd_options *o = &d->options;
    if (!*o->device || !*d->resume || o->backend == GD_BACKEND_CUDA)
        return GD_OK;
    return gd_fail(
        error, GD_USAGE,
        "--device %.300s and --resume %.300s: that render was begun on \"%s\", and goes on there; leave "
        "one of them out",
        o->device, d->resume, gd_backend_kind_name(o->backend));
}

/* The name as the user gave it, before others are made of it. One that gets an extension is taken for what it
 * names by itself, too: a file beside /dev/stdout is what nobody means. */
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

gd_status gd_decide(int argc, char *const *argv, int32_t ranks, gd_decision *decision, gd_profile *profile,
                    gd_checkpoint **checkpoint, gd_claims *claims, gd_error *error)
{
    FILE *terminal = gd_terminal(ranks);
    *checkpoint = NULL;
    if (argc <= 1) {
        gd_help_print_short(stderr);
        return gd_fail(error, GD_USAGE, "name a picture with -img, or see gigadream --help");
    }
    gd_status status = gd_options_parse(argc, argv, &decision->options, error);
    if (status != GD_OK)
        return status;
    const gd_action action = decision->options.action;
    if (action != GD_ACTION_RENDER || terminal)
        gd_stop_release(); /* nothing is to be saved yet, and a person may be waited for */
    if (action == GD_ACTION_DEVICE_INFO)
        print_devices();
    if (action != GD_ACTION_RENDER && !gd_action_plans(action))
        return GD_OK;
    decision->given = decision->options;
    if (action == GD_ACTION_RENDER && !*decision->options.resume)
        status = check_output(&decision->options, error);
    if (status != GD_OK)
        return status;
    if (may_go_on(&decision->options))
        status = gd_resume_find(argc, argv, terminal, decision, profile, checkpoint, claims, error);
    else
        status = gd_resume_name(&decision->options, decision->checkpoint, error);
    if (status == GD_OK)
        status = check_device(decision, error);
    if (status != GD_OK)
        return status;
    gd_net *net = gd_net_create(decision->options.architecture);
    if (!net)
        return gd_fail(error, GD_MEMORY, "out of memory for the network's table");
    if (gd_options_need_network(&decision->options))
        status = choose_layers(net, ranks, decision, error);
    settle_backend(decision); /* behind what proposes a command, which names no backend that was not given */
    note_given(decision);
    if (status == GD_OK)
        status = gd_prepare(net, decision, profile, error);
    if (status == GD_OK)
        status = gd_collide_check(decision, error);
    if (status == GD_OK)
        status = gd_claims_take(claims, decision, terminal, error);
    gd_net_free(net);
    return status;
}

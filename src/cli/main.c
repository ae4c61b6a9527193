/* The program: rank 0 decides, all ranks render. */
#include "base/apart/apart.h"
#include "cli/blend.h"
#include "cli/command.h"
#include "cli/decide.h"
#include "cli/guard.h"
#include "cli/sheet.h"
#include "files/claims.h"
#include "host/budget.h"
#include "host/limits.h"
#include "host/stop.h"
#include "job/common_processor.h"
#include "job/dry_run.h"
#include "job/run/run.h"
#include "job/sample/guide.h"
#include "job/sample/guide_text.h"
#include "job/sample/rank_channels.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint_load.h"
#include "mpi/comm.h"
#include "mpi/launcher.h"
#include "options/help.h"
#include "options/options_parse.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The guide's text in a resumed checkpoint; NULL: none is resumed. */
static const char *saved_guide(const gd_resumed *resumed)
{
    return resumed->checkpoint ? resumed->checkpoint->texts[GD_CHECKPOINT_GUIDE] : NULL;
}

/* For plans: the memory of what rank 0 measures in small copies of pictures. */
static gd_status count_samples(gd_decision *decision, const gd_resumed *resumed, gd_error *error)
{
    uint64_t ranking = 0, guide = 0;
    gd_status status = gd_rank_channels_bytes(decision, &ranking, error);
    if (status == GD_OK)
        status = gd_guide_bytes(decision, saved_guide(resumed), &guide, error);
    decision->sample_bytes = ranking > guide ? ranking : guide;
    return status;
}

/* What a command works with. All borrowed. */
typedef struct session {
    gd_comm *comm;
    gd_decision *decision;
    gd_resumed *resumed;
    gd_claims *claims;
} session;

/* Decides a command, prints its plan if it is one, and ranks the channels of a render. */
static gd_status decide(const session *s, int argc, char *const *argv, gd_error *error)
{
    gd_decision *decision = s->decision;
    gd_status status = gd_common_processor_agree(s->comm, &gd_backend_cpu, &decision->processor, error);
    if (status == GD_OK && gd_comm_rank(s->comm) == 0) {
        status = gd_decide(argc, argv, gd_comm_size(s->comm), decision, s->resumed, s->claims, error);
        const bool plans = status == GD_OK && gd_action_plans(decision->options.action);
        if (plans)
            status = count_samples(decision, s->resumed, error);
        if (plans && status == GD_OK)
            status = gd_dry_run(decision, gd_comm_size(s->comm), gd_comm_node_size(s->comm), error);
    }
    status = gd_comm_agree(s->comm, status, error);
    if (status == GD_OK)
        status = gd_comm_broadcast(s->comm, decision, sizeof *decision, error);
    if (status != GD_OK || decision->options.action != GD_ACTION_RENDER)
        return status;
    decision->resident = gd_resident_read().now;
    return gd_rank_channels(s->comm, decision, error);
}

static gd_status command(const session *s, int argc, char *const *argv, gd_error *error)
{
    gd_status status = decide(s, argc, argv, error);
    if (status != GD_OK || s->decision->options.action != GD_ACTION_RENDER)
        return status;
    status = gd_guide_take(s->comm, s->decision, saved_guide(s->resumed), error);
    if (status != GD_OK)
        return status;
    return gd_run(s->comm, s->decision, &s->resumed->profile, s->resumed->checkpoint, s->claims, error);
}

static void forget_resumed(gd_resumed *resumed)
{
    gd_checkpoint_free(resumed->checkpoint);
    gd_profile_free(&resumed->profile);
    *resumed = (gd_resumed){0};
}

/* Frees what a command of a sheet leaves for the next. */
static void forget_cell(const session *s)
{
    gd_claims_release(s->claims);
    gd_claims_init(s->claims);
    forget_resumed(s->resumed);
    gd_guide_free(s->decision);
    memset(s->decision, 0, sizeof *s->decision);
}

static gd_status rank_cell(void *context, int argc, char *const *argv, gd_chosen_layers *ranked,
                           gd_error *error)
{
    const session *s = context;
    s->decision->more_follow = true;
    const gd_status status = decide(s, argc, argv, error);
    if (status != GD_OK)
        return status;
    *ranked = s->decision->settings.chosen;
    forget_cell(s);
    return GD_OK;
}

static gd_status render_cell(void *context, int argc, char *const *argv, gd_error *error)
{
    const session *s = context;
    s->decision->more_follow = true;
    const gd_status status = command(s, argc, argv, error);
    if (status == GD_OK)
        forget_cell(s);
    return status;
}

static gd_status command_or_sheet(session *s, int argc, char *const *argv, gd_error *error)
{
    if (gd_sheet_asked(argc, argv))
        return gd_sheet(s->comm, argc, argv, &(gd_sheet_calls){rank_cell, render_cell, s}, error);
    return command(s, argc, argv, error);
}

/* Whether the reader of a pipe, or the terminal, is gone. Lost output does not matter then. */
static bool reader_is_gone(void)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP));
}

/* Output counts as printed only when the system has accepted all of it. */
static gd_status flush(gd_error *error)
{
    errno = 0;
    const bool flushed = fflush(stdout) == 0;
    if ((flushed && !ferror(stdout)) || reader_is_gone())
        return GD_OK;
    return gd_fail(error, GD_IO, "cannot write to stdout: %s; free some space, or redirect the output",
                   errno ? strerror(errno) : "part of it was lost before");
}

/* Answers --help and --version without MPI, because MPI may not start on a login node. One rank prints. */
static bool answer(int argc, char **argv)
{
    const gd_action action = gd_options_asked(argc, argv);
    const bool prints = gd_launcher_find().rank == 0;
    if (action == GD_ACTION_HELP && prints)
        gd_help_print(stdout);
    if (action == GD_ACTION_VERSION && prints)
        gd_version_print(stdout);
    return action == GD_ACTION_HELP || action == GD_ACTION_VERSION;
}

/* Blends pictures if that is asked, also without MPI: on the first of several processes. */
static gd_status blend(int argc, char **argv, gd_claims *claims, gd_error *error)
{
    return gd_launcher_find().rank == 0 ? gd_blend_command(argc, argv, claims, error) : GD_OK;
}

/* A stop request may arrive before MPI starts, and MPI may replace our handlers. */
static gd_status start(int *argc, char ***argv, gd_comm **comm, gd_error *error)
{
    const gd_status status = gd_comm_start(argc, argv, comm, error);
    if (status == GD_OK)
        (void)gd_stop_watch();
    else
        gd_stop_release();
    return status;
}

/* Names and texts of files may hold control characters, which a terminal would obey. */
static void mask_controls(char *text)
{
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7F)
            *text = '?';
}

/* Rank 0 prints for all ranks; without MPI, each rank prints for itself. */
static void tell(const gd_comm *comm, gd_error *error)
{
    const gd_launcher launcher = gd_launcher_find();
    char host[64] = "unknown host";
    mask_controls(error->message);
    if (comm ? gd_comm_rank(comm) == 0 : launcher.ranks == 1)
        fprintf(stderr, "gigadream: %s\n", error->message);
    else if (!comm) {
        (void)gethostname(host, sizeof host - 1);
        fprintf(stderr, "gigadream: rank %d on %s: %s\n", launcher.rank, host, error->message);
    }
}

static void drop_claims(void *claims)
{
    gd_claims_release_in_signal(claims);
}

static int run_command(gd_command *found, int argc, char *const *argv)
{
    gd_error error = {""};
    gd_status status =
        gd_launcher_find().ranks == 1
            ? found(argc - 2, argv + 2, &error)
            : gd_fail(&error, GD_USAGE, "gigadream %s runs in one process; start it without mpirun or srun",
                      argv[1]);
    if (status == GD_OK)
        status = flush(&error);
    if (status != GD_OK)
        tell(NULL, &error);
    return gd_exit_code(status);
}

/* Not inlined: main checks the stack size before it needs the stack of this function. */
static int __attribute__((noinline)) run(int argc, char **argv)
{
    gd_error error = {""};
    gd_resumed resumed = {0};
    gd_comm *comm = NULL;
    gd_claims claims;
    gd_command *other = gd_command_find(argc, argv);
    if (other)
        return run_command(other, argc, argv);
    gd_decision *decision = calloc(1, sizeof *decision);
    gd_status status = decision ? GD_OK : gd_no_memory(&error, "the settings of a render");
    gd_claims_init(&claims);
    gd_stop_set_cleanup(drop_claims, &claims);
    (void)gd_stop_watch();
    gd_resident_tighten();
    const bool answered = answer(argc, argv);
    const bool blends = !answered && gd_blend_asked(argc, argv);
    if (status == GD_OK && !answered)
        status = gd_limits_check(&error);
    if (status == GD_OK && blends)
        status = blend(argc, argv, &claims, &error);
    const bool alone = answered || blends; /* without MPI */
    gd_guard_file_sizes();
    if (status == GD_OK && !alone)
        gd_apart_start(); /* before MPI and all threads */
    if (status == GD_OK && !alone)
        status = start(&argc, &argv, &comm, &error);
    if (comm) {
        gd_guard_arm(gd_comm_rank(comm), gd_comm_host(comm));
        session s = {comm, decision, &resumed, &claims};
        status = command_or_sheet(&s, argc, argv, &error);
        gd_guard_release();
    }
    gd_stop_set_cleanup(NULL, NULL);
    gd_claims_release(&claims); /* before MPI_Abort, which does not return */
    if (comm)
        gd_comm_abort_alone(comm, status, &error);
    if (status == GD_OK)
        status = flush(&error);
    if (status != GD_OK)
        tell(comm, &error);
    if (decision)
        gd_guide_free(decision);
    forget_resumed(&resumed);
    free(decision);
    if (comm)
        gd_comm_finish(comm);
    return gd_exit_code(status);
}

int main(int argc, char **argv)
{
    return gd_limits_stack_fits() ? run(argc, argv) : gd_exit_code(GD_USAGE);
}

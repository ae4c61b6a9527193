/* Starts and ends MPI, with a watchdog, and collects the host name of each rank. */
#include "mpi/comm.h"

#include "mpi/comm_state.h"
#include "mpi/deadline.h"
#include "mpi/launcher.h"
#include "mpi/transport_mpi.h"
#include "mpi/wait.h"
#include "mpi/watchdog.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const double default_deadline = 300;
static const double start_deadline = 1800; /* the ranks of a large job start one after another */
static const unsigned abort_seconds = 5;

static gd_status join(gd_comm *comm, gd_error *error)
{
    gd_status status = gd_mpi_check(comm, MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN),
                                    "MPI_Comm_set_errhandler", error);
    if (status == GD_OK)
        status = gd_mpi_check(comm, MPI_Comm_dup(MPI_COMM_WORLD, &comm->all), "MPI_Comm_dup", error);
    if (status == GD_OK)
        status = gd_mpi_check(comm, MPI_Comm_dup(MPI_COMM_WORLD, &comm->pixels), "MPI_Comm_dup", error);
    if (status == GD_OK)
        status = gd_mpi_check(comm, MPI_Comm_rank(comm->all, &comm->rank), "MPI_Comm_rank", error);
    if (status == GD_OK)
        status = gd_mpi_check(comm, MPI_Comm_size(comm->all, &comm->size), "MPI_Comm_size", error);
    return status;
}

/* Gathers the host names of all ranks into comm->hosts. */
static gd_status find_hosts(gd_comm *comm, gd_error *error)
{
    comm->hosts = calloc((size_t)comm->size, sizeof *comm->hosts);
    if (!comm->hosts)
        return gd_no_memory(error, "the names of %d hosts", comm->size);
    return gd_mpi_check(
        comm, MPI_Allgather(comm->host, GD_HOST_MAX, MPI_CHAR, comm->hosts, GD_HOST_MAX, MPI_CHAR, comm->all),
        "MPI_Allgather", error);
}

static gd_status find_node(gd_comm *comm, gd_error *error)
{
    gd_status status = gd_mpi_check(
        comm, MPI_Comm_split_type(comm->all, MPI_COMM_TYPE_SHARED, comm->rank, MPI_INFO_NULL, &comm->node),
        "MPI_Comm_split_type", error);
    if (status != GD_OK)
        return status;
    status = gd_mpi_check(comm, MPI_Comm_rank(comm->node, &comm->node_rank), "MPI_Comm_rank", error);
    if (status == GD_OK)
        status = gd_mpi_check(comm, MPI_Comm_size(comm->node, &comm->node_size), "MPI_Comm_size", error);
    return status;
}

/* MPI_Init_thread has no timeout. */
static void watch_start(const gd_comm *comm, gd_watchdog *dog)
{
    double seconds = 0;
    gd_error ignored; /* rank 0 reports a bad value later, with the other settings */
    if (gd_comm_deadline(&seconds, &ignored) != GD_OK || seconds <= 0)
        seconds = start_deadline;
    snprintf(dog->words, sizeof dog->words,
             "gigadream: rank %d on %s: the start of MPI has not ended within %.0f s, since some rank has "
             "not reached it; look for a rank that hangs or was stopped, or for a host that cannot be "
             "reached; GIGADREAM_DEADLINE sets another number of seconds\n",
             gd_launcher_find().rank, comm->host, seconds);
    gd_watchdog_arm(dog, seconds);
}

/* Otherwise each process would render the whole picture into the same file. */
static gd_status check_launcher(const gd_comm *comm, gd_error *error)
{
    const gd_launcher launcher = gd_launcher_find();
    char library[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    if (comm->size > 1 || launcher.ranks == 1)
        return GD_OK;
    (void)MPI_Get_library_version(library, &length);
    library[strcspn(library, ",\n")] = '\0';
    for (char *tab = strchr(library, '\t'); tab; tab = strchr(tab, '\t'))
        *tab = ' ';
    return gd_fail(
        error, GD_USAGE,
        "%s says that there are %d ranks, but %.60s, which this program was built with, knows of one, so "
        "that each would render the whole picture; start it with that MPI's own mpirun (with Slurm: srun "
        "--mpi=pmix), or with env -u %s if each rank is to render a picture of its own",
        launcher.variable, launcher.ranks, *library ? library : "the MPI", launcher.variable);
}

/* Open MPI would end the process, with advice on how to build Open MPI. */
static gd_status check_slurm(gd_error *error)
{
#ifdef OPEN_MPI
    const bool is_open_mpi = true;
#else
    const bool is_open_mpi = false;
#endif
    const gd_launcher launcher = gd_launcher_find();
    if (is_open_mpi && launcher.variable && strcmp(launcher.variable, "SLURM_STEP_NUM_TASKS") == 0 &&
        getenv("SLURM_NODELIST") && !getenv("PMIX_RANK"))
        return gd_fail(
            error, GD_USAGE,
            "srun started this without PMIx, by which Open MPI knows its ranks; use srun --mpi=pmix, or "
            "mpirun");
    return GD_OK;
}

static gd_status connect(gd_comm *comm, int *argc, char ***argv, bool *started, gd_error *error)
{
    int provided = MPI_THREAD_SINGLE;
    gd_status status = check_slurm(error);
    if (status == GD_OK)
        status = gd_mpi_check(comm, MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided),
                              "MPI_Init_thread", error);
    *started = status == GD_OK;
    if (status == GD_OK && provided < MPI_THREAD_FUNNELED)
        status = gd_fail(error, GD_COMM, "this MPI allows no threads; use one built with thread support");
    if (status == GD_OK)
        status = join(comm, error);
    if (status == GD_OK)
        status = check_launcher(comm, error);
    if (status == GD_OK)
        status = find_node(comm, error);
    if (status == GD_OK)
        status = find_hosts(comm, error);
    return status;
}

/* Runs a single process without Open MPI's daemon, which would need ssh. Without the daemon, processes that
 * start at the same time share a session folder, and the first to end removes it; so session folders are
 * disabled too. */
static void need_no_daemon(void)
{
    if (gd_launcher_find().variable)
        return;
    (void)setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    (void)setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
}

gd_status gd_comm_start(int *argc, char ***argv, gd_comm **out, gd_error *error)
{
    *out = NULL;
    gd_watchdog dog;
    bool started = false;
    gd_comm *comm = calloc(1, sizeof *comm);
    if (!comm)
        return gd_no_memory(error, "the state of MPI");
    comm->all = comm->pixels = comm->node = MPI_COMM_NULL;
    comm->deadline = default_deadline;
    comm->transport = &gd_transport_mpi;
    comm->part_floats = GD_PART_MAX / (int32_t)sizeof(float);
    if (gethostname(comm->host, sizeof comm->host - 1))
        snprintf(comm->host, sizeof comm->host, "unknown host");
    need_no_daemon();
    watch_start(comm, &dog);
    const gd_status status = connect(comm, argc, argv, &started, error);
    gd_watchdog_disarm(&dog);
    if (status == GD_OK)
        *out = comm;
    else if (started)
        gd_comm_finish(comm);
    else
        free(comm);
    return status;
}

static void watch_finish(const gd_comm *comm, gd_watchdog *dog)
{
    snprintf(dog->words, sizeof dog->words,
             "gigadream: rank %d on %s: all work is done, but MPI has not ended within %.0f s, since some "
             "rank has not reached its end; look for a rank that hangs or was stopped, or for a host that "
             "cannot be reached\n",
             comm->rank, comm->host, comm->deadline);
    gd_watchdog_arm(dog, comm->deadline);
}

void gd_comm_finish(gd_comm *comm)
{
    gd_watchdog dog;
    if (!comm)
        return;
    watch_finish(comm, &dog);
    if (comm->transport->close)
        comm->transport->close(comm);
    for (int32_t i = 0; i < comm->first_count; i++)
        if (comm->firsts[i].comm != MPI_COMM_NULL)
            (void)MPI_Comm_free(&comm->firsts[i].comm);
    if (comm->node != MPI_COMM_NULL)
        (void)MPI_Comm_free(&comm->node);
    if (comm->pixels != MPI_COMM_NULL)
        (void)MPI_Comm_free(&comm->pixels);
    if (comm->all != MPI_COMM_NULL)
        (void)MPI_Comm_free(&comm->all);
    (void)MPI_Finalize();
    gd_watchdog_disarm(&dog);
    free(comm->firsts);
    free(comm->hosts);
    free(comm);
}

int32_t gd_comm_rank(const gd_comm *comm)
{
    return comm->rank;
}

int32_t gd_comm_size(const gd_comm *comm)
{
    return comm->size;
}

int32_t gd_comm_node_rank(const gd_comm *comm)
{
    return comm->node_rank;
}

int32_t gd_comm_node_size(const gd_comm *comm)
{
    return comm->node_size;
}

const char *gd_comm_host(const gd_comm *comm)
{
    return comm->host;
}

uint64_t gd_comm_bytes_sent(const gd_comm *comm)
{
    return comm->bytes_sent;
}

void gd_comm_set_deadline(gd_comm *comm, double seconds)
{
    comm->deadline = seconds;
}

_Noreturn void gd_comm_abort(gd_comm *comm, gd_status status, const gd_error *error)
{
    fprintf(stderr, "gigadream: rank %d on %s: %s\n", comm->rank, comm->host, error->message);
    fflush(NULL);
    (void)signal(SIGALRM, SIG_DFL); /* ends the process if the abort hangs */
    (void)alarm(abort_seconds);
    if (comm->transport->abort)
        comm->transport->abort(comm);
    int code = gd_exit_code(status == GD_OK ? GD_INTERNAL : status);
    (void)MPI_Abort(comm->all, code);
    _exit(code);
}

void gd_comm_abort_alone(gd_comm *comm, gd_status status, const gd_error *error)
{
    if (status != GD_OK && comm->size > 1 && !comm->agreed)
        gd_comm_abort(comm, status, error);
}

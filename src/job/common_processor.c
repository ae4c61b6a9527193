/* Agrees over all ranks on the kind of processor that they compute as. */
#include "job/common_processor.h"

#include "mpi/agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ranks' kinds, [size] each. */
typedef struct kinds {
    double *of;      /* owned; small whole numbers */
    int32_t *counts; /* owned; 1 of each rank */
} kinds;

static gd_status allocate(int32_t ranks, kinds *k, gd_error *error)
{
    k->of = malloc((size_t)ranks * sizeof *k->of);
    k->counts = malloc((size_t)ranks * sizeof *k->counts);
    if (!k->of || !k->counts)
        return gd_no_memory(error, "the kinds of processor of %d ranks", ranks);
    for (int32_t r = 0; r < ranks; r++)
        k->counts[r] = 1;
    return GD_OK;
}

/* The first rank of the least kind, and what all of better kinds could compute as. */
static int32_t weakest(const gd_backend *backend, const kinds *k, int32_t ranks, int32_t *others)
{
    int32_t weak = 0;
    *others = 0;
    for (int32_t r = 1; r < ranks; r++)
        if (k->of[r] < k->of[weak])
            weak = r;
    for (int32_t r = 0; r < ranks; r++)
        if (k->of[r] != k->of[weak])
            *others = *others ? backend->common_kind(*others, (int32_t)k->of[r]) : (int32_t)k->of[r];
    return weak;
}

/* All ranks take part, since the words about a rank's processor are known there alone. */
static gd_status tell(gd_comm *comm, const gd_backend *backend, const kinds *k, gd_common_processor *common,
                      gd_error *error)
{
    char mine[GD_KIND_WORDS + 128], about[GD_KIND_WORDS];
    char *text = NULL;
    int32_t others = 0;
    const int32_t rank = weakest(backend, k, gd_comm_size(comm), &others);
    backend->kind_words(about);
    snprintf(mine, sizeof mine, "rank %d on %s has \"%s\"", gd_comm_rank(comm), gd_comm_host(comm), about);
    gd_status status = gd_comm_share_text_of(comm, rank, mine, &text, error);
    if (status != GD_OK)
        return status;
    snprintf(common->words, sizeof common->words, "%s, others have \"%s\"; all ranks compute as on \"%s\"",
             text, backend->kind_name(others), backend->kind_name(common->kind));
    free(text);
    return GD_OK;
}

static gd_status agree(gd_comm *comm, const gd_backend *backend, const kinds *k, gd_common_processor *common,
                       gd_error *error)
{
    bool differ = false;
    const double mine = backend->kind();
    gd_status status = gd_comm_gather_all(comm, &mine, k->counts, k->of, error);
    if (status != GD_OK)
        return status;
    common->kind = (int32_t)k->of[0];
    for (int32_t r = 1; r < gd_comm_size(comm); r++) {
        differ = differ || k->of[r] != k->of[0];
        common->kind = backend->common_kind(common->kind, (int32_t)k->of[r]);
    }
    return differ ? tell(comm, backend, k, common, error) : GD_OK;
}

gd_status gd_common_processor_agree(gd_comm *comm, const gd_backend *backend, gd_common_processor *common,
                                    gd_error *error)
{
    kinds k = {0};
    *common = (gd_common_processor){0};
    if (!backend->kind || gd_comm_size(comm) == 1)
        return GD_OK;
    gd_status status = gd_comm_agree(comm, allocate(gd_comm_size(comm), &k, error), error);
    if (status == GD_OK)
        status = agree(comm, backend, &k, common, error);
    free(k.of);
    free(k.counts);
    return status;
}

/* The kind in a numerics record, where the backend describes itself as "... on KIND, ..."; 0: none. */
static int32_t recorded(const gd_backend *backend, const char *numerics)
{
    char field[GD_KIND_WORDS];
    for (int32_t kind = 1; backend->kind_name(kind); kind++) {
        snprintf(field, sizeof field, " on %s, ", backend->kind_name(kind));
        if (strstr(numerics, field))
            return kind;
    }
    return 0;
}

gd_status gd_common_processor_check_resume(const gd_common_processor *common, const gd_backend *backend,
                                           const char *numerics, const char *path, const char *anew,
                                           gd_error *error)
{
    if (!backend->kind)
        return GD_OK;
    const int32_t was = recorded(backend, numerics), is = common->kind ? common->kind : backend->kind();
    if (was == 0 || was == is)
        return GD_OK;
    const char *limit = backend->kind_limit(was);
    return gd_fail(
        error, GD_USAGE,
        "the checkpoint %.300s was computed as on \"%s\", and here it would continue as on \"%s\"%s%s; "
        "resume it on such a processor%s%s, or %s",
        path, backend->kind_name(was), backend->kind_name(is), common->words[0] ? ": " : "", common->words,
        limit ? ", or set " : "", limit ? limit : "", anew);
}

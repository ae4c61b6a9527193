/* Ranks on processors that need not be here agree on one kind: tiles that one of them may not use, processors
 * of two makers, like ones; what is said of it; and which checkpoints go on. */
#include "check.h"
#include "job/common_processor.h"
#include "kernels/cpu/processors.h"
#include "mpi/comm.h"

#include <stdio.h>
#include <string.h>

static gd_comm *comm;
static gd_cpu_kind mine;
static const char *keeps; /* what keeps this rank from a better kind; NULL: nothing */

static int32_t kind(void)
{
    return mine;
}

static void kind_words(char words[GD_KIND_WORDS])
{
    snprintf(words, GD_KIND_WORDS, "%s%s%s", gd_cpu_kind_name(mine), keeps ? ": " : "", keeps ? keeps : "");
}

static const char *kind_limit(int32_t wanted)
{
    return wanted < (int32_t)mine ? "SETTING=LESS" : NULL;
}

static const gd_backend backend = {.kind = kind,
                                   .common_kind = gd_cpu_kind_common,
                                   .kind_name = gd_cpu_kind_name,
                                   .kind_words = kind_words,
                                   .kind_limit = kind_limit};

/* The last rank has a kind of its own. */
static gd_common_processor agree(gd_cpu_kind others, gd_cpu_kind last, const char *why)
{
    gd_error error = {""};
    gd_common_processor common;
    const bool is_last = gd_comm_rank(comm) == gd_comm_size(comm) - 1;
    mine = is_last ? last : others;
    keeps = is_last ? why : NULL;
    check_ok(gd_common_processor_agree(comm, &backend, &common, &error), error);
    return common;
}

/* The sentence, without the host's name. */
static void says(const gd_common_processor *common, int32_t rank, const char *rest)
{
    char begin[64];
    snprintf(begin, sizeof begin, "rank %d on ", rank);
    assert_true(strncmp(common->words, begin, strlen(begin)) == 0);
    assert_string_equal(strchr(common->words + strlen(begin), ' '), rest);
}

static void one_rank_without_tiles_holds_all_back(void **state)
{
    (void)state;
    const gd_common_processor common =
        agree(GD_CPU_AMX, GD_CPU_INTEL_BF16, "the kernel does not permit them");
    assert_int_equal(common.kind, GD_CPU_INTEL_BF16);
    says(&common, gd_comm_size(comm) - 1,
         " has \"Intel with bf16 and no tiles: the kernel does not permit them\", others have \"Intel with "
         "tiles "
         "(AMX)\"; all ranks compute as on \"Intel with bf16 and no tiles\"");
}

static void neither_maker_has_its_way(void **state)
{
    (void)state;
    const gd_common_processor common = agree(GD_CPU_ZEN5, GD_CPU_AMX, NULL);
    assert_int_equal(common.kind, GD_CPU_BF16);
    says(&common, gd_comm_size(comm) - 1,
         " has \"Intel with tiles (AMX)\", others have \"AMD Zen 5\"; all ranks compute as on \"another with "
         "AVX-512 and bf16\"");
}

static void like_ranks_say_nothing(void **state)
{
    (void)state;
    const gd_common_processor common = agree(GD_CPU_ZEN4, GD_CPU_ZEN4, NULL);
    assert_int_equal(common.kind, GD_CPU_ZEN4);
    assert_string_equal(common.words, "");
}

static void checkpoints(void **state)
{
    (void)state;
    gd_error error = {""};
    const gd_common_processor common = agree(GD_CPU_ZEN5, GD_CPU_ZEN5, NULL);
    const char *const same = "gigadream 1; cpu bf16 on AMD Zen 5, oneDNN 3; weights 0";
    const char *const older = "gigadream 1; cpu bf16, oneDNN 3; weights 0"; /* before there were kinds */
    check_ok(gd_common_processor_check_resume(&common, &backend, same, "c.h5", "begin anew", &error), error);
    check_ok(gd_common_processor_check_resume(&common, &backend, older, "c.h5", "begin anew", &error), error);
    assert_int_equal(gd_common_processor_check_resume(&common, &backend, "cpu fp32 on AVX2, oneDNN 3", "c.h5",
                                                      "begin anew", &error),
                     GD_USAGE);
    assert_string_equal(
        error.message,
        "the checkpoint c.h5 was computed as on \"AVX2\", and here it would continue as on \"AMD "
        "Zen 5\"; resume it on such a processor, or set SETTING=LESS, or begin anew");
    const gd_common_processor held = agree(GD_CPU_ZEN5, GD_CPU_AVX2, NULL);
    assert_int_equal(gd_common_processor_check_resume(&held, &backend, same, "c.h5", "begin anew", &error),
                     GD_USAGE);
    assert_non_null(strstr(error.message, "would continue as on \"AVX2\": rank "));
}

int main(int argc, char **argv)
{
    gd_error error = {""};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_rank_without_tiles_holds_all_back), cmocka_unit_test(neither_maker_has_its_way),
        cmocka_unit_test(like_ranks_say_nothing), cmocka_unit_test(checkpoints)};
    if (gd_comm_start(&argc, &argv, &comm, &error) != GD_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    gd_comm_set_deadline(comm, 30);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gd_comm_finish(comm);
    return failed;
}

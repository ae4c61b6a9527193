/* Ranges of a profile: a tool that is linked in writes down those of a window, and they must nest. */
#include "base/apart/apart.h"
#include "kernels/cuda/device/range.h"
#include "kernels/net_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __has_include
#if __has_include(<nvtx3/nvToolsExt.h>)
#define NVTX_NO_IMPL
#include <nvtx3/nvToolsExt.h>
#define HAVE_NVTX 1
#endif
#endif

#ifdef HAVE_NVTX
enum { MOST = 4096 };

static struct {
    char name[MOST][32];
    int32_t number[MOST];
    int count, depth, deepest;
} heard;

static int push(const nvtxEventAttributes_t *range)
{
    assert_in_range(heard.count, 0, MOST - 1);
    snprintf(heard.name[heard.count], sizeof heard.name[0], "%s", range->message.ascii);
    heard.number[heard.count++] = range->payload.iValue;
    heard.deepest = heard.depth + 1 > heard.deepest ? heard.depth + 1 : heard.deepest;
    return heard.depth++;
}

static int pop(void)
{
    return --heard.depth;
}

/* What NVTX calls first, as of a tool's library. */
static int attach(NvtxGetExportTableFunc_t table_of)
{
    const NvtxExportTableCallbacks *callbacks = table_of(NVTX_ETID_CALLBACKS);
    NvtxFunctionTable functions = NULL;
    unsigned size = 0;
    if (!callbacks || !callbacks->GetModuleFunctionTable(NVTX_CB_MODULE_CORE, &functions, &size) ||
        size <= NVTX_CBID_CORE_RangePop)
        return 0;
    *functions[NVTX_CBID_CORE_RangePushEx] = (NvtxFunctionPointer)push;
    *functions[NVTX_CBID_CORE_RangePop] = (NvtxFunctionPointer)pop;
    return 1;
}

NvtxInitializeInjectionNvtxFunc_t InitializeInjectionNvtx2_fnptr = attach;

static int count_of(const char *name)
{
    int count = 0;
    for (int i = 0; i < heard.count; i++)
        count += strcmp(heard.name[i], name) == 0;
    return count;
}

static void test_names(void **state)
{
    (void)state;
    memset(&heard, 0, sizeof heard);
    gd_range_begin("outer", 5);
    gd_range_begin("inner", -7);
    gd_range_end();
    gd_range_end();
    assert_int_equal(heard.count, 2);
    assert_string_equal(heard.name[1], "inner");
    assert_int_equal(heard.number[0], 5);
    assert_int_equal(heard.number[1], -7);
    assert_int_equal(heard.depth, 0);
    assert_int_equal(heard.deepest, 2);
}

/* Every operation of a window is a range within the window's. */
static void test_window(void **state)
{
    (void)state;
    net_case c;
    net_case_create(&c, &gd_backend_cuda, GD_INCEPTION_V3, "mixed0", 75, 75, GD_PRECISION_BF16, 0);
    memset(&heard, 0, sizeof heard);
    net_case_run(&c, &c.tested, 0, c.tape->op_count);
    int convolutions = 0;
    for (int32_t o = 0; o < c.tape->op_count; o++)
        convolutions += c.tape->ops[o].kind == GD_OP_CONV;
    assert_true(convolutions > 0);
    assert_int_equal(count_of("a convolution"), convolutions);
    assert_int_equal(count_of("a window"), 1);
    assert_int_equal(count_of("writing a gradient"), 1);
    assert_int_equal(heard.depth, 0);
    assert_int_equal(heard.deepest, 2);
    for (int i = 1, op = -1; i < heard.count; i++)
        if (strcmp(heard.name[i], "a convolution") == 0) {
            assert_true(heard.number[i] > op);
            op = heard.number[i];
        }
    net_case_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_window)};
    gd_apart_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
    puts("the toolkit has no NVTX headers");
    return 77;
}
#endif

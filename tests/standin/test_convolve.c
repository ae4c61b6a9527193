/* The loops of the stand-in's convolutions: the fast ones against the slow ones, and both against answers
 * worked out by hand; the conversions of values; the reading of plans. */
#include "check.h"
#include "standin/convolve.h"
#include "standin/cudnn_plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static gd_strided nhwc(gd_value_type type, int64_t c, int64_t h, int64_t w, int64_t pitch)
{
    return (gd_strided){type, {1, c, h, w}, {h * w * pitch, 1, w * pitch, pitch}};
}

typedef struct shape {
    int in, out, kernel_rows, kernel_cols, step, pad_rows, pad_cols, rows, cols;
} shape;

static gd_convolve convolution(shape s, gd_value_type type, bool backward, int64_t extra)
{
    int64_t out_rows = (s.rows + 2 * s.pad_rows - s.kernel_rows) / s.step + 1;
    int64_t out_cols = (s.cols + 2 * s.pad_cols - s.kernel_cols) / s.step + 1;
    gd_convolve c = {.backward = backward, .bias = !backward, .relu = !backward};
    c.x = nhwc(type, s.in, s.rows, s.cols, s.in + extra);
    c.y = nhwc(type, s.out, out_rows, out_cols, s.out + 2 * extra);
    c.b = nhwc(type, s.out, 1, 1, s.out);
    c.w = nhwc(type, s.in, s.kernel_rows, s.kernel_cols, s.in);
    c.w.dim[0] = s.out;
    c.pad[0] = c.post[0] = s.pad_rows;
    c.pad[1] = c.post[1] = s.pad_cols;
    c.step[0] = c.step[1] = s.step;
    c.dilation[0] = c.dilation[1] = 1;
    return c;
}

/* Values whose products and sums are exact, so that order does not matter: sums of thousands of k / 4 * m. */
static void *filled(const gd_strided *t, unsigned *seed)
{
    size_t count = (size_t)(t->dim[0] * t->stride[0]);
    char *values = malloc(count * gd_value_bytes(t->type));
    assert_non_null(values);
    for (size_t i = 0; i < count; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        gd_value_store(t->type, values, (int64_t)i, (float)((int)(*seed >> 28) - 8) / 4);
    }
    return values;
}

static void *copied(const gd_strided *t, const void *values)
{
    size_t bytes = (size_t)(t->dim[0] * t->stride[0]) * gd_value_bytes(t->type);
    void *copy = malloc(bytes);
    assert_non_null(copy);
    memcpy(copy, values, bytes);
    return copy;
}

static void compare(shape s, gd_value_type type, bool backward, bool sum, gd_mask_kind mask, int64_t extra)
{
    unsigned seed = 7;
    gd_convolve c = convolution(s, type, backward, extra);
    c.sum = sum;
    const gd_strided *to = backward ? &c.x : &c.y;
    c.z = c.m = *to;
    c.mask = mask;
    c.reversed = extra == 0; /* either order */
    gd_convolve_data fast = {.x = filled(&c.x, &seed),
                             .w = filled(&c.w, &seed),
                             .b = filled(&c.b, &seed),
                             .y = filled(&c.y, &seed)};
    fast.m = filled(to, &seed); /* its bits are as many as bytes would be enough for */
    gd_convolve_data slow = fast;
    slow.m = copied(to, fast.m);
    void *other = copied(to, backward ? fast.x : fast.y);
    if (backward)
        slow.x = other;
    else
        slow.y = other;
    fast.z = backward ? fast.x : fast.y; /* in place */
    slow.z = backward ? slow.x : slow.y;
    assert_true(gd_convolve_fast(&c, fast));
    gd_convolve_slow(&c, slow);
    /* What lies between the slices must be as it was. */
    assert_memory_equal(backward ? fast.x : fast.y, other,
                        (size_t)(to->dim[0] * to->stride[0]) * gd_value_bytes(type));
    assert_memory_equal(fast.m, slow.m, (size_t)(to->dim[0] * to->stride[0]) * gd_value_bytes(type));
    free(other);
    free(fast.m);
    free(slow.m);
    free(fast.x);
    free((void *)fast.w);
    free((void *)fast.b);
    free(fast.y);
}

static void fast_equals_slow(void **state)
{
    static const shape shapes[] = {
        {8, 32, 3, 3, 2, 0, 0, 13, 15}, {16, 40, 1, 7, 1, 0, 3, 9, 11}, {24, 48, 7, 1, 1, 3, 0, 11, 8},
        {48, 64, 5, 5, 1, 2, 2, 7, 9},  {8, 16, 1, 1, 1, 0, 0, 5, 1},   {8, 8, 1, 1, 2, 0, 0, 6, 7},
        {40, 72, 3, 3, 2, 1, 1, 9, 10}, {1, 3, 2, 3, 3, 1, 0, 8, 10},   {8, 8, 3, 3, 1, 1, 1, 1, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (gd_value_type type = GD_VALUE_F32; type <= GD_VALUE_F16; type++)
            for (int backward = 0; backward < 2; backward++) {
                const gd_mask_kind mask = backward ? GD_APPLIES_MASK : GD_WRITES_MASK;
                compare(shapes[i], type, backward, false, GD_NO_MASK, 0);
                compare(shapes[i], type, backward, true, GD_NO_MASK, 8);
                compare(shapes[i], type, backward, false, mask, 0);
                compare(shapes[i], type, backward, true, mask, 8);
            }
}

/* x = 1..9 in 3x3, w = 1..4 in 2x2, bias -40. */
static void known_answers(void **state)
{
    float x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w[4] = {1, 2, 3, 4}, b[1] = {-40}, y[4];
    (void)state;
    gd_convolve c = convolution((shape){1, 1, 2, 2, 1, 0, 0, 3, 3}, GD_VALUE_F32, false, 0);
    gd_convolve_data data = {.x = x, .w = w, .b = b, .y = y};
    for (int slow = 0; slow < 2; slow++) {
        if (slow)
            gd_convolve_slow(&c, data);
        else
            assert_true(gd_convolve_fast(&c, data));
        const float answer[4] = {0, 7, 27, 37}; /* 37, 47, 67, 77 less 40 */
        assert_memory_equal(y, answer, sizeof answer);
    }
    c.backward = true;
    c.bias = c.relu = false;
    const float ones[4] = {1, 1, 1, 1}, back[9] = {1, 3, 2, 4, 10, 6, 3, 7, 4};
    data.y = (void *)ones;
    assert_true(gd_convolve_fast(&c, data));
    assert_memory_equal(x, back, sizeof back);
}

/* Sums with rounding: the fast way stays within float32's own error of the definition. */
static void rounding_of_sums(void **state)
{
    shape s = {64, 32, 3, 3, 1, 1, 1, 12, 12};
    gd_convolve c = convolution(s, GD_VALUE_F32, false, 0);
    size_t count = (size_t)c.y.stride[0];
    unsigned seed = 3;
    (void)state;
    c.relu = false;
    gd_convolve_data data = {.x = filled(&c.x, &seed),
                             .w = filled(&c.w, &seed),
                             .b = filled(&c.b, &seed),
                             .y = filled(&c.y, &seed)};
    for (int64_t i = 0; i < c.x.stride[0]; i++)
        ((float *)data.x)[i] = sinf((float)i);
    gd_convolve_data slow = data;
    slow.y = copied(&c.y, data.y);
    assert_true(gd_convolve_fast(&c, data));
    gd_convolve_slow(&c, slow);
    for (size_t i = 0; i < count; i++)
        assert_true(fabsf(((float *)slow.y)[i] - ((float *)data.y)[i]) < 2e-4f);
    free(data.x);
    free((void *)data.w);
    free((void *)data.b);
    free(data.y);
    free(slow.y);
}

static void tf32_inputs(void **state)
{
    float x[1] = {1 + 0x1p-11f + 0x1p-20f}, w[1] = {1 + 0x1p-11f}, y[1];
    (void)state;
    gd_convolve c = convolution((shape){1, 1, 1, 1, 1, 0, 0, 1, 1}, GD_VALUE_F32, false, 0);
    c.bias = c.relu = false;
    c.tf32 = true;
    assert_true(gd_convolve_fast(&c, (gd_convolve_data){.x = x, .w = w, .y = y}));
    assert_true(y[0] == 1 + 0x1p-10f); /* x up, w (a tie) to the even 1 */
    gd_convolve_slow(&c, (gd_convolve_data){.x = x, .w = w, .y = y});
    assert_true(y[0] == 1 + 0x1p-10f);
}

static void conversions(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 65536;
         i++) { /* against the compiler's own halves, all of them and between them */
        uint16_t bits = (uint16_t)i;
        _Float16 half;
        memcpy(&half, &bits, sizeof half);
        float value = gd_float_of_half(bits);
        if (value != value) {
            assert_true((bits & 0x7fff) > 0x7c00);
            continue;
        }
        assert_true(value == (float)half);
        assert_int_equal(gd_half_of_float(value), bits);
        float between = gd_float_of_bits(gd_bits_of_float(value) + 0x1000 * (i % 3));
        if (between != between)
            continue;
        half = (_Float16)between;
        memcpy(&bits, &half, sizeof bits);
        assert_int_equal(gd_half_of_float(between), bits);
    }
    assert_int_equal(gd_bfloat_of_float(gd_float_of_bits(0x3f808000)), 0x3f80); /* ties to even */
    assert_int_equal(gd_bfloat_of_float(gd_float_of_bits(0x3f818000)), 0x3f82);
    assert_int_equal(gd_bfloat_of_float(gd_float_of_bits(0x3f808001)), 0x3f81);
}

#define TENSOR(NAME, DIM, STRIDE)                                                                            \
    "{\"name\":\"" NAME "\",\"dataType\":\"CUDNN_DATA_BFLOAT16\",\"dim\":" DIM ",\"stride\":" STRIDE         \
    ",\"isVirtual\":false,\"isByValue\":false,\"vectCount\":1,\"vectDim\":-1,\"ptrAlignment\":16,"           \
    "\"reordering\":\"CUDNN_TENSOR_REORDERING_NONE\"}"

static const char plan_text[] =
    "{\"cudnnVersion\":91900,\"schemaVersion\":4,\"operationGraph\":{\"finalizeMode\":\"CONV_BWD_DATA\","
    "\"tensors\":[" TENSOR("2", "[16,8,3,3]", "[72,1,24,8]") "," TENSOR(
        "5", "[1,16,4,4]",
        "[768,1,192,48]") "," TENSOR("7", "[1,8,9,9]",
                                     "[648,1,72,8]") "],\"nodes\":[{\"operation\":\"CUDNN_BACKEND_OPERATION_"
                                                     "CONVOLUTION_BACKWARD_DATA_DESCRIPTOR\","
                                                     "\"mode\":\"CUDNN_CROSS_CORRELATION\",\"mathPrec\":"
                                                     "\"CUDNN_DATA_FLOAT\",\"alpha\":1.0,\"beta\":0.0,"
                                                     "\"pad\":[0,0],\"stride\":[2,2],\"dilation\":[1,1],"
                                                     "\"dX\":\"7\",\"W\":\"2\",\"dY\":\"5\"}]},"
                                                     "\"GPUProfile\":{},\"engine\":{\"engineId\":73,"
                                                     "\"smVersion\":900,\"knobChoices\":{}}}";

static void reads_a_plan(void **state)
{
    gd_plan plan;
    char words[GD_PLAN_WORDS] = "";
    (void)state;
    if (!gd_plan_parse(plan_text, sizeof plan_text - 1, &plan, words))
        fail_msg("%s", words);
    assert_true(plan.convolve.backward && !plan.convolve.bias && !plan.convolve.relu);
    assert_int_equal(plan.x.uid, 7);
    assert_int_equal(plan.w.uid, 2);
    assert_int_equal(plan.y.uid, 5);
    assert_int_equal(plan.convolve.y.stride[3], 48);
    assert_int_equal(plan.convolve.step[1], 2);
    assert_int_equal(plan.engine, 73);
}

/* Paddings that differ have a list each. */
static void reads_two_paddings(void **state)
{
    static const char was[] = "\"pad\":[0,0]", is[] = "\"pad_lower\":[1,0],\"pad_upper\":[0,1]";
    char text[sizeof plan_text + 100], words[GD_PLAN_WORDS] = "";
    const char *at = strstr(plan_text, was);
    gd_plan plan;
    (void)state;
    assert_non_null(at);
    int length =
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - plan_text), plan_text, is, at + sizeof was - 1);
    if (!gd_plan_parse(text, (size_t)length, &plan, words))
        fail_msg("%s", words);
    assert_int_equal(plan.convolve.pad[0], 1);
    assert_int_equal(plan.convolve.pad[1], 0);
    assert_int_equal(plan.convolve.post[0], 0);
    assert_int_equal(plan.convolve.post[1], 1);
}

/* One thing changed, and the plan is refused with a sentence that names it. */
static void refuses_what_it_does_not_know(void **state)
{
    static const struct {
        const char *was, *is, *sentence;
    } changes[] = {{"\"alpha\":1.0", "\"alpha\":2.0", "alpha is 2"},
                   {"\"beta\":0.0", "\"beta\":1.0", "beta is 1"},
                   {"CROSS_CORRELATION", "CONVOLUTION", "mode is CUDNN_CONVOLUTION"},
                   {"\"pad\":[0,0]", "\"prePad\":[0,0]", "prePad"},
                   {"\"pad\":[0,0]", "\"pad\":[0,0],\"pad_lower\":[0,0]", "two paddings"},
                   {"\"mathPrec\":\"CUDNN_DATA_FLOAT\"", "\"mathPrec\":\"CUDNN_DATA_HALF\"", "mathPrec"},
                   {"BACKWARD_DATA", "BACKWARD_FILTER", "BACKWARD_FILTER"},
                   {"\"schemaVersion\":4", "\"schemaVersion\":5", "schemaVersion is 5"},
                   {"\"vectCount\":1", "\"vectCount\":4", "vectCount is 4"},
                   {"\"isByValue\":false", "\"isByValue\":true", "isByValue"},
                   {"REORDERING_NONE", "REORDERING_INT8x32", "reordering"},
                   {"CUDNN_DATA_BFLOAT16", "CUDNN_DATA_INT8", "INT8"},
                   {"\"dY\":\"5\"", "\"dY\":\"6\"", "tensor 6"},
                   {"[1,16,4,4]", "[1,16,4,5]", "do not fit"},
                   {"\"engineId\"", "\"moreId\"", "moreId"},
                   {"\"GPUProfile\":{},", "\"GPUProfile\":{},\"more\":1,", "more"}};
    char text[sizeof plan_text + 100], words[GD_PLAN_WORDS];
    gd_plan plan;
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *at = strstr(plan_text, changes[i].was);
        assert_non_null(at);
        int length = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - plan_text), plan_text, changes[i].is,
                              at + strlen(changes[i].was));
        words[0] = 0;
        assert_false(gd_plan_parse(text, (size_t)length, &plan, words));
        if (!strstr(words, changes[i].sentence))
            fail_msg("\"%s\" does not name %s", words, changes[i].sentence);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fast_equals_slow),   cmocka_unit_test(known_answers),
        cmocka_unit_test(rounding_of_sums),   cmocka_unit_test(tf32_inputs),
        cmocka_unit_test(conversions),        cmocka_unit_test(reads_a_plan),
        cmocka_unit_test(reads_two_paddings), cmocka_unit_test(refuses_what_it_does_not_know)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

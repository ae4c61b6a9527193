/* Wraps oneDNN 2.x and 3.x: creates, packs and runs convolutions. */
#include "kernels/cpu/onednn.h"

#include "kernels/cpu/onednn_compat.h"

#include <stdio.h>
#include <stdlib.h>

struct gd_dnnl {
    dnnl_engine_t engine; /* owned */
};

struct gd_conv {
    dnnl_engine_t engine;       /* borrowed */
    dnnl_primitive_desc_t desc; /* owned */
    dnnl_primitive_t primitive; /* owned */
    bool backward;
};

struct gd_packed {
    dnnl_memory_t memory; /* owned, with its buffer */
};

static gd_status refused(dnnl_status_t status, const char *what, gd_error *error)
{
    if (status == dnnl_out_of_memory)
        return gd_fail(error, GD_MEMORY, "oneDNN ran out of memory (%s); use a smaller -ts", what);
    return gd_fail(error, GD_BACKEND, "oneDNN refused (%s, status %d); try --backend reference", what,
                   (int)status);
}

gd_status gd_dnnl_create(gd_dnnl **dnnl, gd_error *error)
{
    gd_dnnl *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "a oneDNN engine");
    dnnl_status_t status = dnnl_engine_create(&made->engine, dnnl_cpu, 0);
    if (status != dnnl_success) {
        free(made);
        return refused(status, "no engine", error);
    }
    *dnnl = made;
    return GD_OK;
}

void gd_dnnl_free(gd_dnnl *dnnl)
{
    if (!dnnl)
        return;
    dnnl_engine_destroy(dnnl->engine);
    free(dnnl);
}

gd_dnnl_isa gd_dnnl_get_isa(void)
{
    return gd_dnnl_isa_of((int)dnnl_get_effective_cpu_isa());
}

gd_dnnl_isa gd_dnnl_isa_of(int bits)
{
    gd_dnnl_isa found = {.name = "generic"};
    /* Each set of the library's bits contains those below it. */
    static const struct {
        int bits;
        const char *name;
    } names[] = {{dnnl_cpu_isa_sse41, "sse41"},
                 {dnnl_cpu_isa_avx, "avx"},
                 {dnnl_cpu_isa_avx2, "avx2"},
                 {dnnl_cpu_isa_avx2_vnni, "avx2_vnni"},
                 {dnnl_cpu_isa_avx512_core, "avx512_core"},
                 {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"},
                 {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"},
                 {dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if ((bits & names[i].bits) == names[i].bits)
            found.name = names[i].name;
    found.bf16 = (bits & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
    found.avx512 = (bits & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core;
    return found;
}

void gd_dnnl_lower_isa(gd_cpu_isa most)
{
    static const dnnl_cpu_isa_t isas[] = {[GD_ISA_SSE41] = dnnl_cpu_isa_sse41,
                                          [GD_ISA_AVX] = dnnl_cpu_isa_avx,
                                          [GD_ISA_AVX2] = dnnl_cpu_isa_avx2,
                                          [GD_ISA_AVX512] = dnnl_cpu_isa_avx512_core,
                                          [GD_ISA_AVX512_BF16] = dnnl_cpu_isa_avx512_core_bf16};
    (void)dnnl_set_max_cpu_isa(isas[most]); /* refused after the first use */
}

void gd_dnnl_version(char *text, size_t bytes)
{
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, bytes, "%d.%d.%d", version->major, version->minor, version->patch);
}

int32_t gd_dnnl_release(void)
{
    const dnnl_version_t *version = dnnl_version();
    return 100 * version->major + version->minor;
}

/* Descriptors of a convolution's tensors; all owned. */
typedef struct conv_mds {
    md_t src, weights, bias, dst;
} conv_mds;

static void mds_free(conv_mds *mds)
{
    md_free(&mds->src);
    md_free(&mds->weights);
    md_free(&mds->bias);
    md_free(&mds->dst);
}

static dnnl_status_t tensor_md(const gd_conv_spec *spec, int32_t channels, int32_t rows, int32_t cols,
                               md_t *md)
{
    dnnl_dims_t dims = {1, channels, rows, cols};
    dnnl_format_tag_t tag = spec->block == 16 ? dnnl_nChw16c : dnnl_nChw8c;
    if (channels == GD_DNNL_PICTURE_CHANNELS)
        tag = dnnl_nchw;
    return md_create(md, 4, dims, spec->bf16 ? dnnl_bf16 : dnnl_f32, tag);
}

static dnnl_status_t mds_create(const gd_conv_spec *spec, conv_mds *mds)
{
    dnnl_dims_t filter = {spec->out, spec->in, spec->kernel_rows, spec->kernel_cols};
    dnnl_dims_t out = {spec->out};
    dnnl_status_t status = tensor_md(spec, spec->in, spec->in_rows, spec->in_cols, &mds->src);
    if (status == dnnl_success)
        status = tensor_md(spec, spec->out, spec->out_rows, spec->out_cols, &mds->dst);
    if (status == dnnl_success)
        status = md_create(&mds->weights, 4, filter, spec->bf16 ? dnnl_bf16 : dnnl_f32, dnnl_format_tag_any);
    if (status == dnnl_success && spec->bias)
        status = md_create(&mds->bias, 1, out, dnnl_f32, dnnl_x);
    return status;
}

static dnnl_status_t attr_create(const gd_conv_spec *spec, dnnl_primitive_attr_t *attr)
{
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(attr);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success && spec->sum)
        status = post_sum(ops);
    if (status == dnnl_success && spec->relu)
        status = post_relu(ops);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    if (ops)
        dnnl_post_ops_destroy(ops);
    return status;
}

/* Zeros behind the last unit, so that there are so many results. */
static int32_t pad_after(int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t before)
{
    const int32_t missing = (out - 1) * stride + kernel - in - before;
    return missing > 0 ? missing : 0;
}

/* Of a forward convolution, in bytes: what its results take, and something for small ones. The library's 1x1
 * convolutions of bf16 take a float32 sum of every result for each thread. */
static size_t scratch_most(const gd_conv_spec *spec)
{
    enum { SMALL = 1 << 17 };
    const size_t unit = spec->bf16 ? sizeof(uint16_t) : sizeof(float);
    return SMALL + unit * (size_t)spec->out * (size_t)spec->out_rows * (size_t)spec->out_cols;
}

static dnnl_status_t desc_create(gd_dnnl *dnnl, const gd_conv_spec *spec, dnnl_primitive_desc_t *desc)
{
    conv_mds mds = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_dims_t strides = {spec->stride, spec->stride};
    const conv_pads pads = {
        .before = {spec->pad_rows, spec->pad_cols},
        .after = {pad_after(spec->in_rows, spec->out_rows, spec->kernel_rows, spec->stride, spec->pad_rows),
                  pad_after(spec->in_cols, spec->out_cols, spec->kernel_cols, spec->stride, spec->pad_cols)}};
    dnnl_status_t status = mds_create(spec, &mds);
    if (status == dnnl_success)
        status = attr_create(spec, &attr);
    if (status == dnnl_success && spec->method == GD_CONV_BACKWARD)
        status = backward_desc(desc, dnnl->engine, md_in(mds.src), md_in(mds.weights), md_in(mds.dst),
                               strides, &pads, attr);
    else if (status == dnnl_success)
        status = lean_forward_desc(desc, dnnl->engine, md_in(mds.src), md_in(mds.weights),
                                   spec->bias ? md_in(mds.bias) : NULL, md_in(mds.dst), strides, &pads, attr,
                                   scratch_most(spec));
    if (attr)
        dnnl_primitive_attr_destroy(attr);
    mds_free(&mds);
    return status;
}

gd_status gd_conv_create(gd_dnnl *dnnl, const gd_conv_spec *spec, gd_conv **conv, gd_error *error)
{
    *conv = NULL;
    gd_conv *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "a convolution");
    made->engine = dnnl->engine;
    made->backward = spec->method == GD_CONV_BACKWARD;
    dnnl_status_t status = desc_create(dnnl, spec, &made->desc);
    if (status == dnnl_unimplemented) {
        gd_conv_free(made);
        return GD_OK;
    }
    if (status != dnnl_success) {
        gd_conv_free(made);
        return refused(status, "no convolution", error);
    }
    *conv = made;
    return GD_OK;
}

gd_status gd_conv_ready(gd_conv *conv, gd_error *error)
{
    dnnl_status_t status = dnnl_primitive_create(&conv->primitive, conv->desc);
    return status == dnnl_success ? GD_OK : refused(status, "no code for a convolution", error);
}

void gd_conv_free(gd_conv *conv)
{
    if (!conv)
        return;
    if (conv->primitive)
        dnnl_primitive_destroy(conv->primitive);
    if (conv->desc)
        dnnl_primitive_desc_destroy(conv->desc);
    free(conv);
}

static md_ref conv_md(const gd_conv *conv, dnnl_query_t what)
{
    return dnnl_primitive_desc_query_md(conv->desc, what, 0);
}

size_t gd_conv_scratch(const gd_conv *conv)
{
    return desc_scratch(conv->desc);
}

const char *gd_conv_name(const gd_conv *conv)
{
    const char *name = "";
    if (dnnl_primitive_desc_query(conv->desc, dnnl_query_impl_info_str, 0, &name) != dnnl_success)
        return "unknown";
    return name;
}

bool gd_conv_is_plain(const gd_conv *conv)
{
    return strstr(gd_conv_name(conv), "ref") != NULL;
}

bool gd_conv_takes(const gd_conv *conv, const gd_packed *packed)
{
    md_ref held = memory_md(packed->memory);
    return held && dnnl_memory_desc_equal(conv_md(conv, dnnl_query_weights_md), held);
}

/* to = from, in another order and type. */
static dnnl_status_t reorder(dnnl_engine_t engine, md_ref from_md, dnnl_memory_t from, md_ref to_md,
                             dnnl_memory_t to)
{
    dnnl_primitive_desc_t desc = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_stream_t stream = NULL;
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(&desc, from_md, engine, to_md, engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&primitive, desc);
    if (status == dnnl_success)
        status = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags);
    dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    if (status == dnnl_success)
        status = dnnl_primitive_execute(primitive, stream, 2, args);
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    if (stream)
        dnnl_stream_destroy(stream);
    if (primitive)
        dnnl_primitive_destroy(primitive);
    if (desc)
        dnnl_primitive_desc_destroy(desc);
    return status;
}

gd_status gd_packed_create(gd_dnnl *dnnl, const gd_conv *conv, const float *kernel, gd_packed **packed,
                           gd_error *error)
{
    md_ref wanted = conv_md(conv, dnnl_query_weights_md);
    dnnl_dims_t dims;
    md_t plain = {0};
    dnnl_memory_t from = NULL;
    gd_packed *made = calloc(1, sizeof *made);
    if (!made)
        return gd_no_memory(error, "weights");
    md_dims(wanted, dims);
    dnnl_status_t status = md_create(&plain, 4, dims, dnnl_f32, dnnl_oihw);
    if (status == dnnl_success)
        status = dnnl_memory_create(&from, md_in(plain), dnnl->engine, (void *)kernel);
    if (status == dnnl_success)
        status = dnnl_memory_create(&made->memory, wanted, dnnl->engine, DNNL_MEMORY_ALLOCATE);
    if (status == dnnl_success)
        status = reorder(dnnl->engine, md_in(plain), from, wanted, made->memory);
    if (from)
        dnnl_memory_destroy(from);
    md_free(&plain);
    if (status != dnnl_success) {
        gd_packed_free(made);
        return refused(status, "weights not reordered", error);
    }
    *packed = made;
    return GD_OK;
}

void gd_packed_free(gd_packed *packed)
{
    if (!packed)
        return;
    if (packed->memory)
        dnnl_memory_destroy(packed->memory);
    free(packed);
}

enum { CONV_ARGS = 5 };

/* Wraps the pointers of one run; owned[] gets what must be destroyed. */
static dnnl_status_t wrap(const gd_conv *conv, const gd_packed *packed, const float *bias, const void *src,
                          void *dst, void *scratch, dnnl_exec_arg_t args[CONV_ARGS], int *count)
{
    const struct {
        int arg;
        dnnl_query_t md;
        const void *at;
    } parts[] = {
        {conv->backward ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC,
         conv->backward ? dnnl_query_diff_dst_md : dnnl_query_src_md, src},
        {conv->backward ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST,
         conv->backward ? dnnl_query_diff_src_md : dnnl_query_dst_md, dst},
        {DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md, scratch},
        {DNNL_ARG_BIAS, dnnl_query_weights_md, bias},
    };
    *count = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        bool is_bias = parts[i].arg == DNNL_ARG_BIAS;
        if (is_bias && !bias)
            continue;
        md_ref md = dnnl_primitive_desc_query_md(conv->desc, parts[i].md, is_bias ? 1 : 0);
        args[*count].arg = parts[i].arg;
        dnnl_status_t status =
            dnnl_memory_create(&args[*count].memory, md, conv->engine, (void *)parts[i].at);
        if (status != dnnl_success)
            return status;
        ++*count;
    }
    args[*count] = (dnnl_exec_arg_t){DNNL_ARG_WEIGHTS, packed->memory};
    return dnnl_success;
}

gd_status gd_conv_run(const gd_conv *conv, const gd_packed *packed, const float *bias, const void *src,
                      void *dst, void *scratch, gd_error *error)
{
    dnnl_exec_arg_t args[CONV_ARGS];
    int count = 0;
    dnnl_stream_t stream = NULL;
    dnnl_status_t status = wrap(conv, packed, bias, src, dst, scratch, args, &count);
    if (status == dnnl_success)
        status = dnnl_stream_create(&stream, conv->engine, dnnl_stream_default_flags);
    if (status == dnnl_success)
        status = dnnl_primitive_execute(conv->primitive, stream, count + 1, args);
    if (status == dnnl_success)
        status = dnnl_stream_wait(stream);
    if (stream)
        dnnl_stream_destroy(stream);
    for (int i = 0; i < count; i++)
        dnnl_memory_destroy(args[i].memory);
    return status == dnnl_success ? GD_OK : refused(status, "a convolution failed", error);
}

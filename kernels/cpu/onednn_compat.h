/* The C interface of oneDNN 2.x and 3.x under one set of names. For onednn.c alone. */
#ifndef GD_KERNELS_CPU_ONEDNN_COMPAT_H
#define GD_KERNELS_CPU_ONEDNN_COMPAT_H

#include <dnnl.h>
#include <string.h>

/* Padding before the first unit and behind the last one, by rows and columns. */
typedef struct conv_pads {
    dnnl_dims_t before, after;
} conv_pads;

static inline size_t desc_scratch(const_dnnl_primitive_desc_t desc)
{
    return dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(desc, dnnl_query_scratchpad_md, 0));
}

#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t md_t;         /* owned */
typedef const_dnnl_memory_desc_t md_ref; /* borrowed */
#define md_in(md) (md)

static inline dnnl_status_t md_create(md_t *md, int rank, const dnnl_dims_t dims, dnnl_data_type_t type,
                                      dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_create_with_tag(md, rank, dims, type, tag);
}

static inline void md_free(md_t *md)
{
    if (*md)
        dnnl_memory_desc_destroy(*md);
    *md = NULL;
}

static inline void md_dims(md_ref md, dnnl_dims_t dims)
{
    const dnnl_dims_t *held = NULL;
    memset(dims, 0, sizeof(dnnl_dims_t));
    if (dnnl_memory_desc_query(md, dnnl_query_dims, &held) == dnnl_success)
        memcpy(dims, *held, sizeof *held);
}

static inline dnnl_status_t post_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0F, 0, dnnl_data_type_undef);
}

static inline dnnl_status_t post_relu(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0.0F, 0.0F);
}

static inline dnnl_status_t forward_desc(dnnl_primitive_desc_t *desc, dnnl_engine_t engine, md_ref src,
                                         md_ref weights, md_ref bias, md_ref dst, const dnnl_dims_t strides,
                                         const conv_pads *pads, const_dnnl_primitive_attr_t attr)
{
    dnnl_dims_t dilates = {0};
    return dnnl_convolution_forward_primitive_desc_create(desc, engine, dnnl_forward_inference,
                                                          dnnl_convolution_direct, src, weights, bias, dst,
                                                          strides, dilates, pads->before, pads->after, attr);
}

/* The same, by the first implementation with at most so many bytes of scratch. */
static inline dnnl_status_t lean_forward_desc(dnnl_primitive_desc_t *desc, dnnl_engine_t engine, md_ref src,
                                              md_ref weights, md_ref bias, md_ref dst,
                                              const dnnl_dims_t strides, const conv_pads *pads,
                                              const_dnnl_primitive_attr_t attr, size_t scratch)
{
    dnnl_status_t status = forward_desc(desc, engine, src, weights, bias, dst, strides, pads, attr);
    while (status == dnnl_success && desc_scratch(*desc) > scratch)
        status = dnnl_primitive_desc_next_impl(*desc);
    return status == dnnl_last_impl_reached ? dnnl_unimplemented : status;
}

static inline dnnl_status_t backward_desc(dnnl_primitive_desc_t *desc, dnnl_engine_t engine, md_ref src,
                                          md_ref weights, md_ref dst, const dnnl_dims_t strides,
                                          const conv_pads *pads, const_dnnl_primitive_attr_t attr)
{
    dnnl_dims_t dilates = {0};
    dnnl_primitive_desc_t hint = NULL;
    dnnl_status_t status = forward_desc(&hint, engine, src, weights, NULL, dst, strides, pads, NULL);
    if (status == dnnl_success)
        status = dnnl_convolution_backward_data_primitive_desc_create(desc, engine, dnnl_convolution_direct,
                                                                      src, weights, dst, strides, dilates,
                                                                      pads->before, pads->after, hint, attr);
    if (hint)
        dnnl_primitive_desc_destroy(hint);
    return status;
}

#else

typedef dnnl_memory_desc_t md_t;
typedef const dnnl_memory_desc_t *md_ref;
#define md_in(md) (&(md))

static inline dnnl_status_t md_create(md_t *md, int rank, const dnnl_dims_t dims, dnnl_data_type_t type,
                                      dnnl_format_tag_t tag)
{
    return dnnl_memory_desc_init_by_tag(md, rank, dims, type, tag);
}

static inline void md_free(md_t *md)
{
    (void)md; /* a plain struct in 2.x */
}

static inline void md_dims(md_ref md, dnnl_dims_t dims)
{
    memcpy(dims, md->dims, sizeof md->dims);
}

static inline dnnl_status_t post_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0F);
}

static inline dnnl_status_t post_relu(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_eltwise(ops, 1.0F, dnnl_eltwise_relu, 0.0F, 0.0F);
}

static inline dnnl_status_t forward_desc(dnnl_primitive_desc_t *desc, dnnl_engine_t engine, md_ref src,
                                         md_ref weights, md_ref bias, md_ref dst, const dnnl_dims_t strides,
                                         const conv_pads *pads, const_dnnl_primitive_attr_t attr)
{
    dnnl_convolution_desc_t conv;
    dnnl_status_t status =
        dnnl_convolution_forward_desc_init(&conv, dnnl_forward_inference, dnnl_convolution_direct, src,
                                           weights, bias, dst, strides, pads->before, pads->after);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(desc, &conv, attr, engine, NULL);
    return status;
}

/* The same, by the first implementation with at most so many bytes of scratch. */
static inline dnnl_status_t lean_forward_desc(dnnl_primitive_desc_t *desc, dnnl_engine_t engine, md_ref src,
                                              md_ref weights, md_ref bias, md_ref dst,
                                              const dnnl_dims_t strides, const conv_pads *pads,
                                              const_dnnl_primitive_attr_t attr, size_t scratch)
{
    dnnl_convolution_desc_t conv;
    dnnl_primitive_desc_iterator_t iterator = NULL;
    dnnl_status_t status =
        dnnl_convolution_forward_desc_init(&conv, dnnl_forward_inference, dnnl_convolution_direct, src,
                                           weights, bias, dst, strides, pads->before, pads->after);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_iterator_create(&iterator, &conv, attr, engine, NULL);
    if (status == dnnl_success)
        *desc = dnnl_primitive_desc_iterator_fetch(iterator);
    while (status == dnnl_success && desc_scratch(*desc) > scratch) {
        dnnl_primitive_desc_destroy(*desc);
        *desc = NULL;
        status = dnnl_primitive_desc_iterator_next(iterator);
        if (status == dnnl_success)
            *desc = dnnl_primitive_desc_iterator_fetch(iterator);
    }
    if (iterator)
        dnnl_primitive_desc_iterator_destroy(iterator);
    return status == dnnl_iterator_ends ? dnnl_unimplemented : status;
}

static inline dnnl_status_t backward_desc(dnnl_primitive_desc_t *desc, dnnl_engine_t engine, md_ref src,
                                          md_ref weights, md_ref dst, const dnnl_dims_t strides,
                                          const conv_pads *pads, const_dnnl_primitive_attr_t attr)
{
    dnnl_convolution_desc_t conv;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_status_t status = forward_desc(&hint, engine, src, weights, NULL, dst, strides, pads, NULL);
    if (status == dnnl_success)
        status = dnnl_convolution_backward_data_desc_init(&conv, dnnl_convolution_direct, src, weights, dst,
                                                          strides, pads->before, pads->after);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(desc, &conv, attr, engine, hint);
    if (hint)
        dnnl_primitive_desc_destroy(hint);
    return status;
}

#endif

static inline md_ref memory_md(dnnl_memory_t memory)
{
    md_ref md = NULL;
    return dnnl_memory_get_memory_desc(memory, &md) == dnnl_success ? md : NULL;
}

#endif

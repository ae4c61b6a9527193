/* Times oneDNN's product of matrices. */
#include "product_rate.h"

#include <dnnl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIDE = 2048, TRIES = 12, OPERANDS = 3 };

/* A product of rows in memory, c = a * b; all owned. */
typedef struct product {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_desc_t desc;
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t args[OPERANDS];
    void *values[OPERANDS];
} product;

static const dnnl_dims_t dims = {SIDE, SIDE};

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t describe(product *p, dnnl_data_type_t type)
{
    dnnl_memory_desc_t in = NULL, out = NULL;
    dnnl_status_t status = dnnl_memory_desc_create_with_tag(&in, 2, dims, type, dnnl_ab);
    if (status == dnnl_success)
        status = dnnl_memory_desc_create_with_tag(&out, 2, dims, dnnl_f32, dnnl_ab);
    if (status == dnnl_success)
        status = dnnl_matmul_primitive_desc_create(&p->desc, p->engine, in, in, NULL, out, NULL);
    for (int i = 0; i < OPERANDS && status == dnnl_success; i++)
        status =
            dnnl_memory_create(&p->args[i].memory, i == OPERANDS - 1 ? out : in, p->engine, p->values[i]);
    dnnl_memory_desc_destroy(in);
    dnnl_memory_desc_destroy(out);
    return status;
}

#else

static dnnl_status_t describe(product *p, dnnl_data_type_t type)
{
    dnnl_memory_desc_t in, out;
    dnnl_matmul_desc_t matmul;
    dnnl_status_t status = dnnl_memory_desc_init_by_tag(&in, 2, dims, type, dnnl_ab);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&out, 2, dims, dnnl_f32, dnnl_ab);
    if (status == dnnl_success)
        status = dnnl_matmul_desc_init(&matmul, &in, &in, NULL, &out);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&p->desc, &matmul, NULL, p->engine, NULL);
    for (int i = 0; i < OPERANDS && status == dnnl_success; i++)
        status =
            dnnl_memory_create(&p->args[i].memory, i == OPERANDS - 1 ? &out : &in, p->engine, p->values[i]);
    return status;
}

#endif

/* Values of zeros would be fewer bits to switch, and a clock that is too high: bytes of 0x3c make small
 * numbers near 0.01 in either type. */
static bool allocate(product *p)
{
    static const int roles[OPERANDS] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
    const size_t bytes = sizeof(float) * SIDE * SIDE;
    for (int i = 0; i < OPERANDS; i++) {
        p->args[i].arg = roles[i];
        p->values[i] = aligned_alloc(64, bytes);
        if (!p->values[i])
            return false;
        memset(p->values[i], 0x3c, bytes);
    }
    return true;
}

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static dnnl_status_t time_it(product *p, double *least)
{
    dnnl_status_t status = dnnl_primitive_create(&p->primitive, p->desc);
    for (int i = 0; i < TRIES && status == dnnl_success; i++) {
        const double start = processor_seconds();
        status = dnnl_primitive_execute(p->primitive, p->stream, OPERANDS, p->args);
        if (status == dnnl_success)
            status = dnnl_stream_wait(p->stream);
        const double taken = processor_seconds() - start;
        if (i == 0 || taken < *least)
            *least = taken;
    }
    return status;
}

static void release(product *p)
{
    for (int i = 0; i < OPERANDS; i++) {
        if (p->args[i].memory)
            dnnl_memory_destroy(p->args[i].memory);
        free(p->values[i]);
    }
    if (p->primitive)
        dnnl_primitive_destroy(p->primitive);
    if (p->desc)
        dnnl_primitive_desc_destroy(p->desc);
    if (p->stream)
        dnnl_stream_destroy(p->stream);
    if (p->engine)
        dnnl_engine_destroy(p->engine);
}

double product_seconds(bool bf16)
{
    product p = {0};
    double least = 0;
    dnnl_status_t status = allocate(&p) ? dnnl_engine_create(&p.engine, dnnl_cpu, 0) : dnnl_out_of_memory;
    if (status == dnnl_success)
        status = dnnl_stream_create(&p.stream, p.engine, dnnl_stream_default_flags);
    if (status == dnnl_success)
        status = describe(&p, bf16 ? dnnl_bf16 : dnnl_f32);
    if (status == dnnl_success)
        status = time_it(&p, &least);
    release(&p);
    return status == dnnl_success ? least : 0;
}

double product_flop(void)
{
    return 2.0 * SIDE * SIDE * SIDE;
}

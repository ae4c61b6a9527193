/* cublasLtMatmul: the product becomes one operation on its stream. It is a 1x1 convolution over the columns,
 * and computed as one. */
#include "standin/cublaslt_internal.h"
#include "standin/ranges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GARBAGE = 0xa5 /* what is left where nothing is defined */ };

typedef struct job {
    gd_convolve convolve;
    gd_convolve_data data;
    gd_lt_problem problem; /* its descriptors may be gone when the job runs */
    uint8_t *mask;
    int64_t mask_pitch, mask_line; /* bytes */
} job;

/* Bytes of a column's mask, and of what cuBLASLt may write there. */
static int64_t mask_bytes(const job *j)
{
    return (j->problem.m + 7) / 8;
}

static int64_t mask_room(const job *j)
{
    return (j->problem.m + GD_LT_MASK_BITS - 1) / GD_LT_MASK_BITS * GD_LT_MASK_BITS / 8;
}

static int64_t place_of(const gd_strided *d, int64_t i, int64_t line, int64_t col)
{
    return i * d->stride[1] + line * d->stride[2] + col * d->stride[3];
}

static void write_column(const job *j, uint8_t *bits, int64_t line, int64_t col)
{
    const gd_strided *d = &j->convolve.y;
    memset(bits, 0, (size_t)mask_bytes(j));
    memset(bits + mask_bytes(j), GARBAGE, (size_t)(mask_room(j) - mask_bytes(j)));
    for (int64_t i = 0; i < j->problem.m; i++)
        if (gd_value_load(d->type, j->data.y, place_of(d, i, line, col)) > 0)
            bits[i / 8] |= (uint8_t)(1 << i % 8);
}

static void apply_column(const job *j, const uint8_t *bits, int64_t line, int64_t col)
{
    const gd_strided *d = &j->convolve.y;
    for (int64_t i = 0; i < j->problem.m; i++)
        if (!(bits[i / 8] >> i % 8 & 1))
            gd_value_store(d->type, j->data.y, place_of(d, i, line, col), 0);
}

static gd_standin_step run(void *state)
{
    const job *j = state;
    if (!gd_convolve_fast(&j->convolve, j->data))
        return GD_STANDIN_BROKEN;
    for (int64_t line = 0; j->mask && line < j->problem.count; line++) {
        for (int64_t col = 0; col < j->problem.n; col++) {
            uint8_t *bits = j->mask + line * j->mask_line + col * j->mask_pitch;
            if (j->problem.writes_mask)
                write_column(j, bits, line, col);
            else
                apply_column(j, bits, line, col);
        }
    }
    return GD_STANDIN_DONE;
}

static gd_strided strided(const gd_lt_problem *p, const gd_lt_matrix *m)
{
    return (gd_strided){
        p->type, {1, (int64_t)m->rows, m->count, (int64_t)m->cols}, {0, 1, m->line, m->pitch}};
}

static job *make_job(const gd_lt_problem *p, const void *a, const void *b, bool sum, void *d)
{
    const bool turned = p->product->turn_a == CUBLAS_OP_T;
    job *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->problem = *p;
    j->convolve = (gd_convolve){.sum = sum, .bias = p->bias, .relu = p->relu};
    j->convolve.x = strided(p, p->b);
    j->convolve.y = j->convolve.z = strided(p, p->d);
    j->convolve.w =
        (gd_strided){p->type, {p->m, p->k, 1, 1}, {turned ? p->a->pitch : 1, turned ? 1 : p->a->pitch}};
    j->convolve.b = (gd_strided){p->type, {1, p->m, 1, 1}, {0, 1}};
    for (int k = 0; k < 2; k++)
        j->convolve.step[k] = j->convolve.dilation[k] = 1;
    /* Read through `x`, which is written backward only. */
    j->data = (gd_convolve_data){.x = (void *)(uintptr_t)b, .w = a, .b = p->product->bias, .z = d, .y = d};
    if (p->writes_mask || p->applies_mask) {
        j->mask = p->product->mask;
        j->mask_pitch = p->product->mask_pitch / 8;
        j->mask_line = p->product->mask_line / 8;
    }
    return j;
}

/* `bytes` bytes of the masks at each column. */
static bool add_masks(gd_ranges *ranges, const job *j, int64_t bytes)
{
    bool ok = true;
    for (int64_t line = 0; j->mask && line < j->problem.count && ok; line++)
        ok = gd_ranges_add_rows(ranges, j->mask + line * j->mask_line, (size_t)bytes, (size_t)j->problem.n,
                                (size_t)j->mask_pitch);
    return ok;
}

/* What is read and written apart from a result that is added to. */
static bool add_ranges(const job *j, gd_ranges *reads, gd_ranges *writes)
{
    const gd_convolve *c = &j->convolve;
    return gd_ranges_add(reads, &c->x, j->data.x) && gd_ranges_add(reads, &c->w, j->data.w) &&
           (!c->bias || gd_ranges_add(reads, &c->b, j->data.b)) && gd_ranges_add(writes, &c->y, j->data.y) &&
           (j->problem.writes_mask ? add_masks(writes, j, mask_room(j)) : add_masks(reads, j, mask_bytes(j)));
}

/* Queues the job; takes it. */
static cublasStatus_t queue(const char *who, cudaStream_t stream, job *j)
{
    gd_ranges reads = {0}, writes = {0};
    cublasStatus_t status =
        add_ranges(j, &reads, &writes) ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_ALLOC_FAILED;
    if (status == CUBLAS_STATUS_SUCCESS && gd_ranges_overlap(&reads, &writes)) {
        gd_standin_fail("%s: what it writes overlaps what it reads", who);
        status = CUBLAS_STATUS_INVALID_VALUE;
    }
    if (status == CUBLAS_STATUS_SUCCESS && j->convolve.sum &&
        !gd_ranges_add(&reads, &j->convolve.z, j->data.z))
        status = CUBLAS_STATUS_ALLOC_FAILED;
    if (status == CUBLAS_STATUS_SUCCESS) {
        const gd_standin_work work = {.name = who,
                                      .run = run,
                                      .release = free,
                                      .state = j,
                                      .reads = reads.list,
                                      .read_count = reads.count,
                                      .writes = writes.list,
                                      .write_count = writes.count};
        if (gd_standin_queue(stream, &work) != cudaSuccess)
            status = CUBLAS_STATUS_EXECUTION_FAILED;
    } else {
        free(j);
    }
    free(reads.list);
    free(writes.list);
    return status;
}

static bool address_fits(const char *who, const char *name, const void *at, int64_t alignment)
{
    if (gd_standin_where(at, NULL, NULL, NULL) != GD_STANDIN_DEVICE)
        gd_standin_fail("%s: %s is at %p, which is not device memory", who, name, at);
    else if ((uintptr_t)at % (uintptr_t)alignment)
        gd_standin_fail("%s: %s is at %p, not aligned to the %lld bytes that the algorithm was chosen for",
                        who, name, at, (long long)alignment);
    else
        return true;
    return false;
}

static bool addresses_fit(const char *who, const gd_lt_problem *p, const void *a, const void *b,
                          const void *d, int64_t alignment)
{
    return address_fits(who, "A", a, alignment) && address_fits(who, "B", b, alignment) &&
           address_fits(who, "D", d, alignment) &&
           (!p->bias || address_fits(who, "the bias", p->product->bias, GD_LT_ALIGNMENT)) &&
           (!(p->writes_mask || p->applies_mask) ||
            address_fits(who, "the mask", p->product->mask, GD_LT_ALIGNMENT));
}

/* alpha is 1, beta 0 or 1, both in the host's memory. */
static bool scales_fit(const char *who, const float *alpha, const float *beta)
{
    if (gd_standin_where(alpha, NULL, NULL, NULL) != GD_STANDIN_PAGEABLE ||
        gd_standin_where(beta, NULL, NULL, NULL) != GD_STANDIN_PAGEABLE)
        gd_standin_fail("%s: alpha and beta are not in the host's memory", who);
    else if (*alpha != 1 || (*beta != 0 && *beta != 1))
        gd_standin_fail("%s: the stand-in does not know alpha %g and beta %g", who, (double)*alpha,
                        (double)*beta);
    else
        return true;
    return false;
}

static bool workspace_fits(const char *who, int64_t wanted, const void *workspace, size_t bytes)
{
    if ((int64_t)bytes >= wanted && (wanted == 0 || workspace))
        return true;
    gd_standin_fail("%s: the algorithm wants %lld bytes of workspace and gets %zu", who, (long long)wanted,
                    bytes);
    return false;
}

cublasStatus_t __wrap_cublasLtMatmul(cublasLtHandle_t handle, cublasLtMatmulDesc_t product, const void *alpha,
                                     const void *a, cublasLtMatrixLayout_t a_layout, const void *b,
                                     cublasLtMatrixLayout_t b_layout, const void *beta, const void *c,
                                     cublasLtMatrixLayout_t c_layout, void *d,
                                     cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t *algorithm,
                                     void *workspace, size_t bytes, cudaStream_t stream)
{
    static const char who[] = "cublasLtMatmul";
    gd_lt_problem problem;
    int64_t alignment = 0, wanted = 0;
    cublasStatus_t status = CUBLAS_STATUS_INVALID_VALUE;
    if (gd_standin_injected(who))
        return CUBLAS_STATUS_EXECUTION_FAILED;
    const int device = gd_lt_device_of(who, handle);
    if (device < 0 || !gd_lt_problem_of(who, product, a_layout, b_layout, c_layout, d_layout, &problem))
        return status;
    if (device != gd_standin_device_of(who, stream)) {
        gd_standin_fail("%s: the stream is not of device %d, which the handle is of", who, device);
        return status;
    }
    if (!algorithm) {
        gd_standin_fail("%s: no algorithm, so that each call may choose another", who);
        return status;
    }
    if (!gd_lt_algorithm_of(algorithm, &problem, &alignment, &wanted, &status))
        return status;
    status = CUBLAS_STATUS_INVALID_VALUE;
    if (!scales_fit(who, alpha, beta) || !addresses_fit(who, &problem, a, b, d, alignment) ||
        !workspace_fits(who, wanted, workspace, bytes))
        return status;
    if (c != d) {
        gd_standin_fail("%s: C is not D; the stand-in knows sums in place alone", who);
        return status;
    }
    gd_standin_lock();
    job *j = make_job(&problem, a, b, *(const float *)beta != 0, d);
    status = j ? queue(who, stream, j) : CUBLAS_STATUS_ALLOC_FAILED;
    gd_standin_unlock();
    return status;
}

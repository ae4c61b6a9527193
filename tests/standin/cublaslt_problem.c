/* Whether descriptors make a product: what cuBLASLt's documentation asks of them, and nothing that a device
 * may let pass. */
#include "standin/cublaslt_internal.h"

static bool value_type(cudaDataType_t type, gd_value_type *found)
{
    *found = type == CUDA_R_32F ? GD_VALUE_F32 : type == CUDA_R_16BF ? GD_VALUE_BF16 : GD_VALUE_F16;
    return type == CUDA_R_32F || type == CUDA_R_16BF || type == CUDA_R_16F;
}

/* `shared`: all products may have the same matrix. */
static bool matrix_fits(const char *who, char name, const gd_lt_matrix *m, const gd_lt_problem *p,
                        bool shared)
{
    const int64_t bytes = (int64_t)gd_value_bytes(p->type), last = m->pitch * ((int64_t)m->cols - 1);
    gd_value_type type;
    if (m->order != CUBLASLT_ORDER_COL)
        gd_standin_fail("%s: %c has order %d; the stand-in knows columns alone", who, name, m->order);
    else if (!value_type(m->type, &type) || type != p->type)
        gd_standin_fail("%s: %c has another type than D, or one that the stand-in does not know", who, name);
    else if (m->rows == 0 || m->cols == 0 || m->pitch < (int64_t)m->rows)
        gd_standin_fail("%s: %c has a leading dimension of %lld for columns of %llu", who, name,
                        (long long)m->pitch, (unsigned long long)m->rows);
    else if (m->pitch * bytes % GD_LT_ALIGNMENT || m->line * bytes % GD_LT_ALIGNMENT)
        gd_standin_fail("%s: columns of %c do not all begin at multiples of %d bytes", who, name,
                        GD_LT_ALIGNMENT);
    else if (m->count != p->count)
        gd_standin_fail("%s: %d matrices %c for %d products", who, m->count, name, p->count);
    else if (m->count > 1 && !(shared && m->line == 0) && m->line < last + (int64_t)m->rows)
        gd_standin_fail("%s: matrices %c overlap each other: %lld values from one to the next", who, name,
                        (long long)m->line);
    else
        return true;
    return false;
}

static bool extents_fit(const char *who, const gd_lt_problem *p)
{
    const bool turned = p->product->turn_a == CUBLAS_OP_T;
    const int64_t a_rows = (int64_t)(turned ? p->a->cols : p->a->rows),
                  a_cols = (int64_t)(turned ? p->a->rows : p->a->cols);
    if (p->product->turn_b != CUBLAS_OP_N || (!turned && p->product->turn_a != CUBLAS_OP_N))
        gd_standin_fail("%s: operations %d and %d; the stand-in knows N and T for A, and N for B", who,
                        p->product->turn_a, p->product->turn_b);
    else if (a_rows != p->m || a_cols != (int64_t)p->b->rows || (int64_t)p->b->cols != p->n)
        gd_standin_fail("%s: [%lld, %lld] times [%llu, %llu] is not [%lld, %lld]", who, (long long)a_rows,
                        (long long)a_cols, (unsigned long long)p->b->rows, (unsigned long long)p->b->cols,
                        (long long)p->m, (long long)p->n);
    else
        return true;
    return false;
}

static bool mask_fits(const char *who, const gd_lt_problem *p)
{
    const gd_lt_product *product = p->product;
    if (!product->mask || (uintptr_t)product->mask % GD_LT_ALIGNMENT)
        gd_standin_fail("%s: the mask is at %p, not at a multiple of %d bytes", who, product->mask,
                        GD_LT_ALIGNMENT);
    else if (product->mask_pitch % GD_LT_MASK_BITS || product->mask_pitch < p->m)
        gd_standin_fail("%s: a leading dimension of %lld bits for masks of %lld rows", who,
                        (long long)product->mask_pitch, (long long)p->m);
    else if (p->count > 1 && (product->mask_line % GD_LT_MASK_BITS ||
                              product->mask_line < product->mask_pitch * (p->n - 1) + p->m))
        gd_standin_fail("%s: masks overlap each other, or are not aligned: %lld bits from one to the next",
                        who, (long long)product->mask_line);
    else if (p->type == GD_VALUE_F32)
        gd_standin_fail("%s: masks of float32, which no test here has judged", who);
    else
        return true;
    return false;
}

static bool epilogue_fits(const char *who, gd_lt_problem *p)
{
    const uint32_t epilogue = p->product->epilogue;
    p->applies_mask = epilogue == CUBLASLT_EPILOGUE_DRELU;
    p->bias = epilogue & CUBLASLT_EPILOGUE_BIAS;
    p->relu = epilogue & CUBLASLT_EPILOGUE_RELU;
    p->writes_mask = p->relu && epilogue & 128;
    const uint32_t known = p->writes_mask ? CUBLASLT_EPILOGUE_RELU_AUX_BIAS : CUBLASLT_EPILOGUE_RELU_BIAS;
    if (epilogue != CUBLASLT_EPILOGUE_DEFAULT && !p->applies_mask && epilogue & ~known) {
        gd_standin_fail("%s: the stand-in does not know epilogue %u", who, epilogue);
        return false;
    }
    if (p->bias && (!p->product->bias || (uintptr_t)p->product->bias % GD_LT_ALIGNMENT)) {
        gd_standin_fail("%s: the bias is at %p, not at a multiple of %d bytes", who, p->product->bias,
                        GD_LT_ALIGNMENT);
        return false;
    }
    return !(p->writes_mask || p->applies_mask) || mask_fits(who, p);
}

static bool same_matrix(const gd_lt_matrix *c, const gd_lt_matrix *d)
{
    return c->type == d->type && c->rows == d->rows && c->cols == d->cols && c->pitch == d->pitch &&
           c->order == d->order && c->count == d->count && c->line == d->line;
}

bool gd_lt_problem_of(const char *who, cublasLtMatmulDesc_t product, cublasLtMatrixLayout_t a,
                      cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                      gd_lt_problem *p)
{
    *p = (gd_lt_problem){.product = gd_lt_product_of(who, product),
                         .a = gd_lt_matrix_of(who, a),
                         .b = gd_lt_matrix_of(who, b),
                         .d = gd_lt_matrix_of(who, d)};
    const gd_lt_matrix *before = gd_lt_matrix_of(who, c);
    if (!p->product || !p->a || !p->b || !p->d || !before)
        return false;
    p->m = (int64_t)p->d->rows;
    p->n = (int64_t)p->d->cols;
    p->k = (int64_t)p->b->rows;
    p->count = p->d->count;
    if (!value_type(p->d->type, &p->type) || p->product->sums != CUBLAS_COMPUTE_32F ||
        p->product->scale != CUDA_R_32F)
        gd_standin_fail("%s: a type of values, sums or scales that the stand-in does not know", who);
    else if (!same_matrix(before, p->d))
        gd_standin_fail("%s: C is described otherwise than D", who);
    else
        return matrix_fits(who, 'A', p->a, p, true) && matrix_fits(who, 'B', p->b, p, false) &&
               matrix_fits(who, 'D', p->d, p, false) && extents_fit(who, p) && epilogue_fits(who, p);
    return false;
}

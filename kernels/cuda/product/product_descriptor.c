/* Describes a product to cuBLASLt: operation, epilogue, and the layouts of its matrices. */
#include "kernels/cuda/product/product_descriptor.h"

static cudaDataType_t stored_as(gd_cuda_type type)
{
    switch (type) {
    case GD_CUDA_BF16:
        return CUDA_R_16BF;
    case GD_CUDA_F16:
        return CUDA_R_16F;
    case GD_CUDA_F32:
        break;
    }
    return CUDA_R_32F;
}

static void set(gd_product_descriptors *made, cublasLtMatmulDescAttributes_t name, const void *value,
                size_t bytes)
{
    if (made->status == CUBLAS_STATUS_SUCCESS)
        made->status = cublasLtMatmulDescSetAttribute(made->product, name, value, bytes);
}

static cublasLtEpilogue_t epilogue_of(const gd_product_shape *s)
{
    if (s->mask == GD_PRODUCT_APPLIES_MASK)
        return CUBLASLT_EPILOGUE_DRELU;
    if (s->mask == GD_PRODUCT_WRITES_MASK)
        return s->bias ? CUBLASLT_EPILOGUE_RELU_AUX_BIAS : CUBLASLT_EPILOGUE_RELU_AUX;
    if (s->relu)
        return s->bias ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_RELU;
    return s->bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
}

static void describe_mask(gd_product_descriptors *made, const gd_product_shape *s)
{
    const int64_t pitch = s->mask_pitch, line = (int64_t)s->mask_line * s->mask_pitch;
    set(made, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_LD, &pitch, sizeof pitch);
    if (s->lines > 1)
        set(made, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_BATCH_STRIDE, &line, sizeof line);
}

static void describe_product(gd_product_descriptors *made, const gd_product_shape *s)
{
    const int32_t as_stored = CUBLAS_OP_N, turned = CUBLAS_OP_T;
    const uint32_t epilogue = (uint32_t)epilogue_of(s);
    void *somewhere = (char *)NULL + GD_PRODUCT_ALIGNMENT;
    if (made->status == CUBLAS_STATUS_SUCCESS)
        made->status = cublasLtMatmulDescCreate(&made->product, CUBLAS_COMPUTE_32F, CUDA_R_32F);
    /* A column of the weights as they lie is an output channel of the forward convolution. */
    set(made, CUBLASLT_MATMUL_DESC_TRANSA, s->transposed ? &as_stored : &turned, sizeof as_stored);
    set(made, CUBLASLT_MATMUL_DESC_TRANSB, &as_stored, sizeof as_stored);
    set(made, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue, sizeof epilogue);
    if (s->mask != GD_PRODUCT_NO_MASK)
        describe_mask(made, s);
    if (made->status == CUBLAS_STATUS_SUCCESS)
        made->status = gd_product_descriptors_point(made, s, somewhere, somewhere);
}

/* `line`: values from line to line; 0 for the weights, which all lines share. */
static void describe_matrix(gd_product_descriptors *made, const gd_product_shape *s, int32_t rows,
                            int32_t cols, int32_t pitch, int64_t line, cublasLtMatrixLayout_t *matrix)
{
    const int32_t count = s->lines;
    if (made->status == CUBLAS_STATUS_SUCCESS)
        made->status =
            cublasLtMatrixLayoutCreate(matrix, stored_as(s->type), (uint64_t)rows, (uint64_t)cols, pitch);
    if (made->status == CUBLAS_STATUS_SUCCESS && count > 1)
        made->status = cublasLtMatrixLayoutSetAttribute(*matrix, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                                        sizeof count);
    if (made->status == CUBLAS_STATUS_SUCCESS && count > 1)
        made->status = cublasLtMatrixLayoutSetAttribute(*matrix, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                                        &line, sizeof line);
}

void gd_product_descriptors_make(const gd_product_shape *s, gd_product_descriptors *made)
{
    *made = (gd_product_descriptors){.status = CUBLAS_STATUS_SUCCESS};
    describe_product(made, s);
    if (s->transposed)
        describe_matrix(made, s, s->rows, s->depth, s->weight_pitch, 0, &made->weights);
    else
        describe_matrix(made, s, s->depth, s->rows, s->weight_pitch, 0, &made->weights);
    describe_matrix(made, s, s->depth, s->cols, s->source_pitch, (int64_t)s->source_line * s->source_pitch,
                    &made->source);
    describe_matrix(made, s, s->rows, s->cols, s->result_pitch, (int64_t)s->result_line * s->result_pitch,
                    &made->result);
}

void gd_product_descriptors_free(gd_product_descriptors *made)
{
    cublasLtMatrixLayout_t layouts[] = {made->weights, made->source, made->result};
    for (int i = 0; i < 3; i++)
        if (layouts[i])
            (void)cublasLtMatrixLayoutDestroy(layouts[i]);
    if (made->product)
        (void)cublasLtMatmulDescDestroy(made->product);
    *made = (gd_product_descriptors){.status = CUBLAS_STATUS_SUCCESS};
}

cublasStatus_t gd_product_descriptors_point(const gd_product_descriptors *made, const gd_product_shape *shape,
                                            const void *bias, void *mask)
{
    cublasStatus_t status = CUBLAS_STATUS_SUCCESS;
    if (shape->bias)
        status = cublasLtMatmulDescSetAttribute(made->product, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias,
                                                sizeof bias);
    if (shape->mask != GD_PRODUCT_NO_MASK && status == CUBLAS_STATUS_SUCCESS)
        status = cublasLtMatmulDescSetAttribute(made->product, CUBLASLT_MATMUL_DESC_EPILOGUE_AUX_POINTER,
                                                &mask, sizeof mask);
    return status;
}

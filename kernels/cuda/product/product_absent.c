/* Products in builds without cuBLASLt: there are none, and the convolutions are cuDNN's. */
#include "kernels/cuda/product/product_handle.h"
#include "kernels/cuda/product/product_plan.h"
#include "kernels/cuda/product/product_search.h"

#include <stdio.h>

static gd_status absent(gd_error *error)
{
    return gd_fail(
        error, GD_BACKEND,
        "this build has no cuBLASLt, by which some convolutions were computed: install cuBLAS with its "
        "headers and build again, or start afresh");
}

bool gd_products_built(void)
{
    return false;
}

void gd_products_version(char *text, size_t bytes)
{
    snprintf(text, bytes, "none");
}

gd_status gd_products_open(gd_products **products, gd_error *error)
{
    *products = NULL;
    return absent(error);
}

void gd_products_close(gd_products *products)
{
    (void)products;
}

gd_status gd_product_candidates(const gd_products *products, const gd_product_shape *shape,
                                gd_product_choice *choices, int32_t capacity, int32_t *count, gd_error *error)
{
    (void)products;
    (void)shape;
    (void)choices;
    (void)capacity;
    *count = 0;
    return absent(error);
}

gd_status gd_product_plan_create(const gd_products *products, const gd_product_shape *shape,
                                 const gd_product_choice *choice, gd_product_plan **plan, gd_error *error)
{
    (void)products;
    (void)shape;
    (void)choice;
    *plan = NULL;
    return absent(error);
}

void gd_product_plan_free(gd_product_plan *plan)
{
    (void)plan;
}

gd_status gd_product_plan_run(const gd_products *products, const gd_product_plan *plan, const void *weights,
                              const void *bias, const void *source, void *result, void *mask,
                              cudaStream_t stream, gd_error *error)
{
    (void)products;
    (void)plan;
    (void)weights;
    (void)bias;
    (void)source;
    (void)result;
    (void)mask;
    (void)stream;
    return absent(error);
}

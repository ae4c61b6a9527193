/* No plans of products in a build without cuBLASLt. */
#include "kernels/cuda/product/product_plan.h"

gd_status gd_product_plan_create(const gd_products *products, const gd_product_shape *shape,
                                 const gd_product_choice *choice, gd_product_plan **plan, gd_error *error)
{
    (void)products;
    (void)shape;
    (void)choice;
    *plan = NULL;
    return gd_fail(error, GD_INTERNAL, "a product in a build without cuBLASLt");
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
    return gd_fail(error, GD_INTERNAL, "a product in a build without cuBLASLt");
}

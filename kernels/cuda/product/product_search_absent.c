/* No candidates in a build without cuBLASLt, which nobody can ask for them. */
#include "kernels/cuda/product/product_search.h"

gd_status gd_product_candidates(const gd_products *products, const gd_product_shape *shape,
                                gd_product_choice *choices, int32_t capacity, int32_t *count, gd_error *error)
{
    (void)products;
    (void)shape;
    (void)choices;
    (void)capacity;
    *count = 0;
    return gd_fail(error, GD_INTERNAL, "a product in a build without cuBLASLt");
}

/* cuBLASLt in a build without it: cannot be opened, so that there are no products. */
#include "kernels/cuda/product/product_handle.h"

#include <stdio.h>

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
    return gd_fail(
        error, GD_BACKEND,
        "this build has no cuBLASLt, by which some convolutions were computed: install cuBLAS with its "
        "headers and build again, or start afresh");
}

void gd_products_close(gd_products *products)
{
    (void)products;
}

/* Opens cuBLASLt for a device, and tells its version. */
#include "kernels/cuda/product/product_handle.h"

#include "kernels/cuda/product/product_state.h"

#include <stdio.h>
#include <stdlib.h>

bool gd_products_built(void)
{
    return true;
}

void gd_products_version(char *text, size_t bytes)
{
    const size_t version = cublasLtGetVersion();
    snprintf(text, bytes, "%zu.%zu.%zu", version / 10000, version / 100 % 100, version % 100);
}

gd_status gd_products_open(gd_products **products, gd_error *error)
{
    gd_products *made = calloc(1, sizeof *made);
    *products = NULL;
    if (!made)
        return gd_no_memory(error, "cuBLASLt");
    if (cublasLtGetVersion() == 0) {
        free(made);
        return gd_fail(
            error, GD_BACKEND,
            "cuBLASLt was not found: name the folder of libcublasLt.so.%d in LD_LIBRARY_PATH, or build "
            "with -DGD_CUBLASLT=OFF",
            CUBLAS_VER_MAJOR);
    }
    const cublasStatus_t status = cublasLtCreate(&made->handle);
    if (status != CUBLAS_STATUS_SUCCESS) {
        free(made);
        return gd_fail(
            error, GD_BACKEND,
            "cuBLASLt cannot be opened on this device (status %d): install a driver for its version of "
            "CUDA, or build with -DGD_CUBLASLT=OFF",
            (int)status);
    }
    *products = made;
    return GD_OK;
}

void gd_products_close(gd_products *products)
{
    if (!products)
        return;
    (void)cublasLtDestroy(products->handle);
    free(products);
}

/* Opens cuBLASLt for a device. Public headers of this folder do not include cublasLt.h. */
#ifndef GD_KERNELS_CUDA_PRODUCT_PRODUCT_HANDLE_H
#define GD_KERNELS_CUDA_PRODUCT_PRODUCT_HANDLE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* cuBLASLt for the device that was current when it was opened. */
typedef struct gd_products gd_products;

/* Whether this build has cuBLASLt. All other functions of this folder fail with GD_BACKEND where it has not
 * (product_..._absent.c). */
bool gd_products_built(void);

/* Version of the library in use, as "13.1.0"; "none" where this build has none. 32 bytes are enough. */
void gd_products_version(char *text, size_t bytes);

/* Opens the current device; the caller closes it. GD_BACKEND, with the remedy, if cuBLASLt refuses: it
 * answers only where there is a device. */
gd_status gd_products_open(gd_products **products, gd_error *error) GD_CHECKED;
void gd_products_close(gd_products *products); /* after its plans; NULL is fine */

#endif

/* Which unit of a guide a backend matches, where many products are equal. */
#ifndef GD_TESTS_MATCH_CASE_H
#define GD_TESTS_MATCH_CASE_H

#include "kernels/backend.h"

/* Fails the test (cmocka) unless each unit takes the first of those with the largest product, to which all
 * products are exact. */
void check_matches(const gd_backend *backend, const gd_device_options *options);

#endif

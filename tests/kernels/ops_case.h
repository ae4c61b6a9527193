/* A backend against the reference: (a) each operation on the reference's own inputs, (b) the way back with
 * the reference's masks and winners. */
#ifndef GD_TESTS_OPS_CASE_H
#define GD_TESTS_OPS_CASE_H

#include "kernels/net_case.h"

/* What a backend promises. */
typedef struct ops_bounds {
    double (*values)(const net_case *c, int32_t op); /* relative L2 of an operation's result */
    double switched; /* share of masks and winners: a unit within rounding of zero may switch, and of two
                        nearly equal ones either may win */
    double way_back; /* relative L2 of the whole way back */
    const char *(*name)(const net_case *c, int32_t op); /* of what computes it, for sentences; or NULL */
} ops_bounds;

void check_operations(const net_case *c, const char *title, const ops_bounds *bounds);
void check_way_back(const net_case *c, const char *title, const ops_bounds *bounds);

#endif

/* A network with hash weights, lowered for one window and made ready on two backends, the second the
 * reference. */
#ifndef GD_TESTS_CPU_CASE_H
#define GD_TESTS_CPU_CASE_H

#include "check.h"
#include "kernels/backend.h"

/* A backend with a program and an arena that is filled with NaN. */
typedef struct cpu_side {
    const gd_backend *backend;
    gd_device *device;
    gd_program *program;
    void *arena;
    float *gradient; /* [rows, cols, 3] */
} cpu_side;

typedef struct cpu_case {
    gd_net *net;
    gd_tape *tape;
    gd_filter_values *filters;
    float *window; /* [rows, cols, 3] */
    cpu_side cpu, reference;
} cpu_case;

/* Fails the test (cmocka) when something goes wrong. layer: a name in the list of -ml. */
void cpu_case_create(cpu_case *c, gd_architecture architecture, const char *layer, int32_t rows, int32_t cols,
                     gd_precision precision, int32_t cores);
void cpu_case_free(cpu_case *c);

/* Runs operations [first, last) on one side. */
void cpu_case_run(const cpu_case *c, const cpu_side *side, int32_t first, int32_t last);

/* A tensor as doubles, [channels, rows, cols]; the caller frees it. */
double *cpu_case_get(const cpu_case *c, const cpu_side *side, int32_t tensor);

/* The reference's tensor to the cpu. */
void cpu_case_copy(const cpu_case *c, int32_t tensor);

#endif

/* Gradients that Keras and TensorFlow computed in float64, for comparison: tests/fixtures/gradient_*.h5,
 * written by tests/fixtures/make.py. Each file holds window    float32 [rows, cols, 3], in [-1, 1] gradient
 * float64 [rows, cols, 3], d objective / d window (constant of the 512x512 window), rounded to 36 bits of
 * mantissa and the root attributes network   string, as -m spells it weights   string: "bundled"
 * (weights/inception_v3_mixed5.h5) or "hash" (tools/hash_weights.h) layers    strings, the terms' names in
 * the list of -ml factors   float64, the terms' weights */
#ifndef GD_TESTS_FIXTURE_H
#define GD_TESTS_FIXTURE_H

#include "net/net.h"
#include "net/weights.h"

typedef struct fixture {
    gd_net *net;         /* owned */
    gd_weights *weights; /* owned; what the objective needs */
    gd_objective objective;
    int32_t rows, cols;
    float *window;    /* owned; [rows, cols, 3] */
    double *gradient; /* owned; [rows, cols, 3] */
} fixture;

/* Paths of gradient fixtures, sorted, NULL-terminated; free with fixture_free_list. Fails the test when there
 * are none. All of them, or those of FIXTURE_FEW: both networks, objectives of several layers, deep ones. */
typedef enum fixture_choice { FIXTURE_ALL, FIXTURE_FEW } fixture_choice;
char **fixture_list(fixture_choice choice);
void fixture_free_list(char **paths);

/* Loads one file; fails the test (cmocka) when something is wrong with it. */
void fixture_load(const char *path, fixture *f);
void fixture_free(fixture *f);

/* ||a - b|| / ||b|| over count values. */
double relative_l2(const double *a, const double *b, int64_t count);

#endif

/* Values that are written as words. */
#ifndef GD_OPTIONS_ENUM_NAMES_H
#define GD_OPTIONS_ENUM_NAMES_H

#include "options/options.h"

#include <stdbool.h>

const char *gd_architecture_name(gd_architecture architecture); /* as -m spells it */
bool gd_architecture_find(const char *name, gd_architecture *architecture);

const char *gd_precision_name(gd_precision precision); /* "auto", "fp32", ... */
bool gd_precision_find(const char *name, gd_precision *precision);

const char *gd_backend_kind_name(gd_backend_kind kind); /* "auto", "cuda", "cpu", "reference" */
bool gd_backend_kind_find(const char *name, gd_backend_kind *kind);

const char *gd_transport_kind_name(gd_transport_kind kind); /* "auto", "mpi", "nccl" */
bool gd_transport_kind_find(const char *name, gd_transport_kind *kind);

/* "auto", "exact" or the pixels. */
void gd_halo_text(const gd_options *options, char text[32]);

#endif

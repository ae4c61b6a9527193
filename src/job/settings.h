/* What the options come to: each value that they leave open ("auto", or not given) is set here and nowhere
 * else. What a host decides for itself (memory, scratch folder, threads) is not a setting. */
#ifndef GD_JOB_SETTINGS_H
#define GD_JOB_SETTINGS_H

#include "base/rect.h"
#include "base/status.h"
#include "kernels/backend.h"
#include "net/net.h"
#include "options/options.h"
#include "text/schedule.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum gd_setting {
    GD_SETTING_SIZE,
    GD_SETTING_OCTAVES,
    GD_SETTING_TILE,
    GD_SETTING_BACKEND,
    GD_SETTING_PRECISION,
    GD_SETTING_TRANSPORT,
    GD_SETTING_COUNT
} gd_setting;

/* Plain data, so that it can be sent. Zeros: nothing is settled yet. */
typedef struct gd_settings {
    int64_t base_rows, base_cols;     /* of the picture */
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    gd_schedule tile;                 /* pixels */
    gd_backend_kind backend;
    gd_precision precision;
    gd_transport_kind transport;
    char why[GD_SETTING_COUNT][sizeof((gd_error *)0)->message]; /* "": it is what was given, or the default */
    bool remark[GD_SETTING_COUNT]; /* `why` is not what one expects: worth a line before the start */
} gd_settings;

/* What settings follow from beside the options. Others find it out; NULL or 0: not known yet. */
typedef struct gd_settings_facts {
    const gd_net *net;             /* borrowed */
    const gd_objective *objective; /* borrowed */
    int64_t input_rows, input_cols;
    bool gpu;           /* a GPU can be used here */
    const char *no_gpu; /* borrowed; why not; NULL: the program is built without that backend */

    /* Of a checkpoint that is continued. */
    bool continued;
    int64_t base_rows, base_cols;
    gd_schedule tile;
    gd_backend_kind backend;
    gd_precision precision;

    /* When the device is open. */
    bool device;
    gd_precision device_precision; /* that it computes in */
    int64_t device_tile;           /* what -ts auto means on it; see gd_plan_auto_tile */
    gd_transport_kind device_transport;
} gd_settings_facts;

/* Sets what is not settled yet, with the reasons. What depends on the device (precision, -ts auto, transport)
 * stays open until facts->device, so that it is called twice: before the start, with all facts but those of
 * the device, and on each rank with these alone. GD_USAGE when octaves or tiles do not fit the picture or the
 * network. Not collective. */
gd_status gd_settings_resolve(const gd_options *options, const gd_settings_facts *facts,
                              gd_settings *settings, gd_error *error) GD_CHECKED;

/* The canvas at an octave. */
gd_extent gd_settings_octave(const gd_options *options, const gd_settings *settings, int32_t octave);

/* The options that give these settings with nothing left open: for the picture's text, the log, and the
 * checkpoint. */
void gd_settings_complete(const gd_options *options, const gd_settings *settings, gd_options *complete);

/* "size", "octaves", ... */
const char *gd_setting_name(gd_setting setting);

#endif

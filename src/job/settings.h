/* The resolved options: each automatic value ("auto", or not given) is set only here. Values that each host
 * determines (memory, scratch folder, threads) are not settings. */
#ifndef GD_JOB_SETTINGS_H
#define GD_JOB_SETTINGS_H

#include "base/rect.h"
#include "base/status.h"
#include "kernels/backend.h"
#include "net/net.h"
#include "net/objective.h"
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
    GD_SETTING_CHANNELS,
    GD_SETTING_COUNT
} gd_setting;

/* Plain data that can be broadcast. All zero: nothing is resolved yet. */
typedef struct gd_settings {
    int64_t base_rows, base_cols;     /* of the picture */
    int32_t octave_first, octave_end; /* exponents first .. end - 1 */
    gd_schedule tile;                 /* pixels */
    gd_backend_kind backend;
    gd_precision precision;
    gd_transport_kind transport;
    gd_chosen_layers
        chosen; /* with ranked channels by their numbers; no layers: none are ranked, or not yet */
    char why[GD_SETTING_COUNT][sizeof((gd_error *)0)->message]; /* reason; "": given, or the default */
    bool remark[GD_SETTING_COUNT]; /* `why` may be unexpected: print it before the start */
} gd_settings;

/* Facts besides the options that settings depend on. The caller fills them in; NULL or 0: not known yet. */
typedef struct gd_settings_facts {
    const gd_net *net;             /* borrowed */
    const gd_objective *objective; /* borrowed */
    int64_t input_rows, input_cols;
    bool gpu;           /* a usable GPU was found */
    const char *no_gpu; /* borrowed; why not; NULL: built without that backend */

    /* Of a resumed checkpoint. */
    bool continued;
    int64_t base_rows, base_cols;
    gd_schedule tile;
    gd_backend_kind backend;
    gd_precision precision;
    gd_chosen_layers chosen; /* with ranked channels by their numbers */

    /* Known when the device is open. */
    bool device;
    gd_precision device_precision; /* precision of the device */
    const char *device_advice;     /* borrowed; gd_backend's advice about it; NULL: none */
    int64_t device_tile;           /* the tile of -ts auto; see gd_plan_auto_tile */
    gd_transport_kind device_transport;
} gd_settings_facts;

/* Whether the backend depends on facts->gpu; searching for a GPU may take a second. */
bool gd_settings_ask_for_gpu(const gd_options *options, const gd_settings_facts *facts);

/* Resolves the remaining settings, with reasons. Call it twice: before the start with all facts except those
 * of the device, and on each rank with facts->device and only the device's facts. Precision, -ts auto and
 * transport are resolved by the second call. GD_USAGE if octaves or tiles do not fit the picture or the
 * network. Not collective. */
gd_status gd_settings_resolve(const gd_options *options, const gd_settings_facts *facts,
                              gd_settings *settings, gd_error *error) GD_CHECKED;

/* The objective of the options, with the channels of the settings where these were ranked. GD_USAGE as
 * gd_options_objective. */
gd_status gd_settings_objective(const gd_options *options, const gd_settings *settings, const gd_net *net,
                                gd_objective *objective, gd_error *error) GD_CHECKED;

/* The canvas size of an octave. */
gd_extent gd_settings_octave(const gd_options *options, const gd_settings *settings, int32_t octave);

/* The options with all settings resolved, for the picture's text, the log and the checkpoint. */
void gd_settings_complete(const gd_options *options, const gd_settings *settings, gd_options *complete);

/* "size", "octaves", ... */
const char *gd_setting_name(gd_setting setting);

#endif

/* Names of the enumerators of options. Those of file formats are in image/kind.h. */
#ifndef GD_OPTIONS_ENUM_NAMES_H
#define GD_OPTIONS_ENUM_NAMES_H

#include "net/objective.h"
#include "options/options.h"
#include "text/enum_name.h"

extern const gd_enum_name gd_architecture_names[]; /* gd_architecture, for -m */
extern const gd_enum_name gd_normalize_names[];    /* gd_normalize */
extern const gd_enum_name gd_measure_names[];      /* gd_measure, for --objective */
extern const gd_enum_name gd_precision_names[];    /* gd_precision */
extern const gd_enum_name gd_backend_names[];      /* gd_backend_kind, names of the backends */
extern const gd_enum_name gd_transport_names[];    /* gd_transport_kind, names for gd_comm_select_transport */
extern const gd_enum_name gd_compat_names[];       /* gd_compat */
extern const gd_enum_name gd_on_off_names[];       /* bool */

#endif

/* Words of enumeration options. Those of file formats are in image/kind.h. */
#ifndef GD_OPTIONS_ENUM_NAMES_H
#define GD_OPTIONS_ENUM_NAMES_H

#include "options/options.h"
#include "text/words.h"

extern const gd_word gd_architecture_words[]; /* gd_architecture, for -m */
extern const gd_word gd_precision_words[];    /* gd_precision */
extern const gd_word gd_backend_words[];      /* gd_backend_kind, names of the backends */
extern const gd_word gd_transport_words[];    /* gd_transport_kind, names for gd_comm_select_transport */
extern const gd_word gd_compat_words[];       /* gd_compat */
extern const gd_word gd_on_off_words[];       /* bool */

#endif

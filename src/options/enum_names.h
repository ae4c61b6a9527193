/* The words of the options that are enumerations. Those of files are image's (image/kind.h). */
#ifndef GD_OPTIONS_ENUM_NAMES_H
#define GD_OPTIONS_ENUM_NAMES_H

#include "options/options.h"
#include "text/words.h"

extern const gd_word gd_architecture_words[]; /* gd_architecture, as -m spells it */
extern const gd_word gd_precision_words[];    /* gd_precision */
extern const gd_word gd_backend_words[];      /* gd_backend_kind, as the backends are named */
extern const gd_word gd_transport_words[];    /* gd_transport_kind, as gd_comm_select_transport takes it */
extern const gd_word gd_compat_words[];       /* gd_compat, as in the table of rules */
extern const gd_word gd_on_off_words[];       /* bool */

#endif

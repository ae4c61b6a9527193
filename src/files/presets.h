/* Presets: flags of a look under a name, in data files. */
#ifndef GD_FILES_PRESETS_H
#define GD_FILES_PRESETS_H

#include "options/argv_split.h"

/* Puts the flags of --preset NAME before those of the command, so that these override them; without --preset,
 * does nothing. The flags come from the first file "presets" with that name: in the folder gigadream of
 * $XDG_CONFIG_HOME and of $XDG_DATA_HOME, then in that of the installation. A line is NAME FLAGS, in the
 * syntax of gd_argv_words_split. GD_USAGE for an unknown name, listing all, and for a line with flags that
 * are not of the look. Reads files. Not collective. */
gd_status gd_presets_expand(gd_argv_words *words, gd_error *error) GD_CHECKED;

#endif

/* The folders in which the program's data files are searched: weights, presets. */
#ifndef GD_FILES_DATA_FOLDERS_H
#define GD_FILES_DATA_FOLDERS_H

#include "options/options.h"

#include <stdbool.h>
#include <stdint.h>

enum { GD_DATA_FOLDERS_MAX = 3 };

/* Folders that exist, best first. */
typedef struct gd_data_folders {
    char paths[GD_DATA_FOLDERS_MAX][GD_PATH_MAX];
    int32_t count;
} gd_data_folders;

bool gd_is_folder(const char *path);

/* Joins two parts of a path; false if it is too long. */
bool gd_data_folders_join(char path[GD_PATH_MAX], const char *folder, const char *name);

/* Adds the folder `name` in `parent`, or `parent` itself if `name` is NULL. Skips folders that do not exist.
 */
void gd_data_folders_add(gd_data_folders *folders, const char *parent, const char *name);

/* Adds the folder gigadream of a base folder of the user: that of the environment's `variable`, else `usual`
 * below $HOME. */
void gd_data_folders_add_home(gd_data_folders *folders, const char *variable, const char *usual);

/* The folder `name` ("share/gigadream") beside the one that the program lies in. False: it is not there. */
bool gd_data_folders_installed(const char *name, char path[GD_PATH_MAX]);

/* Adds $XDG_DATA_HOME/gigadream and ../share/gigadream beside the program. */
void gd_data_folders_add_usual(gd_data_folders *folders);

#endif

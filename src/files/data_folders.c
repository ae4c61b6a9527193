/* Lists the user's folder and that of the installation. */
#include "files/data_folders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool gd_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

bool gd_data_folders_join(char path[GD_PATH_MAX], const char *folder, const char *name)
{
    int length = snprintf(path, GD_PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < GD_PATH_MAX;
}

void gd_data_folders_add(gd_data_folders *f, const char *parent, const char *name)
{
    char *path = f->paths[f->count];
    int length = snprintf(path, GD_PATH_MAX, "%s%s%s", parent, name ? "/" : "", name ? name : "");
    if (length > 0 && length < GD_PATH_MAX && gd_is_folder(path))
        f->count++;
}

void gd_data_folders_add_home(gd_data_folders *f, const char *variable, const char *usual)
{
    char path[GD_PATH_MAX];
    const char *base = getenv(variable), *home = getenv("HOME");
    if (base && base[0] == '/') /* the specification says to ignore relative paths */
        gd_data_folders_add(f, base, "gigadream");
    else if (home && *home && gd_data_folders_join(path, home, usual))
        gd_data_folders_add(f, path, "gigadream");
}

bool gd_data_folders_installed(const char *name, char path[GD_PATH_MAX])
{
    char program[GD_PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    if (length <= 0)
        return false;
    program[length] = '\0';
    for (int up = 0; up < 2; up++) { /* not "..": this path is shown to users */
        char *slash = strrchr(program, '/');
        if (!slash)
            return false;
        *slash = '\0';
    }
    return gd_data_folders_join(path, program, name) && gd_is_folder(path);
}

/* In a build tree this is a link to the source folder. */
static void add_install_tree(gd_data_folders *f)
{
    char path[GD_PATH_MAX], real[GD_PATH_MAX];
    if (gd_data_folders_installed("share/gigadream", path) && realpath(path, real))
        gd_data_folders_add(f, real, NULL);
}

void gd_data_folders_add_usual(gd_data_folders *f)
{
    gd_data_folders_add_home(f, "XDG_DATA_HOME", ".local/share");
    add_install_tree(f);
}

/* The page of a folder of tiles: its files, and what it is told about the picture. */
#ifndef GD_WEB_PAGE_H
#define GD_WEB_PAGE_H

#include "web/folder.h"

#include <stdint.h>

typedef struct gd_web_facts {
    int64_t rows, cols;
    double dpi_x, dpi_y; /* 0: unknown */
    bool input;          /* there are tiles of the input */
    bool made;           /* there is made.html */
} gd_web_facts;

/* GD_USAGE unless the page's files are in `source` (NULL: no folder was found); one of them, Leaflet, may
 * have been missing when the program was built. */
gd_status gd_web_page_check(const char *source, gd_error *error) GD_CHECKED;

/* Copies the page's files from `source`. */
gd_status gd_web_page_copy(const char *source, const gd_web_folder *folder, gd_error *error) GD_CHECKED;

/* Writes what the page is told, a script. */
gd_status gd_web_page_tell(const gd_web_facts *facts, const gd_web_folder *folder,
                           gd_error *error) GD_CHECKED;

#endif

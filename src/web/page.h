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
    /* While a render runs: its octaves, and the number of those that are done. 0 octaves: the picture is
     * there. rows, cols and dpi are those of the canvas, whose tiles lie in gd_web_live_tree. */
    int32_t octaves, done;
} gd_web_facts;

enum { GD_WEB_TREE = 24 };

/* The folder of the tiles after so many octaves. */
const char *gd_web_live_tree(int32_t done, char tree[GD_WEB_TREE]);

/* GD_USAGE unless the page's files are in `source` (NULL: no folder was found); one of them, Leaflet, may
 * have been missing when the program was built. */
gd_status gd_web_page_check(const char *source, gd_error *error) GD_CHECKED;

/* Copies the page's files from `source`. */
gd_status gd_web_page_copy(const char *source, const gd_web_folder *folder, gd_error *error) GD_CHECKED;

/* Writes what the page is told, a script. */
gd_status gd_web_page_tell(const gd_web_facts *facts, const gd_web_folder *folder,
                           gd_error *error) GD_CHECKED;

#endif

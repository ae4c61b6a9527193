/* A page that tells how a picture was made: HTML from its log. */
#ifndef GD_RECORDS_MADE_PAGE_H
#define GD_RECORDS_MADE_PAGE_H

#include "base/status.h"

#include <stdbool.h>
#include <stdio.h>

/* Writes the page of the log at `path`: a command, the parameters, versions and devices, and the picture of
 * gd_history_svg. Names of files are in it only if `with_names`; names of hosts and users never are, unless a
 * file's name holds them. GD_USAGE for what is no log. Errors of writing are left to ferror. Not collective.
 */
gd_status gd_made_page(const char *path, bool with_names, FILE *out, gd_error *error) GD_CHECKED;

/* The same as text, which the caller frees, also after a failure. */
gd_status gd_made_page_text(const char *path, bool with_names, char **html, gd_error *error) GD_CHECKED;

#endif

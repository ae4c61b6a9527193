/* Opens the folder of a file that is to be written, and follows links to it. */
#ifndef GD_BASE_TARGET_RESOLVE_H
#define GD_BASE_TARGET_RESOLVE_H

#include "base/status.h"
#include "base/target.h"

/* Finds folder and name. GD_USAGE, with a sentence, when there is no such folder, links go in a circle, a
 * link is another user's in a folder that all may write to, or (PLAIN) the name is a link. The caller
 * releases *target, also after a failure. */
gd_status gd_target_resolve(const char *path, gd_target_links links, gd_target *target,
                            gd_error *error) GD_CHECKED;

/* A target for the last part of `path` in the same folder, owned as `of` is: one of several files with one
 * lock. GD_USAGE when that is a link. The caller releases *target, also after a failure. */
gd_status gd_target_sibling(const gd_target *of, const char *path, gd_target *target,
                            gd_error *error) GD_CHECKED;

#endif

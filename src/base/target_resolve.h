/* Resolution of output names: follows links and opens the folder. */
#ifndef GD_BASE_TARGET_RESOLVE_H
#define GD_BASE_TARGET_RESOLVE_H

#include "base/status.h"
#include "base/target.h"

/* Resolves `path`. GD_USAGE, with a message, if the folder does not exist, links form a circle, a link in a
 * world-writable folder belongs to another user, or (PLAIN) the name is a link. The caller releases *target,
 * also after a failure. */
gd_status gd_target_resolve(const char *path, gd_target_links links, gd_target *target,
                            gd_error *error) GD_CHECKED;

/* Makes a target for the file name of `path` in the folder of `of`, covered by the same lock. GD_USAGE if the
 * name is a link. The caller releases *target, also after a failure. */
gd_status gd_target_sibling(const gd_target *of, const char *path, gd_target *target,
                            gd_error *error) GD_CHECKED;

#endif

/* Removes the tiles of a folder. */
#ifndef GD_WEB_CLEAR_H
#define GD_WEB_CLEAR_H

#include <stdbool.h>

/* Removes what lies in `name` in the open folder, and `name` itself: files NUMBER.jpg and folders NUMBER
 * alone. What has another name is none of ours and stays, with the folders above it. False with errno set on
 * failure. */
bool gd_web_clear(int folder, const char *name);

#endif

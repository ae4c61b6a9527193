/* Recognises pictures that this program wrote. */
#ifndef GD_IMAGE_MARK_H
#define GD_IMAGE_MARK_H

#include <stdbool.h>

/* Whether an open file is a picture that this program wrote: its text field begins as ours do. Does not move
 * the file offset. */
bool gd_picture_is_ours(int fd);

#endif

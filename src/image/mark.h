/* Recognises pictures that this program wrote, and reads what they say of themselves. */
#ifndef GD_IMAGE_MARK_H
#define GD_IMAGE_MARK_H

#include <stdbool.h>
#include <stddef.h>

/* Whether an open file is a picture that this program wrote: its text field begins as ours do. Does not move
 * the file offset. */
bool gd_picture_is_ours(int fd);

/* Its text field: the command that renders it again, and a remark. False when the picture is not ours, or the
 * text has `bytes` or more. What follows a zero byte in it is not seen. */
bool gd_picture_text(int fd, char *text, size_t bytes);

#endif

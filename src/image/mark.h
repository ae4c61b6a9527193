/* Recognises pictures that this program wrote, and reads their text field. */
#ifndef GD_IMAGE_MARK_H
#define GD_IMAGE_MARK_H

#include <stdbool.h>
#include <stddef.h>

/* Whether an open file is a picture that this program wrote, by the beginning of its text field. Does not
 * move the file offset. */
bool gd_picture_is_ours(int fd);

/* Copies its text field, the command that renders it again and a remark, up to a zero byte. False if this
 * program did not write the picture, or if the text has `bytes` or more. */
bool gd_picture_text(int fd, char *text, size_t bytes);

#endif

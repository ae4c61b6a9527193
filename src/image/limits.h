/* Limits on pictures, whatever their format. */
#ifndef GD_IMAGE_LIMITS_H
#define GD_IMAGE_LIMITS_H

/* The longest side that is read or written, in pixels. */
enum { GD_PICTURE_SIDE_MAX = 10000000 };

/* Longest warning about a picture: all of its sentences together. */
enum { GD_WARNING_BYTES = 512 };

#endif

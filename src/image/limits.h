/* Limits on pictures, whatever their format. */
#ifndef GD_IMAGE_LIMITS_H
#define GD_IMAGE_LIMITS_H

/* Maximum length of a side that is read or written, in pixels. */
enum { GD_PICTURE_SIDE_MAX = 10000000 };

/* Maximum size of all warnings about a picture together. */
enum { GD_WARNING_BYTES = 512 };

#endif

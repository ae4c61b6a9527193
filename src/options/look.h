/* The look of a render: the values of the flags with the trait GD_FLAG_LOOK, and the checksum of the weights.
 * The source is untrusted. */
#ifndef GD_OPTIONS_LOOK_H
#define GD_OPTIONS_LOOK_H

#include "options/flags.h"

/* Destination of a look. All borrowed. */
typedef struct gd_look {
    const char *path; /* of the picture or log, for messages */
    gd_options *options;
    bool *given; /* [GD_FLAG_COUNT]: flags that were found and used */
} gd_look;

/* Applies a flag with its values, words[1 .. count - 1]; words[0] is skipped like a program's name. Flags
 * outside the look are ignored. GD_USAGE if the flag does not exist or its values are invalid. */
gd_status gd_look_take(const gd_look *look, int count, char *const *words, gd_error *error) GD_CHECKED;

/* Applies the checksum of the weights; "": no weights. GD_USAGE if it is not a checksum. */
gd_status gd_look_take_weights(const gd_look *look, const char *checksum, gd_error *error) GD_CHECKED;

/* Reads the text field of a picture: a command line, and a comment that ends with the weights' checksum. */
gd_status gd_look_read_text(const gd_look *look, const char *text, gd_error *error) GD_CHECKED;

#endif

/* The look of a render: the values of the flags that the table marks so, and the weights by their checksum.
 * What it is read from may come from anyone. */
#ifndef GD_OPTIONS_LOOK_H
#define GD_OPTIONS_LOOK_H

#include "options/flags.h"

/* What a look is read into. All borrowed. */
typedef struct gd_look {
    const char *path; /* of the picture or log, for sentences */
    gd_options *options;
    bool *given; /* [GD_FLAG_COUNT]: flags that were found and taken */
} gd_look;

/* Takes a flag with its values, words[1 .. count - 1]; words[0] is passed over, as a program's name is. A
 * flag that is not of the look is left alone. GD_USAGE when there is no such flag, or its values are wrong.
 */
gd_status gd_look_take(const gd_look *look, int count, char *const *words, gd_error *error) GD_CHECKED;

/* Takes the checksum of weights; "": there were none. GD_USAGE when it is no checksum. */
gd_status gd_look_take_weights(const gd_look *look, const char *checksum, gd_error *error) GD_CHECKED;

/* Reads the text field of a picture: a command line, and a remark that ends with the weights' checksum. */
gd_status gd_look_read_text(const gd_look *look, const char *text, gd_error *error) GD_CHECKED;

#endif

/* What the readers of values share. Private to values.c and values_picture.c. */
#ifndef GD_OPTIONS_VALUE_READER_H
#define GD_OPTIONS_VALUE_READER_H

#include "base/status.h"
#include "options/flags.h"
#include "options/options.h"

#include <stdint.h>

/* Far beyond what can be rendered, and safe to multiply. */
enum { GD_SIDE_MAX = 100000000, GD_STEPS_MAX = 1000000 };

/* As gd_value_read, of one flag. */
typedef gd_status gd_value_reader(const char *flag, const char *const *values, gd_options *options,
                                  gd_error *error);

/* Those of the flags about pictures; NULL: the flag is about something else, or a switch. */
extern gd_value_reader *const gd_picture_values[GD_FLAG_COUNT];

/* The whole of `text` as a decimal number in [low, high]. */
gd_status gd_value_whole(const char *flag, const char *text, int64_t low, int64_t high, int64_t *value,
                         gd_error *error) GD_CHECKED;
gd_status gd_value_whole32(const char *flag, const char *text, int32_t low, int32_t high, int32_t *value,
                           gd_error *error) GD_CHECKED;

/* A name that is not empty, and not too long. */
gd_status gd_value_path(const char *flag, const char *text, char path[GD_PATH_MAX],
                        gd_error *error) GD_CHECKED;

#endif

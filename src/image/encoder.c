/* The message of an encoder that cannot write. */
#include "image/encoder.h"

#include <errno.h>
#include <string.h>

gd_status gd_encoder_failed(const gd_encoder *sink, gd_error *error)
{
    const char *remedy =
        sink->system_error == ENOSPC || sink->system_error == EDQUOT || sink->system_error == EFBIG
            ? "; make room, or write to another disk"
            : "";
    const char *cause = sink->system_error ? strerror(sink->system_error) : sink->cause;
    const bool tiled = sink->tiled_rows > 0;
    return gd_fail(error, GD_IO, "%s: cannot be written beyond row %lld of %lld: %s%s", sink->path,
                   (long long)(tiled ? sink->tiled_next : sink->next),
                   (long long)(tiled ? sink->tiled_rows : sink->rows), cause, remedy);
}

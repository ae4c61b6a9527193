/* Appends records to a buffer that grows by a quarter, to the size of a band's compressed tiles. */
#include "transfer/bundle.h"

#include "base/minmax.h"

#include <stdlib.h>
#include <string.h>

static gd_status reserve(gd_bundle *bundle, size_t needed, gd_error *error)
{
    if (needed <= bundle->capacity)
        return GD_OK;
    const size_t capacity = gd_max_u64(needed, bundle->capacity + bundle->capacity / 4);
    uint8_t *data = realloc(bundle->data, capacity);
    if (!data)
        return gd_no_memory(error, "%zu bytes of compressed tiles; use more ranks", capacity);
    bundle->data = data;
    bundle->capacity = capacity;
    return GD_OK;
}

gd_status gd_bundle_add(gd_bundle *bundle, const gd_bundle_heading *heading, const void *data,
                        gd_error *error)
{
    const size_t bytes = (size_t)heading->bytes;
    gd_status status = reserve(bundle, bundle->bytes + sizeof *heading + bytes, error);
    if (status != GD_OK)
        return status;
    memcpy(bundle->data + bundle->bytes, heading, sizeof *heading);
    memcpy(bundle->data + bundle->bytes + sizeof *heading, data, bytes);
    bundle->bytes += sizeof *heading + bytes;
    return GD_OK;
}

void gd_bundle_free(gd_bundle *bundle)
{
    free(bundle->data);
    *bundle = (gd_bundle){0};
}

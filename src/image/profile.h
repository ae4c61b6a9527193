/* Colour profile and resolution, carried from the input to the output. */
#ifndef GD_IMAGE_PROFILE_H
#define GD_IMAGE_PROFILE_H

#include <stddef.h>
#include <stdint.h>

/* Metadata that is carried from the input to the output. */
typedef struct gd_profile {
    uint8_t *icc; /* owned; an RGB profile; NULL: none, the colours are sRGB */
    size_t icc_bytes;
    double dpi_x, dpi_y; /* 0: unknown */
} gd_profile;

void gd_profile_free(gd_profile *profile);

/* Bytes of its ICC profile; 0 for NULL. */
size_t gd_profile_bytes(const gd_profile *profile);

#endif

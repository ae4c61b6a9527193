/* Protocol buffers' wire format (protobuf.dev, "Encoding"): the fields of a message one after another, in
 * bytes that stay where they are. Nothing is trusted: what does not fit ends a message and is noted. Private
 * to net. */
#ifndef GD_NET_PROTOBUF_WIRE_H
#define GD_NET_PROTOBUF_WIRE_H

#include <stdbool.h>
#include <stdint.h>

/* A message, or a field's bytes. */
typedef struct gd_wire {
    const uint8_t *at, *end; /* borrowed */
    bool *damaged;           /* borrowed; of the whole file */
} gd_wire;

typedef enum gd_wire_type {
    GD_WIRE_VARINT = 0,
    GD_WIRE_64_BITS = 1,
    GD_WIRE_BYTES = 2,
    GD_WIRE_32_BITS = 5,
} gd_wire_type;

typedef struct gd_wire_field {
    uint32_t number;
    gd_wire_type type;
    uint64_t value; /* numbers: the bits */
    gd_wire bytes;  /* GD_WIRE_BYTES */
} gd_wire_field;

/* The next field; false at the end, or where the message is damaged. */
bool gd_wire_next(gd_wire *message, gd_wire_field *field);

/* A 32-bit field as a float; 0 for others. */
double gd_wire_float(const gd_wire_field *field);

/* Whether the field's bytes are this text. */
bool gd_wire_is(const gd_wire_field *field, const char *text);

/* The first `most` numbers of a repeated varint, packed or not, from the last `count` that were read on;
 * returns how many there are in all by now. */
int32_t gd_wire_numbers(const gd_wire_field *field, int64_t *numbers, int32_t count, int32_t most);

/* The floats of a message's field `number`, packed or not, and those whose bytes are in its field `raw` (0:
 * none), to out[most] (NULL: they are only counted). Returns how many there are. */
int64_t gd_wire_floats(gd_wire message, uint32_t number, uint32_t raw, float *out, int64_t most);

#endif

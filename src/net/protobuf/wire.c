/* Walks over the fields of a message in protocol buffers' wire format. */
#include "net/protobuf/wire.h"

#include <string.h>

static bool damage(gd_wire *message)
{
    message->at = message->end;
    *message->damaged = true;
    return false;
}

static bool read_varint(gd_wire *message, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && message->at < message->end; shift += 7) {
        const uint64_t byte = *message->at++;
        *value |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return damage(message);
}

static bool read_fixed(gd_wire *message, size_t bytes, uint64_t *value)
{
    if ((size_t)(message->end - message->at) < bytes)
        return damage(message);
    *value = 0;
    for (size_t i = 0; i < bytes; i++)
        *value |= (uint64_t)message->at[i] << 8 * i;
    message->at += bytes;
    return true;
}

static bool read_bytes(gd_wire *message, gd_wire *bytes)
{
    uint64_t length;
    if (!read_varint(message, &length))
        return false;
    if (length > (uint64_t)(message->end - message->at))
        return damage(message);
    *bytes = (gd_wire){message->at, message->at + length, message->damaged};
    message->at += length;
    return true;
}

bool gd_wire_next(gd_wire *message, gd_wire_field *field)
{
    uint64_t tag;
    if (message->at >= message->end || !read_varint(message, &tag))
        return false;
    *field = (gd_wire_field){.number = (uint32_t)(tag >> 3), .type = (gd_wire_type)(tag & 7)};
    if (field->number == 0 || tag >> 3 > UINT32_MAX)
        return damage(message);
    switch (field->type) {
    case GD_WIRE_VARINT:
        return read_varint(message, &field->value);
    case GD_WIRE_64_BITS:
        return read_fixed(message, 8, &field->value);
    case GD_WIRE_BYTES:
        return read_bytes(message, &field->bytes);
    case GD_WIRE_32_BITS:
        return read_fixed(message, 4, &field->value);
    }
    return damage(message); /* groups, which neither program writes */
}

double gd_wire_float(const gd_wire_field *field)
{
    const uint32_t bits = (uint32_t)field->value;
    float value = 0;
    if (field->type == GD_WIRE_32_BITS)
        memcpy(&value, &bits, sizeof value);
    return (double)value;
}

bool gd_wire_is(const gd_wire_field *field, const char *text)
{
    const size_t length = strlen(text);
    return field->type == GD_WIRE_BYTES && (size_t)(field->bytes.end - field->bytes.at) == length &&
           memcmp(field->bytes.at, text, length) == 0;
}

static int32_t append(int64_t *numbers, int32_t count, int32_t most, uint64_t value)
{
    if (count >= most)
        return most + 1;
    numbers[count] = (int64_t)value;
    return count + 1;
}

int32_t gd_wire_numbers(const gd_wire_field *field, int64_t *numbers, int32_t count, int32_t most)
{
    gd_wire packed = field->bytes;
    uint64_t value;
    if (field->type != GD_WIRE_BYTES)
        return append(numbers, count, most, field->value);
    while (packed.at < packed.end && read_varint(&packed, &value))
        count = append(numbers, count, most, value);
    return count;
}

int64_t gd_wire_floats(gd_wire message, uint32_t number, uint32_t raw, float *out, int64_t most)
{
    gd_wire_field field;
    int64_t count = 0;
    while (gd_wire_next(&message, &field)) {
        const bool packed = field.type == GD_WIRE_BYTES && (field.number == number || field.number == raw);
        const bool one = field.type == GD_WIRE_32_BITS && field.number == number;
        const int64_t more = packed ? (field.bytes.end - field.bytes.at) / 4 : one;
        if (out && count + more <= most && packed)
            memcpy(out + count, field.bytes.at, (size_t)more * sizeof *out);
        else if (out && count < most && one)
            out[count] = (float)gd_wire_float(&field);
        count += more;
    }
    return count;
}

/* Writes the HDF5 metadata of a checkpoint in memory, by the "HDF5 File Format Specification", version 3 (The
 * HDF Group): a superblock of version 2, and an object header for the root group (attributes, links) and each
 * dataset.
 *
 * The HDF5 library is not used: its in-memory file would hold the canvas too, and its file on disk cannot be
 * closed after a disk error. */
#include "mpi/checkpoint/checkpoint_hdf5.h"

#include "mpi/checkpoint/checkpoint_table.h"

#include <string.h>

/* A cursor for little-endian values. */
typedef struct pen {
    uint8_t *head; /* borrowed; the file's start */
    int64_t at;    /* offset from the start */
} pen;

enum { MESSAGE_SPACE = 1, MESSAGE_LINKS = 2, MESSAGE_TYPE = 3, MESSAGE_FILL = 5, MESSAGE_LINK = 6 };
enum { MESSAGE_LAYOUT = 8, MESSAGE_GROUP = 10, MESSAGE_ATTRIBUTE = 12, MESSAGE_ATTRIBUTES = 21 };
static const uint64_t nowhere = UINT64_MAX;

static void put(pen *p, int bytes, uint64_t value)
{
    for (int i = 0; i < bytes; i++)
        p->head[p->at++] = (uint8_t)(value >> 8 * i);
}

static void put_bytes(pen *p, const void *bytes, size_t count)
{
    memcpy(p->head + p->at, bytes, count);
    p->at += (int64_t)count;
}

/* HDF5 addresses count from the end of the user block. */
static uint64_t address(int64_t at)
{
    return (uint64_t)(at - GD_CHECKPOINT_BLOCK);
}

static uint32_t rotate(uint32_t x, int bits)
{
    return x << bits | x >> (32 - bits);
}

/* lookup3's hashlittle with a seed of 0 (Bob Jenkins, 2006), HDF5's checksum of metadata. */
static uint32_t checksum(const uint8_t *bytes, int64_t count)
{
    uint32_t s[3];
    s[0] = s[1] = s[2] = 0xdeadbeef + (uint32_t)count;
    for (int64_t at = 0;; at += 12) {
        for (int64_t i = at; i < at + 12 && i < count; i++)
            s[(i - at) / 4] += (uint32_t)bytes[i] << 8 * (i % 4);
        if (count - at <= 12)
            break;
        static const int turns[6] = {4, 6, 8, 16, 19, 4};
        for (int i = 0; i < 6; i++) {
            uint32_t *a = &s[i % 3], *b = &s[(i + 1) % 3], *c = &s[(i + 2) % 3];
            *a -= *c;
            *a ^= rotate(*c, turns[i]);
            *c += *b;
        }
    }
    static const int last[7] = {14, 11, 25, 16, 4, 14, 24};
    for (int i = 0; i < 7; i++) {
        uint32_t *c = &s[(2 + i) % 3], *b = &s[(1 + i) % 3];
        *c ^= *b;
        *c -= rotate(*b, last[i]);
    }
    return s[2];
}

static void put_checksum(pen *p, int64_t from)
{
    put(p, 4, checksum(p->head + from, p->at - from));
}

/* Begins an object header. end_header fills in the length of its messages. */
static int64_t begin_header(pen *p)
{
    const int64_t from = p->at;
    put_bytes(p, "OHDR", 4);
    put(p, 1, 2); /* version */
    put(p, 1, 1); /* the length has 2 bytes */
    put(p, 2, 0);
    return from;
}

static void end_header(pen *p, int64_t from)
{
    pen length = {p->head, from + 6};
    put(&length, 2, (uint64_t)(p->at - from - 8));
    put_checksum(p, from);
}

static int64_t begin_message(pen *p, int kind)
{
    put(p, 1, (uint64_t)kind);
    put(p, 2, 0);
    put(p, 1, 0);
    return p->at;
}

static void end_message(pen *p, int64_t from)
{
    pen length = {p->head, from - 3};
    put(&length, 2, (uint64_t)(p->at - from));
}

/* The type and extent of a dataset or attribute. TEXT: a string of `size` bytes with its terminator. */
typedef enum shape_kind { WHOLE, REAL, TEXT } shape_kind;

typedef struct shape {
    shape_kind kind;
    bool is_signed;
    uint32_t size; /* bytes of a value */
    int rank;
    uint64_t dims[2];
} shape;

static void put_type(pen *p, const shape *s)
{
    static const int classes[] = {[WHOLE] = 0, [REAL] = 1, [TEXT] = 3};
    put(p, 1, 0x10 | (uint64_t)classes[s->kind]);
    put(p, 1, s->kind == REAL ? 0x20 : s->is_signed ? 8 : 0); /* 0x20: a leading 1 is implied */
    put(p, 1, s->kind == REAL ? s->size * 8 - 1 : 0);         /* position of the sign bit */
    put(p, 1, 0);
    put(p, 4, s->size);
    if (s->kind == TEXT)
        return;
    put(p, 2, 0);
    put(p, 2, s->size * 8);
    if (s->kind == WHOLE)
        return;
    const bool twice = s->size == 8;
    put(p, 1, twice ? 52 : 23); /* exponent: position, bits */
    put(p, 1, twice ? 11 : 8);
    put(p, 1, 0); /* mantissa */
    put(p, 1, twice ? 52 : 23);
    put(p, 4, twice ? 1023 : 127);
}

static void put_space(pen *p, const shape *s)
{
    put(p, 1, 2);
    put(p, 1, (uint64_t)s->rank);
    put(p, 1, 0);
    put(p, 1, s->rank > 0);
    for (int i = 0; i < s->rank; i++)
        put(p, 8, s->dims[i]);
}

static shape shape_of(int piece, int64_t bytes)
{
    const uint64_t n = (uint64_t)bytes;
    switch (piece) {
    case GD_PIECE_ROLLS:
        return (shape){WHOLE, true, 8, 2, {n / 16, 2}};
    case GD_PIECE_ICC:
        return (shape){WHOLE, false, 1, 1, {n}};
    case GD_PIECE_CRCS:
        return (shape){WHOLE, false, 4, 1, {n / 4}};
    case GD_PIECE_CANVAS:
        return (shape){REAL, true, 4, 1, {n / 4}};
    default:
        return (shape){TEXT, false, (uint32_t)n, 0, {0}};
    }
}

static void put_dataset(pen *p, int piece, const gd_piece *where)
{
    const shape s = shape_of(piece, where->bytes);
    const int64_t from = begin_header(p);
    int64_t message = begin_message(p, MESSAGE_SPACE);
    put_space(p, &s);
    end_message(p, message);
    message = begin_message(p, MESSAGE_TYPE);
    put_type(p, &s);
    end_message(p, message);
    message = begin_message(p, MESSAGE_FILL);
    put(p, 1, 3);
    put(p, 1, 1 | 1 << 2); /* space allocated early, fill value never written */
    end_message(p, message);
    message = begin_message(p, MESSAGE_LAYOUT);
    put(p, 1, 3);
    put(p, 1, 1); /* contiguous */
    put(p, 8, address(where->at));
    put(p, 8, (uint64_t)where->bytes);
    end_message(p, message);
    end_header(p, from);
}

static void put_link(pen *p, const char *name, int64_t at)
{
    const int64_t message = begin_message(p, MESSAGE_LINK);
    put(p, 1, 1);
    put(p, 1, 0); /* a hard link; the name's length has 1 byte */
    put(p, 1, strlen(name));
    put_bytes(p, name, strlen(name));
    put(p, 8, address(at));
    end_message(p, message);
}

static void put_attribute(pen *p, const gd_checkpoint_field *field, const gd_checkpoint_place *place)
{
    const shape s = {field->whole ? WHOLE : REAL, true, 8, 0, {0}};
    const size_t name = strlen(field->name) + 1;
    const int64_t message = begin_message(p, MESSAGE_ATTRIBUTE);
    put(p, 1, 3);
    put(p, 1, 0);
    put(p, 2, name);
    put(p, 2, field->whole ? 12 : 20); /* bytes of the datatype, then of the dataspace */
    put(p, 2, 4);
    put(p, 1, 0); /* ASCII */
    put_bytes(p, field->name, name);
    put_type(p, &s);
    put_space(p, &s);
    put_bytes(p, (const char *)place + field->offset, 8);
    end_message(p, message);
}

static void put_root(pen *p, const gd_checkpoint_table *table, const int64_t headers[GD_PIECES])
{
    const int64_t from = begin_header(p);
    static const int kinds[] = {MESSAGE_LINKS, MESSAGE_ATTRIBUTES};
    for (int i = 0; i < 2; i++) { /* all links and attributes are in this header, not in a heap */
        const int64_t message = begin_message(p, kinds[i]);
        put(p, 2, 0);
        put(p, 8, nowhere);
        put(p, 8, nowhere);
        end_message(p, message);
    }
    const int64_t message = begin_message(p, MESSAGE_GROUP);
    put(p, 2, 0);
    end_message(p, message);
    for (int i = 0; i < gd_checkpoint_field_count; i++)
        put_attribute(p, &gd_checkpoint_fields[i], &table->place);
    for (int i = 0; i < GD_PIECES; i++)
        if (table->pieces[i].bytes)
            put_link(p, gd_piece_names[i], headers[i]);
    end_header(p, from);
}

static void put_superblock(pen *p, int64_t root, int64_t file_bytes)
{
    const int64_t from = p->at;
    put_bytes(p, "\x89HDF\r\n\x1a\n", 8);
    put(p, 1, 2); /* version */
    put(p, 1, 8); /* bytes of an address, then of a length */
    put(p, 1, 8);
    put(p, 1, 0);
    put(p, 8, GD_CHECKPOINT_BLOCK);
    put(p, 8, nowhere); /* no extension */
    put(p, 8, (uint64_t)file_bytes);
    put(p, 8, address(root));
    put_checksum(p, from);
}

void gd_checkpoint_describe(const gd_checkpoint_table *table, uint8_t *head)
{
    enum { SUPERBLOCK = 48 };
    int64_t headers[GD_PIECES] = {0};
    pen start = {head, GD_CHECKPOINT_BLOCK}, p = {head, GD_CHECKPOINT_BLOCK + SUPERBLOCK};
    for (int i = 0; i < GD_PIECES; i++) {
        headers[i] = p.at;
        if (table->pieces[i].bytes)
            put_dataset(&p, i, &table->pieces[i]);
    }
    put_superblock(&start, p.at, table->file_bytes);
    put_root(&p, table, headers);
}

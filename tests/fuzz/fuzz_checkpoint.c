/* The reader of checkpoints on hostile files whose checksums are right: all but the canvas, then the canvas.
 */
#include "fuzz.h"

#include "mpi/checkpoint/checkpoint_bytes.h"
#include "mpi/checkpoint/checkpoint_load.h"
#include "mpi/checkpoint/checkpoint_table.h"
#include "mpi/checkpoint/checkpoint_transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = GD_CHECKPOINT_BLOCK, SIDE_MAX = 1000 };

/* Writes the eight digits of a CRC. */
static void put_crc(uint8_t *at, const uint8_t *bytes, size_t count)
{
    char digits[9];
    snprintf(digits, sizeof digits, "%08" PRIx32, gd_checkpoint_crc(bytes, (int64_t)count));
    memcpy(at, digits, 8);
}

/* Makes the checksums right of what the first block says, so that what was changed is looked at. */
static void correct(uint8_t *data, size_t bytes)
{
    static const char words[] = "and the canvas: ";
    char block[BLOCK + 1] = "";
    memcpy(block, data, BLOCK);
    const char *canvas = strstr(block, "canvas at byte: "), *rest = strstr(block, words),
               *crcs = strstr(block, "crcs at byte: ");
    const long long at = canvas ? strtoll(canvas + strlen("canvas at byte: "), NULL, 10) : 0;
    const long long crcs_at = crcs ? strtoll(crcs + strlen("crcs at byte: "), NULL, 10) : 0;
    if (at > BLOCK && (size_t)at <= bytes) {
        if (crcs_at > BLOCK && crcs_at <= at - 4) { /* a canvas of one block */
            const uint32_t crc = gd_checkpoint_crc(data + at, (int64_t)bytes - at);
            memcpy(data + crcs_at, &crc, sizeof crc);
        }
        if (rest && rest + strlen(words) + 8 < block + BLOCK)
            put_crc(data + (rest - block) + strlen(words), data + BLOCK, (size_t)at - BLOCK);
    }
    put_crc(data + BLOCK - 8, data, BLOCK - 8);
}

static void read_canvas(gd_checkpoint *c, gd_error *error)
{
    const gd_checkpoint_table *t = &c->opened->table;
    gd_store store = {.memory = gd_memory_host()};
    gd_partition *partition = NULL;
    gd_plane *plane = NULL;
    gd_checkpoint_transfer p;
    if (t->place.rows > SIDE_MAX || t->place.cols > SIDE_MAX)
        return;
    if (gd_partition_create(t->place.rows, t->place.cols, 1, &partition, error) != GD_OK ||
        gd_plane_create(&store, partition, 0, &plane, error) != GD_OK ||
        gd_checkpoint_transfer_begin(&p, "fuzz", plane, error) != GD_OK)
        abort();
    p.fd = dup(c->opened->fd);
    p.canvas_at = t->pieces[GD_PIECE_CANVAS].at;
    fuzz_check(gd_checkpoint_transfer_read(&p, t->pieces[GD_PIECE_CRCS].at, error), error);
    gd_checkpoint_transfer_end(&p);
    gd_plane_free(plane);
    gd_partition_free(partition);
}

static void read_all(const char *path)
{
    gd_error error = {""};
    gd_checkpoint *c;
    const gd_status status = gd_checkpoint_open(path, NULL, &c, &error);
    fuzz_check(status, &error);
    if (status == GD_OK)
        read_canvas(c, &error);
    gd_checkpoint_free(c);
}

/* A number of the first block becomes another, or bytes change in place. libFuzzer finds it by name. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t most, unsigned seed)
{
    static const char *const numbers[] = {"0",          "1",          "-1",
                                          "2147483648", "4294967296", "9223372036854775807",
                                          "16",         "1000",       "-9223372036854775808",
                                          "65536",      "268435456",  "99999999999999999999"};
    char block[BLOCK + 64] = "", changed[BLOCK + 64] = "";
    if (seed % 2 || bytes < BLOCK)
        return fuzz_scribble(data, bytes, seed / 2);
    memcpy(block, data, BLOCK);
    size_t at = strcspn(block, "\n");
    for (unsigned skip = seed / 2 % 64; skip > 0 && block[at]; skip--)
        at += 1 + strcspn(block + at + 1, "-0123456789");
    const size_t length = strspn(block + at, "-0123456789");
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)at, block,
             numbers[seed / 128 % (sizeof numbers / sizeof *numbers)], block + at + length);
    memset(data, 0, BLOCK);
    memcpy(data, changed, strnlen(changed, BLOCK - 8));
    return bytes <= most ? bytes : most;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static const char start[] = "gigadream checkpoint, format 3";
    if (bytes < BLOCK || memcmp(data, start, sizeof start - 1) != 0)
        return -1; /* not for this target, nor for its corpus */
    uint8_t *copy = fuzz_copy(data, bytes);
    correct(copy, bytes);
    fuzz_file(copy, bytes, read_all);
    free(copy);
    return 0;
}

/* seed_checkpoint FOLDER: writes small checkpoints into FOLDER, for the fuzz target to start from: with and
 * without rolls and profile, of one block and of two. */
#include "mpi/checkpoint/checkpoint_bytes.h"
#include "mpi/checkpoint/checkpoint_data.h"
#include "mpi/checkpoint/checkpoint_hdf5.h"
#include "mpi/checkpoint/checkpoint_table.h"

#include "canvas/partition.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool write_file(const char *path, int k)
{
    static const char text[] = "gigadream -os 3";
    gd_checkpoint_table t = {.identity = "0123456789abcdef0123456789abcdef",
                             .place = {.frame = k,
                                       .octave = k - 2,
                                       .step = 7,
                                       .base_rows = 10,
                                       .base_cols = 12,
                                       .rows = 5,
                                       .cols = k < 2 ? 4 : GD_BLOCK + 3,
                                       .dpi_x = 300,
                                       .dpi_y = 299.5}};
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        t.pieces[i].bytes = sizeof text;
    t.pieces[GD_PIECE_ROLLS].bytes = k % 2 ? 32 : 0;
    t.pieces[GD_PIECE_ICC].bytes = k % 2 ? 5 : 0;
    uint8_t *file = gd_checkpoint_arrange(&t) ? NULL : calloc(1, (size_t)t.file_bytes);
    FILE *out = file ? fopen(path, "wb") : NULL;
    if (!out)
        return false;
    gd_checkpoint_describe(&t, file);
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        memcpy(file + t.pieces[i].at, text, sizeof text);
    t.rest =
        gd_checkpoint_crc(file + GD_CHECKPOINT_BLOCK, t.pieces[GD_PIECE_CANVAS].at - GD_CHECKPOINT_BLOCK);
    gd_checkpoint_print(&t, (char *)file);
    const bool written = fwrite(file, 1, (size_t)t.file_bytes, out) == (size_t)t.file_bytes;
    free(file);
    return fclose(out) == 0 && written;
}

int main(int count, char **words)
{
    bool ok = count == 2;
    for (int k = 0; ok && k < 4; k++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%d.h5", words[1], k);
        ok = write_file(path, k);
    }
    if (count != 2)
        fprintf(stderr, "usage: seed_checkpoint FOLDER\n");
    return ok ? 0 : 1;
}

/* A checkpoint whose values name their places. */
#include "saved.h"
#include "base/target_resolve.h"

#include "check.h"
#include "mpi/agree.h"
#include "mpi/checkpoint/checkpoint.h"
#include "mpi/checkpoint/checkpoint_table.h"

#include <stdio.h>
#include <unistd.h>

/* A value that names its place. */
static float value_at(int64_t y, int64_t x, int64_t channel)
{
    return (float)((y * SAVED_COLS + x) * 3 + channel) / (SAVED_ROWS * SAVED_COLS * 3);
}

/* Calls `each` for all values of this rank's part. */
static void walk(const gd_plane *plane, void (*each)(float *value, float wanted))
{
    int64_t first, end;
    gd_partition_run(plane->partition, plane->rank, &first, &end);
    for (int64_t i = first; i < end; i++) {
        const gd_rect r = gd_partition_block(plane->partition, plane->partition->order[i]);
        gd_error error;
        float *at = NULL;
        check_ok(gd_plane_pin(plane, plane->partition->order[i], GD_ACCESS_CHANGE, &at, &error), error);
        for (int64_t y = 0; y < r.rows; y++)
            for (int64_t x = 0; x < r.cols; x++)
                for (int64_t c = 0; c < 3; c++)
                    each(at++, value_at(r.y + y, r.x + x, c));
        gd_plane_unpin(plane, plane->partition->order[i]);
    }
}

static void set(float *value, float wanted)
{
    *value = wanted;
}

static void compare(float *value, float wanted)
{
    if (*value != wanted)
        fail_msg("a pixel is %g, not %g", *value, wanted);
}

static void make(saved *s, int32_t ranks, gd_partition **partition, gd_plane **plane)
{
    gd_error error;
    check_ok(gd_partition_create(SAVED_ROWS, SAVED_COLS, ranks, partition, &error), error);
    check_ok(gd_plane_create(&s->store, *partition, gd_comm_rank(s->comm), plane, &error), error);
}

gd_checkpoint saved_record(void)
{
    static char texts[GD_CHECKPOINT_TEXTS][40] = {"1.2.3", "gigadream -os 3", "gigadream -os 3 -ts 512",
                                                  "numbers", ""};
    static int64_t rolls[] = {1, 2, -3, 1LL << 40};
    static uint8_t icc[5] = "prof";
    gd_checkpoint c = {.place = {.frame = 3,
                                 .octave = -2,
                                 .step = 7,
                                 .base_rows = 1000,
                                 .base_cols = 1200,
                                 .rows = SAVED_ROWS,
                                 .cols = SAVED_COLS,
                                 .dpi_x = 300,
                                 .dpi_y = 299.5,
                                 .mean = {0.25, -0.125, 0.1},
                                 .deviation = {0.5, 0.3, 0},
                                 .input_bytes = 1LL << 40,
                                 .input_crc = 0xfedcba98},
                       .rolls = rolls,
                       .roll_count = 2,
                       .icc = icc,
                       .icc_bytes = sizeof icc};
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        c.texts[i] = texts[i];
    return c;
}

gd_status saved_write(saved *s, int32_t ranks, const char *name, gd_error *error)
{
    gd_partition *partition;
    gd_plane *plane;
    const gd_checkpoint c = saved_record();
    const bool root = gd_comm_rank(s->comm) == 0;
    make(s, ranks, &partition, &plane);
    walk(plane, set);
    gd_target target = GD_TARGET_NONE;
    gd_status status = root ? gd_target_resolve(name, GD_TARGET_PLAIN, &target, error) : GD_OK;
    status = gd_comm_agree(s->comm, status, error);
    if (status == GD_OK)
        status = gd_checkpoint_write(s->comm, name, root ? &target : NULL, &c, plane, error);
    gd_target_release(&target);
    gd_plane_free(plane);
    gd_partition_free(partition);
    return status;
}

gd_status saved_read(saved *s, int32_t ranks, const gd_checkpoint *checkpoint, gd_error *error)
{
    gd_partition *partition;
    gd_plane *plane;
    make(s, ranks, &partition, &plane);
    const gd_status status = gd_checkpoint_read(s->comm, s->path, checkpoint, plane, error);
    if (status == GD_OK)
        walk(plane, compare);
    gd_plane_free(plane);
    gd_partition_free(partition);
    return status;
}

const gd_piece *saved_canvas(const gd_checkpoint *checkpoint)
{
    return &checkpoint->opened->table.pieces[GD_PIECE_CANVAS];
}

bool saved_start(saved *s, int *argc, char ***argv, const char *name)
{
    gd_error error;
    int32_t process = (int32_t)getpid();
    if (gd_comm_start(argc, argv, &s->comm, &error) != GD_OK ||
        gd_comm_broadcast(s->comm, &process, sizeof process, &error) != GD_OK)
        return false;
    gd_comm_set_deadline(s->comm, 30);
    snprintf(s->path, sizeof s->path, "%s_%d.h5", name, process);
    s->store.memory = gd_memory_host();
    return true;
}

#include "mpi/checkpoint_file.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const text_names[GD_CHECKPOINT_TEXTS] = {
    [GD_CHECKPOINT_PROGRAM] = "program", [GD_CHECKPOINT_COMMAND] = "command",
    [GD_CHECKPOINT_SETTLED] = "settled", [GD_CHECKPOINT_NUMERICS] = "numerics",
    [GD_CHECKPOINT_CHOICES] = "choices",
};
static const char canvas_name[] = "canvas", crcs_name[] = "crcs", rolls_name[] = "rolls", icc_name[] = "icc";
enum { USER_BLOCK = 512 };

/* A field of the place, as an attribute. */
typedef struct field {
    const char *name;
    size_t offset; /* in gd_checkpoint_place */
    bool whole;    /* int64_t; else double */
} field;

static const field fields[] = {
    {"octave", offsetof(gd_checkpoint_place, octave), true},
    {"step", offsetof(gd_checkpoint_place, step), true},
    {"base_rows", offsetof(gd_checkpoint_place, base_rows), true},
    {"base_cols", offsetof(gd_checkpoint_place, base_cols), true},
    {"rows", offsetof(gd_checkpoint_place, rows), true},
    {"cols", offsetof(gd_checkpoint_place, cols), true},
    {"dpi_x", offsetof(gd_checkpoint_place, dpi_x), false},
    {"dpi_y", offsetof(gd_checkpoint_place, dpi_y), false},
    {"input_bytes", offsetof(gd_checkpoint_place, input_bytes), true},
    {"input_crc", offsetof(gd_checkpoint_place, input_crc), true},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static hid_t type_of(const field *f)
{
    return f->whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
}

/* Without locks, which some cluster file systems lack. */
static hid_t access_list(void)
{
    const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list >= 0 && (H5Pset_file_locking(list, false, true) < 0 ||
                      H5Pset_libver_bounds(list, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST) < 0)) {
        H5Pclose(list);
        return -1;
    }
    return list;
}

static hid_t create_file(const char *part)
{
    const hid_t how = access_list(), what = H5Pcreate(H5P_FILE_CREATE);
    hid_t file = -1;
    if (how >= 0 && what >= 0 && H5Pset_userblock(what, USER_BLOCK) >= 0 &&
        H5Pset_obj_track_times(what, false) >= 0)
        file = H5Fcreate(part, H5F_ACC_TRUNC, what, how);
    H5Pclose(how);
    H5Pclose(what);
    return file;
}

static bool put_field(hid_t file, const field *f, const gd_checkpoint_place *place)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(file, f->name, type_of(f), space, H5P_DEFAULT, H5P_DEFAULT);
    const bool done = attribute >= 0 && H5Awrite(attribute, type_of(f), (const char *)place + f->offset) >= 0;
    H5Aclose(attribute);
    H5Sclose(space);
    return done;
}

/* A contiguous dataset with its place in the file allocated at once, and no time stamp. */
static hid_t create_dataset(hid_t file, const char *name, hid_t type, hid_t space)
{
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    hid_t dataset = -1;
    if (how >= 0 && H5Pset_layout(how, H5D_CONTIGUOUS) >= 0 &&
        H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY) >= 0 &&
        H5Pset_fill_time(how, H5D_FILL_TIME_NEVER) >= 0 && H5Pset_obj_track_times(how, false) >= 0)
        dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    H5Pclose(how);
    return dataset;
}

/* A dataset with its values, or (NULL) room for them; *at receives where it lies, unless it is NULL. */
static bool put_values(hid_t file, const char *name, hid_t type, hid_t space, const void *values, int64_t *at)
{
    const hid_t dataset = create_dataset(file, name, type, space);
    bool done = dataset >= 0;
    if (done && values)
        done = H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    if (done && at) {
        const haddr_t offset = H5Dget_offset(dataset);
        done = offset != HADDR_UNDEF;
        *at = (int64_t)offset;
    }
    H5Dclose(dataset);
    H5Sclose(space);
    return done;
}

static hid_t row_of(int64_t count)
{
    const hsize_t size = (hsize_t)count;
    return H5Screate_simple(1, &size, NULL);
}

static hid_t pairs_of(int64_t count)
{
    const hsize_t sizes[2] = {(hsize_t)count, 2};
    return H5Screate_simple(2, sizes, NULL);
}

static bool put_text(hid_t file, const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    const bool done = type >= 0 && H5Tset_size(type, strlen(text) + 1) >= 0 &&
                      put_values(file, name, type, H5Screate(H5S_SCALAR), text, NULL);
    H5Tclose(type);
    return done;
}

static bool put_all(hid_t file, const gd_checkpoint *c, const gd_layout *layout, gd_checkpoint_map *map)
{
    bool done = true;
    for (int i = 0; done && i < FIELDS; i++)
        done = put_field(file, &fields[i], &c->place);
    for (int i = 0; done && i < GD_CHECKPOINT_TEXTS; i++)
        done = put_text(file, text_names[i], c->texts[i] ? c->texts[i] : "");
    if (done && c->rolls)
        done = put_values(file, rolls_name, H5T_NATIVE_INT64, pairs_of(c->roll_count), c->rolls, NULL);
    if (done && c->icc)
        done = put_values(file, icc_name, H5T_NATIVE_UINT8, row_of(c->icc_bytes), c->icc, NULL);
    return done &&
           put_values(file, crcs_name, H5T_NATIVE_UINT32, row_of(layout->block_rows * layout->block_cols),
                      NULL, &map->crcs_at) &&
           put_values(file, canvas_name, H5T_NATIVE_FLOAT, row_of(layout->rows * layout->cols * 3), NULL,
                      &map->canvas_at);
}

/* Room on disk for the whole file, where the file system can promise it: known before anything is written. */
static gd_status reserve(const char *part, const char *path, int64_t bytes, int64_t *has, gd_error *error)
{
    const int fd = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return gd_checkpoint_unwritten(path, error);
    gd_status status = GD_OK;
    if (fallocate(fd, 0, 0, bytes) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
        status = gd_checkpoint_unwritten(path, error);
    if (has)
        *has = lseek(fd, 0, SEEK_END);
    if (close(fd) != 0 && status == GD_OK)
        status = gd_checkpoint_unwritten(path, error);
    return status;
}

/* HDF5 prints its own reports unless told not to. */
typedef struct quiet {
    H5E_auto2_t report;
    void *data;
} quiet;

static quiet be_quiet(void)
{
    quiet q = {NULL, NULL};
    H5Eget_auto2(H5E_DEFAULT, &q.report, &q.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return q;
}

static void be_loud(quiet q)
{
    H5Eset_auto2(H5E_DEFAULT, q.report, q.data);
}

static gd_status create(const char *part, const char *path, const gd_checkpoint *c, const gd_layout *layout,
                        gd_checkpoint_map *map, gd_error *error)
{
    errno = 0;
    const hid_t file = create_file(part);
    bool done = file >= 0 && put_all(file, c, layout, map);
    if (file >= 0 && H5Fclose(file) < 0)
        done = false;
    if (done)
        return GD_OK;
    errno = errno ? errno : EIO;
    return gd_checkpoint_unwritten(path, error);
}

gd_status gd_checkpoint_lay_out(const char *part, const char *path, const gd_checkpoint *checkpoint,
                                const gd_layout *layout, gd_checkpoint_map *map, gd_error *error)
{
    const int64_t slack = 1 << 16; /* more than HDF5 puts around the datasets */
    *map = (gd_checkpoint_map){.canvas_bytes = layout->rows * layout->cols * 3 * (int64_t)sizeof(float)};
    int64_t bytes = map->canvas_bytes + slack + checkpoint->icc_bytes + checkpoint->roll_count * 16 +
                    layout->block_rows * layout->block_cols * (int64_t)sizeof(uint32_t);
    for (int i = 0; i < GD_CHECKPOINT_TEXTS; i++)
        bytes += checkpoint->texts[i] ? (int64_t)strlen(checkpoint->texts[i]) : 0;
    gd_status status = gd_checkpoint_spare(path, error);
    if (status != GD_OK)
        return status;
    gd_checkpoint_remove_part(path); /* left by a process that died */
    /* HDF5 would lose its way on a full disk, so that the room is tried first. */
    status = reserve(part, path, bytes, NULL, error);
    if (status != GD_OK)
        return status;
    const quiet before = be_quiet();
    status = create(part, path, checkpoint, layout, map, error);
    be_loud(before);
    if (status == GD_OK)
        status = reserve(part, path, map->canvas_at + map->canvas_bytes, &map->file_bytes, error);
    return status;
}

static bool get_fields(hid_t file, gd_checkpoint_place *place)
{
    bool done = true;
    for (int i = 0; done && i < FIELDS; i++) {
        const hid_t attribute = H5Aopen(file, fields[i].name, H5P_DEFAULT);
        done =
            attribute >= 0 && H5Aread(attribute, type_of(&fields[i]), (char *)place + fields[i].offset) >= 0;
        H5Aclose(attribute);
    }
    return done;
}

static bool get_text(hid_t file, const char *name, char **text)
{
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), type = H5Dget_type(dataset);
    const size_t bytes = type >= 0 ? H5Tget_size(type) : 0;
    *text = bytes ? calloc(bytes + 1, 1) : NULL;
    const bool done = *text && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *text) >= 0;
    H5Tclose(type);
    H5Dclose(dataset);
    return done;
}

/* How many values a dataset has; -1: there is none. *at (or NULL) receives where they lie. */
static int64_t count_of(hid_t file, const char *name, int64_t *at)
{
    if (H5Lexists(file, name, H5P_DEFAULT) <= 0)
        return -1;
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    const int64_t count = H5Sget_simple_extent_npoints(space);
    if (at)
        *at = (int64_t)H5Dget_offset(dataset);
    H5Sclose(space);
    H5Dclose(dataset);
    return count;
}

/* A dataset that may be missing, whole; `size` bytes each value. */
static bool get_values(hid_t file, const char *name, hid_t type, size_t size, void **values, int64_t *count)
{
    *count = count_of(file, name, NULL);
    if (*count < 0) {
        *count = 0;
        return true;
    }
    *values = calloc((size_t)*count + 1, size);
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    const bool done = *values && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) >= 0;
    H5Dclose(dataset);
    return done;
}

static bool get_all(hid_t file, gd_checkpoint *c)
{
    void *rolls = NULL, *icc = NULL;
    bool done = get_fields(file, &c->place);
    for (int i = 0; done && i < GD_CHECKPOINT_TEXTS; i++)
        done = get_text(file, text_names[i], &c->texts[i]);
    done = done && get_values(file, rolls_name, H5T_NATIVE_INT64, sizeof(int64_t), &rolls, &c->roll_count) &&
           get_values(file, icc_name, H5T_NATIVE_UINT8, 1, &icc, &c->icc_bytes);
    c->rolls = rolls;
    c->roll_count /= 2;
    c->icc = icc;
    return done && count_of(file, crcs_name, &c->crcs_at) > 0 &&
           count_of(file, canvas_name, &c->canvas_at) == c->place.rows * c->place.cols * 3;
}

gd_status gd_checkpoint_load(const char *path, gd_checkpoint *checkpoint, gd_error *error)
{
    const quiet before = be_quiet();
    const hid_t how = access_list();
    const hid_t file = how < 0 ? -1 : H5Fopen(path, H5F_ACC_RDONLY, how);
    const bool done = file >= 0 && get_all(file, checkpoint);
    H5Fclose(file);
    H5Pclose(how);
    be_loud(before);
    return done ? GD_OK : gd_checkpoint_unusable(path, "lacks a field, or HDF5 cannot read it", error);
}

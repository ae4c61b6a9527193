/* The reader of zip archives on damaged and hostile ones: what it finds in them, and unpacks. */
#include "fuzz.h"

#include "net/keras/archive.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void find(const gd_archive *archive, const char *name)
{
    gd_error error = {""};
    gd_archive_file file = {0};
    uint8_t *bytes = NULL;
    bool found = false;
    gd_status status = gd_archive_find(archive, name, &file, &found, &error);
    fuzz_check(status, &error);
    if (status == GD_OK && found && file.deflated) {
        status = gd_archive_unpack(archive, &file, &bytes, &error);
        fuzz_check(status, &error);
        if ((status == GD_OK) != (bytes != NULL))
            abort();
    }
    free(bytes);
}

static void read_file(const char *path)
{
    gd_error error = {""};
    gd_archive archive;
    const int fd = open(path, O_RDONLY);
    const gd_status status = gd_archive_open(fd, path, &archive, &error);
    fuzz_check(status, &error);
    if (status == GD_OK) {
        find(&archive, "model.weights.h5");
        find(&archive, "data.pkl");
    }
    gd_archive_close(&archive);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    fuzz_file(data, bytes, read_file);
    return 0;
}

/* Reads a fuzzed picture as the program would; shared by the fuzz targets of pictures. */
#include "fuzz.h"

#include "image/drain.h"

static void read_picture(const char *path)
{
    gd_error error = {""};
    fuzz_check(drain(path, &error), &error);
}

void fuzz_read(const uint8_t *data, size_t bytes)
{
    fuzz_file(data, bytes, read_picture);
}

/* A temporary folder for a test, and small text files in it. */
#include "folder.h"

#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int folder_enter(void **state)
{
    char *name = strdup("/tmp/gigadream-test-XXXXXX");
    *state = name;
    return name && mkdtemp(name) && chdir(name) == 0 ? 0 : -1;
}

int folder_leave(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", (char *)*state);
    const int gone = chdir("/") == 0 ? system(command) : -1;
    free(*state);
    return gone;
}

void put_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

bool has_text(const char *path, const char *text)
{
    char read[256] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    const size_t bytes = fread(read, 1, sizeof read - 1, file);
    fclose(file);
    return bytes == strlen(text) && memcmp(read, text, bytes) == 0;
}

int file_count(const char *folder)
{
    int count = 0;
    DIR *all = opendir(folder);
    assert_non_null(all);
    for (struct dirent *one = readdir(all); one; one = readdir(all))
        count += strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0;
    closedir(all);
    return count;
}

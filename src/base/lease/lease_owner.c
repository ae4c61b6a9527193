/* Formats and parses the text of a lock file, and determines whether the owner's process is alive. */
#include "base/lease/lease_owner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char first_line[] = "gigadream lock 1\n";

bool gd_lease_owner_text(const gd_lease_owner *o, char text[GD_LEASE_TEXT])
{
    const int length = snprintf(
        text, GD_LEASE_TEXT, "%stoken %s\nhost %s\nplace %s\npid %ld\nstart %llu\nbegan %lld\njob %s\nend\n",
        first_line, o->token, o->host, o->place[0] ? o->place : "-", o->pid, o->start, o->began,
        o->job[0] ? o->job : "-");
    return length > 0 && length < GD_LEASE_TEXT;
}

static void drop_dash(char *text)
{
    if (strcmp(text, "-") == 0)
        text[0] = '\0';
}

bool gd_lease_owner_parse(const char *text, gd_lease_owner *o)
{
    int end = 0;
    memset(o, 0, sizeof *o);
    if (strncmp(text, first_line, sizeof first_line - 1) != 0)
        return false;
    const int fields = sscanf(text + sizeof first_line - 1,
                              "token %32[0-9a-f]\nhost %64[^\n]\nplace %127[^\n]\npid %ld\nstart %llu\nbegan "
                              "%lld\njob %63[^\n]\nend%n",
                              o->token, o->host, o->place, &o->pid, &o->start, &o->began, o->job, &end);
    drop_dash(o->place);
    drop_dash(o->job);
    return fields == 7 && end > 0 && strlen(o->token) == GD_LEASE_TOKEN && o->pid > 0;
}

bool gd_lease_process(long pid, unsigned long long *start, char *state)
{
    char name[64], line[1024];
    snprintf(name, sizeof name, "/proc/%ld/stat", pid);
    FILE *file = fopen(name, "re");
    if (!file)
        return false;
    const size_t bytes = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[bytes] = '\0';
    const char *behind = strrchr(line, ')'); /* the program's name may contain anything */
    return behind && sscanf(behind + 1,
                            " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
                            "%llu",
                            state, start) == 2;
}

gd_lease_life gd_lease_owner_life(const gd_lease_owner *owner, const char *place)
{
    unsigned long long start = 0;
    char state = ' ';
    if (!place[0] || strcmp(owner->place, place) != 0)
        return GD_LEASE_ELSEWHERE;
    if (kill((pid_t)owner->pid, 0) != 0 && errno == ESRCH)
        return GD_LEASE_GONE;
    if (!gd_lease_process(owner->pid, &start, &state))
        return GD_LEASE_ELSEWHERE; /* /proc may hide processes of other users */
    return start == owner->start && state != 'Z' && state != 'X' ? GD_LEASE_ALIVE : GD_LEASE_GONE;
}

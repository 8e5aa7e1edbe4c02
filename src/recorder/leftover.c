#include "recorder/leftover.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "recorder/names.h"

/* What the files in an open directory take, which is closed. */
static uint64_t bytes_in(int fd) {
    uint64_t bytes = 0;
    DIR *directory = fdopendir(fd);
    if (!directory) {
        close(fd);
        return 0;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        struct stat status;
        if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(status.st_mode))
            bytes += (uint64_t)status.st_blocks * 512;
    }
    closedir(directory);
    return bytes;
}

static void add(ms_leftovers *found, const char *path, uint64_t bytes) {
    size_t used = strlen(found->places), size = strlen(path) + 1;
    found->count++;
    found->bytes += bytes;
    if (used + size < sizeof found->places)
        snprintf(found->places + used, sizeof found->places - used, "%s%s", used ? " " : "", path);
}

/* A recorder that lives has locked its directory. */
static void look_at(ms_leftovers *found, const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    if (flock(fd, LOCK_SH | LOCK_NB) == 0)
        add(found, path, bytes_in(fd));
    else
        close(fd);
}

void ms_leftovers_find(ms_leftovers *found) {
    const char *places[MS_RING_PLACES];
    *found = (ms_leftovers){0};
    size_t count = ms_ring_places(places);
    for (size_t i = 0; i < count; i++) {
        DIR *directory = opendir(places[i]);
        for (struct dirent *entry; directory && (entry = readdir(directory));) {
            char path[4096];
            if (!ms_is_ring_directory(entry->d_name))
                continue;
            snprintf(path, sizeof path, "%s/%s", places[i], entry->d_name);
            look_at(found, path);
        }
        if (directory)
            closedir(directory);
    }
}

#include "recorder/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPACE_SIZE 64

#define NS_PER_S UINT64_C(1000000000)

static void proc_path(char *path, size_t size, pid_t pid, pid_t tid, const char *file) {
    if (tid)
        snprintf(path, size, "/proc/%d/task/%d/%s", (int)pid, (int)tid, file);
    else
        snprintf(path, size, "/proc/%d/%s", (int)pid, file);
}

/* The whole file as text; false when it cannot be read. */
static bool read_file(const char *path, char *text, size_t size) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t length = read(fd, text, size - 1);
    close(fd);
    if (length <= 0)
        return false;
    text[length] = 0;
    return true;
}

/* PID (NAME) STATE then numbers, of which the name may hold any byte: proc(5). */
static bool read_stat(const char *path, ms_proc_sample *sample) {
    char text[1024];
    if (!read_file(path, text, sizeof text))
        return false;
    char *open_bracket = strchr(text, '('), *close_bracket = strrchr(text, ')');
    if (!open_bracket || !close_bracket || close_bracket < open_bracket)
        return false;
    *close_bracket = 0;
    snprintf(sample->name, sizeof sample->name, "%s", open_bracket + 1);
    uint64_t minor, major, user, system, threads, virtual_bytes;
    int64_t rss_pages;
    int got = sscanf(close_bracket + 1,
                     " %*c %*d %*d %*d %*d %*d %*u %" SCNu64 " %*u %" SCNu64 " %*u %" SCNu64
                     " %" SCNu64 " %*d %*d %*d %*d %" SCNu64 " %*d %*u %" SCNu64 " %" SCNd64,
                     &minor, &major, &user, &system, &threads, &virtual_bytes, &rss_pages);
    if (got != 7 || virtual_bytes == 0)
        return false; /* no memory any more: it is only waiting to be reaped */
    uint64_t tick_ns = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
    sample->values[MS_SAMPLE_minor_faults] = minor;
    sample->values[MS_SAMPLE_major_faults] = major;
    sample->values[MS_SAMPLE_user_ns] = user * tick_ns;
    sample->values[MS_SAMPLE_system_ns] = system * tick_ns;
    sample->values[MS_SAMPLE_threads] = threads;
    sample->values[MS_SAMPLE_virtual_bytes] = virtual_bytes;
    sample->values[MS_SAMPLE_rss_bytes] = (uint64_t)rss_pages * (uint64_t)sysconf(_SC_PAGESIZE);
    return true;
}

/* Lines "name: value". Not readable for processes of other users: then not given. */
static void read_io(const char *path, ms_proc_sample *sample) {
    char text[512];
    if (!read_file(path, text, sizeof text))
        return;
    const char *line = strstr(text, "\nread_bytes: ");
    if (line)
        sample->values[MS_SAMPLE_read_bytes] = strtoull(line + 13, NULL, 10);
    line = strstr(text, "\nwrite_bytes: ");
    if (line)
        sample->values[MS_SAMPLE_written_bytes] = strtoull(line + 14, NULL, 10);
}

bool ms_proc_read(pid_t pid, pid_t tid, ms_proc_sample *sample) {
    char path[64];
    memset(sample->values, 0xff, sizeof sample->values);
    proc_path(path, sizeof path, pid, tid, "stat");
    if (!read_stat(path, sample))
        return false;
    if (tid) { /* facts of the process, not of a thread */
        sample->values[MS_SAMPLE_rss_bytes] = UINT64_MAX;
        sample->values[MS_SAMPLE_virtual_bytes] = UINT64_MAX;
        sample->values[MS_SAMPLE_threads] = UINT64_MAX;
    }
    proc_path(path, sizeof path, pid, tid, "io");
    read_io(path, sample);
    return true;
}

size_t ms_proc_threads(pid_t pid, pid_t *tids, size_t max) {
    char path[64];
    proc_path(path, sizeof path, pid, 0, "task");
    DIR *directory = opendir(path);
    size_t count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (tid <= 0)
            continue;
        if (count < max)
            tids[count] = tid;
        count++;
    }
    if (directory)
        closedir(directory);
    return count;
}

/* ---- pid namespaces --------------------------------------------------------------------------- */

static bool space_of(const char *process, char *space) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%.32s/ns/pid", process);
    ssize_t size = readlink(path, space, SPACE_SIZE - 1);
    space[size > 0 ? size : 0] = 0;
    return size > 0;
}

/* The innermost of a process's pids: the last number of the line NSpid. */
static pid_t innermost_pid(const char *process) {
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%.32s/status", process);
    char *line = read_file(path, text, sizeof text) ? strstr(text, "\nNSpid:") : NULL;
    if (!line)
        return 0;
    line += strlen("\nNSpid:");
    line[strcspn(line, "\n")] = 0;
    char *last = strrchr(line, '\t');
    return last ? (pid_t)strtol(last, NULL, 10) : 0;
}

pid_t ms_proc_pid_here(pid_t pid, const char *space) {
    char other[SPACE_SIZE];
    if (!*space || !space_of("self", other) || strcmp(space, other) == 0)
        return pid;
    DIR *directory = opendir("/proc");
    pid_t found = 0;
    for (struct dirent *entry; directory && !found && (entry = readdir(directory));) {
        pid_t candidate = (pid_t)strtol(entry->d_name, NULL, 10);
        if (candidate > 0 && space_of(entry->d_name, other) && strcmp(space, other) == 0 &&
            innermost_pid(entry->d_name) == pid)
            found = candidate;
    }
    if (directory)
        closedir(directory);
    return found;
}

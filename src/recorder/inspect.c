#include "recorder/inspect.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0 when `path` is a file that may be executed, else errno. */
static int executable(const char *path) {
    struct stat status;
    if (stat(path, &status) != 0)
        return errno;
    return S_ISREG(status.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

int ms_program_find(const char *program, char *path, size_t size) {
    if (strchr(program, '/')) {
        snprintf(path, size, "%s", program);
        return executable(path);
    }
    const char *places = getenv("PATH");
    int error = ENOENT;
    for (const char *at = places ? places : "/usr/bin:/bin"; *program && *at;) {
        size_t length = strcspn(at, ":");
        snprintf(path, size, "%.*s%s%s", (int)length, at, length ? "/" : "", program);
        int result = executable(path);
        if (result == 0)
            return 0;
        if (result == EACCES)
            error = EACCES;
        at += length + (at[length] == ':');
    }
    return error;
}

static bool has_interpreter(int fd, const Elf64_Ehdr *header) {
    for (unsigned i = 0; i < header->e_phnum; i++) {
        Elf64_Phdr segment;
        off_t at = (off_t)(header->e_phoff + i * sizeof segment);
        if (pread(fd, &segment, sizeof segment, at) != (ssize_t)sizeof segment)
            return true; /* cannot be told */
        if (segment.p_type == PT_INTERP)
            return true;
    }
    return false;
}

static const char *elf_problem(int fd) {
    Elf64_Ehdr header;
    if (pread(fd, &header, sizeof header, 0) != (ssize_t)sizeof header ||
        memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
        return NULL;
    Elf64_Ehdr own;
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    bool known = self >= 0 && pread(self, &own, sizeof own, 0) == (ssize_t)sizeof own;
    if (self >= 0)
        close(self);
    if (known &&
        (header.e_ident[EI_CLASS] != own.e_ident[EI_CLASS] || header.e_machine != own.e_machine))
        return "is built for another architecture than this memscope";
    if (!has_interpreter(fd, &header))
        return "is statically linked, and a preloaded library cannot see into it; link it "
               "dynamically to record it";
    return NULL;
}

/* "#!interpreter argument": the interpreter's path; false when this is no script. */
static bool script_interpreter(int fd, char *path, size_t size) {
    char line[256] = "";
    *path = 0;
    ssize_t length = pread(fd, line, sizeof line - 1, 0);
    if (length < 3 || memcmp(line, "#!", 2) != 0)
        return false;
    char *at = line + 2 + strspn(line + 2, " \t");
    at[strcspn(at, " \t\n")] = 0;
    snprintf(path, size, "%s", at);
    return *path != 0;
}

/* What is wrong with the file itself; a script's interpreter is put into `interpreter`. */
/* Does the kernel give it other rights than ours, and so the loader none of our variables? */
static bool raises_privileges(const struct stat *status) {
    return ((status->st_mode & S_ISUID) && status->st_uid != geteuid()) ||
           ((status->st_mode & S_ISGID) && (status->st_mode & S_IXGRP) &&
            status->st_gid != getegid());
}

static const char *file_problem(const char *path, char *interpreter, size_t size) {
    struct stat status;
    const char *problem = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    interpreter[0] = 0;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && raises_privileges(&status))
        problem = "runs with raised privileges (setuid), and the system keeps preloaded libraries "
                  "out of it; record a copy without the bit";
    else if (!script_interpreter(fd, interpreter, size))
        problem = elf_problem(fd);
    close(fd);
    return problem;
}

const char *ms_program_unrecordable(const char *path) {
    char interpreters[2][256];
    const char *problem = NULL;
    for (int depth = 0; depth < 5 && *path && !problem; depth++) { /* the kernel follows five */
        char *next = interpreters[depth % 2];
        problem = file_problem(path, next, sizeof interpreters[0]);
        path = next;
    }
    return problem;
}

int ms_output_check(const char *path) {
    struct stat status;
    if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return S_ISDIR(status.st_mode) ? EISDIR : EEXIST;
    char directory[4096];
    const char *slash = strrchr(path, '/');
    snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path + 1) : 1,
             slash ? path : ".");
    return access(directory, W_OK | X_OK) == 0 ? 0 : errno;
}

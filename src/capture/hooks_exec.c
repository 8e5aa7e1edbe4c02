/* exec and spawn: a program that gives its children an environment of its own making still has them
 * recorded. The environment is completed on the stack: these calls are made in vfork children, in
 * signal handlers, after fork. system() and popen() use the process environment, which has it all. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "capture/hooks.h"

#define PRELOAD "LD_PRELOAD="

/* A completed environment lies on the caller's stack, up to this many variables. */
#define ENVIRONMENT_MAX 16384

static bool has_variable(char *const envp[], const char *assignment) {
    size_t name = (size_t)(strchr(assignment, '=') - assignment) + 1;
    for (; *envp; envp++) {
        if (strncmp(*envp, assignment, name) == 0)
            return true;
    }
    return false;
}

static size_t count_variables(char *const envp[]) {
    size_t count = 0;
    while (envp && envp[count])
        count++;
    return count;
}

static const char *preload_of(char *const envp[]) {
    for (; *envp; envp++) {
        if (strncmp(*envp, PRELOAD, sizeof PRELOAD - 1) == 0)
            return *envp + sizeof PRELOAD - 1;
    }
    return NULL;
}

/* Bytes of the LD_PRELOAD assignment that `envp` lacks; 0 when it names our library already. */
static size_t preload_missing(char *const envp[]) {
    const char *preload = preload_of(envp);
    if (preload && strstr(preload, g_ms.library))
        return 0;
    return sizeof PRELOAD + strlen(g_ms.library) + 1 + (preload ? strlen(preload) : 0);
}

/* Fills `out`, which has room for all of `envp` and g_ms.variables and two more, and `preload`. */
static void complete(char *const envp[], const char **out, char *preload, size_t preload_size) {
    static char *const nothing[] = {NULL};
    envp = envp ? envp : nothing;
    for (char *const *at = envp; *at; at++) {
        if (!preload_size || strncmp(*at, PRELOAD, sizeof PRELOAD - 1) != 0)
            *out++ = *at;
    }
    if (preload_size) {
        const char *old = preload_of(envp);
        strcpy(preload, PRELOAD);
        strcat(preload, g_ms.library);
        if (old && *old)
            strcat(strcat(preload, ":"), old);
        *out++ = preload;
    }
    for (size_t i = 0; i < MS_VARIABLES && g_ms.variables[i]; i++) {
        if (!has_variable(envp, g_ms.variables[i]))
            *out++ = g_ms.variables[i];
    }
    *out = NULL;
}

static bool wants_completion(char *const envp[], size_t *count, size_t *preload_size) {
    static char *const nothing[] = {NULL};
    *count = count_variables(envp);
    *preload_size = preload_missing(envp ? envp : nothing);
    if (!g_ms.follow || !g_ms.library[0] || *count > ENVIRONMENT_MAX)
        return false;
    if (*preload_size)
        return true;
    for (size_t i = 0; i < MS_VARIABLES && g_ms.variables[i]; i++) {
        if (!has_variable(envp, g_ms.variables[i]))
            return true;
    }
    return false;
}

/* Declares `completed`: `envp`, or a copy of it with what is missing. */
#define COMPLETE(envp)                                                                             \
    size_t count_, preload_size_;                                                                  \
    bool wanted_ = wants_completion(envp, &count_, &preload_size_);                                \
    const char *copy_[wanted_ ? count_ + MS_VARIABLES + 2 : 1];                                    \
    char preload_[wanted_ && preload_size_ ? preload_size_ : 1];                                   \
    if (wanted_)                                                                                   \
        complete(envp, copy_, preload_, preload_size_);                                            \
    char *const *completed = wanted_ ? (char *const *)copy_ : envp

#define NOT_FOUND (errno = ENOSYS, -1)

MS_EXPORT int execve(const char *path, char *const argv[], char *const envp[]) {
    COMPLETE(envp);
    return MS_HAVE(execve) ? ms_real.execve(path, argv, completed) : NOT_FOUND;
}

MS_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[]) {
    COMPLETE(envp);
    return MS_HAVE(execvpe) ? ms_real.execvpe(file, argv, completed) : NOT_FOUND;
}

MS_EXPORT int fexecve(int fd, char *const argv[], char *const envp[]) {
    COMPLETE(envp);
    return MS_HAVE(fexecve) ? ms_real.fexecve(fd, argv, completed) : NOT_FOUND;
}

/* These take the process environment, which the program may have cleared. */
MS_EXPORT int execv(const char *path, char *const argv[]) {
    COMPLETE(environ);
    return MS_HAVE(execve) ? ms_real.execve(path, argv, completed) : NOT_FOUND;
}

MS_EXPORT int execvp(const char *file, char *const argv[]) {
    COMPLETE(environ);
    return MS_HAVE(execvpe) ? ms_real.execvpe(file, argv, completed) : NOT_FOUND;
}

/* The variable argument forms: NULL ends the arguments, and in execle the environment follows. */
static size_t count_arguments(va_list arguments) {
    size_t count = 1;
    while (va_arg(arguments, char *))
        count++;
    return count;
}

static void take_arguments(va_list arguments, const char *first, char **argv, size_t count) {
    argv[0] = (char *)(uintptr_t)first;
    for (size_t i = 1; i <= count; i++) /* the NULL, too */
        argv[i] = va_arg(arguments, char *);
}

/* Declares `argv` from the arguments behind `first`; `arguments` then stands behind their NULL. */
#define ARGUMENTS(first)                                                                           \
    va_list arguments, counting_;                                                                  \
    va_start(arguments, first);                                                                    \
    va_copy(counting_, arguments);                                                                 \
    size_t argument_count_ = count_arguments(counting_);                                           \
    va_end(counting_);                                                                             \
    char *argv[argument_count_ + 1];                                                               \
    take_arguments(arguments, first, argv, argument_count_)

MS_EXPORT int execl(const char *path, const char *first, ...) {
    ARGUMENTS(first);
    va_end(arguments);
    return execv(path, argv);
}

MS_EXPORT int execlp(const char *file, const char *first, ...) {
    ARGUMENTS(first);
    va_end(arguments);
    return execvp(file, argv);
}

MS_EXPORT int execle(const char *path, const char *first, ...) {
    ARGUMENTS(first);
    char *const *envp = va_arg(arguments, char *const *);
    va_end(arguments);
    return execve(path, argv, envp);
}

MS_EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                          const posix_spawnattr_t *attributes, char *const argv[],
                          char *const envp[]) {
    COMPLETE(envp);
    return MS_HAVE(posix_spawn)
               ? ms_real.posix_spawn(pid, path, actions, attributes, argv, completed)
               : ENOSYS;
}

MS_EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                           const posix_spawnattr_t *attributes, char *const argv[],
                           char *const envp[]) {
    COMPLETE(envp);
    return MS_HAVE(posix_spawnp)
               ? ms_real.posix_spawnp(pid, file, actions, attributes, argv, completed)
               : ENOSYS;
}

/* Start, fork, names. This file and the hooks are the only ones that may call the dynamic linker. */
#include "capture/boot.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/fmt.h"
#include "capture/control.h"
#include "capture/coroutine.h"
#include "capture/hooks.h"
#include "capture/ids.h"
#include "capture/module.h"
#include "capture/os.h"
#include "capture/ring.h"
#include "capture/thread.h"

struct ms_capture g_ms;

static uint64_t off = MS_TICK_OFF;
uint64_t *ms_switch = &off;
struct ms_real ms_real;

/* ---- memory for our own start ----------------------------------------------------------------------
 * Looking up the real malloc may itself allocate. What it gets lies here, each block behind a word
 * with its size, and is never given back. */

_Alignas(64) char ms_boot_block[MS_BOOT_SIZE];
static _Atomic size_t boot_used;

size_t ms_boot_size(const void *address) {
    return ((const size_t *)address)[-1];
}

void *ms_boot_memory(size_t size, size_t alignment) {
    if (alignment < 16)
        alignment = 16;
    if (size > MS_BOOT_SIZE || alignment > MS_BOOT_SIZE)
        return NULL;
    size_t room = size + alignment + sizeof(size_t);
    size_t at = atomic_fetch_add(&boot_used, room);
    if (at + room > MS_BOOT_SIZE)
        return NULL;
    uintptr_t block = (uintptr_t)ms_boot_block + at + sizeof(size_t);
    block = (block + alignment - 1) & ~(uintptr_t)(alignment - 1);
    ((size_t *)block)[-1] = size;
    return (void *)block;
}

/* ---- the real functions --------------------------------------------------------------------------- */

/* A failed lookup leaves a message behind that the program's next dlerror() would return. Not for our
 * start: see find_functions(). */
static void *lookup(void *handle, const char *symbol) {
    void *function = dlsym(handle, symbol);
    if (!function)
        dlerror();
    return function;
}

/* The loaded object that holds `code`; NULL when none does. */
static const struct link_map *object_of(void *code) {
    struct dl_find_object found;
    return code && _dl_find_object(code, &found) == 0 ? found.dlfo_link_map : NULL;
}

static bool malloc_replaced;

/* Only names that are there: taking back the message of a failed lookup takes a lock of the C library's
 * locales, which our first caller may hold.
 *
 * All at once: until then our own allocations, which the lookups may make, come from boot memory. The
 * allocator behind us may be in the middle of its own start, from which it called our mmap. */
static void find_functions(void) {
    static struct ms_real found;
#define MS_HOOK(member, symbol, type, parameters)                                                  \
    *(void **)&found.member = dlsym(RTLD_NEXT, symbol);
#include "capture/hooks.def"
    ms_real = found;
    malloc_replaced =
        object_of(dlsym(RTLD_DEFAULT, "malloc")) != object_of((void *)(uintptr_t)ms_boot);
}

static void *find_late(const char *symbol) {
    void *function = lookup(RTLD_NEXT, symbol);
    if (function)
        return function;
    void *runtime = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (!runtime) {
        dlerror();
        return NULL;
    }
    function = lookup(runtime, symbol);
    ms_real.dlclose(runtime); /* RTLD_NOLOAD counted a reference */
    return function;
}

void *ms_boot_symbol_late(const char *symbol) {
    int saved = errno;
    ms_thread *before = ms_inner_begin();
    void *function = find_late(symbol);
    ms_inner_end(before);
    errno = saved;
    return function;
}

bool ms_boot_malloc_replaced(void) {
    return malloc_replaced;
}

static bool standard_operator(const char *symbol) {
    void *function = ms_boot_symbol_late(symbol);
    const struct link_map *object = object_of(function);
    if (!object)
        return true;
    return object == object_of((void *)(uintptr_t)ms_real.malloc) ||
           strstr(object->l_name, "libstdc++.so") || strstr(object->l_name, "libc++.so");
}

bool ms_boot_operators_standard(void) {
    return !malloc_replaced && standard_operator("_Znwm") && standard_operator("_ZdlPv");
}

/* ---- the environment ------------------------------------------------------------------------------ */

/* From glibc: where the kernel put argc, argv and the environment. The dynamic linker allocates, so
 * our first hook comes before the C library has set `environ`. */
extern void *__libc_stack_end;

static char **environment(void) {
    if (environ)
        return environ;
    char **argument = (char **)__libc_stack_end + 1;
    while (*argument)
        argument++;
    return argument + 1;
}

/* From our copies: what `environ` points to may be long gone when a program forks. */
ms_options ms_boot_options(void) {
    ms_options options = ms_options_default();
    ms_options_from_environment(&options, g_ms.variables, MS_FOR_CAPTURE, NULL);
    return options;
}

/* NULL, and what is longer than any path the kernel takes, becomes "". */
static void copy(char *to, const char *from) {
    if (!from || strlen(from) >= MS_PATH_SIZE)
        from = "";
    memcpy(to, from, strlen(from) + 1);
}

/* Our entry in LD_PRELOAD, so that children with an environment of their own get it again. */
static void find_library(void) {
    const struct link_map *self = object_of((void *)(uintptr_t)ms_boot);
    if (self)
        copy(g_ms.library, self->l_name);
}

static void keep_variables(void) {
    size_t size = 0, count = 0;
    for (char **at = environment(); *at; at++) {
        if (strncmp(*at, "MEMSCOPE_", 9) == 0 && strchr(*at, '='))
            size += strlen(*at) + 1;
    }
    char *text = size ? ms_os_memory(size, false) : NULL;
    for (char **at = environment(); text && *at && count + 1 < MS_VARIABLES; at++) {
        if (strncmp(*at, "MEMSCOPE_", 9) != 0 || !strchr(*at, '='))
            continue;
        g_ms.variables[count++] = strcpy(text, *at);
        text += strlen(*at) + 1;
    }
}

void ms_boot_apply(const ms_options *options) {
    ms_strategy strategy = ms_options_strategy(options);
    g_ms.options = *options;
    g_ms.take_stacks = options->stacks;
    g_ms.free_stacks = options->free_stacks && options->stacks;
    g_ms.word_stacks = options->word_stacks && options->stacks;
    g_ms.take_mappings = options->mappings;
    g_ms.sample_bytes = strategy.sample_bytes;
    g_ms.budget_percent = strategy.budget_percent;
    g_ms.sampling = strategy.sample_bytes || strategy.budget_percent;
    g_ms.starts_off = strcmp(options->start, "off") == 0;
    copy(g_ms.output, options->output);
    g_ms.options.output = g_ms.output[0] ? g_ms.output : NULL;
}

static void keep_options(void) {
    ms_options options = ms_options_default();
    ms_options_from_environment(&options, environment(), MS_FOR_CAPTURE, NULL);
    if (options.ring_directory)
        options.output = NULL;
    ms_boot_apply(&options);
    g_ms.follow = options.follow;
    g_ms.adapts = options.adapters;
    g_ms.signal = (int)(options.signal < 65 ? options.signal : 0);
    g_ms.forbidden = !options.enable || (options.root != 0 && options.root != g_ms.pid);
    copy(g_ms.ring_directory, options.ring_directory);
    atomic_store(&g_ms.on, !g_ms.forbidden && (options.ring_directory || options.output));
    g_ms.options = ms_boot_options(); /* of the texts, those that stay */
}

/* ---- where the ring lies -------------------------------------------------------------------------- */

/* OUTPUT with ".SUFFIX" before its ending: trace.memscope -> trace.SUFFIX.memscope. */
static void insert_suffix(char *path, const char *output, const char *suffix) {
    static const char ending[] = ".memscope";
    size_t size = strlen(output), tail = sizeof ending - 1;
    size_t stem = size > tail && strcmp(output + size - tail, ending) == 0 ? size - tail : size;
    ms_fmt fmt = ms_fmt_begin(path, MS_PATH_SIZE);
    ms_fmt_bytes(&fmt, output, stem);
    ms_fmt_text(&fmt, ".");
    ms_fmt_text(&fmt, suffix);
    ms_fmt_text(&fmt, output + stem);
}

/* Is the trace at `path` of this process, from before it replaced its image? */
static bool own_earlier_image(const char *path) {
    ms_ring_header head;
    int fd = ms_os_open_read(path);
    if (fd < 0)
        return false;
    size_t size = offsetof(ms_ring_header, tick_us);
    bool own = ms_os_pread(fd, &head, size, 0) == (long)size &&
               memcmp(head.magic, MS_TRACE_MAGIC, sizeof head.magic) == 0 &&
               head.form == MS_FORM_RING && head.pid == ms_os_pid();
    ms_os_close(fd);
    return own;
}

/* OUTPUT.PID, then OUTPUT.PID.1 and so on: the first that does not exist. Names it in `path`. */
static int create_numbered(char *path) {
    for (unsigned number = 0; number < 10000; number++) {
        char suffix[32];
        ms_fmt fmt = ms_fmt_begin(suffix, sizeof suffix);
        ms_fmt_u64(&fmt, ms_os_pid());
        if (number) {
            ms_fmt_text(&fmt, ".");
            ms_fmt_u64(&fmt, number);
        }
        insert_suffix(path, g_ms.output, suffix);
        int fd = ms_os_create(path);
        if (fd != -17) /* EEXIST */
            return fd;
    }
    return -17;
}

/* Alone: OUTPUT is the last image of the first process. A process that finds it taken - a child, or
 * a later run - takes a name with its pid: nobody's trace is ever overwritten. */
static int open_lone(bool forked, char *path) {
    if (!forked && own_earlier_image(g_ms.output)) {
        int claimed = create_numbered(path);
        if (claimed >= 0) {
            ms_os_close(claimed);
            ms_os_rename(g_ms.output, path);
        }
    }
    copy(path, g_ms.output);
    int fd = forked ? -17 : ms_os_create(path);
    return fd == -17 ? create_numbered(path) : fd;
}

int ms_boot_open_ring(bool forked, char *path, char *final_path) {
    final_path[0] = 0;
    if (!g_ms.ring_directory[0])
        return open_lone(forked, path);
    if (!ms_os_is_locked(g_ms.ring_directory))
        return -ESRCH; /* the recorder, whose lock it is, has died: a ring would fill memory for nobody */
    ms_fmt fmt = ms_fmt_begin(path, MS_PATH_SIZE);
    ms_fmt_text(&fmt, g_ms.ring_directory);
    ms_fmt_text(&fmt, "/");
    ms_fmt_u64(&fmt, ms_os_pid());
    ms_fmt_text(&fmt, "-");
    ms_fmt_u64(&fmt, ms_os_monotonic_ns());
    memcpy(final_path, path, strlen(path) + 1);
    ms_fmt_text(&fmt, ".new");
    memcpy(final_path + strlen(final_path), ".ring", sizeof ".ring");
    return ms_os_create(path);
}

/* ---- start and fork ---------------------------------------------------------------------------------- */

void ms_boot_switch_to_ring(void) {
    __atomic_store_n(&ms_switch, &g_ms.ring->tick_us, __ATOMIC_RELEASE);
}

void ms_boot_switch_off(void) {
    __atomic_store_n(&ms_switch, &off, __ATOMIC_RELEASE);
}

/* A ring, if one is wanted. With the switch the hooks begin to record. */
static void begin(bool forked) {
    if (!atomic_load(&g_ms.on))
        return;
    bool ready = ms_ring_create(forked) == 0 && ms_threads_init();
    atomic_store(&g_ms.on, ready);
    if (ready)
        ms_boot_switch_to_ring();
}

void ms_boot_child(void) {
    g_ms.pid = ms_os_pid();
    atomic_store(&g_ms.grow_lock, 0); /* whoever held one is not here */
    atomic_store(&g_ms.module_lock, 0);
    ms_coroutines_forked();
    g_ms.starts_off = ms_control_is_paused(); /* as its parent, whose ring it still sees */
    ms_boot_switch_off();
    ms_ring_abandon();
    ms_threads_abandon();
    ms_marks_reset();
    ms_ids_reset();
    ms_module_reset();
    if (!g_ms.follow)
        atomic_store(&g_ms.on, false);
    begin(true);
}

/* At once, not at the first allocation: by then the child may have lost the right to create files. */
static void forked_child(void) {
    ms_thread *before = ms_inner_begin();
    atomic_store(&g_ms.start_lock, 0); /* whoever held it is not here */
    if (ms_threads_forked())
        ms_boot_child();
    ms_inner_end(before);
}

enum { BOOT_NOT_YET, BOOT_RUNNING, BOOT_DONE };

void ms_boot(void) {
    static _Atomic int state;
    int expected = BOOT_NOT_YET;
    if (!atomic_compare_exchange_strong(&state, &expected, BOOT_RUNNING))
        return;
    ms_thread *before = ms_inner_begin();
    g_ms.pid = ms_os_pid();
    find_functions();
    find_library();
    keep_variables();
    keep_options();
    begin(false);
    ms_control_take_signal();
    pthread_atfork(NULL, NULL, forked_child);
    ms_inner_end(before);
    atomic_store(&state, BOOT_DONE);
}

__attribute__((constructor(101))) static void start(void) {
    ms_boot();
}

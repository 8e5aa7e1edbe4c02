/* boot.h - start, fork, and the real functions behind the hooks. */
#ifndef MS_CAPTURE_BOOT_H
#define MS_CAPTURE_BOOT_H

#include "base/options.h"
#include "capture/state.h"

/* Runs once, from the first hook or the constructor, whichever comes first. */
void ms_boot(void);

/* The options as the environment gave them at the start; texts live as long as the process. */
ms_options ms_boot_options(void);

/* Records as `options` say from the next ring on. Texts but `output` are to live as long as the process. */
void ms_boot_apply(const ms_options *options);

/* Creates the file of this process's ring under `path` (MS_PATH_SIZE bytes, filled in). `final_path`
 * is where to rename it once its header is complete; "" to leave it. Returns a descriptor, or
 * negative. */
int ms_boot_open_ring(bool forked, char *path, char *final_path);

/* The hooks go by the switch in the ring, or by one that is off. */
void ms_boot_switch_to_ring(void);
void ms_boot_switch_off(void);

/* This process is a child of the one that booted: forget the parent's ring, start an own one. */
void ms_boot_child(void);

/* Memory handed out before the real allocator could be found: these addresses are never passed on
 * to it. */
#define MS_BOOT_SIZE 32768u
extern MS_HIDDEN char ms_boot_block[MS_BOOT_SIZE];

static inline bool ms_boot_owns(const void *address) {
    return (uintptr_t)address - (uintptr_t)ms_boot_block < MS_BOOT_SIZE;
}

size_t ms_boot_size(const void *address);
void *ms_boot_memory(size_t size, size_t alignment);

/* A function behind ours that may have come with a plugin; NULL when there is none. Calls the
 * loader, so only from where the program itself could. */
void *ms_boot_symbol_late(const char *name);

/* Does the program itself define malloc? Then whatever calls "malloc" gets that one: ours, and those
 * behind ours, are not what it allocates with. */
bool ms_boot_malloc_replaced(void);

/* Are operator new and delete those of the C++ runtime on the malloc behind ours, or of that allocator
 * itself? (Or is there no C++ runtime at all.) */
bool ms_boot_operators_standard(void);

#endif

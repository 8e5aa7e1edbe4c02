/* locate.h - which file on this machine belongs to a module of the trace. */
#ifndef MS_SYMBOL_LOCATE_H
#define MS_SYMBOL_LOCATE_H

#include <stdbool.h>

#include "symbol/image.h"

/* What is known about a module; borrowed. */
typedef struct ms_identity {
    const char *path; /* on the machine that recorded it */
    ms_build_id build_id;
} ms_identity;

/* Opens the file the module was loaded from: its path below the sysroot. False when there is none
 * or its build id is another one than recorded. */
bool ms_locate_module(const ms_symbols_options *places, const ms_identity *module, ms_image *image);

/* Opens the file with the best names that go with the module, if it is better than `own`, which is
 * what ms_locate_module() found, or is not open. Looks for it by build id and by debug link, in
 *   1. each debug dir            DIR/.build-id/xx/yy.debug, DIR/<path of the module>, DIR/<name>
 *   2. beside the module         <link>, .debug/<link>
 *   3. /usr/lib/debug            of the sysroot, then of this machine; as in a debug dir
 *   4. debuginfod                only when the options say so
 * A file is used only when its build id is the module's; where that has none, when its checksum is
 * the one in the debug link. */
bool ms_locate_debug(const ms_symbols_options *places, const ms_identity *module,
                     const ms_image *own, ms_image *image);

/* Opens the file that .gnu_debugaltlink names (dwz puts there what several debug files share). */
bool ms_locate_shared(const ms_symbols_options *places, const char *name, ms_build_id build_id,
                      ms_image *image);

#endif

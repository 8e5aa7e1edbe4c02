/* debuginfod.h - debug files from a server: the one place of memscope's symbols that uses the
 * network, reached only when the options ask for it. */
#ifndef MS_SYMBOL_DEBUGINFOD_H
#define MS_SYMBOL_DEBUGINFOD_H

#include <stdbool.h>

#include "symbol/image.h"

/* Asks the servers in DEBUGINFOD_URLS for the debug file with this build id, or for the program
 * itself. Returns a file descriptor the caller closes; -1 when there is no server, no such file
 * there, or no libdebuginfod on this machine. May take as long as DEBUGINFOD_TIMEOUT says. */
int ms_debuginfod_fetch(ms_build_id build_id, bool debug_file);

#endif

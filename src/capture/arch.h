/* arch.h - picks the processor's file. */
#ifndef MS_CAPTURE_ARCH_H
#define MS_CAPTURE_ARCH_H

#if defined(__x86_64__)
#include "capture/arch_x86_64.h"
#else
#error "memscope records on x86-64 only; a port is one file like capture/arch_x86_64.h"
#endif

#endif

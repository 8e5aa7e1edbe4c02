/* memscope.h - what a program may tell memscope about its memory.
 *
 * Nothing has to be linked, and nothing happens until the program runs under `memscope run` or with
 * libmemscope.so preloaded: until then each call is a load, a test and a branch. For gcc and clang, C11 and
 * C++17 or later; nothing here warns at -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wcast-qual
 * -Wold-style-cast. As for assert(), what stands in a macro should have no effects: it may not be evaluated.
 * Before including it may be defined
 *
 *   MEMSCOPE_DISABLE      nothing is left of the macros; memscope/rc.h keeps working
 *   MEMSCOPE_SHORT_NAMES  also track_var, track_var_smart, track_var_owned and track_scope */
#ifndef MEMSCOPE_H
#define MEMSCOPE_H

#include "memscope/calls.h"
#include "memscope/container.h"
#include "memscope/passport.h"
#include "memscope/process.h"
#include "memscope/rc.h"
#include "memscope/reference.h"
#include "memscope/scope.h"
#include "memscope/task.h"
#include "memscope/type.h"
#include "memscope/variable.h"
#ifdef __cplusplus
#include "memscope/tracked.h"
#endif

#ifdef MEMSCOPE_SHORT_NAMES
#define track_var(var) MEMSCOPE_TRACK(var)
#define track_var_smart(var) MEMSCOPE_TRACK_SMART(var)
#define track_var_owned(type, name, ...) MEMSCOPE_OWNED(type, name, __VA_ARGS__)
#define track_scope(name) MEMSCOPE_SCOPE(name)
#endif

#endif

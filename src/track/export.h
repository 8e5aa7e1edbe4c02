/* export.h - a report of this process, made while it runs. */
#ifndef MS_TRACK_EXPORT_H
#define MS_TRACK_EXPORT_H

/* Has the `memscope` beside this library write a report of the trace so far to `path`, and waits for it; it
 * is not recorded. `format` as of `memscope report`; NULL: by the ending of `path`. `flags`, NULL or ended by
 * NULL: more of its flags. 0; -1 when that failed (it says why on stderr), when it cannot be found, or when
 * nothing is recorded. Not for signal handlers; a program that ignores SIGCHLD cannot be told the outcome:
 * -1. */
int ms_export(const char *path, const char *format, const char *const *flags);

#endif

/* no_malloc.h - include last: what code that runs inside malloc, in signal handlers and after fork
 * must not call by accident does not compile. The imports of the finished library are checked, too
 * (tools/check-capture). */
#ifndef MS_CAPTURE_NO_MALLOC_H
#define MS_CAPTURE_NO_MALLOC_H

#pragma GCC poison strdup strndup asprintf vasprintf getline
#pragma GCC poison printf fprintf sprintf snprintf vsnprintf puts fputs fopen fclose fwrite fread
#pragma GCC poison getenv setenv putenv qsort bsearch strtol strtoul strtoull atoi
#pragma GCC poison pthread_mutex_lock pthread_once sem_wait abort exit
#pragma GCC poison dl_iterate_phdr dladdr dlopen backtrace

#endif

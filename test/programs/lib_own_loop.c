/* lib_own_loop.c - a library that has functions by the names of libuv, GLib and libevent, which do something
 * else; it calls them by these names, and so do others. */
#include <stdarg.h>

double event_new(double a, int b, double c, long d, long e, long f, long g, long h, long i, long j);
int uv_timer_start(int a, ...);
void g_idle_add(double *sum, float more);

double event_new(double a, int b, double c, long d, long e, long f, long g, long h, long i,
                 long j) {
    return a + b + c + (double)(d + e + f + g + h + i + j);
}

int uv_timer_start(int count, ...) {
    va_list list;
    double sum = 0;
    va_start(list, count);
    for (int i = 0; i < count; i++)
        sum += va_arg(list, double);
    va_end(list);
    return (int)sum;
}

void g_idle_add(double *sum, float more) {
    *sum += (double)more;
}

double own_loop(void);

double own_loop(void) {
    double sum = event_new(0.5, 1, 2.25, 3, 4, 5, 6, 7, 8, 9);
    g_idle_add(&sum, 100.0f);
    return sum + uv_timer_start(9, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0);
}

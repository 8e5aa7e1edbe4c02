/* logarithm.h - the natural logarithm, for code that has no libm. Pure. */
#ifndef MS_BASE_LOGARITHM_H
#define MS_BASE_LOGARITHM_H

#include <stdint.h>
#include <string.h>

/* ln(x) of a normal x > 0, to within 2e-11 of its value or, near 1, absolutely.
 *
 * x = m * 2^e with m in [sqrt(1/2), sqrt(2)); ln(m) = 2 atanh(s) with s = (m - 1) / (m + 1), |s| < 0.172, by
 * its series (Abramowitz and Stegun, 4.1.27). */
static inline double ms_logarithm(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const uint64_t half_root = 0x3fe6a09e667f3bcdu; /* sqrt(1/2) */
    int64_t e = (int64_t)(bits - half_root) >> 52;
    bits -= (uint64_t)e << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    double s = (m - 1) / (m + 1), q = s * s;
    double series = 1.0 / 11 + q * (1.0 / 13);
    series = 1.0 / 7 + q * (1.0 / 9 + q * series);
    series = 1.0 / 3 + q * (1.0 / 5 + q * series);
    series = 1 + q * series;
    return 2 * s * series + (double)e * 0.693147180559945309417;
}

#endif

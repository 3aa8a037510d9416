#include "base/c_locale.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

/* The C locale is a constant object of the C library: asking for it allocates nothing. */
static locale_t c_locale(void) {
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

int fs_c_vsnprintf(char *out, size_t size, const char *format, va_list args) {
    locale_t ours = c_locale();
    locale_t before = ours != (locale_t)0 ? uselocale(ours) : (locale_t)0;
    int length = vsnprintf(out, size, format, args);
    if (before != (locale_t)0)
        uselocale(before);
    if (ours != (locale_t)0)
        freelocale(ours);
    return length;
}

int fs_c_snprintf(char *out, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int length = fs_c_vsnprintf(out, size, format, args);
    va_end(args);
    return length;
}

double fs_c_strtod(const char *text, char **end) {
    locale_t ours = c_locale();
    if (ours == (locale_t)0)
        return strtod(text, end);
    double value = strtod_l(text, end, ours);
    freelocale(ours);
    return value;
}

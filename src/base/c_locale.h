/* Formatting in the C locale whatever the process's locale, so that numbers keep their decimal point. */
#ifndef FS_BASE_C_LOCALE_H
#define FS_BASE_C_LOCALE_H

#include <stdarg.h>
#include <stddef.h>

int fs_c_vsnprintf(char *out, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
int fs_c_snprintf(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
double fs_c_strtod(const char *text, char **end);

#endif

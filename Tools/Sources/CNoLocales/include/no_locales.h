#ifndef TRILLET_NO_LOCALES_H
#define TRILLET_NO_LOCALES_H

/* As large as the header that ICU looks at. */
struct no_locales {
    _Alignas(16) unsigned char header[64];
};

extern const struct no_locales icudt74_dat, icudt75_dat, icudt76_dat, icudt77_dat, icudt78_dat;

#endif

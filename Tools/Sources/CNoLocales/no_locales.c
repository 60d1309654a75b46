#include "no_locales.h"

/*
 * The database library links the whole of Foundation, whose ICU brings 34 MB of locale data that
 * nothing here reads. Its place is taken by data without an entry: ICU then reports that it has
 * none. One name for each ICU of a Swift release; with any other the real data is linked, and the
 * program is larger.
 */
const struct no_locales icudt74_dat, icudt75_dat, icudt76_dat, icudt77_dat, icudt78_dat;

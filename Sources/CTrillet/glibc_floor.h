/*
 * The shipped library runs with glibc 2.17 and later, whichever it is linked with. The linker takes
 * the newest version of a function that the build machine has, and a loader without that version
 * refuses the whole library. So this names the first version, which every later glibc keeps.
 *
 * Included ahead of every shim by the Makefile. A test says which name is missing here.
 */
#ifndef TRILLET_GLIBC_FLOOR_H
#define TRILLET_GLIBC_FLOOR_H

#include <features.h>

#if defined(__GLIBC__) && defined(__x86_64__)

#define FIRST_VERSION(function, version) __asm__(".symver " #function "," #function "@GLIBC_" version)

/* Moved from libpthread and libdl into libc, under new versions, with 2.32 and 2.34. libcurl's
   resolver brings libpthread along where it is a library of its own. */
FIRST_VERSION(pthread_attr_setstacksize, "2.2.5");
FIRST_VERSION(pthread_condattr_setclock, "2.3.3");
FIRST_VERSION(pthread_create, "2.2.5");
FIRST_VERSION(pthread_detach, "2.2.5");
FIRST_VERSION(pthread_join, "2.2.5");
FIRST_VERSION(pthread_getspecific, "2.2.5");
FIRST_VERSION(pthread_key_create, "2.2.5");
FIRST_VERSION(pthread_key_delete, "2.2.5");
FIRST_VERSION(pthread_kill, "2.2.5");
FIRST_VERSION(pthread_mutex_trylock, "2.2.5");
FIRST_VERSION(pthread_once, "2.2.5");
FIRST_VERSION(pthread_rwlock_destroy, "2.2.5");
FIRST_VERSION(pthread_rwlock_init, "2.2.5");
FIRST_VERSION(pthread_rwlock_rdlock, "2.2.5");
FIRST_VERSION(pthread_rwlock_unlock, "2.2.5");
FIRST_VERSION(pthread_rwlock_wrlock, "2.2.5");
FIRST_VERSION(pthread_setname_np, "2.12");
FIRST_VERSION(pthread_setspecific, "2.2.5");
FIRST_VERSION(pthread_sigmask, "2.2.5");

#endif

#endif

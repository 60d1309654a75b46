/*
 * Lets the released sandbox run with glibc 2.17 and later, whichever it is linked with. It consists
 * of libraries that are compiled already, so their references cannot be named anew: instead the
 * functions are defined here, and go on to the first version, which every later glibc keeps.
 *
 * Only linked into the program that is released. Other machines keep the floor of their toolchain.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__GLIBC__) && defined(__x86_64__)

struct stat;

/* A jump keeps every register, so it does not matter what the function takes. */
#define GOES_TO(name, function, version)                                                           \
    __asm__(".text\n.p2align 4\n.globl " #name "\n.hidden " #name "\n.type " #name ",@function\n"  \
            #name ":\n jmp *floor_" #name "@GOTPCREL(%rip)\n.size " #name ", . - " #name "\n"      \
            ".symver floor_" #name "," #function "@GLIBC_" version "\n")
#define FIRST_VERSION(name, version) GOES_TO(name, name, version)

/* Moved from libpthread and libdl into libc, under new versions. */
FIRST_VERSION(dladdr, "2.2.5");
FIRST_VERSION(dlclose, "2.2.5");
FIRST_VERSION(dlerror, "2.2.5");
FIRST_VERSION(dlopen, "2.2.5");
FIRST_VERSION(dlsym, "2.2.5");
FIRST_VERSION(pthread_attr_getstack, "2.2.5");
FIRST_VERSION(pthread_attr_getstacksize, "2.2.5");
FIRST_VERSION(pthread_attr_setstacksize, "2.2.5");
FIRST_VERSION(pthread_create, "2.2.5");
FIRST_VERSION(pthread_detach, "2.2.5");
FIRST_VERSION(pthread_getaffinity_np, "2.3.4");
FIRST_VERSION(pthread_getattr_np, "2.2.5");
FIRST_VERSION(pthread_getname_np, "2.12");
FIRST_VERSION(pthread_getspecific, "2.2.5");
FIRST_VERSION(pthread_join, "2.2.5");
FIRST_VERSION(pthread_key_create, "2.2.5");
FIRST_VERSION(pthread_key_delete, "2.2.5");
FIRST_VERSION(pthread_kill, "2.2.5");
FIRST_VERSION(pthread_mutex_timedlock, "2.2.5");
FIRST_VERSION(pthread_mutex_trylock, "2.2.5");
FIRST_VERSION(pthread_mutexattr_destroy, "2.2.5");
FIRST_VERSION(pthread_mutexattr_init, "2.2.5");
FIRST_VERSION(pthread_mutexattr_settype, "2.2.5");
FIRST_VERSION(pthread_once, "2.2.5");
FIRST_VERSION(pthread_rwlock_destroy, "2.2.5");
FIRST_VERSION(pthread_rwlock_init, "2.2.5");
FIRST_VERSION(pthread_rwlock_rdlock, "2.2.5");
FIRST_VERSION(pthread_rwlock_unlock, "2.2.5");
FIRST_VERSION(pthread_rwlock_wrlock, "2.2.5");
FIRST_VERSION(pthread_setaffinity_np, "2.3.4");
FIRST_VERSION(pthread_setname_np, "2.12");
FIRST_VERSION(pthread_setspecific, "2.2.5");
FIRST_VERSION(pthread_sigmask, "2.2.5");
FIRST_VERSION(sem_destroy, "2.2.5");
FIRST_VERSION(sem_init, "2.2.5");
FIRST_VERSION(sem_open, "2.2.5");
FIRST_VERSION(sem_post, "2.2.5");
FIRST_VERSION(sem_timedwait, "2.2.5");
FIRST_VERSION(sem_wait, "2.2.5");

/* Without the handling of errors of the first standards. */
FIRST_VERSION(exp, "2.2.5");
FIRST_VERSION(exp2, "2.2.5");
FIRST_VERSION(exp2f, "2.2.5");
FIRST_VERSION(expf, "2.2.5");
FIRST_VERSION(hypot, "2.2.5");
FIRST_VERSION(hypotf, "2.2.5");
FIRST_VERSION(log, "2.2.5");
FIRST_VERSION(log2, "2.2.5");
FIRST_VERSION(log2f, "2.2.5");
FIRST_VERSION(logf, "2.2.5");
FIRST_VERSION(pow, "2.2.5");
FIRST_VERSION(powf, "2.2.5");

/* Files are 64 bits long here under either name. */
GOES_TO(fcntl64, fcntl, "2.2.5");

/* Until 2.33 these were inline, around a function that is told the form of the structure. */
#define INLINE_UNTIL(name, function, ...)                                                          \
    extern int floor_##name(int form, __VA_ARGS__);                                                \
    __asm__(".symver floor_" #name "," #function)

INLINE_UNTIL(xstat, __xstat@GLIBC_2.2.5, const char *path, struct stat *found);
INLINE_UNTIL(lxstat, __lxstat@GLIBC_2.2.5, const char *path, struct stat *found);
INLINE_UNTIL(fxstat, __fxstat@GLIBC_2.2.5, int file, struct stat *found);
INLINE_UNTIL(fxstatat, __fxstatat@GLIBC_2.4, int folder, const char *path, struct stat *found,
             int flags);

enum { form_of_stat = 1 };
#define HIDDEN __attribute__((visibility("hidden")))

HIDDEN int stat(const char *path, struct stat *found)
{
    return floor_xstat(form_of_stat, path, found);
}

HIDDEN int lstat(const char *path, struct stat *found)
{
    return floor_lxstat(form_of_stat, path, found);
}

HIDDEN int fstat(int file, struct stat *found)
{
    return floor_fxstat(form_of_stat, file, found);
}

HIDDEN int fstatat(int folder, const char *path, struct stat *found, int flags)
{
    return floor_fxstatat(form_of_stat, folder, path, found, flags);
}

HIDDEN int stat64(const char *path, struct stat *found)
{
    return stat(path, found);
}

HIDDEN int lstat64(const char *path, struct stat *found)
{
    return lstat(path, found);
}

HIDDEN int fstat64(int file, struct stat *found)
{
    return fstat(file, found);
}

HIDDEN ssize_t getrandom(void *bytes, size_t count, unsigned flags)
{
    return syscall(SYS_getrandom, bytes, count, flags);
}

HIDDEN int getentropy(void *bytes, size_t count)
{
    return getrandom(bytes, count, 0) == (ssize_t)count ? 0 : -1;
}

HIDDEN uint32_t arc4random(void)
{
    uint32_t random = 0;
    for (;;) {
        ssize_t got = getrandom(&random, sizeof random, 0);
        if (got == (ssize_t)sizeof random)
            return random;
        /* A signal ends a wait for the first randomness after a start of the machine. */
        if (got < 0 && errno != EINTR)
            abort();
    }
}

/* The program starts no other program in another folder. */
HIDDEN int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)
{
    (void)actions, (void)path;
    return ENOSYS;
}

/* Whoever reads it may leave out atomics; "not" is always right. */
HIDDEN char __libc_single_threaded = 0;

/* Before 2.34 the program itself brought the code that runs its constructors. */
extern void (*__preinit_array_start[])(int, char **, char **);
extern void (*__preinit_array_end[])(int, char **, char **);
extern void (*__init_array_start[])(int, char **, char **);
extern void (*__init_array_end[])(int, char **, char **);

static void construct(int count, char **arguments, char **variables)
{
    for (void (**each)(int, char **, char **) = __preinit_array_start; each < __preinit_array_end;
         each++)
        (*each)(count, arguments, variables);
    for (void (**each)(int, char **, char **) = __init_array_start; each < __init_array_end; each++)
        (*each)(count, arguments, variables);
}

typedef int Main(int, char **, char **);
extern int floor_start(Main *main, int count, char **arguments, void (*construct)(int, char **, char **),
                       void (*destruct)(void), void (*end_of_loader)(void), void *stack);
__asm__(".symver floor_start,__libc_start_main@GLIBC_2.2.5");

HIDDEN int __libc_start_main(Main *main, int count, char **arguments,
                             void (*unused_construct)(int, char **, char **),
                             void (*destruct)(void), void (*end_of_loader)(void), void *stack)
{
    (void)unused_construct;
    return floor_start(main, count, arguments, construct, destruct, end_of_loader, stack);
}

#endif

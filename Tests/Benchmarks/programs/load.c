/* What a process pays for loading libcurl alone, or libtrillet, and making ready: time, memory. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int (*global_init_function)(long);
typedef void *(*easy_init_function)(void);
typedef void *(*client_new_function)(const char *, char **);

static long resident_kilobytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
        pages = 0;
    if (file != NULL)
        fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* ISO C has no cast from an object pointer to a function pointer; POSIX promises this one. */
static int look_up(void *library, const char *name, void *function)
{
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, sizeof symbol);
    return symbol != NULL;
}

int main(int argc, char **argv)
{
    const long before = resident_kilobytes();
    const double began = milliseconds();
    void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (library == NULL) {
        fprintf(stderr, "usage: %s LIBRARY (%s)\n", argv[0], argc == 2 ? dlerror() : "no path");
        return 2;
    }
    client_new_function client_new;
    if (look_up(library, "trillet_client_new", &client_new)) {
        char *error = NULL;
        if (client_new("{\"apiKey\":\"sandbox-key\",\"env\":false}", &error) == NULL)
            return 1;
    } else {
        global_init_function global_init;
        easy_init_function easy_init;
        if (!look_up(library, "curl_global_init", &global_init)
            || !look_up(library, "curl_easy_init", &easy_init) || global_init(3) != 0
            || easy_init() == NULL)
            return 1;
    }
    const double ended = milliseconds();
    printf("{\"milliseconds\":%.3f,\"kilobytes\":%ld}\n", ended - began,
           resident_kilobytes() - before);
    return 0;
}

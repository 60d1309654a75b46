#include "process.h"

#include "check.h"
#include "text.h"

#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHILD_SECONDS = 300 };

static int entry_count(const char *path)
{
    int count = 0;
    struct dirent *entry;
    DIR *listing = opendir(path);

    if (!CHECK(listing != NULL)) {
        return -1;
    }
    while ((entry = readdir(listing)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    closedir(listing);
    return count;
}

int descriptor_count(void)
{
    /* Without the one that reads the listing. */
    return entry_count("/proc/self/fd") - 1;
}

int thread_count(void)
{
    return entry_count("/proc/self/task");
}

int mapping_count(void)
{
    size_t length = 0;
    char *maps = text_read_file("/proc/self/maps", &length);
    size_t index;
    int lines = 0;

    for (index = 0; maps != NULL && index < length; index++) {
        lines += maps[index] == '\n';
    }
    free(maps);
    return lines;
}

long resident_kilobytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file != NULL) {
        if (fscanf(file, "%*d %ld", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

long allocated_bytes(void)
{
#if __GLIBC_PREREQ(2, 33)
    struct mallinfo2 given = mallinfo2();

    return (long)(given.uordblks + given.hblkhd);
#else
    struct mallinfo given = mallinfo();

    return (long)(unsigned)given.uordblks + (long)(unsigned)given.hblkhd;
#endif
}

long allocated_kilobytes(void)
{
    return allocated_bytes() / 1024;
}

long processor_milliseconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

long monotonic_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_milliseconds(long milliseconds)
{
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

static int has_name(const char *thread, const char *name)
{
    char *path = text_format("/proc/self/task/%s/comm", thread);
    char found[32] = "";
    FILE *file = fopen(path, "r");

    free(path);
    if (file == NULL) {
        return 0;
    }
    if (fgets(found, sizeof found, file) != NULL) {
        found[strcspn(found, "\n")] = '\0';
    }
    fclose(file);
    return strcmp(found, name) == 0;
}

pid_t thread_named(const char *name)
{
    pid_t found = 0;
    struct dirent *entry;
    DIR *listing = opendir("/proc/self/task");

    while (listing != NULL && found == 0 && (entry = readdir(listing)) != NULL) {
        if (entry->d_name[0] != '.' && has_name(entry->d_name, name)) {
            found = (pid_t)atol(entry->d_name);
        }
    }
    if (listing != NULL) {
        closedir(listing);
    }
    return found;
}

int thread_is_named(const char *name)
{
    char own[32] = "";

    prctl(PR_GET_NAME, own);
    return strcmp(own, name) == 0;
}

int thread_has_ended(const char *name)
{
    int left = 200;

    while (thread_named(name) != 0) {
        if (left-- == 0) {
            return 0;
        }
        pause_milliseconds(10);
    }
    return 1;
}

unsigned long long blocked_signals(pid_t thread)
{
    unsigned long long blocked = 0;
    char *path = text_format("/proc/self/task/%ld/status", (long)thread);
    char line[256];
    FILE *file = fopen(path, "r");

    free(path);
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "SigBlk: %llx", &blocked) == 1) {
            break;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return blocked;
}

pid_t child_start(void (*run)(void *argument), void *argument)
{
    int before = check_failures();
    pid_t child;

    fflush(stdout);
    child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(CHILD_SECONDS);
        run(argument);
        fflush(stdout);
        _exit(check_failures() > before ? 1 : 0);
    }
    CHECK(child > 0);
    return child;
}

void child_expect_success(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        check_note("a child died of signal %d%s", WTERMSIG(status),
                   WTERMSIG(status) == SIGALRM ? ", having hung" : "");
    }
    CHECK_NUMBER(status, 0);
}

#include "process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void fail(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("soak: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _Exit(1);
}

int64_t now_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void sleep_milliseconds(unsigned milliseconds)
{
    struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};

    nanosleep(&time, NULL);
}

size_t resident_kibibytes(void)
{
    unsigned long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (file == NULL || fscanf(file, "%lu %lu", &all, &resident) != 2) {
        fail("/proc/self/statm cannot be read");
    }
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

static unsigned entries_of(const char *directory)
{
    unsigned count = 0;
    struct dirent *entry;
    DIR *opened = opendir(directory);

    if (opened == NULL) {
        fail("%s cannot be read", directory);
    }
    while ((entry = readdir(opened)) != NULL) {
        count += entry->d_name[0] != '.';
    }
    closedir(opened);
    return count;
}

unsigned open_descriptors(void)
{
    return entries_of("/proc/self/fd") - 1; /* one is the directory itself */
}

unsigned running_threads(void)
{
    return entries_of("/proc/self/task");
}

server_process server_start(const char *program, uint64_t seed)
{
    server_process server;
    int input[2], output[2];
    char path[4096], number[32], port[16] = "";
    const char *name = strrchr(program, '/');

    snprintf(path, sizeof path, "%.*sfault-server", name == NULL ? 0 : (int)(name + 1 - program),
             program);
    snprintf(number, sizeof number, "%" PRIu64, seed);
    if (pipe(input) != 0 || pipe(output) != 0) {
        fail("no pipe to the fault server");
    }
    server.process = fork();
    if (server.process == 0) {
        dup2(input[0], STDIN_FILENO);
        dup2(output[1], STDOUT_FILENO);
        close(input[1]);
        close(output[0]);
        execl(path, path, number, (char *)NULL);
        perror(path);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    server.input = input[1];
    if (server.process < 0 || read(output[0], port, sizeof port - 1) <= 0) {
        fail("%s did not start", path);
    }
    close(output[0]);
    server.port = atoi(port);
    return server;
}

void server_stop(const server_process *server)
{
    int status = 0;

    close(server->input);
    if (waitpid(server->process, &status, 0) != server->process || status != 0) {
        fail("the fault server ended with status %d", status);
    }
}
